"""What a search finds for each reader, how far it looks; never an identity, never what is kept from the reader."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ethics_eval.accounts.rules import PUBLIC, Actor
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.models import Case, Complaint, Redaction
from ethics_eval.complaints.queries import searching
from ethics_eval.complaints.queries.scope import content_cipher
from ethics_eval.complaints.rules.machine import CaseStatus
from ethics_eval.complaints.rules.searching import Place, search_words
from ethics_eval.complaints.rules.submission import RespondentRole
from ethics_eval.database import new_id
from tests.complaints.town import LETTER, NAMED, Town


def found(town: Town, actor: Actor, typed: str) -> dict[str, list[Place]]:
    """Number → where the words stand."""
    search = queries.search(town.session, town.vault, actor, search_words(typed))
    return {case.number: [hit.place for hit in case.hits] for case in search.found}


@pytest.fixture
def case(town: Town) -> Case:
    """A case with everything in it: finding, messages, notes."""
    made = town.case(NAMED)
    town.lead(made, CaseStatus.DECIDED)
    complaint = town.session.query(Complaint).filter_by(case_id=made.id).one()
    service.write_from_complainant(town.by(PUBLIC), complaint, "请问什么时候能有结果?", folder=town.folder)
    service.note(town.by(town.officer), made, "已与年级组长核对课表。")
    return made


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ("罚站在教室", Place.BODY),
        ("教学楼二楼", Place.WHERE),
        ("三年级2班", Place.RESPONDENT),
        ("什么时候能有结果", Place.MESSAGE),
        ("年级组长", Place.NOTE),
        ("集中注意力", Place.NOTE),
        ("明德小学", Place.SCHOOL),
    ],
)
def test_it_finds_what_stands_in_a_case(town: Town, case: Case, typed: str, where: Place) -> None:
    assert where in found(town, town.officer, typed)[case.number]
    assert found(town, town.neighbour, typed) == {}


def test_it_finds_teachers_and_numbers(town: Town, case: Case) -> None:
    assert Place.TEACHER in found(town, town.officer, "陈思远")[case.number]
    assert found(town, town.officer, case.number) == {case.number: [Place.NUMBER]}
    assert found(town, town.officer, "罚站 陈思远").keys() == {case.number}
    assert found(town, town.officer, "罚站 没有的词") == {}


@pytest.mark.parametrize("typed", ["赵敏之", "13800001111", "学生的母亲"])
def test_it_never_finds_an_identity(town: Town, case: Case, typed: str) -> None:
    assert case.number
    for reader in (town.officer, town.head, town.district, town.bureau, town.chief, town.custodian):
        assert found(town, reader, typed) == {}


@pytest.mark.parametrize("typed", ["罚站", "陈思远", "教学楼", "4302"])
def test_the_school_finds_no_trace_of_a_recused_case(town: Town, typed: str) -> None:
    town.case()
    before = [found(town, actor, typed) for actor in (town.officer, town.head, town.teacher, town.custodian)]
    looked = queries.search(town.session, town.vault, town.officer, ["罚站"]).looked_count
    hidden = town.case(
        replace(LETTER, respondent_role=RespondentRole.HEAD), key="about the head of the school"
    )
    after = [found(town, actor, typed) for actor in (town.officer, town.head, town.teacher, town.custodian)]
    assert after == before
    assert queries.search(town.session, town.vault, town.officer, ["罚站"]).looked_count == looked
    assert (
        queries.search(town.session, town.vault, town.officer, ["罚站"], before=hidden.number).looked_count
        == 0
    )
    assert hidden.number in found(town, town.district, typed)


def test_a_note_written_above_is_not_found_below(town: Town, case: Case) -> None:
    case.desk = "district"
    service.note(town.by(town.district), case, "请区里先不要告知学校核查安排。")
    case.desk = "school"
    town.session.flush()
    assert found(town, town.officer, "核查安排") == {}
    assert found(town, town.district, "核查安排").keys() == {case.number}


def test_masked_words_are_not_found_at_the_school(town: Town, case: Case) -> None:
    complaint = town.session.query(Complaint).filter_by(case_id=case.id).one()
    at = LETTER.body.replace("\r\n", "\n").index("罚站")
    made = Redaction(
        id=new_id(),
        complaint_id=complaint.id,
        masked_at=town.at,
        masked_by_id=town.district.id or 0,
        spans=b"",
    )
    cipher = content_cipher(town.session, town.vault, case)
    made.spans = cipher.seal_json({"spans": [["body", at, at + 2]]}, f"redaction:spans:{made.id}")
    town.session.add(made)
    town.session.flush()
    assert Place.BODY not in found(town, town.officer, "罚站").get(case.number, [])
    assert Place.BODY in found(town, town.district, "罚站")[case.number]


def test_it_goes_on_where_it_stopped(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "BATCH", 3)
    cases = []
    for at in range(8):
        cases.append(town.case(key=f"one of eight letters {at}").number)
        town.later(minutes=1)
    before, seen, rounds = "", [], 0
    while rounds == 0 or before:
        part = queries.search(
            town.session, town.vault, town.officer, ["罚站"], before=before, budget_seconds=0
        )
        seen += [case.number for case in part.found]
        before, rounds = part.before, rounds + 1
        assert part.looked_count <= 3
    assert seen == cases[::-1]
    assert rounds == 3


def test_a_search_ends_at_fifty(town: Town) -> None:
    for at in range(53):
        town.case(key=f"one of many letters {at}")
    first = queries.search(town.session, town.vault, town.officer, ["罚站"])
    assert (len(first.found), bool(first.before)) == (50, True)
    rest = queries.search(town.session, town.vault, town.officer, ["罚站"], before=first.before)
    assert (len(rest.found), rest.before) == (3, "")
