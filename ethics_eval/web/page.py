"""What every template can use: language, nonce, account, navigation, dates and labels in the reader's language."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.exc import SQLAlchemyError
from wtforms.fields.choices import SelectChoice

from ethics_eval.accounts import queries as account_queries
from ethics_eval.accounts.rules import PERMISSIONS, ROLE_LABELS, Permission, Role
from ethics_eval.complaints.categories import named
from ethics_eval.complaints.rules.clearance import AUDIENCE_LABELS, CLEARANCE_STATE_LABELS
from ethics_eval.complaints.rules.clocks import Due, Lateness
from ethics_eval.complaints.rules.correspondence import EVENT_LABELS, SATISFACTION_LABELS
from ethics_eval.complaints.rules.finding import MEASURE_LABELS, SEVERITY_LABELS
from ethics_eval.complaints.rules.machine import ACTION_LABELS, DESK_LABELS, OUTCOME_LABELS, STATUS_LABELS
from ethics_eval.complaints.rules.measure import DISQUALIFY_KIND_LABELS, FILING_LABELS, MEASURE_STATE_LABELS
from ethics_eval.complaints.rules.query_code import grouped
from ethics_eval.complaints.rules.queueing import OWN, OWN_LABEL
from ethics_eval.complaints.rules.remedy import REMEDY_LABELS, REMEDY_RESULT_LABELS, TRACK_LABELS
from ethics_eval.complaints.rules.reminding import CLOCK_LABELS, LEVEL_LABELS
from ethics_eval.complaints.rules.source import SOURCE_LABELS
from ethics_eval.complaints.rules.supervision import SUPERVISE, SUPERVISE_LABEL
from ethics_eval.complaints.rules.suspension import SUSPENSION_REASONS
from ethics_eval.complaints.service import DECLINE_REASONS, TRANSFER_TARGETS
from ethics_eval.database import db
from ethics_eval.ethics_file.rules.certificate import CERTIFICATE_STATE_LABELS
from ethics_eval.ethics_file.rules.need import PURPOSE_LABELS
from ethics_eval.ethics_file.rules.standing import STANDING_LABELS
from ethics_eval.evaluation.rules.assessment import LEVEL_LABELS as HONOUR_LABELS
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS
from ethics_eval.evaluation.rules.turnout import SCHOOL_STATE_LABELS
from ethics_eval.notices.rules.articles import articles
from ethics_eval.ranking.rules.correction import CAUSE_LABELS, CHANGE_LABELS
from ethics_eval.ranking.rules.derivation import exact, share
from ethics_eval.ranking.rules.explanation import GRADE_LABELS, RATING_LABELS
from ethics_eval.ranking.rules.objection import KIND_LABELS, OBJECTION_STATUS_LABELS, TOPIC_LABELS
from ethics_eval.ranking.rules.reasons import (
    BASIS_LABELS,
    FLAG_LABELS,
    LEDGER_REASON_LABELS,
    NOT_RATED_LABELS,
    TREATMENT_LABELS,
)
from ethics_eval.ranking.rules.sensitivity import VARIANT_LABELS
from ethics_eval.ranking.rules.steps import SEMESTER_STATUS_LABELS, STEP_LABELS
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import CITY_TIME, ends_soon
from ethics_eval.roster.rules.school import STAGE_LABELS
from ethics_eval.tasks.rules import TASK_KIND_LABELS, TASK_STATE_LABELS
from ethics_eval.text import N_, RuleViolation
from ethics_eval.web.request import actor, locale, today

_FINGERPRINTS: dict[tuple[str, float], str] = {}
_LABELS: dict[str, Any] = {
    "status": STATUS_LABELS,
    "action": {**ACTION_LABELS, **TRACK_LABELS, **EVENT_LABELS, SUPERVISE: SUPERVISE_LABEL, OWN: OWN_LABEL},
    "satisfaction": SATISFACTION_LABELS,
    "clock": CLOCK_LABELS,
    "reminder": LEVEL_LABELS,
    "desk": DESK_LABELS,
    "outcome": OUTCOME_LABELS,
    "source": SOURCE_LABELS,
    "role": ROLE_LABELS,
    "severity": SEVERITY_LABELS,
    "measure": MEASURE_LABELS,
    "measure_state": MEASURE_STATE_LABELS,
    "disqualify": DISQUALIFY_KIND_LABELS,
    "filing": FILING_LABELS,
    "remedy": REMEDY_LABELS,
    "remedy_result": REMEDY_RESULT_LABELS,
    "clearance_state": CLEARANCE_STATE_LABELS,
    "clearance_audience": AUDIENCE_LABELS,
    "purpose": PURPOSE_LABELS,
    "standing": STANDING_LABELS,
    "certificate_state": CERTIFICATE_STATE_LABELS,
    "stage": STAGE_LABELS,
    "decline": DECLINE_REASONS,
    "suspension": SUSPENSION_REASONS,
    "transfer": TRANSFER_TARGETS,
    "component": COMPONENT_LABELS,
    "honour": HONOUR_LABELS,
    "school_state": SCHOOL_STATE_LABELS,
    "grade": GRADE_LABELS,
    "rating": RATING_LABELS,
    "not_rated": NOT_RATED_LABELS,
    "ledger": LEDGER_REASON_LABELS,
    "treatment": TREATMENT_LABELS,
    "basis": BASIS_LABELS,
    "flag": FLAG_LABELS,
    "variant": VARIANT_LABELS,
    "semester_status": SEMESTER_STATUS_LABELS,
    "step": STEP_LABELS,
    "correction_cause": CAUSE_LABELS,
    "change": CHANGE_LABELS,
    "objection": KIND_LABELS,
    "topic": TOPIC_LABELS,
    "objection_status": OBJECTION_STATUS_LABELS,
    "task": TASK_KIND_LABELS,
    "task_state": TASK_STATE_LABELS,
    "actor": {**ROLE_LABELS, "public": N_("投诉人"), "clock": N_("系统"), "operator": N_("运维人员")},
}
_WORDS = frozenset(text for table in _LABELS.values() for text in table.values())


@dataclass(frozen=True)
class Link:
    """One entry of the left navigation."""

    endpoint_url: str
    label: str
    icon: str
    is_current: bool
    count: int | None = None


@dataclass(frozen=True)
class Person:
    """The signed-in person, as the page's head shows it."""

    display_name: str
    role: str
    role_label: str


