"""Sealed files: pieces cut off, swapped, added or taken from another file are noticed; nothing half is left."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ethics_eval.vault.cipher import OVERHEAD_BYTES, Cipher, SealBroken
from ethics_eval.vault.files import PIECE_BYTES, path_of, read_sealed, write_sealed

CIPHER = Cipher(bytes(range(32)))
SEALED_PIECE = PIECE_BYTES + OVERHEAD_BYTES
BODY = os.urandom(3 * PIECE_BYTES + 1000)


def read(folder: Path, name: str, cipher: Cipher = CIPHER) -> bytes:
    return b"".join(read_sealed(folder, name, cipher))


def pieces(path: Path) -> list[bytes]:
    body = path.read_bytes()
    return [body[at : at + SEALED_PIECE] for at in range(0, len(body), SEALED_PIECE)]


@pytest.mark.parametrize(
    "length", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES, 2 * PIECE_BYTES + 7]
)
def test_every_length_comes_back(tmp_path: Path, length: int) -> None:
    body = os.urandom(length)
    path = write_sealed(tmp_path / "files", "a1b2", body, CIPHER)
    assert path == tmp_path / "files" / "a1" / "a1b2"
    assert read(tmp_path / "files", "a1b2") == body
    assert not body or body[:32] not in path.read_bytes() or length < 32


def test_another_key_or_name_does_not_open(tmp_path: Path) -> None:
    path = write_sealed(tmp_path, "a1b2", BODY, CIPHER)
    with pytest.raises(SealBroken):
        read(tmp_path, "a1b2", Cipher(bytes(32)))
    path.rename(path_of(tmp_path, "a1b3"))
    with pytest.raises(SealBroken):
        read(tmp_path, "a1b3")


def test_a_cut_is_noticed_wherever_it_is(tmp_path: Path) -> None:
    path = write_sealed(tmp_path, "a1b2", BODY, CIPHER)
    whole = path.read_bytes()
    for length in (0, 1, 13, 29, 30, SEALED_PIECE - 1, SEALED_PIECE, 3 * SEALED_PIECE, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(SealBroken):
            read(tmp_path, "a1b2")


def test_pieces_swapped_doubled_or_added_are_noticed(tmp_path: Path) -> None:
    path = write_sealed(tmp_path, "a1b2", BODY, CIPHER)
    first, second, third, last = pieces(path)
    for wrong in (
        [second, first, third, last],
        [first, first, third, last],
        [first, third, last],
        [first, second, third],
        [last],
        [first, second, third, last, last],
    ):
        path.write_bytes(b"".join(wrong))
        with pytest.raises(SealBroken):
            read(tmp_path, "a1b2")


def test_a_piece_of_another_file_under_the_same_key_is_noticed(tmp_path: Path) -> None:
    path = write_sealed(tmp_path, "a1b2", BODY, CIPHER)
    other = pieces(write_sealed(tmp_path, "c3d4", BODY, CIPHER))
    path.write_bytes(b"".join([other[0], *pieces(path)[1:]]))
    with pytest.raises(SealBroken):
        read(tmp_path, "a1b2")


@pytest.mark.parametrize("name", ["../a", "a/b", "", ".", "a.b", "a\0b", "a b"])
def test_a_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        path_of(tmp_path, name)
    with pytest.raises(ValueError, match="not a name"):
        write_sealed(tmp_path, name, b"x", CIPHER)
    assert not list(tmp_path.iterdir())


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow beyond 64 KiB: a write past it fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (PIECE_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_no_half_of_a_file(tmp_path: Path) -> None:
    with full_disk(), pytest.raises(OSError, match="too large"):
        write_sealed(tmp_path / "files", "a1b2", BODY, CIPHER)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    write_sealed(tmp_path / "files", "a1b2", BODY, CIPHER)
    assert read(tmp_path / "files", "a1b2") == BODY


def test_a_missing_file_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path, "a1b2")
