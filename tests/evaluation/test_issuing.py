"""A school plans its groups and issues codes: when it may, what is made, and what a second issue leaves alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.evaluation import grouping, issuing
from ethics_eval.evaluation.balloting import open_ballot
from ethics_eval.evaluation.grouping import ClassDraft, Entry
from ethics_eval.evaluation.models import BallotCode, BallotGroup, BallotRound, Tally
from ethics_eval.evaluation.rules.ballot import GroupDraft
from ethics_eval.evaluation.rules.ballot_sheet import ClassPlan, ClassRow
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.roster.models import School, Semester
from ethics_eval.roster.rules.sheet import ImportRefused
from ethics_eval.tasks.models import Task
from ethics_eval.tasks.rules import TaskKind
from ethics_eval.text import Conflict, RuleViolation
from ethics_eval.vault.service import Vault
from tests.support.ballots import (
    AT,
    PREPARED_AT,
    add_class,
    codes,
    entry,
    officer_of,
    open_round,
    teacher_ids,
    vote,
)
from tests.support.ranked import SEMESTER, RankedCity

CLASS = "三年级2班"


@pytest.fixture
def vault() -> Vault:
    return Vault(bytes(range(32)))


@pytest.fixture
def city(session: Session, tmp_path: Path, vault: Vault) -> RankedCity:
    made = RankedCity(session, vault, tmp_path, teacher_count=12)
    open_round(session)
    session.commit()
    return made


@pytest.fixture
def school(city: RankedCity) -> School:
    return city.schools[0]


def issue(session: Session, vault: Vault, school: School, one: Entry | None = None) -> issuing.Issued:
    group_id = None if one is None else one.first.id
    return issuing.issue_codes(session, vault, SEMESTER, group_id, actor=officer_of(school), at=PREPARED_AT)


def reissue(session: Session, vault: Vault, one: Entry, school: School, seats: int | None = None) -> int:
    group = one.first
    return issuing.reissue_codes(
        session, vault, SEMESTER, group.id, seats=seats, batch=group.batch, actor=officer_of(school), at=AT
    )


def states(session: Session) -> dict[str, int]:
    return dict(Counter(session.scalars(select(BallotCode.state))))


def eligible(session: Session) -> set[int | None]:
    return set(session.scalars(select(Tally.eligible_count).where(Tally.component == "pupil")))


def test_a_class_has_its_pupils_and_parents(session: Session, school: School, vault: Vault) -> None:
    ids = teacher_ids(session, school)
    older = add_class(session, school, CLASS, 4, ids[:2])
    younger = add_class(session, school, "一年级1班", 3, ids[1:3], grade=1)
    assert [group.component for group in older.groups] == ["pupil", "parent"]
    assert [group.component for group in younger.groups] == ["parent"]
    assert issue(session, vault, school) == issuing.Issued(11, 3)
    assert issue(session, vault, school) == issuing.Issued(0, 0)
    rows = session.execute(
        select(Tally.component, Tally.teacher_id, Tally.eligible_count, Tally.source, Tally.option_1)
    ).all()
    parents = {ids[0]: 4, ids[1]: 7, ids[2]: 3}
    expected = [("pupil", ids[0], 4), ("pupil", ids[1], 4), *(("parent", *one) for one in parents.items())]
    assert sorted(rows) == sorted((*one, "ballot", 0) for one in expected * 2)  # two questions
    assert len(set(codes(session, vault, school, CLASS))) == 4
    assert len(session.scalars(select(BallotCode.code_hash)).all()) == 11


def test_used_codes_stay_when_codes_are_issued_anew(session: Session, school: School, vault: Vault) -> None:
    one = add_class(session, school, CLASS, 4, teacher_ids(session, school)[:2])
    issue(session, vault, school)
    first, second, *_rest = before = codes(session, vault, school, CLASS)
    vote(session, vault, first)
    fresh = entry(session, school, CLASS)
    assert reissue(session, vault, fresh, school, seats=6) == 5
    assert states(session) == {"used": 1, "void": 3, "open": 5 + 4}
    after = codes(session, vault, school, CLASS)
    assert len(after) == 5
    assert not set(before) & set(after)
    assert eligible(session) == {6}
    assert open_ballot(session, vault, second, at=AT).state == "unknown"
    vote(session, vault, after[0])
    with pytest.raises(Conflict):
        reissue(session, vault, fresh, school)  # as the page showed it before
    with pytest.raises(RuleViolation) as refused:
        reissue(session, vault, entry(session, school, CLASS), school, seats=2)
    assert refused.value.code == "ballot.all_used"
    assert one.first.batch == 0


def test_colleagues_who_voted_get_no_second_code(session: Session, school: School, vault: Vault) -> None:
    grouping.adopt_proposal(session, SEMESTER, actor=officer_of(school), at=PREPARED_AT)
    issue(session, vault, school)
    before = codes(session, vault, school, "同事", Component.PEER)
    vote(session, vault, before[1])
    assert reissue(session, vault, entry(session, school, "同事"), school) == len(before) - 1
    rows = session.scalars(
        select(Tally.eligible_count).where(Tally.component == "peer").order_by(Tally.teacher_id)
    )
    assert set(rows) == {len(before) - 1}


def test_codes_are_taken_back_while_nobody_voted(session: Session, school: School, vault: Vault) -> None:
    ids = teacher_ids(session, school)
    add_class(session, school, CLASS, 4, ids[:2])
    issue(session, vault, school)
    actor = officer_of(school)
    one = entry(session, school, CLASS)
    draft = ClassDraft(CLASS, "PRI", 3, 5, tuple(ids[:3]))
    with pytest.raises(RuleViolation) as violation:
        grouping.save_class(session, SEMESTER, draft, one, actor=actor, at=AT)
    assert violation.value.code == "ballot.issued"
    with pytest.raises(RuleViolation) as violation:
        grouping.remove_entry(session, SEMESTER, one, actor=actor, at=AT)
    assert violation.value.code == "ballot.issued"
    for group in one.groups:
        issuing.take_back_codes(session, SEMESTER, group.id, batch=group.batch, actor=actor, at=AT)
    assert session.scalar(select(func.count()).select_from(Tally)) == 0
    grouping.save_class(session, SEMESTER, draft, entry(session, school, CLASS), actor=actor, at=AT)
    issue(session, vault, school)
    vote(session, vault, codes(session, vault, school, CLASS)[0])
    group = entry(session, school, CLASS).first
    with pytest.raises(RuleViolation) as violation:
        issuing.take_back_codes(session, SEMESTER, group.id, batch=group.batch, actor=actor, at=AT)
    assert violation.value.code == "ballot.has_votes"


def test_a_part_is_on_paper_or_by_ballot(
    session: Session, city: RankedCity, school: School, vault: Vault
) -> None:
    city.give(city.teachers[0], "88.00", parts="pupil")
    one = add_class(session, school, CLASS, 4, [city.teachers[0].id])
    with pytest.raises(RuleViolation) as violation:
        issue(session, vault, school, one)
    assert violation.value.code == "ballot.paper"
    issued = issue(session, vault, school)
    assert (issued.code_count, [skip.component for skip in issued.skipped]) == (4, ["pupil"])


@pytest.mark.parametrize("how", ["frozen", "closed"])
def test_after_the_round_nothing_is_changed(session: Session, school: School, vault: Vault, how: str) -> None:
    one = add_class(session, school, CLASS, 4, teacher_ids(session, school)[:1])
    if how == "frozen":
        session.get_one(Semester, SEMESTER).status = "frozen"
    else:
        session.get_one(BallotRound, SEMESTER).closed_at = AT
    session.flush()
    actor = officer_of(school)
    for refused in (
        lambda: issue(session, vault, school, one),
        lambda: grouping.adopt_proposal(session, SEMESTER, actor=actor, at=AT),
        lambda: grouping.remove_entry(session, SEMESTER, one, actor=actor, at=AT),
    ):
        with pytest.raises(RuleViolation):
            refused()


def test_nobody_else_plans_or_issues(
    session: Session, city: RankedCity, school: School, vault: Vault
) -> None:
    one = add_class(session, school, CLASS, 4, teacher_ids(session, school)[:1])
    other = officer_of(city.schools[1])
    with pytest.raises(RuleViolation) as violation:
        issuing.issue_codes(session, vault, SEMESTER, one.first.id, actor=other, at=AT)
    assert violation.value.code == "ballot.no_group"
    with pytest.raises(RuleViolation) as violation:
        grouping.remove_entry(session, SEMESTER, one, actor=other, at=AT)
    assert violation.value.code == "ballot.no_group"
    with pytest.raises(RuleViolation) as violation:
        grouping.save_class(
            session, SEMESTER, ClassDraft("x", "JUN", 7, 4, (city.teachers[0].id,)), None, actor=other, at=AT
        )
    assert violation.value.field == "teachers"
    for role in (Role.TEACHER, Role.BUREAU_HEAD, Role.DISTRICT_OFFICER):
        with pytest.raises(RuleViolation) as violation:
            issuing.issue_codes(session, vault, SEMESTER, actor=Actor(None, role, school_id=school.id), at=AT)
        assert violation.value.code == "permission.denied"


def test_a_teacher_is_with_one_group_of_colleagues(session: Session, school: School) -> None:
    ids = tuple(teacher_ids(session, school))
    actor = officer_of(school)
    first = GroupDraft(Component.PEER, "语文组", "PRI", None, 0, ids[:2])
    grouping.save_group(session, SEMESTER, first, None, actor=actor, at=AT)
    for label, members, field in (("数学组", ids[1:3], "teachers"), ("语文组", ids[2:4], "label")):
        again = GroupDraft(Component.PEER, label, "PRI", None, 0, members)
        with pytest.raises(RuleViolation) as violation:
            grouping.save_group(session, SEMESTER, again, None, actor=actor, at=AT)
        assert violation.value.field == field
    one = entry(session, school, "语文组")
    grouping.save_group(
        session, SEMESTER, GroupDraft(Component.PEER, "语文组", "PRI", None, 0, ids), one, actor=actor, at=AT
    )
    assert len(entry(session, school, "语文组").first.teachers) == len(ids)


def test_classes_of_a_workbook_are_kept_all_or_none(session: Session, school: School, vault: Vault) -> None:
    ids = teacher_ids(session, school)

    def take(*rows: ClassRow) -> grouping.ClassReport:
        return grouping.import_classes(
            session, ClassPlan(rows, ()), SEMESTER, actor=officer_of(school), at=PREPARED_AT
        )

    many = [ClassRow(place, f"三年级{place}班", "PRI", 3, 45, (ids[0], ids[1])) for place in range(2, 42)]
    assert take(*many) == grouping.ClassReport(40, 0, 0)
    assert take(*many) == grouping.ClassReport(0, 0, 40)
    changed = ClassRow(2, "三年级2班", "PRI", 3, 46, (ids[2],))
    assert take(changed, *many[1:]) == grouping.ClassReport(0, 1, 39)
    issue(session, vault, school, entry(session, school, "三年级2班"))
    with pytest.raises(ImportRefused) as refused:
        take(many[0], ClassRow(99, "三年级99班", "PRI", 3, 45, (ids[0],)))
    assert [problem.row for problem in refused.value.problems] == [2]
    assert session.scalar(select(func.count()).where(BallotGroup.label == "三年级99班")) == 0


def test_printing_is_recorded_and_names_no_code(session: Session, school: School, vault: Vault) -> None:
    actor = officer_of(school)
    with pytest.raises(RuleViolation):
        issuing.ask_sheets(session, TaskKind.BALLOT_SHEETS, SEMESTER, actor=actor, at=AT)
    one = add_class(session, school, CLASS, 4, teacher_ids(session, school)[:1])
    issue(session, vault, school)
    task_id = issuing.ask_sheets(session, TaskKind.BALLOT_CODES, SEMESTER, one.first.id, actor=actor, at=AT)
    assert session.get_one(Task, task_id).kind == "ballot_codes"
    words = " ".join(session.scalars(select(AuditEvent.detail))) + session.get_one(Task, task_id).params
    assert not [code for code in codes(session, vault, school, CLASS) if code in words]
    asked = session.scalars(select(AuditEvent.action).where(AuditEvent.action == "ballot_codes.asked")).all()
    assert len(asked) == 1