# audience → (endpoint, label, icon, permission)
_NAVIGATION: dict[str, tuple[tuple[str, str, str, Permission], ...]] = {
    "school": (
        ("school.case.index", N_("投诉案件"), "inbox", Permission.CASE_READ),
        ("school.clearance.index", N_("澄清正名"), "shield", Permission.NOTICE_READ),
        ("school.filing.new", N_("代为登记"), "pencil", Permission.CASE_FILE),
        ("school.mailbox.show", N_("本校信箱"), "qr", Permission.MAILBOX_READ),
        ("school.ballot.index", N_("评议码"), "ballot", Permission.BALLOT_ISSUE),
        ("school.turnout.index", N_("评议进度"), "chart", Permission.TURNOUT_READ),
        ("school.ranking.index", N_("本校榜单"), "list", Permission.RANKING_READ),
        ("school.file.index", N_("师德档案"), "shield", Permission.FILE_READ),
        ("school.notice.index", N_("通报与告知"), "document", Permission.NOTICE_READ),
    ),
    "bureau": (
        ("bureau.case.index", N_("投诉案件"), "inbox", Permission.CASE_READ),
        ("bureau.filing.choose", N_("代为登记"), "pencil", Permission.CASE_FILE),
        ("bureau.report.index", N_("调度通报"), "chart", Permission.REPORT_READ),
        ("bureau.supervision.index", N_("督办清单"), "warning", Permission.CASE_SUPERVISE),
        ("bureau.remedy.index", N_("教师复核和申诉"), "people", Permission.REMEDY_DECIDE),
        ("bureau.mailbox.index", N_("投诉信箱"), "qr", Permission.MAILBOX_READ),
        ("bureau.semester.index", N_("学期考评"), "calendar", Permission.SEMESTER_READ),
        ("bureau.scheme.index", N_("考评方案"), "ballot", Permission.SCHEME_READ),
        ("bureau.objection.index", N_("得分异议和申诉"), "message", Permission.OBJECTION_DECIDE),
        ("bureau.file.index", N_("师德档案"), "shield", Permission.FILE_READ),
        ("bureau.notice.index", N_("通报"), "document", Permission.NOTICE_READ),
        ("bureau.custody.index", N_("身份保管"), "lock", Permission.IDENTITY_AUTHORISE),
        ("bureau.custody.approvals", N_("身份保管"), "lock", Permission.IDENTITY_APPROVE),
        ("bureau.permission.index", N_("谁可以做什么"), "lock", Permission.PERMISSION_READ),
        ("bureau.audit.index", N_("审计记录"), "search", Permission.AUDIT_READ),
    ),
    "teacher": (
        ("teacher.score.show", N_("我的得分"), "chart", Permission.SCORE_READ),
        ("teacher.case.index", N_("陈述申辩"), "message", Permission.STATEMENT_WRITE),
        ("teacher.file.show", N_("师德档案"), "shield", Permission.FILE_READ),
        ("teacher.notice.index", N_("通报与告知"), "document", Permission.NOTICE_READ),
    ),
}

