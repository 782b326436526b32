"""The semesters and the steps of their evaluation: what was done, what comes next, what came out, what holds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, TextAreaField
from wtforms.validators import InputRequired

from ethics_eval.accounts.rules import Permission, scope_of
from ethics_eval.complaints.rules.finding import MIN_GROUNDS
from ethics_eval.database import db, transaction
from ethics_eval.notices.service import take_step
from ethics_eval.ranking import holding, queries
from ethics_eval.ranking.queries import RankingView, StepTaken, VersionView
from ethics_eval.ranking.queries.bottom import unexplained
from ethics_eval.ranking.queries.holds import held_semesters, holds_of, open_hold
from ethics_eval.ranking.queries.objections import count_open
from ethics_eval.ranking.queries.standing import standing
from ethics_eval.ranking.rules.naming import check_reasons
from ethics_eval.ranking.rules.steps import (
    STEP_LABELS,
    SemesterStatus,
    Step,
    announce_due,
    check_not_held,
    check_publish,
    check_verified,
    check_verifier,
    next_step,
    objection_ends,
)
from ethics_eval.ranking.verifying import verification_of, verify_ranking
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import RuleViolation
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import REFUSED, Form
from ethics_eval.web.page import spoken
from ethics_eval.web.request import actor, now, today

bp = Blueprint("semester", __name__, url_prefix="/semesters")

_EVENTS = {
    Step.OPEN: "semester.opened",
    Step.FREEZE: "ranking.frozen",
    Step.ANNOUNCE: "ranking.announced",
    Step.PUBLISH: "ranking.published",
}


class StepForm(Form):
    """A step is taken once and cannot be taken back: it is confirmed first."""

    confirmed = BooleanField(
        lazy_gettext("我已核对，确认办理"), [InputRequired(lazy_gettext("请先勾选“我已核对，确认办理”。"))]
    )


class VerifyForm(Form):
    """复核 has nothing to fill in: it is asked for."""


class HoldForm(Form):
    """暂停 or 恢复, with the reason."""

    reason = TextAreaField(
        lazy_gettext("原因"), description=lazy_gettext("市教育局的人都能看到，请勿写投诉内容和姓名。")
    )


@dataclass(frozen=True)
class StepLine:
    """A step as the page shows it. ``planned``: when the clock takes it by itself, if nobody does before."""

    step: Step
    taken: StepTaken | None
    planned: datetime | date | None
    is_next: bool


@bp.get("")
@needs(Audience.BUREAU, Permission.SEMESTER_READ)
def index() -> ResponseReturnValue:
    """All semesters, the latest first."""
    session = db.session()
    seen = queries.rankings(session, queries.sight_of(session, actor()))
    semesters = roster_queries.semesters(session)[::-1]
    return render_template(
        "bureau/semester/index.html",
        semesters=semesters,
        rankings={ranking.semester_code: ranking for ranking in seen},
        held=_held([row.code for row in semesters]),
    )


def _held(codes: list[str]) -> set[str]:
    """Semesters that are held, for those who may know."""
    sight = queries.sight_of(db.session(), actor())
    return held_semesters(db.session(), codes) if sight.before_publication else set()


@bp.get("/<semester_code>")
@needs(Audience.BUREAU, Permission.SEMESTER_READ)
def show(semester_code: str) -> ResponseReturnValue:
    """One semester: its steps, the next one, and what the ranking came to."""
    return _page(semester_code, StepForm())


@bp.post("/<semester_code>/<step>")
@needs(Audience.BUREAU, Permission.SEMESTER_STEP)
def step(semester_code: str, step: str) -> ResponseReturnValue:
    """Take a step with its notices, all of it or nothing."""
    if step not in set(Step) or roster_queries.semester(db.session(), semester_code) is None:
        abort(404)
    form = StepForm()
    if form.validate_on_submit():
        was_taken = False
        with form.refusing(), transaction() as session:
            was_taken = take_step(
                session,
                semester_code,
                Step(step),
                actor=actor(),
                at=now(),
                instance=Path(current_app.config["INSTANCE"]),
            )
        if not form.errors:
            done = gettext("已办理：%(step)s") if was_taken else gettext("此前已办理，没有变化：%(step)s")
            flash(done % {"step": gettext(STEP_LABELS[Step(step)])})
            return redirect(url_for(".show", semester_code=semester_code), 303)
    return _page(semester_code, form)


@bp.post("/<semester_code>/verify")
@needs(Audience.BUREAU, Permission.RANKING_VERIFY)
def verify(semester_code: str) -> ResponseReturnValue:
    """Compute the frozen ranking again from its snapshot alone, as another person than the one who froze."""
    form = VerifyForm()
    faults: tuple[str, ...] = ()
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            instance = Path(current_app.config["INSTANCE"])
            faults = verify_ranking(session, semester_code, actor=actor(), at=now(), instance=instance).faults
        if not form.errors and not faults:
            flash(gettext("复核一致：从数据快照重算的结果与榜单逐字节相同。"))
            return redirect(url_for(".show", semester_code=semester_code), 303)
    return _page(semester_code, StepForm(formdata=None), verifying=form, faults=faults)


@bp.post("/<semester_code>/hold")
@needs(Audience.BUREAU, Permission.SEMESTER_HOLD)
def hold(semester_code: str) -> ResponseReturnValue:
    """Keep the steps from being taken, with the reason."""
    return _with_reason(semester_code, holding.hold, gettext("已暂停。恢复之前，系统和人都不能办理下一步。"))


@bp.post("/<semester_code>/release")
@needs(Audience.BUREAU, Permission.SEMESTER_HOLD)
def release(semester_code: str) -> ResponseReturnValue:
    """Let the steps go on, with the reason."""
    return _with_reason(semester_code, holding.release, gettext("已恢复，可以办理下一步。"))


def _with_reason(semester_code: str, act: Callable[..., object], said: str) -> ResponseReturnValue:
    form = HoldForm()
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            act(session, semester_code, reason=form.reason.data or "", actor=actor(), at=now())
        if not form.errors:
            flash(said)
            return redirect(url_for(".show", semester_code=semester_code), 303)
    return _page(semester_code, StepForm(formdata=None), holding_form=form)


def _page(
    semester_code: str,
    form: StepForm,
    *,
    verifying: VerifyForm | None = None,
    faults: tuple[str, ...] = (),
    holding_form: HoldForm | None = None,
) -> ResponseReturnValue:
    session = db.session()
    semester = roster_queries.semester(session, semester_code)
    if semester is None:
        abort(404)
    sight = queries.sight_of(session, actor())
    ranking = queries.ranking_of(session, sight, semester_code)
    following = next_step(SemesterStatus(semester.status))
    lowest = [] if ranking is None else queries.lowest(session, sight, ranking)
    versions = queries.all_versions(session, sight, semester_code)
    tried = next((one for one in (form, verifying, holding_form) if one is not None and one.errors), None)
    return render_template(
        "bureau/semester/show.html",
        semester=semester,
        ranking=ranking,
        steps=_steps(semester, ranking, following),
        following=following,
        what=_what_it_does(following, ranking),
        blocked=_blocked(semester_code, following, ranking),
        form=form,
        tried=tried,
        verifying=verifying or VerifyForm(formdata=None),
        faults=faults,
        holding_form=holding_form or HoldForm(formdata=None),
        least_reason=MIN_GROUNDS,
        holds=holds_of(session, sight, semester_code),
        versions=versions,
        may_verify=bool(versions) and _may_verify(versions[0]),
        awaits_verification=bool(versions)
        and following is Step.ANNOUNCE
        and versions[0].verified_at is None
        and scope_of(actor(), Permission.SEMESTER_STEP) is not None,
        checked=queries.checked_because(session, sight, semester_code),
        open_objections=count_open(session, semester_code) if sight.before_publication else 0,
        figures=None if ranking is None else queries.figures(session, sight, ranking.id),
        lowest=lowest,
        certainty=None if ranking is None else queries.certainty_view(session, sight, ranking.id),
        unanswered=[one for one in lowest if not one.is_answered],
        sees_list=sight.bottom_list,
    ), REFUSED if tried or faults else 200


def _may_verify(version: VersionView) -> bool:
    """Whether the reader is another person than the one who froze."""
    try:
        check_verifier(actor().id, version.made_by_id)
    except RuleViolation:
        return False
    return True


def _steps(semester: Any, ranking: RankingView | None, following: Step | None) -> list[StepLine]:
    events = {event.action: event for event in queries.steps_taken(db.session(), semester.code)}
    planned: dict[Step, datetime | date | None] = {
        Step.OPEN: semester.starts_on,
        Step.FREEZE: semester.freeze_at,
        Step.ANNOUNCE: _announce_day(semester),
        Step.PUBLISH: semester.publish_at,
    }
    return [StepLine(step, events.get(_EVENTS[step]), planned[step], step is following) for step in Step]


def _announce_day(semester: Any) -> date | None:
    calendar = roster_queries.calendar(db.session())
    day = announce_due(local_day(semester.publish_at), calendar)
    try:
        objection_ends(day, calendar)
    except RuleViolation:  # the calendar does not reach so far yet
        return None
    return day


def _what_it_does(following: Step | None, ranking: RankingView | None) -> str:
    match following:
        case Step.OPEN:
            return gettext("固定本学期的考评方案，学校可以开始导入评分。方案从此不能再改。")
        case Step.FREEZE:
            return gettext(
                "把此刻的名册、评分、票数和已生效的认定存成数据快照，并算出全市得分和名次。之后的改动不再影响本学期。"
            )
        case Step.ANNOUNCE:
            try:
                ends_on = objection_ends(today(), roster_queries.calendar(db.session())).isoformat()
            except RuleViolation as violation:
                return spoken(violation)
            return gettext(
                "向名单上的%(count)s名教师和他们的校长发出事先告知。教师可以提出异议，到%(day)s为止；期满才能发布。",
                count=ranking.counts["listed"] if ranking else 0,
                day=ends_on,
            )
        case Step.PUBLISH:
            return gettext(
                "榜单向区县、学校和教师开放；同时自动向名单上的%(count)s名教师和校长发出个人告知，向所有学校和区县发出通报。发出后只能更正或撤销，不能收回。",
                count=ranking.counts["listed"] if ranking else 0,
            )
        case _:
            return ""


def _blocked(semester_code: str, following: Step | None, ranking: RankingView | None) -> str:
    """Why the next step cannot be taken yet; empty: it can."""
    session = db.session()
    try:
        held = open_hold(session, semester_code)
        check_not_held(None if held is None else held.reason)
        if ranking is not None and following is Step.ANNOUNCE:
            check_verified(verification_of(standing(session, semester_code)), by_person=True)
        if ranking is not None and following is Step.PUBLISH:
            check_publish(
                ranking.counts["listed"],
                ranking.objection_ends_on,
                today(),
                open_objections=count_open(session, semester_code),
            )
            check_reasons([name for _entry, name in unexplained(session, ranking.id)])
    except RuleViolation as violation:
        return spoken(violation)
    return ""
