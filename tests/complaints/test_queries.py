"""What each reader finds: the own scope, the most urgent first, and no trace of what is kept from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints import queries
from ethics_eval.complaints.models import Case
from ethics_eval.complaints.queries import CaseFilter
from ethics_eval.complaints.rules.machine import CaseStatus
from tests.complaints.town import LETTER, Town

TODAY = date(2026, 3, 20)


def numbers(town: Town, actor: Actor, **wanted: object) -> list[str]:
    rows, total = queries.queue(town.session, actor, CaseFilter(**wanted), TODAY)  # type: ignore[arg-type]
    assert total == len(rows) or total > queries.PAGE_SIZE
    return [row.number for row in rows]


def everything(town: Town, actor: Actor) -> str:
    """All that lists, counts and searches tell this reader."""
    told = [queries.queue(town.session, actor, CaseFilter(page=page), TODAY) for page in (1, 2)]
    told += [
        queries.queue(town.session, actor, CaseFilter(text=text), TODAY) for text in ("4302", "明德", "")
    ]
    told += [
        queries.queue(town.session, actor, CaseFilter(status=status), TODAY)
        for status in ("open", *CaseStatus)
    ]
    return f"{told} {queries.status_counts(town.session, actor)}"


def test_each_reader_has_the_own_scope(town: Town) -> None:
    own = town.case()
    neighbour = town.case_of(town.send(key="a letter to the neighbour", school=1))
    far = town.case_of(town.send(key="a letter to another district", school=2))
    wanted: list[tuple[Actor, list[Case]]] = [
        (town.officer, [own]),
        (town.head, [own]),
        (town.neighbour, [neighbour]),
        (town.district, [own, neighbour]),
        (town.other_district, [far]),
        (town.bureau, [own, neighbour, far]),
        (town.chief, [own, neighbour, far]),
        (town.custodian, []),
        (town.teacher, []),
    ]
    for actor, cases in wanted:
        assert set(numbers(town, actor)) == {case.number for case in cases}
        assert sum(queries.status_counts(town.session, actor).values()) == len(cases)
        for case in (own, neighbour, far):
            found = queries.find_case(town.session, actor, case.number)
            assert found is (case if case in cases else None)
            assert queries.find_case(town.session, actor, case.number, lock=True) is found


@pytest.mark.parametrize("respondent", ["李国华", "王芳老师", "校长"])
def test_the_school_sees_no_trace_of_a_case_about_its_own(town: Town, respondent: str) -> None:
    town.case()
    before = [everything(town, actor) for actor in (town.officer, town.head, town.neighbour)]
    hidden = town.case(replace(LETTER, respondent=respondent), key="about the ones who read the letters")
    assert [everything(town, actor) for actor in (town.officer, town.head, town.neighbour)] == before
    for actor in (town.officer, town.head):
        assert queries.find_case(town.session, actor, hidden.number) is None
        assert numbers(town, actor, text=hidden.number) == []
    assert hidden.number in numbers(town, town.district)


def test_the_most_urgent_come_first_and_the_ended_last(town: Town) -> None:
    late, soon, ended = (town.case(key=f"letter number {at} of three") for at in range(3))
    town.lead(late, CaseStatus.ACCEPTED)
    town.lead(ended, CaseStatus.CLOSED)
    soon.register_due_on = date(2026, 3, 25)
    town.session.flush()
    assert numbers(town, town.officer, status="") == [soon.number, late.number, ended.number]
    assert numbers(town, town.officer, status="open") == [soon.number, late.number]
    assert numbers(town, town.officer, status="closed") == [ended.number]
    (row, *_) = queries.queue(town.session, town.officer, CaseFilter(), TODAY)[0]
    assert (row.school, row.district, row.category) == ("明德小学", "荷塘区", "C06")


def test_the_order_goes_by_the_clock_that_runs(town: Town) -> None:
    statuses = [CaseStatus.HEARING, CaseStatus.SUBMITTED, CaseStatus.ACCEPTED, CaseStatus.REGISTERED]
    for at, status in enumerate(statuses):
        case = town.case(key=f"letter number {at} in some state")
        town.lead(case, status)
        case.register_due_on, case.accept_due_on = date(2026, 3, 10 + at), date(2026, 3, 20 - at)
    town.session.flush()
    rows, _total = queries.queue(town.session, town.officer, CaseFilter(), TODAY)
    due = [row.due.on for row in rows if row.due]
    assert len(due) == len(statuses)
    assert due == sorted(due)


@pytest.mark.parametrize(
    "wanted",
    [
        {"status": "no such"},
        {"status": "'; DROP TABLE case_file; --"},
        {"category": "C00"},
        {"desk": "moon"},
        {"text": "%"},
        {"text": "_"},
        {"text": "\\"},
        {"page": 10_000},
    ],
)
def test_odd_filters_find_nothing(town: Town, wanted: dict[str, object]) -> None:
    town.case()
    rows, _total = queries.queue(town.session, town.bureau, CaseFilter(**wanted), TODAY)  # type: ignore[arg-type]
    assert rows == []


def test_a_page_holds_fifty(town: Town) -> None:
    cases = {town.case(key=f"letter number {at} of many").number for at in range(53)}
    first, second = (
        queries.queue(town.session, town.officer, CaseFilter(page=page), TODAY) for page in (1, 2)
    )
    assert (len(first[0]), len(second[0]), first[1], second[1]) == (50, 3, 53, 53)
    assert {row.number for row in (*first[0], *second[0])} == cases


@pytest.mark.parametrize(
    ("status", "due"),
    [
        (CaseStatus.SUBMITTED, date(2026, 3, 23)),
        (CaseStatus.REGISTERED, date(2026, 4, 7)),
        (CaseStatus.ACCEPTED, date(2026, 5, 19)),
        (CaseStatus.HEARING, date(2026, 5, 19)),
        (CaseStatus.DECIDED, date(2026, 5, 19)),
        (CaseStatus.REPLIED, None),
        (CaseStatus.CLOSED, None),
    ],
)
def test_the_clock_that_runs(town: Town, status: CaseStatus, due: date | None) -> None:
    case = town.case()
    town.lead(case, status)
    running = queries.due_of(case, TODAY)
    assert (running.on if running else None) == due


def test_mailboxes_in_scope(town: Town) -> None:
    wanted: list[tuple[Actor, int]] = [
        (town.officer, 1),
        (town.head, 1),
        (town.district, 2),
        (town.other_district, 1),
        (town.bureau, 3),
        (town.custodian, 0),
        (town.teacher, 0),
    ]
    for actor, count in wanted:
        rows, total = queries.mailboxes(town.session, actor)
        assert (len(rows), total) == (count, count)
        for at in range(3):
            box = town.mailbox(at)
            found = queries.mailbox_in_scope(town.session, actor, box.code.upper())
            assert (found is not None) is (box in rows)
    assert [box.school.name for box in queries.mailboxes(town.session, town.bureau, text="渌江")[0]] == [
        "渌江学校"
    ]
