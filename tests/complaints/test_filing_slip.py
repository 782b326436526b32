"""The filing slip: true as it was given, false with any character changed."""

from __future__ import annotations

import base64
import re
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.complaints.filing_slip import Slip, make_slip, public_key, read_slip
from ethics_eval.vault.service import Vault
from ethics_eval.vault.statement import SIGNATURE_BYTES

VAULT = Vault(bytes(range(32)))
SLIP = Slip("3143020001", date(2026, 3, 20), "4302022026032012345")
TEXT = make_slip(VAULT, SLIP)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@given(
    st.builds(
        Slip,
        st.text("0123456789", min_size=1, max_size=20),
        st.dates(date(2000, 1, 1), date(2999, 12, 31)),
        st.text("0123456789", min_size=1, max_size=30),
    )
)
def test_every_slip_reads_back_and_has_no_idle_bits(slip: Slip) -> None:
    text = make_slip(VAULT, slip)
    assert read_slip(VAULT, text) == slip
    assert re.fullmatch(r"[A-Z2-7]+", text), "no padding"


@given(st.integers(0, len(TEXT) - 1), st.characters(codec="utf-8"))
def test_any_changed_character_fails(place: int, char: str) -> None:
    changed = TEXT[:place] + char + TEXT[place + 1 :]
    if changed != TEXT:
        assert read_slip(VAULT, changed) is None


@given(st.text(max_size=500))
def test_other_texts_are_no_slips(text: str) -> None:
    assert read_slip(VAULT, text) is None


@pytest.mark.parametrize("wrong", [TEXT[:-8], TEXT + "AAAAAAAA", TEXT.lower(), TEXT[8:] + TEXT[:8], TEXT * 9])
def test_cut_or_joined_slips_fail(wrong: str) -> None:
    assert read_slip(VAULT, wrong) is None


def test_blanks_and_hyphens_of_copying_are_passed_over() -> None:
    assert read_slip(VAULT, " " + "-".join(TEXT[at : at + 4] for at in range(0, len(TEXT), 4)) + "\n") == SLIP


def test_another_instance_does_not_know_it() -> None:
    assert read_slip(Vault(bytes(reversed(range(32)))), TEXT) is None


def test_the_public_key_is_enough_elsewhere() -> None:
    signed = base64.b32decode(TEXT)
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key(VAULT)))
    key.verify(signed[-SIGNATURE_BYTES:], signed[:-SIGNATURE_BYTES])
    assert signed[:-SIGNATURE_BYTES].rstrip(b"|").split(b"|") == [
        b"1",
        b"3143020001",
        b"20260320",
        b"4302022026032012345",
    ]
