"""名次有多准: what the office looks at before a ranking goes out, and why it names whom only the place would name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints.rules.finding import MIN_GROUNDS
from ethics_eval.database import db, transaction
from ethics_eval.ranking import queries
from ethics_eval.ranking.naming import MOST_REASON, answer_for
from ethics_eval.ranking.queries import Candidate, CertaintyView, RankingView, Sight
from ethics_eval.ranking.rules.sensitivity import GRID, WEIGHT_DRAWS
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.request import actor, now

bp = Blueprint("certainty", __name__, url_prefix="/semesters/<semester_code>/certainty")
NAME, WITHHOLD = "name", "withhold"


class NameForm(Form):
    """Of one listed person: named, and why, or told privately."""

    decision = RadioField(
        lazy_gettext("怎么处理"),
        [InputRequired(lazy_gettext("请选择点名，还是只告知本人。"))],
        choices=[
            SelectChoice(NAME, lazy_gettext("写明理由，点名通报")),
            SelectChoice(WITHHOLD, lazy_gettext("不点名，只告知本人和校长")),
        ],
    )
    reason = TextAreaField(
        lazy_gettext("点名的理由"),
        description=lazy_gettext(
            "写事实和依据，不写“名次靠后”。至少%(count)s个字；不点名的不用写。", count=MIN_GROUNDS
        ),
        render_kw={"rows": 3, "maxlength": MOST_REASON},
    )


def name_form(candidate: Candidate) -> NameForm:
    """The form of one person, filled with what was said last; several stand on one page."""
    said = WITHHOLD if candidate.withheld else NAME if candidate.reason else None
    return NameForm(prefix=f"{candidate.line.row.teacher}-", decision=said, reason=candidate.reason)


@bp.get("")
@needs(Audience.BUREAU, Permission.SEMESTER_STEP)
def show(semester_code: str) -> ResponseReturnValue:
    """The figures, whom only the place would name, the last thirty with their bands, and what other methods list."""
    return _page(semester_code, {})


@bp.post("/<teacher_number>")
@needs(Audience.BUREAU, Permission.SEMESTER_STEP)
def name(semester_code: str, teacher_number: str) -> ResponseReturnValue:
    """Keep why a listed person is named, or that the person is told privately; 404 where nothing is asked."""
    sight, ranking = _seen(semester_code)
    asked = _asked(sight, ranking)
    candidate = next((one for one in asked if one.line.row.teacher == teacher_number), None)
    if candidate is None:
        abort(404)
    form = name_form(candidate)
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            answer_for(
                session,
                semester_code,
                teacher_number,
                reason=form.reason.data or "",
                withheld=form.decision.data == WITHHOLD,
                actor=actor(),
                at=now(),
            )
        if not form.errors:
            flash(gettext("已保存：%(name)s", name=candidate.line.name))
            return redirect(url_for(".show", semester_code=semester_code, _anchor="names"), 303)
    return _page(semester_code, {teacher_number: form})


def _seen(semester_code: str) -> tuple[Sight, RankingView]:
    sight = queries.sight_of(db.session(), actor())
    ranking = queries.ranking_of(db.session(), sight, semester_code)
    if ranking is None:
        abort(404)
    return sight, ranking


def _asked(sight: Sight, ranking: RankingView) -> list[Candidate]:
    """Whoever is named only with a reason, worst first."""
    return [one for one in queries.lowest(db.session(), sight, ranking) if one.asks_reason]


def _page(semester_code: str, answered: Mapping[str, NameForm]) -> ResponseReturnValue:
    sight, ranking = _seen(semester_code)
    view = queries.certainty_view(db.session(), sight, ranking.id)
    names = [
        (
            one,
            None if ranking.is_published else answered.get(one.line.row.teacher) or name_form(one),
        )
        for one in _asked(sight, ranking)
    ]
    return render_template(
        "bureau/certainty/show.html",
        ranking=ranking,
        view=view,
        names=names,
        tried=next((form for form in answered.values() if form.errors), None),
        grid=len(GRID),
        draws=WEIGHT_DRAWS,
        chart=None if view is None else _chart(view),
    ), max([200, *(form.http_status for form in answered.values())])


def _chart(view: CertaintyView) -> dict[str, Any]:
    """What the script draws: the table of the last as columns."""
    return {
        "names": [line.name for line in view.last],
        "low": [line.band_low for line in view.last],
        "high": [line.band_high for line in view.last],
        "own": [line.row.place for line in view.last],
        "words": {"own": gettext("名次"), "band": gettext("名次大致在")},
    }
