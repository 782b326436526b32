"""Measures (处理): who may decide which, with whom they are filed, and for how long they hold.

Source: domain.md §1.3 (kinds and terms), §1.4 (处理办法 art. 7: who decides), 教师资格条例 art. 19 (certificate),
教师法 art. 37 (解聘 by the school or the bureau), 处理办法 art. 9 (extended or lifted by how the teacher has done).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

from ethics_eval.complaints.rules.finding import MEASURE_LABELS, SANCTIONS, TERM_MONTHS, Measure, months_after
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.roster.rules.teacher import LEADERS, Position
from ethics_eval.text import N_, RuleViolation


class Filing(StrEnum):
    """With whom a decision is filed (备案) after it was made."""

    NONE = ""
    EDUCATION = "education"
    PERSONNEL = "personnel"


FILING_LABELS: Mapping[Filing, str] = {
    Filing.NONE: N_("无须备案"),
    Filing.EDUCATION: N_("主管教育部门"),
    Filing.PERSONNEL: N_("同级人事部门"),
}


class MeasureState(StrEnum):
    """Where a decided measure stands."""

    ACTIVE = "active"
    EXTENDED = "extended"
    LIFTED = "lifted"
    EXPIRED = "expired"
    REVOKED = "revoked"


MEASURE_STATE_LABELS: Mapping[MeasureState, str] = {
    MeasureState.ACTIVE: N_("执行中"),
    MeasureState.EXTENDED: N_("已延长"),
    MeasureState.LIFTED: N_("已解除"),
    MeasureState.EXPIRED: N_("期满"),
    MeasureState.REVOKED: N_("已撤销"),
}

IN_FORCE = frozenset({MeasureState.ACTIVE, MeasureState.EXTENDED})


class DisqualifyKind(StrEnum):
    """What 取消资格 takes away (domain.md §1.3)."""

    AWARD = "award"
    PROMOTION = "promotion"
    TITLE = "title"
    POST = "post"
    PAY = "pay"
    TALENT = "talent"


DISQUALIFY_KIND_LABELS: Mapping[DisqualifyKind, str] = {
    DisqualifyKind.AWARD: N_("评奖评优"),
    DisqualifyKind.PROMOTION: N_("职务晋升"),
    DisqualifyKind.TITLE: N_("职称评定"),
    DisqualifyKind.POST: N_("岗位聘用"),
    DisqualifyKind.PAY: N_("工资晋级"),
    DisqualifyKind.TALENT: N_("申报人才计划"),
}

MAX_MONTHS = 120

PUBLIC = "public"

_BUREAU = frozenset({Desk.DISTRICT, Desk.CITY})
_SCHOOL = frozenset({Desk.SCHOOL})
_EITHER = _BUREAU | _SCHOOL

# measure → (public school, private or 普惠 school): who decides, and with whom that body files it.
_Row = tuple[frozenset[Desk], Filing]
_AUTHORITY: Mapping[Measure, tuple[_Row, _Row]] = {
    **{
        measure: ((_EITHER, Filing.NONE), (_EITHER, Filing.NONE))
        for measure in (
            Measure.CRITIQUE,
            Measure.ADMONITION,
            Measure.WRITTEN_REVIEW,
            Measure.CIRCULATED,
            Measure.POST_CHANGE,
            Measure.REFUND,
            Measure.DISQUALIFY,
        )
    },
    **{
        measure: ((_BUREAU, Filing.NONE), (_SCHOOL, Filing.EDUCATION))
        for measure in (Measure.WARNING, Measure.DEMERIT, Measure.MAJOR_DEMERIT)
    },
    Measure.DEMOTION: ((_BUREAU, Filing.PERSONNEL), (_BUREAU, Filing.PERSONNEL)),
    Measure.REMOVAL: ((_BUREAU, Filing.PERSONNEL), (_BUREAU, Filing.PERSONNEL)),
    Measure.DISMISSAL: ((_BUREAU, Filing.PERSONNEL), (_SCHOOL, Filing.EDUCATION)),
    Measure.CONTRACT_END: ((_EITHER, Filing.EDUCATION), (_SCHOOL, Filing.EDUCATION)),
    Measure.CERT_REVOKE: ((_BUREAU, Filing.NONE), (_BUREAU, Filing.NONE)),
}


def deciders(measure: Measure, ownership: str, *, at_school: bool = True) -> frozenset[Desk]:
    """The bodies that may decide the measure on a teacher of such a school (``School.ownership``).

    ``at_school``: the case lies with the school. Where it does not (the school stands aside), the bureau decides in
    its place, and the school decides nothing.
    """
    bodies, _filing = _AUTHORITY[measure][0 if ownership == PUBLIC else 1]
    if at_school:
        return bodies
    return (bodies - _SCHOOL) or _BUREAU


def filing_of(measure: Measure, ownership: str, decided_by: Desk) -> Filing:
    """With whom a decision of this body is filed; what the school files with the bureau, the bureau need not."""
    _bodies, filing = _AUTHORITY[measure][0 if ownership == PUBLIC else 1]
    if filing is Filing.EDUCATION and decided_by is not Desk.SCHOOL:
        return Filing.NONE
    return filing


def check_authority(measure: Measure, ownership: str, body: Desk, *, at_school: bool) -> None:
    """Refuse a body that may not decide this. Raises: RuleViolation at ``measure``."""
    if body in deciders(measure, ownership, at_school=at_school):
        return
    if body is not Desk.SCHOOL:
        raise RuleViolation(
            "measure.school_decides",
            N_("民办学校教师的“%(measure)s”由学校决定，并报主管教育部门备案。"),
            field="measure",
            measure=MEASURE_LABELS[measure],
        )
    if measure in SANCTIONS and ownership == PUBLIC:
        raise RuleViolation(
            "measure.sanction",
            N_("公办学校不能决定处分。“%(measure)s”由学校提出建议，主管教育部门决定。"),
            field="measure",
            measure=MEASURE_LABELS[measure],
        )
    raise RuleViolation(
        "measure.bureau_decides",
        N_("“%(measure)s”由主管教育部门决定。"),
        field="measure",
        measure=MEASURE_LABELS[measure],
    )


def check_person(measure: Measure, position: Position) -> None:
    """Refuse a measure that does not exist for such a post: 记大过 is for managers, 撤职 for those appointed to lead.

    Raises: RuleViolation at ``measure``. Source: domain.md §1.3 (处分规定 2023).
    """
    leads = position in LEADERS or position is Position.DEPUTY_HEAD
    if measure is Measure.MAJOR_DEMERIT and not (leads or position is Position.MANAGER):
        raise RuleViolation("measure.managers", N_("记大过只适用于管理人员。"), field="measure")
    if measure is Measure.REMOVAL and not leads:
        raise RuleViolation("measure.heads", N_("撤职只适用于任命的学校负责人。"), field="measure")


def check_allowed(measure: Measure, decided: Measure) -> None:
    """Refuse what weighs more than the finding says; lighter ones may stand beside it. Raises: RuleViolation."""
    if measure is Measure.NONE:
        raise RuleViolation("measure.missing", N_("请选择处理种类。"), field="measure")
    if measure.weight > decided.weight:
        raise RuleViolation(
            "measure.heavier",
            N_("处理不能重于认定中的“%(measure)s”。"),
            field="measure",
            measure=MEASURE_LABELS[decided],
        )


def allowed(
    decided: Measure, ownership: str, position: Position, body: Desk, *, at_school: bool
) -> list[Measure]:
    """The measures this body may decide on a finding that says ``decided``, from light to heavy."""
    found = []
    for measure in Measure:
        try:
            check_allowed(measure, decided)
            check_person(measure, position)
            check_authority(measure, ownership, body, at_school=at_school)
        except RuleViolation:
            continue
        found.append(measure)
    return found


def check_kind(measure: Measure, kind: str) -> str:
    """What a disqualification takes away; other measures have no kind. Raises: RuleViolation at ``kind``."""
    if measure is not Measure.DISQUALIFY:
        return ""
    if kind not in set(DisqualifyKind):
        raise RuleViolation("measure.kind", N_("请选择取消哪一项资格。"), field="kind")
    return kind


def term_months(measure: Measure, months: int | None = None) -> int | None:
    """For how many months the measure holds; None: it has no term.

    Only 取消资格 has a choice: ``months``, 24 at least. Raises: RuleViolation at ``months``.
    """
    usual = TERM_MONTHS.get(measure)
    if measure is not Measure.DISQUALIFY or usual is None:
        return usual
    chosen = usual if months is None else months
    if not usual <= chosen <= MAX_MONTHS:
        raise RuleViolation(
            "measure.months",
            N_("取消资格的期限为%(least)s至%(most)s个月。"),
            field="months",
            least=usual,
            most=MAX_MONTHS,
        )
    return chosen


def ends_on(starts_on: date, months: int | None) -> date | None:
    """The last day of a term that begins with the decision; None: no term."""
    return None if months is None else months_after(starts_on, months)


def check_extension(state: MeasureState, term_ends_on: date | None, today: date) -> None:
    """Refuse an extension: once only, and before the term is over. Raises: RuleViolation."""
    if term_ends_on is None:
        raise RuleViolation("measure.no_term", N_("这项处理没有期限。"))
    if state is MeasureState.EXTENDED:
        raise RuleViolation("measure.extended", N_("处理期限只能延长一次。"))
    if state is not MeasureState.ACTIVE or today > term_ends_on:
        raise RuleViolation("measure.over", N_("这项处理已经结束，不能再办理。"))


def extended_to(starts_on: date, term_ends_on: date, months: int) -> date:
    """The new last day: at most as long again as the term was. Raises: RuleViolation at ``months``."""
    longest = (term_ends_on.year - starts_on.year) * 12 + term_ends_on.month - starts_on.month
    if not 1 <= months <= longest:
        raise RuleViolation(
            "measure.extension",
            N_("延长的期限为1至%(most)s个月，不超过原期限。"),
            field="months",
            most=longest,
        )
    return months_after(term_ends_on, months)


def check_lifting(measure: Measure, state: MeasureState, term_ends_on: date | None, today: date) -> None:
    """Refuse a 解除: a 处分 ends when its term does, never before; other measures when there is reason to.

    Raises: RuleViolation. Source: 人事管理条例 art. 31, 处理办法 art. 9.
    """
    if term_ends_on is None:
        raise RuleViolation("measure.no_term", N_("这项处理没有期限。"))
    if state in {MeasureState.LIFTED, MeasureState.REVOKED}:
        raise RuleViolation("measure.over", N_("这项处理已经结束，不能再办理。"))
    if measure in SANCTIONS and today < term_ends_on:
        raise RuleViolation(
            "measure.not_over", N_("处分期满才能解除，期满日为%(day)s。"), day=term_ends_on.isoformat()
        )


def check_filing(
    filing_needed: bool, filed_on: date | None, decided_on: date, day: date, today: date
) -> None:
    """Refuse a filing that is not owed, was made, or is dated before the decision or ahead. Raises: RuleViolation."""
    if not filing_needed:
        raise RuleViolation("measure.no_filing", N_("这项处理无须备案。"))
    if filed_on is not None:
        raise RuleViolation("measure.filed", N_("已经备案。"))
    if not decided_on <= day <= today:
        raise RuleViolation(
            "measure.filing_day", N_("备案日期须在作出决定之后、今天或以前。"), field="filed_on"
        )


def heavier_than(limit: Measure, measures: Iterable[Measure]) -> list[Measure]:
    """Of some measures, those that weigh more than what a finding says after it was varied."""
    return [measure for measure in measures if measure.weight > limit.weight]
