"""Sealed files: 64 KiB pieces, each bound to its number and to whether it is the last."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Set
from datetime import datetime
from pathlib import Path

from ethics_eval.vault.cipher import OVERHEAD_BYTES, Cipher, SealBroken

PIECE_BYTES = 64 * 1024


def _place(name: str, number: int, last: bool) -> str:
    return f"file:{name}:{number}:{'last' if last else 'more'}"


def write_sealed(folder: Path, name: str, plain: bytes, cipher: Cipher) -> Path:
    """Write ``plain`` sealed as ``folder/ab/name``: complete and on the disk before the path is given back.

    Raises: OSError: the disk is full or gone; no half of the file stays under its name.
    """
    target = path_of(folder, name)
    _make_folder(target.parent)
    part = target.with_suffix(".part")
    pieces = [plain[start : start + PIECE_BYTES] for start in range(0, len(plain), PIECE_BYTES)] or [b""]
    try:
        with part.open("wb") as file:
            for number, piece in enumerate(pieces):
                file.write(cipher.seal(piece, _place(name, number, number == len(pieces) - 1)))
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
        _sync_folder(target.parent)
    except OSError:
        part.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
        raise
    return target


def _make_folder(folder: Path) -> None:
    # A new folder is on the disk only when the folder that names it is.
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def read_sealed(folder: Path, name: str, cipher: Cipher) -> Iterator[bytes]:
    """The pieces of a sealed file. Raises: SealBroken: altered, cut off, or another key; FileNotFoundError."""
    path = path_of(folder, name)
    size = path.stat().st_size
    with path.open("rb") as file:
        number = 0
        read = 0
        while read < size:
            blob = file.read(PIECE_BYTES + OVERHEAD_BYTES)
            read += len(blob)
            yield cipher.unseal(blob, _place(name, number, read >= size))
            number += 1
    if number == 0:
        raise SealBroken(name)


def path_of(folder: Path, name: str) -> Path:
    """Where the sealed file of this id lies; ``name`` is one of our own ids, never a visitor's file name."""
    if not name.isalnum():
        raise ValueError(f"not a name of ours: {name!r}")
    return folder / name[:2] / name


def set_aside(folder: Path, known: Callable[[list[str]], Set[str]], *, before: datetime) -> int:
    """Move sealed files that nothing names into ``folder.unnamed``; how many.

    A server killed between file and row leaves such files. They are moved and never removed: beside the wrong
    database every file would seem to be one.

    Args: known: of some names, those that are still named; before: files younger than this may be on their way.
    """
    aside = folder.with_name(f"{folder.name}.unnamed")
    moved = 0
    for shelf in sorted(folder.glob("??")):
        old = [path for path in shelf.iterdir() if path.stat().st_mtime < before.timestamp()]
        kept = known([path.stem for path in old])
        for path in old:
            if path.stem not in kept or path.suffix:
                aside.mkdir(exist_ok=True)
                path.rename(aside / path.name)
                moved += 1
    return moved
