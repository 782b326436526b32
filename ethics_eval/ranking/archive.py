"""The files of frozen rankings: snapshots and outcomes, each named by its SHA-256."""

from __future__ import annotations

import os
from pathlib import Path

from ethics_eval.ranking.rules.snapshot import digest

FOLDER = "snapshots"


def write_file(instance: Path, content: bytes) -> Path:
    """Keep bytes under their SHA-256, complete and on the disk before the path is given back. Raises: OSError."""
    target = file_of(instance, digest(content))
    if target.is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return target


def file_of(instance: Path, sha256: str) -> Path:
    """Where the file of a digest lies."""
    return instance / FOLDER / f"{sha256}.jsonl"
