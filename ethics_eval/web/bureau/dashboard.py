"""A semester at a glance: how the scores spread, by stage and district, by part, and what moved. Nobody by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db
from ethics_eval.evaluation import turnout
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS, Component
from ethics_eval.ranking import queries
from ethics_eval.ranking.queries import Overview
from ethics_eval.ranking.rules.overview import FURTHEST, LEAST, Spread
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.queries import Reach
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.request import actor

bp = Blueprint("dashboard", __name__, url_prefix="/semesters/<semester_code>/dashboard")


@bp.get("")
@needs(Audience.BUREAU, Permission.RANKING_READ)
def show(semester_code: str) -> ResponseReturnValue:
    """The figures of a frozen (for a district: published) semester; before that, how far the ballots are."""
    session = db.session()
    semester = roster_queries.semester(session, semester_code)
    if semester is None:
        abort(404)
    sight = queries.sight_of(session, actor())
    ranking = queries.ranking_of(session, sight, semester_code)
    found = None if ranking is None else queries.overview(session, sight, ranking)
    groups = turnout.group_turnouts(session, semester_code, Reach(district_code=actor().district_code))
    returned = [
        (gettext(COMPONENT_LABELS[component]), sums) for component, sums in turnout.by_component(groups)
    ]
    return render_template(
        "bureau/dashboard/show.html",
        semester=semester,
        ranking=ranking,
        found=found,
        returned=returned,
        least=LEAST,
        furthest=FURTHEST,
        charts=[] if found is None else _charts(found, returned),
    )


def _charts(found: Overview, returned: Sequence[tuple[str, Any]]) -> list[dict[str, Any]]:
    """What the script draws, each above the table with the same figures."""
    charts = [
        _columns("chart-spread", gettext("人数"), [(f"{point}", count) for point, count in found.histogram]),
        _middles("chart-stage", found.stages),
        _middles("chart-district", found.districts),
        {
            **_bars(
                "chart-parts",
                gettext("中间值"),
                [
                    (gettext(COMPONENT_LABELS[Component(row.code)]), _points(row.middle))
                    for row in found.parts
                ],
            ),
            "decimals": 2,
        },
        _bars("chart-returned", gettext("已交"), [(name, sums.percent) for name, sums in returned]),
    ]
    if found.movement is not None:
        moved = [(f"{step:+d}" if step else "0", count) for step, count in found.movement.changes]
        charts.append(_columns("chart-moved", gettext("人数"), moved))
    return charts


def _columns(name: str, what: str, pairs: Sequence[tuple[str, float | None]]) -> dict[str, Any]:
    return {**_bars(name, what, pairs), "kind": "column"}


def _bars(name: str, what: str, pairs: Sequence[tuple[str, float | None]]) -> dict[str, Any]:
    return {
        "id": name,
        "kind": "bar",
        "names": [label for label, _value in pairs],
        "series": [{"name": what, "values": [value for _label, value in pairs]}],
    }


def _middles(name: str, rows: Sequence[Spread]) -> dict[str, Any]:
    """The middle of each group; those with few people are a gap."""
    pairs = [(gettext(row.name), _points(row.middle)) for row in rows]
    return {**_bars(name, gettext("中间值"), pairs), "decimals": 2}


def _points(hundredths: int | None) -> float | None:
    """For the drawing alone."""
    return None if hundredths is None else hundredths / 100
