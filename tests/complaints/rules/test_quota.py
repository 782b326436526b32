"""Limits and windows: what is counted together, when it is too much, when it is worth trying again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ethics_eval.complaints.rules.question import NUMBERS, addends, number_of
from ethics_eval.complaints.rules.quota import (
    EASIEST,
    LIMITS,
    OF_SUBMISSION,
    Limit,
    Source,
    TooMany,
    difficulty,
    network,
    retry_after,
    weighed,
    window_start,
)

WINDOW = timedelta(minutes=10)


def test_sixty_parents_fit_whatever_is_counted_of_an_address() -> None:
    for source in (Source.ADDRESS, Source.ADDRESS_AT_MAILBOX, Source.CONTENT, Source.MAILBOX):
        assert LIMITS[source].most >= 60
    assert LIMITS[Source.VISITOR].most < 10
    assert set(Source) - set(OF_SUBMISSION) == {
        Source.MISS,
        Source.BALLOT_MISS,
        Source.BEACON,
        Source.BEACON_ADDRESS,
    }


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_of_ipv6_the_network_is_counted(address: str, counted: str) -> None:
    assert network(address) == counted


def test_a_window_slides() -> None:
    at = datetime(2026, 3, 2, 8, 12, 30, tzinfo=UTC)
    assert window_start(at, WINDOW) == datetime(2026, 3, 2, 8, 10, tzinfo=UTC)
    assert weighed(3, 100, elapsed=timedelta(0), window=WINDOW) == 103
    assert weighed(3, 100, elapsed=WINDOW / 2, window=WINDOW) == 53
    assert weighed(3, 100, elapsed=WINDOW, window=WINDOW) == 3


@given(
    current=st.integers(0, 200),
    before=st.integers(0, 200),
    elapsed=st.integers(0, 599),
    most=st.integers(1, 120),
)
def test_after_the_time_told_one_more_fits_and_not_much_before(
    current: int, before: int, elapsed: int, most: int
) -> None:
    limit = Limit(most, WINDOW)
    gone = timedelta(seconds=elapsed)
    assume(weighed(current + 1, before, elapsed=gone, window=WINDOW) > most)

    def fits(seconds: int) -> bool:
        later = gone + timedelta(seconds=seconds)
        if later < WINDOW:
            return weighed(current + 1, before, elapsed=later, window=WINDOW) <= most
        if later < 2 * WINDOW:
            return weighed(1, current, elapsed=later - WINDOW, window=WINDOW) <= most
        return True

    told = retry_after(current, before, elapsed=gone, limit=limit)
    assert told >= 1
    assert fits(told)
    assert told <= 2 or not fits(told - 3)


def test_a_refusal_says_how_long_to_wait() -> None:
    refused = TooMany(Source.VISITOR, 61)
    assert (refused.code, refused.retry_after) == ("quota.visitor", 61)
    assert "请2分钟后" in str(refused)


@pytest.mark.parametrize(("recent", "times"), [(0, 1), (19, 1), (20, 2), (60, 4), (150, 8), (9999, 8)])
def test_work_grows_with_the_load(recent: int, times: int) -> None:
    assert difficulty(recent) == EASIEST * times


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", 12),
        (" 1 2。", 12),
        ("十二", 12),
        ("十", 10),
        ("二十三", 23),
        ("两", 2),
        ("七", 7),
        ("", None),
        ("twelve", None),
        ("-3", None),
        ("十十", None),
        ("9" * 50, None),
        ("②", 2),
    ],
)
def test_answers_are_read_as_people_write_them(typed: str, number: int | None) -> None:
    assert number_of(typed) == number


@given(st.binary(min_size=2, max_size=32))
def test_the_numbers_of_a_question_have_words(digest: bytes) -> None:
    assert all(1 <= number <= 9 and NUMBERS[number] for number in addends(digest))
