"""What the ranking's pages of all audiences share: the list, one teacher, the bar of a score, the download."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import structlog
from flask import Response, abort, current_app, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ethics_eval.database import db
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS, Scheme
from ethics_eval.notices import publishing
from ethics_eval.ranking import exporting, queries
from ethics_eval.ranking.queries import LedgerView, RankingFilter, RankingView, Sight
from ethics_eval.ranking.rules.explanation import GRADE_LABELS, RATING_LABELS, Explanation, explain
from ethics_eval.ranking.rules.outcome import RankedRow
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.school import STAGE_LABELS
from ethics_eval.web.access import Audience
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import actor, now, page_number
from ethics_eval.workbooks.writing import write_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_log = structlog.get_logger("ethics_eval.download")


def list_page(
    audience: Audience, sight: Sight, ranking: RankingView | None, **more: Any
) -> ResponseReturnValue:
    """A page of the list as the address narrows it; without a ranking the page says when there will be one."""
    asked = {name: request.args.get(name, "").strip()[:60] for name in _NARROWING}
    wanted = RankingFilter(**asked, text=request.args.get("q", "").strip()[:60], page=page_number())
    session = db.session()
    rows, total = ([], 0) if ranking is None else queries.ranking_page(session, sight, ranking.id, wanted)
    school = queries.school_in_sight(session, sight, wanted.school) if wanted.school else None
    return render_template(
        f"{audience}/ranking/index.html",
        ranking=ranking,
        rows=rows,
        bars={} if ranking is None else {row.row.teacher: bar_of(row.row, ranking.scheme) for row in rows},
        total=total,
        wanted=wanted,
        page_size=queries.PAGE_SIZE,
        school=school,
        districts=roster_queries.districts(session),
        stages=translated_choices(STAGE_LABELS),
        ratings=translated_choices(RATING_LABELS),
        grades=translated_choices(GRADE_LABELS),
        **more,
    )


_NARROWING = ("district", "stage", "school", "status", "grade")


def teacher_page(
    audience: Audience, sight: Sight, ranking: RankingView | None, number: str, **more: Any
) -> str:
    """One teacher of the ranking: how the score came about, step by step; 404 beyond the reader's scope."""
    if ranking is None:
        abort(404)
    score = queries.teacher_score(db.session(), sight, actor(), ranking, number)
    if score is None:
        abort(404)
    return render_template(
        f"{audience}/ranking/show.html",
        ranking=ranking,
        score=score,
        why=queries.why(db.session(), current_app.config["INSTANCE"], score),
        explanation=explain(score.line.row, ranking.scheme),
        bar=bar_of(score.line.row, ranking.scheme, score.ledger),
        **more,
    )


def download(sight: Sight, ranking: RankingView | None) -> Response:
    """The workbook: ``?district=`` or ``?school=`` by code, else all the reader may see; 404 beyond that."""
    if ranking is None:
        abort(404)
    district, school = request.args.get("district", ""), request.args.get("school", "")
    extent = exporting.extent_of(db.session(), sight, district=district, school=school)
    if extent is None:
        abort(404)
    who, at = actor(), now()
    built = publishing.workbook_file(Path(current_app.config["INSTANCE"]), sight, ranking, extent)
    file: BytesIO | Path
    if built is not None:
        file = built
    else:
        tables = exporting.workbook_tables(
            db.session(), sight, ranking, extent, by=f"{who.display_name}（{who.id}）", at=at
        )
        file = BytesIO()  # packed: 4 MB for a city
        write_workbook(file, tables, made_at=at)
        file.seek(0)
    _log.info(
        "ranking downloaded",
        account=who.id,
        role=who.kind,
        semester=ranking.semester_code,
        version=ranking.version,
        district=extent.district_code,
        school=extent.school_id,
    )
    name = exporting.file_name(ranking, extent)
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=name)


def bar_of(
    row: RankedRow, scheme: Scheme, ledger: list[LedgerView] | None = None, prefix: str = ""
) -> list[dict[str, Any]]:
    """The parts of a score as the macro ``score_bar`` draws them; each deduction leads to its line of the ledger.

    Args: prefix: of the ledger's ids on the page.
    """
    found = explain(row, scheme)
    if found is None:
        return []
    bar = [
        {
            "label": gettext(COMPONENT_LABELS[part.component]),
            "value": part.share_e4,
            "css": part.component.value,
        }
        for part in found.parts
        if part.score_e4 is not None
    ]
    if found.filled_e4:
        bar.append({"label": gettext("缺项补足"), "value": found.filled_e4, "css": "filled"})
    if row.bonus:
        bar.append({"label": gettext("加分"), "value": row.bonus, "css": "bonus"})
    return bar + _taken(row, found, ledger or [], prefix)


def _taken(row: RankedRow, found: Explanation, ledger: list[LedgerView], prefix: str) -> list[dict[str, Any]]:
    counted = [(place, line) for place, line in enumerate(ledger, start=1) if line.counted]
    taken: list[dict[str, Any]] = []
    if counted and sum(line.line_e4 for _place, line in counted) == row.deduct:
        taken += [
            {
                "label": gettext("扣分"),
                "value": line.line_e4,
                "css": "deduction",
                "href": f"#{prefix}ledger-{place}",
            }
            for place, line in counted
            if line.line_e4
        ]
    elif row.deduct:
        taken.append(
            {"label": gettext("扣分"), "value": row.deduct, "css": "deduction", "href": f"#{prefix}ledger"}
        )
    if found.cut_e4:
        label = gettext("一票否决封顶") if row.veto else gettext("警告期内封顶")
        taken.append({"label": label, "value": found.cut_e4, "css": "deduction"})
    return taken
