"""The query code: drawn evenly, read back however it is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.complaints.rules.query_code import (
    ALPHABET,
    LENGTH,
    encode,
    grouped,
    is_last_group,
    normalise,
)

CODES = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)


@given(CODES)
def test_what_is_shown_is_read_back(code: str) -> None:
    assert len(grouped(code)) == 19
    assert normalise(grouped(code)) == normalise(code) == code


@given(CODES, st.lists(st.sampled_from(" -—–_.·\t\n\u3000"), min_size=17, max_size=17), st.booleans())
def test_blanks_hyphens_and_case_do_not_matter(code: str, between: list[str], lower: bool) -> None:
    typed = "".join(gap + char for gap, char in zip(between, f"{code} ", strict=True))
    assert normalise(typed.lower() if lower else typed) == code


@given(CODES)
def test_lookalikes_mean_what_they_look_like(code: str) -> None:
    swapped = code.replace("0", "O").replace("1", "l").replace("V", "u")
    assert normalise(swapped) == code
    assert normalise(code.replace("0", "o").replace("1", "I")) == code


@given(CODES)
def test_full_width_is_read(code: str) -> None:
    assert normalise("".join(chr(ord(char) + 0xFEE0) for char in code)) == code


@pytest.mark.parametrize(
    "typed", ["", " ", "7K3M", "7K3M-Q9TZ-7K3M-Q9T", "7K3M-Q9TZ-7K3M-Q9TZ1", "查询码", "!" * 16]
)
def test_what_is_no_code(typed: str) -> None:
    assert normalise(typed) is None


@given(CODES)
def test_the_last_group_is_known_however_it_is_typed(code: str) -> None:
    last = code[-4:]
    for typed in (last, last.lower(), f" {last[:2]} {last[2:]}", code, grouped(code)):
        assert is_last_group(code, typed)
    assert not is_last_group(code, "")
    assert not is_last_group(code, last[1:])
    assert is_last_group(code, code[:4]) == (code[:4] == last)


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_none(typed: str) -> None:
    code = normalise(typed)
    assert code is None or (len(code) == LENGTH and set(code) <= set(ALPHABET))


@given(st.binary(min_size=10, max_size=40))
def test_eighty_bits_are_kept(raw: bytes) -> None:
    code = encode(raw)
    number = 0
    for char in code:
        number = number * 32 + ALPHABET.index(char)
    assert number == int.from_bytes(raw[:10], "big")


def test_too_few_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="few"):
        encode(bytes(9))


def test_the_alphabet_has_no_lookalikes() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set("OILU") & set(ALPHABET)