# pages that stand below another entry
_PART_OF = {
    "bureau.template": "bureau.notice",
    "bureau.measure": "bureau.case",
    "school.measure": "school.case",
    "bureau.clearance": "bureau.case",
    "teacher.clearance": "teacher.case",
    "bureau.poster": "bureau.mailbox",
    "school.poster": "school.mailbox",
    "bureau.certificate": "bureau.file",
    "bureau.ranking": "bureau.semester",
    "bureau.version": "bureau.semester",
    "bureau.correction": "bureau.semester",
    "teacher.objection": "teacher.score",
    "bureau.certainty": "bureau.semester",
    "bureau.dashboard": "bureau.semester",
    "bureau.export": "bureau.semester",
    "school.export": "school.ranking",
    "bureau.round": "bureau.semester",
    "bureau.turnout": "bureau.semester",
    "bureau.flag": "bureau.semester",
    "bureau.reason": "bureau.semester",
    "school.assessment": "school.turnout",
}


def home_of(role: Role | None) -> str:
    """The endpoint a person of this role lands on after signing in."""
    for entries in _NAVIGATION.values():
        for endpoint, _label, _icon, permission in entries:
            if role in PERMISSIONS[permission] and _audience_of(role) == endpoint.split(".")[0]:
                return endpoint
    return "auth.account.show"


def _audience_of(role: Role | None) -> str:
    if role in {Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD}:
        return "school"
    return "teacher" if role is Role.TEACHER else "bureau"


def navigation() -> list[Link]:
    """The entries the signed-in person may open, in the order of the work."""
    who = actor()
    if who.role is None:
        return []
    current = _PART_OF.get(request.blueprint or "", request.blueprint or "")
    return [
        Link(url_for(endpoint), gettext(label), icon, current == endpoint.rpartition(".")[0])
        for endpoint, label, icon, permission in _NAVIGATION[_audience_of(who.role)]
        if who.role in PERMISSIONS[permission]
    ]


def person() -> Person | None:
    """The signed-in person, or None."""
    who = actor()
    if who.role is None:
        return None
    return Person(who.display_name, who.role.value, gettext(ROLE_LABELS[who.role]))


def unread_notices() -> int:
    """How many notices the signed-in person has not read (100: more than 99); 0 while the database is away."""
    who = actor()
    try:
        return 0 if who.id is None else account_queries.unread_count(db.session(), who.id)
    except SQLAlchemyError:
        return 0


_KEEPS_CALENDAR = frozenset({Role.BUREAU_OFFICER, Role.BUREAU_HEAD, Role.SYSADMIN})


