"""澄清正名 with the teacher's consent; and what a respondent reads, kept clear of the complainant."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from ethics_eval.accounts.models import StaffNotice
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.models import Case, Clearance, IdentityRequest
from ethics_eval.complaints.rules.clearance import Audience
from ethics_eval.complaints.rules.machine import CaseStatus, Outcome
from ethics_eval.complaints.rules.submission import IdentityMode
from ethics_eval.text import RuleViolation
from ethics_eval.vault.service import IDENTITY, KeyMissing
from tests.complaints.town import LETTER, NAMED, WORDS, Town

S = CaseStatus
TEXT = "经调查核实,网上所传陈思远老师有关情况不属实。"
REASON = "这里写清楚了为什么要这样办。"
HIDDEN = replace(NAMED, identity=IdentityMode.REAL_NAME_HIDDEN)


def refused(code: str, field: str | None = None) -> AbstractContextManager[object]:
    """Expect a refusal with this code, at this field."""
    return pytest.raises(
        RuleViolation, check=lambda violation: (violation.code, violation.field) == (code, field)
    )


def decided(town: Town, outcome: Outcome, *, letter: object = LETTER) -> Case:
    case = town.case(letter)  # type: ignore[arg-type]
    town.lead(
        case,
        S.DECIDED,
        decider=town.chief if outcome is Outcome.MALICIOUS else town.district,
        draft=town.draft(outcome=outcome),
    )
    return case


def offer(town: Town, case: Case, *, text: str = TEXT, audience: Audience = Audience.SCHOOL) -> Clearance:
    return service.offer_clearance(
        town.by(town.district), case, text=text, audience=audience, bureau_name="株洲市教育局"
    )


def test_offered_consented_issued(town: Town) -> None:
    case = decided(town, Outcome.UNSUBSTANTIATED)
    clearance = offer(town, case)
    with refused("clearance.consent"):
        service.issue_clearance(town.by(town.district), case, clearance)
    with refused("clearance.waiting"):
        offer(town, case)
    stranger = replace(town.teacher, teacher_id=town.teachers["周正"].id)
    for actor in (stranger, town.district):
        with refused("permission.denied"):
            service.answer_clearance(town.by(actor), case, clearance, consent=True)
    service.answer_clearance(town.by(town.teacher), case, clearance, consent=True)
    with refused("clearance.answered"):
        service.answer_clearance(town.by(town.teacher), case, clearance, consent=False)
    school = town.schools[0].id
    assert queries.issued_clearances(town.session, town.vault, school) == []
    service.issue_clearance(town.by(town.district), case, clearance)
    events = len(case.events)
    service.issue_clearance(town.by(town.second), case, clearance)
    assert len(case.events) == events
    (view,) = queries.issued_clearances(town.session, town.vault, school)
    assert (view.text, view.issuer, view.school) == (TEXT, "荷塘区教育局", "明德小学")
    assert queries.issued_clearances(town.session, town.vault, town.schools[1].id) == []
    assert [row.id for row in queries.own_clearances(town.session, town.vault, town.teacher.teacher_id)] == [
        clearance.id
    ]
    assert queries.own_clearance(town.session, stranger.teacher_id, clearance.id) is None
    assert queries.own_clearance(town.session, None, clearance.id) is None
    assert TEXT.encode() not in clearance.text
    told = select(StaffNotice.account_id).where(StaffNotice.kind == "clearance.offered")
    assert set(town.session.scalars(told)) == {town.teacher.id}


def test_the_whole_system_may_be_told(town: Town) -> None:
    case = decided(town, Outcome.LAWFUL_DISCIPLINE)
    clearance = offer(town, case, audience=Audience.SYSTEM)
    service.answer_clearance(town.by(town.teacher), case, clearance, consent=True)
    service.issue_clearance(town.by(town.district), case, clearance)
    for school in town.schools:
        assert len(queries.issued_clearances(town.session, town.vault, school.id)) == 1


def test_declined_is_the_end_of_that_text(town: Town) -> None:
    case = decided(town, Outcome.UNSUBSTANTIATED)
    clearance = offer(town, case)
    service.answer_clearance(town.by(town.teacher), case, clearance, consent=False)
    with refused("clearance.consent"):
        service.issue_clearance(town.by(town.district), case, clearance)
    assert offer(town, case, text=TEXT + "特此说明。").id != clearance.id


@pytest.mark.parametrize("outcome", [Outcome.SUBSTANTIATED, Outcome.PARTLY, Outcome.UNVERIFIABLE])
def test_nothing_to_clear(town: Town, outcome: Outcome) -> None:
    case = decided(town, outcome)
    with refused("clearance.outcome"):
        offer(town, case)


def test_a_school_that_is_kept_out_learns_nothing(town: Town) -> None:
    case = town.case(replace(LETTER, respondent="李国华"))
    town.lead(
        case,
        S.DECIDED,
        handler=town.district,
        decider=town.second,
        draft=town.draft("李国华", outcome=Outcome.UNSUBSTANTIATED),
    )
    for audience in (Audience.SCHOOL, Audience.SYSTEM):
        with refused("clearance.recused", "audience"):
            offer(town, case, audience=audience)
    clearance = offer(town, case, audience=Audience.PERSON)
    head = replace(town.teacher, teacher_id=town.teachers["李国华"].id)
    service.answer_clearance(town.by(head), case, clearance, consent=True)
    service.issue_clearance(town.by(town.district), case, clearance)
    for school in town.schools:
        assert queries.issued_clearances(town.session, town.vault, school.id) == []


def test_who_may_offer(town: Town) -> None:
    case = decided(town, Outcome.UNSUBSTANTIATED)
    for actor in (town.officer, town.head, town.other_district, town.teacher, town.custodian):
        with refused("permission.denied"):
            service.offer_clearance(
                town.by(actor), case, text=TEXT, audience=Audience.SCHOOL, bureau_name="株洲市教育局"
            )
    with refused("fact_sheet.copied", "text"):
        offer(town, case, text=f"所谓“{WORDS[:20]}”不属实。")


@pytest.mark.parametrize("outcome", [Outcome.MALICIOUS, Outcome.UNSUBSTANTIATED])
def test_an_untrue_report_opens_no_identity(town: Town, outcome: Outcome) -> None:
    case = decided(town, outcome, letter=HIDDEN)
    clearance = offer(town, case)
    service.answer_clearance(town.by(town.teacher), case, clearance, consent=True)
    service.issue_clearance(town.by(town.district), case, clearance)
    for actor in (town.officer, town.district, town.bureau, town.chief):
        (letter,) = queries.letters(town.session, town.vault, case, actor)
        assert letter.person is None
        with pytest.raises(KeyMissing):
            town.vault.open_key(town.session, f"case:{case.id}", IDENTITY, queries.units_of(actor))
    assert town.session.scalar(select(func.count()).select_from(IdentityRequest)) == 0


# --- what the respondent reads ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (f"有人反映:{WORDS[:20]}", "fact_sheet.copied"),
        ("据学生家长赵敏之反映,您在课堂上罚站学生。", "fact_sheet.person"),
        ("请向家长道歉,她的电话是138-0000-1111。", "fact_sheet.person"),
    ],
)
def test_no_words_and_no_name_to_the_teacher(town: Town, words: str, code: str) -> None:
    case = town.case(NAMED)
    town.lead(case, S.INVESTIGATING)
    service.investigate(town.by(town.officer), case, report=words)  # for the desk's eyes
    with refused(code, "grounds"):
        service.propose(town.by(town.officer), case, town.draft(grounds=words))
    service.propose(town.by(town.officer), case, town.draft())
    with refused(code, "facts"):
        service.notify(town.by(town.officer), case, facts=words)
    town.lead(case, S.HEARING)
    with refused(code, "grounds"):
        service.decide(town.by(town.district), case, town.draft(grounds=words))


def test_a_refusal_confirms_no_guess_at_a_sealed_name(town: Town) -> None:
    case = town.case(HIDDEN)
    town.lead(case, S.FINDING_DRAFT)
    service.notify(town.by(town.officer), case, facts="据了解,赵敏之等几位家长在场。拟认定您罚站学生。")
    assert case.status == S.HEARING


def test_nor_a_number_that_could_be_the_senders(town: Town) -> None:
    case = town.case(HIDDEN)
    town.lead(case, S.FINDING_DRAFT)
    for number in ("13800001111", "13900002222"):
        with refused("fact_sheet.phone", "facts"):
            service.notify(town.by(town.officer), case, facts=f"拟认定您罚站学生,可联系{number}。")
