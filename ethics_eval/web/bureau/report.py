"""调度通报: the monthly work report of the city or a district, on screen, as a workbook, on paper."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import structlog
from flask import Blueprint, abort, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ethics_eval.accounts.rules import Permission, Scope, scope_of
from ethics_eval.complaints.queries.report import Report, month_report
from ethics_eval.complaints.report_sheets import file_name, report_tables
from ethics_eval.complaints.rules.report import FLAG_LABELS, LEAST, SEVERAL_STAGES, TOTAL_LABELS, month_on
from ethics_eval.complaints.rules.source import SOURCE_LABELS, Source
from ethics_eval.database import db
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.school import STAGE_LABELS, Stage
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.ranking import XLSX
from ethics_eval.web.page import category_name
from ethics_eval.web.request import actor, now, today
from ethics_eval.workbooks.writing import write_workbook

bp = Blueprint("report", __name__, url_prefix="/report")

_MONTH = re.compile(r"^(20\d\d)-(0[1-9]|1[0-2])$")
_CHOICES = 18
_log = structlog.get_logger("ethics_eval.report")


@bp.get("")
@needs(Audience.BUREAU, Permission.REPORT_READ)
def index() -> ResponseReturnValue:
    """The report of a month (``?month=2026-10``), of the own district or, for the city, of one or all."""
    year, month = _asked()
    report = _report(year, month)
    groups = [
        (
            "category",
            gettext("按类别"),
            [(category_name(code), count) for code, count in report.by_category.items()],
        ),
        ("stage", gettext("按学段"), [(_stage(stage), count) for stage, count in report.by_stage.items()]),
        (
            "source",
            gettext("按来源"),
            [(_source(source), count) for source, count in report.by_source.items()],
        ),
    ]
    if _whole_city() and not report.district:
        groups.append(("district", gettext("按县市区"), list(report.by_district.items())))
    return render_template(
        "bureau/report/index.html",
        report=report,
        totals=TOTAL_LABELS,
        groups=groups,
        flags=FLAG_LABELS,
        least=LEAST,
        months=[
            f"{y}-{m:02}"
            for y, m in (month_on(today().year, today().month, -back) for back in range(_CHOICES))
        ],
        wanted=f"{year}-{month:02}",
        districts=roster_queries.districts(db.session()) if _whole_city() else [],
        district=request.args.get("district", ""),
        charts=_charts(report, groups),
    )


@bp.get("/report.xlsx")
@needs(Audience.BUREAU, Permission.REPORT_EXPORT)
def workbook() -> ResponseReturnValue:
    """The same as a workbook; the download is logged."""
    year, month = _asked()
    report = _report(year, month)
    file = io.BytesIO()
    write_workbook(
        file, report_tables(report, by=actor().display_name, made_on=today().isoformat()), made_at=now()
    )
    file.seek(0)
    _log.info("report downloaded", account=actor().id, role=actor().kind, month=f"{year}-{month:02}")
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=file_name(report))


def _asked() -> tuple[int, int]:
    """The month asked for; the last whole one without. A month that has not begun is not there."""
    last = month_on(today().year, today().month, -1)
    found = _MONTH.match(request.args.get("month", ""))
    if found is None:
        return last
    year, month = int(found[1]), int(found[2])
    if date(year, month, 1) > today():
        abort(404)
    return year, month


def _whole_city() -> bool:
    return scope_of(actor(), Permission.REPORT_READ) is Scope.CITY


def _report(year: int, month: int) -> Report:
    district = request.args.get("district", "")
    if district and (not _whole_city() or roster_queries.district_by_code(db.session(), district) is None):
        abort(404)
    own = actor().district_code or ""
    return month_report(db.session(), actor(), year, month, district=district or own, today=today())


def _stage(stages: str) -> str:
    return gettext("多学段") if stages == SEVERAL_STAGES else gettext(STAGE_LABELS[Stage(stages)])


def _source(source: str) -> str:
    return gettext(SOURCE_LABELS[Source(source)])


def _charts(
    report: Report, groups: list[tuple[str, str, list[tuple[str, int | None]]]]
) -> list[dict[str, Any]]:
    """What the script draws, each above the table with the same figures; a hidden count is a gap."""
    lines = {
        "id": "chart-trend",
        "kind": "line",
        "names": [month for month, _received, _replied in report.trend],
        "series": [
            {"name": gettext("收到"), "values": [received for _month, received, _replied in report.trend]},
            {"name": gettext("答复"), "values": [replied for _month, _received, replied in report.trend]},
        ],
    }
    bars = [
        {
            "id": f"chart-{key}",
            "kind": "bar",
            "names": [name for name, _count in rows],
            "series": [{"name": heading, "values": [count for _name, count in rows]}],
        }
        for key, heading, rows in groups
        if rows
    ]
    return [lines, *bars]
