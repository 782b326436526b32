"""Sealed bytes open in their own place, whole, under their own key; nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.vault.cipher import OVERHEAD_BYTES, Cipher, SealBroken, new_key

KEY, OTHER = bytes(range(32)), bytes(32)
PLACE = "complaint:content:1"


@given(st.binary(max_size=500), st.text(max_size=40))
def test_what_is_sealed_comes_back(plain: bytes, place: str) -> None:
    blob = Cipher(KEY).seal(plain, place)
    assert Cipher(KEY).unseal(blob, place) == plain
    assert len(blob) == len(plain) + OVERHEAD_BYTES


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.booleans() | st.none()))
def test_objects_come_back(value: dict[str, object]) -> None:
    assert Cipher(KEY).unseal_json(Cipher(KEY).seal_json(value, PLACE), PLACE) == value


def test_the_same_text_is_never_sealed_alike() -> None:
    blobs = {Cipher(KEY).seal(b"same", PLACE) for _ in range(100)}
    assert len(blobs) == 100
    assert all(b"same" not in blob for blob in blobs)


def test_a_blob_moved_to_another_row_does_not_open() -> None:
    blob = Cipher(KEY).seal(b"letter", PLACE)
    for place in ("complaint:content:2", "complaint:identity:1", "", "case_event:detail:1"):
        with pytest.raises(SealBroken):
            Cipher(KEY).unseal(blob, place)


def test_another_key_does_not_open() -> None:
    blob = Cipher(KEY).seal(b"letter", PLACE)
    for key in (OTHER, new_key()):
        with pytest.raises(SealBroken):
            Cipher(key).unseal(blob, PLACE)


def test_every_changed_byte_is_noticed() -> None:
    blob = Cipher(KEY).seal(b"letter", PLACE)
    for at in range(len(blob)):
        with pytest.raises(SealBroken):
            Cipher(KEY).unseal(blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :], PLACE)


def test_every_cut_is_noticed() -> None:
    blob = Cipher(KEY).seal(b"letter", PLACE)
    for length in range(len(blob)):
        with pytest.raises(SealBroken):
            Cipher(KEY).unseal(blob[:length], PLACE)
    with pytest.raises(SealBroken):
        Cipher(KEY).unseal(blob + b"\0", PLACE)


@given(st.binary(max_size=80))
def test_any_bytes_are_broken_never_more(blob: bytes) -> None:
    with pytest.raises(SealBroken):
        Cipher(KEY).unseal(blob, PLACE)