def calendar_alarm() -> date | None:
    """The last day the working-day calendar knows, when it is near: on the first page of those who see to it."""
    role = actor().role
    if role not in _KEEPS_CALENDAR or request.endpoint != home_of(role):
        return None
    until = roster_queries.calendar(db.session()).covered_until
    return until if ends_soon(until, today()) else None


def asset(name: str) -> str:
    """The URL of a static file, with a fingerprint that changes when the file does."""
    path = Path(__file__).resolve().parent.parent / "static" / name
    key = (name, path.stat().st_mtime)
    if key not in _FINGERPRINTS:
        _FINGERPRINTS[key] = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return url_for("static", filename=name, v=_FINGERPRINTS[key])


def public_day(day: date | datetime | None) -> str:
    """2026年11月24日 (24 November 2026 in English)."""
    if day is None:
        return ""
    if isinstance(day, datetime):
        day = day.astimezone(CITY_TIME).date()
    return f"{day:%d %B %Y}".lstrip("0") if locale() == "en" else f"{day.year}年{day.month}月{day.day}日"


def desk_day(day: date | datetime | None) -> str:
    """2026-11-24."""
    if day is None:
        return ""
    return (day.astimezone(CITY_TIME).date() if isinstance(day, datetime) else day).isoformat()


def desk_time(at: datetime | None) -> str:
    """2026-11-24 09:30 in the city's time."""
    return "" if at is None else f"{at.astimezone(CITY_TIME):%Y-%m-%d %H:%M}"


def points(value_e4: int | None) -> str:
    """Units of 0.0001 point as points with two decimals, half up; a dash for none."""
    if value_e4 is None:
        return "—"
    return hundredths((abs(value_e4) + 50) // 100 * (1 if value_e4 >= 0 else -1))


def hundredths(value: int | None) -> str:
    """Hundredths of a point with two decimals; a dash for none."""
    if value is None:
        return "—"
    sign = "-" if value < 0 else ""
    return f"{sign}{abs(value) // 100}.{abs(value) % 100:02d}"


def label(value: str, kind: str) -> str:
    """The word of a code in the reader's language: ``status``, ``action``, ``desk``, ``outcome``, ``role``."""
    table = _LABELS[kind]
    for code, text in table.items():
        if code == value:
            return gettext(text)
    return value


def translated_choices(labels: Mapping[Any, str]) -> list[SelectChoice]:
    """The choices of a field from a table of codes, in the reader's language."""
    return [SelectChoice(str(code), gettext(text)) for code, text in labels.items()]


def category_name(code: str) -> str:
    """The category's name in the reader's language."""
    return named(code).name(locale())


def due_words(due: Due) -> str:
    """How a due day stands, in words."""
    if due.lateness is Lateness.OVERDUE:
        return ngettext("已逾期%(num)s天", "已逾期%(num)s天", -due.days)
    if due.lateness is Lateness.DUE_TODAY:
        return gettext("今天到期")
    return ngettext("还剩%(num)s天", "还剩%(num)s天", due.days)


def spoken(violation: RuleViolation) -> str:
    """A refusal in the reader's language, with the words of codes that stand in it."""
    values = {
        name: gettext(value) if isinstance(value, str) and value in _WORDS else value
        for name, value in violation.values.items()
    }
    return gettext(violation.message, **values)


def init_app(app: Flask) -> None:
    """Give all of this to the templates."""

    @app.context_processor
    def _context() -> dict[str, Any]:
        return {
            "locale": locale(),
            "csp_nonce": g.get("csp_nonce", ""),
            "account": person(),
            "navigation": navigation(),
            "asset": asset,
            "home_of": home_of,
            "unread_notices": unread_notices,
            "calendar_alarm": calendar_alarm,
            "permitted": lambda name: actor().role in PERMISSIONS[Permission(name)],
        }

    app.jinja_env.filters.update(
        public_day=public_day,
        desk_day=desk_day,
        desk_time=desk_time,
        points=points,
        hundredths=hundredths,
        exact=exact,
        share=share,
        label=label,
        category_name=category_name,
        due_words=due_words,
        grouped=grouped,
        articles=articles,
        spoken=spoken,
    )
