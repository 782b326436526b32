"""The files of frozen rankings: snapshots and outcomes, each named by its SHA-256.

A city's snapshot has some 300,000 lines. One teacher's are found in it by halving, without reading the rest.
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ethics_eval.ranking.rules.computation import measure
from ethics_eval.ranking.rules.derivation import Means, round_means
from ethics_eval.ranking.rules.inputs import Inputs
from ethics_eval.ranking.rules.snapshot import KINDS, SnapshotBroken, digest, read_snapshot

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


def kept_inputs(instance: Path, sha256: str) -> Inputs:
    """All rows of a snapshot. Raises: OSError: the file is not there; SnapshotBroken: it is damaged, or another."""
    content = file_of(instance, sha256).read_bytes()
    if digest(content) != sha256:
        raise SnapshotBroken("its SHA-256 is another")
    return read_snapshot(content).inputs


_SORTED_BY: Mapping[str, str] = {"header": "kind"} | {kind: row._fields[0] for kind, row in KINDS.items()}
_ORDER = {kind: place for place, kind in enumerate(_SORTED_BY)}
_OF_TEACHER = ("teacher", "posting", "component", "tally", "honour")


def teacher_inputs(instance: Path, sha256: str, teacher: str, findings: Iterable[str]) -> Inputs:
    """The rows of one teacher in a snapshot, with its scheme; without its flagged ballots, which move no score.

    Args: findings: the keys of the teacher's findings.
    Raises: OSError: the file is not there; SnapshotBroken: it is damaged, or has no posting of the teacher.
    """
    with (
        file_of(instance, sha256).open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        header = content.readline()
        wanted = [(kind, teacher) for kind in _OF_TEACHER] + [("finding", key) for key in findings]
        wanted.sort(key=lambda pair: (_ORDER[pair[0]], pair[1]))  # as the file has them
        lines = [line for kind, key in wanted for line in _lines_of(content, kind, key)]
        if not any(line.startswith(b'{"kind":"posting"') for line in lines):
            raise SnapshotBroken("no posting of this teacher")
        return read_snapshot(b"".join([header, *lines])).inputs


@lru_cache(maxsize=8)
def snapshot_means(path: Path) -> Means:
    """What everyone's parts are compared with in a snapshot, of the whole file: for rankings that do not keep it.

    The file is named by what is in it, so that once is enough. Raises: OSError, SnapshotBroken.
    """
    return round_means(measure(read_snapshot(path.read_bytes()).inputs))


def _lines_of(content: mmap.mmap, kind: str, key: str) -> Iterator[bytes]:
    """The lines of a kind that begin with a key, in the order of the file."""
    wanted = (_ORDER[kind], key)
    low, high = 0, len(content)  # places of bytes; the first line that is not smaller begins in low … high
    while low < high:
        middle = (low + high) // 2
        start = content.rfind(b"\n", 0, middle) + 1
        line = _line_at(content, start)
        if _place(line) < wanted:
            low = start + len(line)
        else:
            high = start
    while low < len(content):
        line = _line_at(content, low)
        if _place(line) != wanted:
            return
        yield line
        low += len(line)


def _line_at(content: mmap.mmap, start: int) -> bytes:
    end = content.find(b"\n", start)
    return content[start : len(content) if end < 0 else end + 1]


def _place(line: bytes) -> tuple[int, str]:
    try:
        row: dict[str, Any] = json.loads(line)
        kind = row["kind"]
        return _ORDER[kind], row[_SORTED_BY[kind]]
    except (ValueError, KeyError, TypeError) as error:
        raise SnapshotBroken(f"{type(error).__name__}: {error}") from error
