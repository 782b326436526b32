"""What happens to a case is told to its desk, to those who decide, to the teacher in person, and to nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from ethics_eval.accounts.models import Account, StaffNotice
from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.announcing import announce
from ethics_eval.complaints.queries.handlers import case_numbers
from ethics_eval.complaints.rules.announcing import Kind
from ethics_eval.complaints.rules.machine import CaseStatus, Desk, Outcome
from ethics_eval.complaints.rules.submission import RespondentRole
from tests.complaints.town import LETTER, Town


def told(town: Town, *kinds: str) -> set[tuple[str, str]]:
    """(account name, kind) of all notices, or of these kinds."""
    rows = town.session.execute(
        select(Account.username, StaffNotice.kind).join(StaffNotice, StaffNotice.account_id == Account.id)
    )
    return {(name, kind) for name, kind in rows if not kinds or kind in kinds}


def who(town: Town, kind: str) -> set[str]:
    return {name for name, _kind in told(town, kind)}


def school_accounts(town: Town) -> list[int]:
    """Everyone who signs in at the first school, the teacher with the mailbox too."""
    return list(
        town.session.scalars(
            select(Account.id).where(
                Account.role.in_([Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD]),
                Account.school_id == town.schools[0].id,
            )
        )
    )


def test_a_new_case_is_told_to_the_officer_of_its_desk(town: Town) -> None:
    town.case()
    assert told(town) == {("officer", "case.new")}


def test_a_case_kept_from_the_school_leaves_no_notice_there_ever(town: Town) -> None:
    recused = town.case(replace(LETTER, respondent="李国华", respondent_role=RespondentRole.HEAD))
    assert who(town, "case.new") == {"district", "second"}
    town.lead(
        recused,
        CaseStatus.CLOSED,
        handler=town.district,
        decider=town.second,
        draft=town.draft("周正"),
    )
    for kind in Kind:
        announce(town.session, recused, kind, town.at)
    town.session.flush()
    at_school = school_accounts(town)
    assert len(at_school) == 2
    rows = town.session.scalars(select(StaffNotice).where(StaffNotice.account_id.in_(at_school))).all()
    assert not rows


def test_each_step_is_told_to_those_who_go_on(town: Town) -> None:
    case = town.case()
    town.lead(case, CaseStatus.FINDING_DRAFT)
    assert not who(town, "case.proposed"), "a burdening draft waits for the teacher first"
    town.lead(case, CaseStatus.HEARING)
    assert who(town, "hearing.notified") == {"teacher"}
    assert who(town, "case.stated") == {"district", "second"}, "who recorded it needs not be told"
    service.send_back(town.by(town.district), case, reason="请再问一名学生,并补充课表。")
    assert who(town, "case.returned") == {"officer"}
    town.lead(case, CaseStatus.DECIDED)
    assert who(town, "case.decided") == {"officer"}
    assert who(town, "finding.decided") == {"teacher"}


def test_who_was_never_told_of_a_draft_is_not_told_of_its_end(town: Town) -> None:
    case = town.case()
    town.lead(case, CaseStatus.DECIDED, draft=town.draft(outcome=Outcome.UNSUBSTANTIATED))
    assert who(town, "case.proposed") == {"district", "second"}
    assert not who(town, "finding.decided")


def test_a_case_that_moves_is_told_to_its_new_desk(town: Town) -> None:
    case = town.case()
    service.recuse(town.by(town.district), case, reason="学校的经办人与教师是亲属。")
    assert who(town, "case.assigned") == {"second"}, "not to the school, and not to who moved it"
    assert who(town, "case.new") == {"officer"}


def test_the_owner_hears_alone_and_the_respondent_never(town: Town) -> None:
    case = town.case()
    case.desk, case.owner_id = Desk.DISTRICT.value, town.second.id
    announce(town.session, case, Kind.MESSAGE_NEW, town.at)
    assert who(town, "message.new") == {"second"}
    case.owner_id = town.officer.id  # left over from before: the school hears nothing of it
    announce(town.session, case, Kind.MESSAGE_NEW, town.at, ref="2")
    assert who(town, "message.new") == {"second", "district"}


def test_an_officer_who_is_the_respondent_hears_nothing(town: Town) -> None:
    case = town.case()
    finding = town.lead(case, CaseStatus.FINDING_DRAFT, draft=town.draft("周正"))
    assert finding is not None
    finding.teacher_id = town.teachers["王芳"].id
    town.session.flush()
    before = told(town)
    announce(town.session, case, Kind.MESSAGE_NEW, town.at)
    assert told(town) == before


def test_the_same_thing_is_told_once(town: Town) -> None:
    case = town.case()
    assert announce(town.session, case, Kind.MESSAGE_NEW, town.at, ref="m1") == 1
    assert announce(town.session, case, Kind.MESSAGE_NEW, town.at, ref="m1") == 0
    assert announce(town.session, case, Kind.MESSAGE_NEW, town.at, ref="m2") == 1


def test_one_person_can_be_told(town: Town) -> None:
    case = town.case()
    announce(town.session, case, Kind.CASE_OWNED, town.at, to=[town.officer.id or 0])
    assert who(town, "case.owned") == {"officer"}
    announce(town.session, case, Kind.IDENTITY_ASKED, town.at)
    assert who(town, "identity.asked") == {"custodian"}


@pytest.mark.parametrize("reader", ["officer", "head", "district", "bureau", "teacher", "custodian"])
def test_a_notice_shows_the_number_only_to_who_may_see_the_case(town: Town, reader: str) -> None:
    case = town.case()
    actor: Actor = getattr(town, reader)

    def seen() -> bool:
        return case_numbers(town.session, actor, {case.id}) == {case.id: case.number}

    assert seen() is (reader not in {"teacher", "custodian"})
    town.lead(case, CaseStatus.HEARING)
    assert seen() is (reader != "custodian"), "the teacher has been told by now"
    case.desk = Desk.DISTRICT.value
    town.session.flush()
    assert seen() is (reader in {"district", "bureau", "teacher"})
    assert queries.find_case(town.session, actor, case.number) is None or reader in {"district", "bureau"}
