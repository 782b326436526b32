"""A certificate's signed text: true as it was given, false with anything changed, and no filing slip."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.complaints import filing_slip
from ethics_eval.ethics_file.certificate_slip import Stated, make_slip, read_slip, slip_key
from ethics_eval.ethics_file.rules.need import Purpose
from ethics_eval.ethics_file.rules.standing import Standing
from ethics_eval.vault.service import Vault

VAULT = Vault(bytes(range(32)))
STATED = Stated(
    "师证〔2026〕12345号",
    "欧阳某某",
    "3143020001",
    Standing.RESTRICTED,
    Purpose.REGISTRATION,
    date(2026, 3, 10),
    date(2026, 6, 8),
)
TEXT = make_slip(VAULT, STATED)


def test_it_reads_back_and_is_short_enough_for_a_code() -> None:
    assert read_slip(VAULT, TEXT) == STATED
    assert len(TEXT) < 300
    assert read_slip(VAULT, " ".join(TEXT)) == STATED


@given(st.integers(0, len(TEXT) - 1), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_any_change_fails(place: int, char: str) -> None:
    changed = TEXT[:place] + char + TEXT[place + 1 :]
    assert (read_slip(VAULT, changed) == STATED) is (changed == TEXT)


def test_one_is_never_taken_for_the_other() -> None:
    slip = filing_slip.make_slip(VAULT, filing_slip.Slip("3143020001", date(2026, 3, 20), "43020220260320"))
    assert read_slip(VAULT, slip) is None
    assert filing_slip.read_slip(VAULT, TEXT) is None
    assert filing_slip.public_key(VAULT) != slip_key(VAULT)


def test_a_separator_in_a_name_does_no_harm() -> None:
    odd = read_slip(VAULT, make_slip(VAULT, replace(STATED, name="|某")))
    assert odd == replace(STATED, name=" 某")
