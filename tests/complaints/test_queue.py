"""Filters, counts and pages of a queue, each inside the reader's scope."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ethics_eval.accounts.rules import PUBLIC, Actor
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.models import Case, Complaint
from ethics_eval.complaints.queries import CaseFilter, Group
from ethics_eval.complaints.rules.machine import CaseStatus
from ethics_eval.complaints.rules.submission import RespondentRole
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import RuleViolation
from tests.complaints.town import LETTER, Town

READERS = (
    "officer",
    "head",
    "neighbour",
    "district",
    "other_district",
    "bureau",
    "chief",
    "custodian",
    "teacher",
)


def listed(town: Town, actor: Actor, **wanted: object) -> list[str]:
    rows, _total = queries.queue(town.session, actor, CaseFilter(**wanted), local_day(town.at))  # type: ignore[arg-type]
    return [row.number for row in rows]


def counted(town: Town, actor: Actor, **wanted: object) -> dict[str, int]:
    return queries.group_counts(town.session, actor, CaseFilter(**wanted), local_day(town.at))  # type: ignore[arg-type]


@pytest.fixture
def several(town: Town) -> list[Case]:
    """Cases of three schools in different states; the last one is about the head of the first school."""
    cases = [town.case(key=f"a case of the first school {at}") for at in range(4)]
    cases.append(town.case_of(town.send(key="a case of the second school", school=1)))
    cases.append(town.case_of(town.send(key="a case of another district", school=2)))
    cases.append(
        town.case(replace(LETTER, respondent_role=RespondentRole.HEAD), key="about the head of the first")
    )
    town.lead(cases[1], CaseStatus.ACCEPTED)
    town.lead(cases[2], CaseStatus.CLOSED)
    service.own(town.by(town.officer), cases[0], town.officer.id)
    service.own(town.by(town.bureau), cases[5], town.chief.id)
    cases[3].register_due_on = local_day(town.at) - timedelta(days=1)
    town.session.flush()
    return cases


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("group", Group)
def test_a_count_is_what_its_list_shows(town: Town, several: list[Case], reader: str, group: Group) -> None:
    actor: Actor = getattr(town, reader)
    assert counted(town, actor)[group.value] == len(listed(town, actor, status=group.value))
    assert len(several) == 7


@pytest.mark.parametrize("reader", ["officer", "head"])
@pytest.mark.parametrize(
    "wanted",
    [
        {},
        *({"status": group.value} for group in Group),
        {"category": "C06"},
        {"desk": "district"},
        {"district": "430202"},
        {"stage": "PRI"},
        {"source": "WEB"},
        {"owner": "none"},
        {"sort": "received"},
        {"text": "4302"},
    ],
)
def test_a_recused_case_leaves_no_trace_in_any_list_or_count(
    town: Town, reader: str, wanted: dict[str, object]
) -> None:
    actor: Actor = getattr(town, reader)
    town.case()

    def told() -> object:
        return listed(town, actor, **wanted), counted(town, actor, **wanted)

    before = told()
    hidden = town.case(
        replace(LETTER, respondent_role=RespondentRole.HEAD), key="about the head of the school"
    )
    service.own(town.by(town.bureau), hidden, town.bureau.id)
    assert told() == before
    assert hidden.number in listed(town, town.bureau, status="all")


def test_each_filter_narrows(town: Town, several: list[Case]) -> None:
    mine, accepted, closed, late, neighbour, far, hidden = (case.number for case in several)
    assert set(listed(town, town.officer, status="mine")) == {mine, accepted, late}
    assert set(listed(town, town.head, status="mine")) == {accepted, late}, "another's is not mine"
    assert listed(town, town.officer, status="overdue") == [late]
    assert set(listed(town, town.officer, status="soon")) == {mine}
    assert listed(town, town.officer, status="ended") == [closed]
    assert set(listed(town, town.officer, status="all")) == {mine, accepted, closed, late}
    assert listed(town, town.officer, status="accepted") == [accepted]
    assert listed(town, town.officer, owner="me") == [mine]
    assert mine not in listed(town, town.officer, owner="none")
    assert set(listed(town, town.bureau, district="430281")) == {far}
    assert hidden in listed(town, town.bureau, desk="district")
    assert listed(town, town.bureau, stage="VOC") == []
    assert len(listed(town, town.bureau, stage="PRI")) == 7
    assert listed(town, town.bureau, source="PHONE") == []
    several[4].urgent, several[4].urgent_due_at = True, town.at + timedelta(hours=2)
    complaint = town.session.query(Complaint).filter_by(case_id=several[4].id).one()
    complaint.source = "PHONE"
    service.write_from_complainant(town.by(PUBLIC), complaint, "请问查得怎么样了?", folder=town.folder)
    town.session.flush()
    for wanted in ({"urgent": True}, {"source": "PHONE"}, {"unread": True}):
        assert listed(town, town.bureau, **wanted) == [neighbour]
        assert listed(town, town.officer, **wanted) == []
    assert (counted(town, town.bureau)["urgent"], counted(town, town.bureau)["unread"]) == (1, 1)
    assert (counted(town, town.officer)["urgent"], counted(town, town.officer)["unread"]) == (0, 0)
    (row,) = queries.queue(town.session, town.bureau, CaseFilter(unread=True), local_day(town.at))[0]
    assert (row.unread_count, row.urgent, row.owner) == (1, True, "")


@pytest.mark.parametrize("sort", ["due", "received"])
def test_the_pages_together_are_all_cases_once_under_ties(town: Town, sort: str) -> None:
    cases = {town.case(key=f"one of many letters at once {at}").number for at in range(103)}
    pages = [listed(town, town.officer, status="all", sort=sort, page=page) for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [50, 50, 3, 0]
    together = [number for page in pages for number in page]
    assert len(together) == len(set(together))
    assert set(together) == cases


@pytest.mark.parametrize(
    "status", [CaseStatus.SUBMITTED, CaseStatus.ACCEPTED, CaseStatus.HEARING, CaseStatus.CLOSED]
)
def test_the_order_of_the_table_is_that_of_the_clock(town: Town, status: CaseStatus) -> None:
    case = town.case()
    town.lead(case, status)
    town.session.refresh(case)
    due = queries.due_of(case, local_day(town.at))
    assert case.queue_on == (due.on if due else date(9999, 12, 31))


# --- who looks after it -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "fits"),
    [
        ("officer", True),
        ("head", True),
        ("district", True),
        ("bureau", True),
        ("neighbour", False),
        ("other_district", False),
        ("custodian", False),
        ("teacher", False),
    ],
)
def test_an_owner_can_see_the_case(town: Town, owner: str, fits: bool) -> None:
    case, person = town.case(), getattr(town, owner)
    if fits:
        service.own(town.by(town.officer), case, person.id)
        assert (case.owner_id, queries.owner_name(town.session, case)) == (person.id, person.display_name)
        assert queries.timeline(town.session, town.vault, case, town.officer)[-1].action == "own"
        assert service.own(town.by(town.officer), case, person.id) is None, "told once"
        service.own(town.by(town.officer), case, None)
        assert queries.owner_name(town.session, case) == ""
    else:
        with pytest.raises(RuleViolation) as refused:
            service.own(town.by(town.officer), case, person.id)
        assert refused.value.field == "owner"
        assert case.owner_id is None


@pytest.mark.parametrize("actor", ["neighbour", "other_district", "custodian", "teacher"])
def test_who_cannot_reach_a_case_gives_it_no_owner(town: Town, actor: str) -> None:
    case, person = town.case(), getattr(town, actor)
    with pytest.raises(RuleViolation) as refused:
        service.own(town.by(person), case, town.officer.id)
    assert refused.value.code == "permission.denied"


def test_the_school_never_becomes_owner_of_a_recused_case(town: Town) -> None:
    case = town.case(replace(LETTER, respondent_role=RespondentRole.HEAD))
    for person in (town.officer, town.head):
        with pytest.raises(RuleViolation):
            service.own(town.by(town.district), case, person.id)
        with pytest.raises(RuleViolation):
            service.own(town.by(person), case, None)


def test_a_case_that_moves_leaves_its_owner(town: Town) -> None:
    case = town.case()
    service.own(town.by(town.officer), case, town.officer.id)
    service.recuse(town.by(town.officer), case, reason="专员与被投诉人是亲属,须回避。")
    assert case.owner_id is None
