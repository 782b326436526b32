"""The steps of a semester's evaluation: open, freeze, announce, publish; each once, in order, with its guard.

Source: domain.md §2.3 (time line), §7.4.8 (prior notice of at least 5 working days); ranking.md R14.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ethics_eval.roster.rules.calendar import Calendar
from ethics_eval.text import N_, RuleViolation

OBJECTION_WORKING_DAYS = 5


class SemesterStatus(StrEnum):
    """How far a semester's evaluation has come."""

    PLANNED = "planned"
    OPEN = "open"
    FROZEN = "frozen"
    ANNOUNCED = "announced"
    PUBLISHED = "published"


SEMESTER_STATUS_LABELS: Mapping[SemesterStatus, str] = {
    SemesterStatus.PLANNED: N_("未开始"),
    SemesterStatus.OPEN: N_("考评中"),
    SemesterStatus.FROZEN: N_("已冻结"),
    SemesterStatus.ANNOUNCED: N_("已事先告知"),
    SemesterStatus.PUBLISHED: N_("已发布"),
}


class Step(StrEnum):
    """What is done to a semester, by a person or by the clock."""

    OPEN = "open"
    FREEZE = "freeze"
    ANNOUNCE = "announce"
    PUBLISH = "publish"


STEP_LABELS: Mapping[Step, str] = {
    Step.OPEN: N_("开始考评"),
    Step.FREEZE: N_("冻结数据并计算"),
    Step.ANNOUNCE: N_("事先告知"),
    Step.PUBLISH: N_("发布榜单和通报"),
}

_ORDER = tuple(SemesterStatus)
_LEADS_TO: Mapping[Step, SemesterStatus] = {
    Step.OPEN: SemesterStatus.OPEN,
    Step.FREEZE: SemesterStatus.FROZEN,
    Step.ANNOUNCE: SemesterStatus.ANNOUNCED,
    Step.PUBLISH: SemesterStatus.PUBLISHED,
}


def next_step(status: SemesterStatus) -> Step | None:
    """The only step that may follow; None once published."""
    place = _ORDER.index(status) + 1
    return next((step for step, to in _LEADS_TO.items() if place < len(_ORDER) and to is _ORDER[place]), None)


def is_owed(step: Step, status: SemesterStatus) -> bool:
    """Whether the step is still to be taken; False: taken already, and taking it again changes nothing.

    Raises: RuleViolation ``semester.step_order``: a step before it has not been taken.
    """
    if _ORDER.index(_LEADS_TO[step]) <= _ORDER.index(status):
        return False
    if next_step(status) is not step:
        raise RuleViolation(
            "semester.step_order",
            N_("学期目前为“%(status)s”，还不能%(step)s。"),
            status=SEMESTER_STATUS_LABELS[status],
            step=STEP_LABELS[step],
        )
    return True


def check_freeze(posting_count: int, unpublished_before: str | None) -> None:
    """Refuse an empty semester, and one while an earlier one is frozen: findings would count twice (R8).

    Args: unpublished_before: name of an earlier semester that is frozen but not published.
    """
    if posting_count == 0:
        raise RuleViolation("semester.empty", N_("本学期没有在岗教师，不能冻结。请先导入教师名册。"))
    if unpublished_before is not None:
        raise RuleViolation(
            "semester.earlier_unpublished",
            N_("“%(semester)s”已冻结但尚未发布。请先发布，再冻结本学期。"),
            semester=unpublished_before,
        )


@dataclass(frozen=True)
class Verification:
    """Who froze a ranking and who recomputed it; ids None: the clock or a command. ``done``: it was recomputed."""

    done: bool
    by_id: int | None
    frozen_by_id: int | None


def check_verifier(actor_id: int | None, frozen_by_id: int | None) -> None:
    """Refuse the person who froze: four eyes. Raises: RuleViolation ``ranking.verify_own``."""
    if actor_id is not None and actor_id == frozen_by_id:
        raise RuleViolation("ranking.verify_own", N_("您冻结了这个榜单，须由另一个人复核。"))


def check_verified(verification: Verification, *, by_person: bool) -> None:
    """Refuse to announce what was not recomputed; where a person announces, by another than the one who froze.

    Raises: RuleViolation ``semester.unverified``.
    """
    is_second = verification.by_id is not None and verification.by_id != verification.frozen_by_id
    if not verification.done or (by_person and not is_second):
        raise RuleViolation(
            "semester.unverified", N_("榜单还没有复核。请由冻结人以外的另一个人先复核，再事先告知。")
        )


def check_not_held(reason: str | None) -> None:
    """Refuse any step while the semester is held, and say why it is. Raises: RuleViolation ``semester.held``."""
    if reason is not None:
        raise RuleViolation(
            "semester.held", N_("本学期的考评步骤已暂停，恢复后才能办理。暂停原因：%(reason)s"), reason=reason
        )


def check_publish(
    listed_count: int, objection_ends_on: date | None, today: date, *, open_objections: int = 0
) -> None:
    """Refuse while a listed teacher may still object, or an objection waits for its answer (domain.md §7.4, 8).

    Args: objection_ends_on: the window's last day; it counts as open on that day.
    """
    if open_objections:
        raise RuleViolation(
            "semester.objection_undecided",
            N_("还有%(count)s件异议没有办结，办结后才能发布。"),
            count=open_objections,
        )
    if listed_count and (objection_ends_on is None or today <= objection_ends_on):
        raise RuleViolation(
            "semester.objection_open",
            N_("异议期到%(day)s止，期满后才能发布。"),
            day=objection_ends_on,
        )


def objection_ends(announced_on: date, calendar: Calendar) -> date:
    """The last day on which a listed teacher can object: the fifth working day after the prior notice."""
    return calendar.due_in_working_days(announced_on, OBJECTION_WORKING_DAYS)


def announce_due(publish_on: date, calendar: Calendar) -> date:
    """The last day for the prior notice, so that the objection window is over before ``publish_on``.

    Never refused: past the last known day weekends alone are off. It is the notice that is refused there.
    """
    reckoned = calendar.open_ended()
    day = publish_on - timedelta(days=1)
    while objection_ends(day, reckoned) >= publish_on:
        day -= timedelta(days=1)
    return day
