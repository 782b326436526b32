"""Measures (处理) on a decided finding: decided by who may, filed, extended, lifted, expired, revoked.

The teacher's remedies do not stay their execution (domain.md §1.5); the points wait.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import CLOCK, Permission
from ethics_eval.accounts.service import record
from ethics_eval.complaints.announcing import announce
from ethics_eval.complaints.models import Case, Finding, MeasureDecision
from ethics_eval.complaints.queries import content_cipher, position_of, standing_finding
from ethics_eval.complaints.queries.remedy import open_remedy
from ethics_eval.complaints.rules import measure as rules
from ethics_eval.complaints.rules.announcing import Kind
from ethics_eval.complaints.rules.finding import Measure, written
from ethics_eval.complaints.rules.machine import CaseFacts, Desk, plain_name
from ethics_eval.complaints.rules.measure import IN_FORCE, Filing, MeasureState
from ethics_eval.complaints.rules.remedy import TrackEvent, ask_ends, effective_after, home_desk
from ethics_eval.complaints.service.step import Step, permit_within, remark
from ethics_eval.database import new_id
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation


def decide_measure(
    step: Step, case: Case, *, measure: Measure, kind: str = "", months: int | None = None
) -> MeasureDecision:
    """作出处理决定 on the case's decided finding; decided once more, the same measure is the one that stands.

    Args: kind: what 取消资格 takes away; months: its term. Raises: RuleViolation: no finding that stands, heavier
    than it says, not this body's to decide, by who investigated, or while a remedy is open.
    """
    facts = permit_within(step, case, Permission.MEASURE_DECIDE)
    finding = _standing(case)
    rules.check_allowed(measure, Measure(finding.measure))
    rules.check_person(measure, position_of(step.session, case, finding.teacher_id))
    body = _authority(step, case, measure)
    chosen = rules.check_kind(measure, kind)
    term = rules.term_months(measure, months)
    _second_person(step, facts)
    for row in finding.measures:
        if (row.measure, row.kind) == (measure.value, chosen) and row.state != MeasureState.REVOKED:
            return row
    if open_remedy(finding) is not None:
        raise RuleViolation("measure.remedy_open", N_("教师的复核或申诉正在办理，暂不能作出新的处理。"))
    day = local_day(step.at)
    filing = rules.filing_of(measure, case.school.ownership, body)
    decided = MeasureDecision(
        id=new_id(),
        finding_id=finding.id,
        teacher_id=finding.teacher_id,
        measure=measure.value,
        kind=chosen,
        decided_by=body.value,
        starts_on=day,
        ends_on=rules.ends_on(day, term),
        state=MeasureState.ACTIVE.value,
        decided_at=step.at,
        decided_by_id=step.actor.id,
        filing_needed=filing is not Filing.NONE,
    )
    finding.measures.append(decided)
    _open_window(step, finding, day)
    _leave(step, case, decided, TrackEvent.MEASURE_DECIDE, {})
    return decided


def extend_measure(
    step: Step, case: Case, decided: MeasureDecision, *, months: int, reason: str
) -> MeasureDecision:
    """延长 once, before the term is over, with a reason; at most as long again (处理办法 art. 9)."""
    facts = permit_within(step, case, Permission.MEASURE_DECIDE)
    _authority(step, case, Measure(decided.measure))
    _second_person(step, facts)
    state = MeasureState(decided.state)
    rules.check_extension(state, decided.ends_on, local_day(step.at))
    if decided.ends_on is not None:
        decided.ends_on = rules.extended_to(decided.starts_on, decided.ends_on, months)
    _keep_reason(step, case, decided, "extended", written(reason, "reason"))
    _change(step, decided, MeasureState.EXTENDED)
    _leave(step, case, decided, TrackEvent.MEASURE_EXTEND, {"note": reason})
    return decided


def lift_measure(step: Step, case: Case, decided: MeasureDecision, *, reason: str) -> MeasureDecision:
    """解除 in writing: a 处分 when its term is over, another measure when there is reason to (人事管理条例 art. 31)."""
    facts = permit_within(step, case, Permission.MEASURE_DECIDE)
    measure = Measure(decided.measure)
    _authority(step, case, measure)
    _second_person(step, facts)
    rules.check_lifting(measure, MeasureState(decided.state), decided.ends_on, local_day(step.at))
    _keep_reason(step, case, decided, "lifted", written(reason, "reason"))
    _change(step, decided, MeasureState.LIFTED)
    _leave(step, case, decided, TrackEvent.MEASURE_LIFT, {"note": reason})
    return decided


def record_filing(step: Step, case: Case, decided: MeasureDecision, *, filed_on: date) -> MeasureDecision:
    """登记备案: the decision was filed where the law asks for it; a step of its own."""
    permit_within(step, case, Permission.MEASURE_FILE)
    if decided.state == MeasureState.REVOKED:
        raise RuleViolation("measure.over", N_("这项处理已经结束，不能再办理。"))
    rules.check_filing(
        decided.filing_needed,
        decided.filed_on,
        local_day(decided.decided_at),
        filed_on,
        local_day(step.at),
    )
    decided.filed_on = filed_on
    remark(
        step,
        case,
        TrackEvent.MEASURE_FILE,
        {"measure": decided.measure, "filed_on": filed_on.isoformat()},
    )
    return decided


def revoke_measures(
    step: Step, case: Case, finding: Finding, *, heavier_than: Measure | None = None
) -> list[MeasureDecision]:
    """Revoke the measures of a finding that fell, or those that weigh more than it says now; which they were."""
    fallen = [
        row
        for row in finding.measures
        if row.state != MeasureState.REVOKED
        and (heavier_than is None or Measure(row.measure).weight > heavier_than.weight)
    ]
    for row in fallen:
        _change(step, row, MeasureState.REVOKED)
        _leave(step, case, row, TrackEvent.MEASURE_REVOKE, {})
    return fallen


def expire_measures(session: Session, at: datetime) -> int:
    """What the clock does: measures whose last day has passed are at their end; how many. Again changes nothing.

    A 处分 may still be lifted in writing afterwards.
    """
    rows = session.scalars(
        select(MeasureDecision)
        .where(
            MeasureDecision.state.in_([state.value for state in IN_FORCE]),
            MeasureDecision.ends_on < local_day(at),
        )
        .order_by(MeasureDecision.ends_on, MeasureDecision.id)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.state = MeasureState.EXPIRED.value
        row.changed_at = at
        record(session, CLOCK, at, "measure.expired", "measure", row.id, measure=row.measure)
        announce(session, row.finding.case, Kind.MEASURE_CHANGED, at, ref=f"{row.id}:{row.state}")
    session.flush()
    return len(rows)


def _standing(case: Case) -> Finding:
    finding = standing_finding(case)
    if finding is None:
        raise RuleViolation("measure.no_finding", N_("没有已作出且未撤销的认定，不能作出处理。"))
    return finding


def _authority(step: Step, case: Case, measure: Measure) -> Desk:
    body = home_desk(step.actor.role) or Desk.SCHOOL
    rules.check_authority(measure, case.school.ownership, body, at_school=case.desk == Desk.SCHOOL.value)
    return body


def _second_person(step: Step, facts: CaseFacts) -> None:
    names = {plain_name(name) for name in facts.investigator_names}
    if step.actor.id in facts.investigator_ids or plain_name(step.actor.display_name) in names:
        raise RuleViolation("measure.investigated", N_("您参与了调查或拟定，处理须由其他人决定。"))


def _open_window(step: Step, finding: Finding, day: date) -> None:
    # The 30 days for 复核 run from the later decision: a measure decided after the finding opens them anew.
    ends = ask_ends(day, roster_queries.calendar(step.session))
    if finding.remedies or finding.window_ends_on is None or ends <= finding.window_ends_on:
        return
    finding.window_ends_on = ends
    if finding.effective_at is not None and finding.effective_at > step.at:
        finding.effective_at = effective_after(ends)


def _keep_reason(step: Step, case: Case, decided: MeasureDecision, key: str, text: str) -> None:
    cipher = content_cipher(step.session, step.vault, case)
    place = f"measure_decision:reason:{decided.id}"
    known = cipher.unseal_json(decided.reason, place) if decided.reason else {}
    decided.reason = cipher.seal_json({**known, key: text}, place)


def _change(step: Step, decided: MeasureDecision, state: MeasureState) -> None:
    decided.state = state.value
    decided.changed_at = step.at
    decided.changed_by_id = step.actor.id


def _leave(
    step: Step, case: Case, decided: MeasureDecision, name: TrackEvent, detail: dict[str, str]
) -> None:
    remark(step, case, name, {"measure": decided.measure, "kind": decided.kind, **detail})
    announce(
        step.session,
        case,
        Kind.MEASURE_CHANGED,
        step.at,
        by=step.actor.id,
        ref=f"{decided.id}:{name}",
    )
