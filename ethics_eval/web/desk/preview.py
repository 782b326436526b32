"""预览: a case as the complainant, the school and the teacher see it, through the very reads of their own pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from ethics_eval.accounts.rules import Actor, Permission, Role
from ethics_eval.complaints import queries, tracking
from ethics_eval.database import db
from ethics_eval.vault.service import KeyMissing
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.request import actor, now, today, vault

VIEWERS = ("complainant", "school", "teacher")


def add_routes(bp: Blueprint) -> None:
    """The page /cases/<number>/preview/<viewer>, for the bureau."""

    @bp.get("/<number>/preview/<viewer>")
    @needs(Audience.BUREAU, Permission.CASE_READ)
    def preview(number: str, viewer: str) -> ResponseReturnValue:
        """What another sees of this case, read-only."""
        case = queries.find_case(db.session(), actor(), number)
        if case is None or viewer not in VIEWERS:
            abort(404)
        shown = {"complainant": _as_complainants, "school": _as_school, "teacher": _as_teachers}[viewer](case)
        return render_template(
            "bureau/case/preview.html",
            case=case,
            viewer=viewer,
            viewers=VIEWERS,
            permitted=lambda _name: False,  # whoever looks, nothing is done from here
            **shown,
        )


def _as_complainants(case: Any) -> dict[str, Any]:
    rows = queries.complaints_of(db.session(), case)
    seen = [tracking.progress(db.session(), vault(), row.id, at=now()) for row in rows]
    return {"seen": [progress for progress in seen if progress is not None]}


def _as_school(case: Any) -> dict[str, Any]:
    # Nobody of that school in particular: an officer with its scope and its keys, and no account.
    stand_in = Actor(id=None, role=Role.SCHOOL_OFFICER, school_id=case.school_id)
    session = db.session()
    found = queries.find_case(session, stand_in, case.number)
    if found is None:
        return {"hidden": True}
    try:
        return {
            "hidden": False,
            "due": queries.due_of(found, today()),
            "letters": queries.letters(session, vault(), found, stand_in),
            "findings": queries.findings(session, vault(), found, stand_in),
            "events": queries.timeline(session, vault(), found, stand_in),
            "threads": queries.threads(session, vault(), found, stand_in),
        }
    except KeyMissing:
        return {"hidden": True}


def _as_teachers(case: Any) -> dict[str, Any]:
    session = db.session()
    views = []
    for teacher_id, name in {row.teacher_id: row.teacher.name for row in case.findings}.items():
        view: dict[str, Any] = {"name": name, "sheets": [], "decision": None, "measures": []}
        if any(found.id == case.id for found in queries.hearings_of(session, teacher_id)):
            own = queries.own_finding(session, case, teacher_id)
            measures = queries.measures_of(session, vault(), case, None)
            view["sheets"] = queries.fact_sheets(session, vault(), case, teacher_id)
            view["decision"] = queries.decision_of(session, vault(), case, own) if own else None
            view["measures"] = [row for row in measures if row.teacher_id == teacher_id]
        views.append(view)
    return {"views": views}
