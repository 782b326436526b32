"""The files of a case, one at a time and large, with the one before and the one after."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.queries.viewing import files_of, has_opened
from ethics_eval.complaints.service import Step
from ethics_eval.database import db, transaction
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.request import actor, now, vault


def add_routes(bp: Blueprint, audience: Audience) -> None:
    """Give the blueprint ``case`` its viewer."""
    reads = needs(audience, Permission.CASE_READ)

    @bp.post("/<number>/evidence/<evidence_id>/view")
    @reads
    def open_file(number: str, evidence_id: str) -> ResponseReturnValue:
        """Record that the file is opened, then show it."""
        with transaction() as session:
            case = queries.find_case(session, actor(), number)
            if case is None:
                abort(404)
            if not service.open_file(Step(session, vault(), actor(), now()), case, evidence_id):
                abort(404)
        return redirect(url_for(".view", number=number, evidence_id=evidence_id), 303)

    @bp.get("/<number>/evidence/<evidence_id>/view")
    @reads
    def view(number: str, evidence_id: str) -> ResponseReturnValue:
        """The file, to one who has just opened it; to anyone else the case's page, from which it is opened."""
        session, who = db.session(), actor()
        case = queries.find_case(session, who, number)
        if case is None:
            abort(404)
        files = files_of(session, vault(), case, who)
        at = next((at for at, file in enumerate(files) if file.id == evidence_id), None)
        if at is None:
            abort(404)
        if not has_opened(session, who, evidence_id, at=now()):
            return redirect(url_for(".show", number=number), 303)
        return render_template(
            f"{audience}/case/view.html",
            case=case,
            file=files[at],
            place=at + 1,
            count=len(files),
            previous=files[at - 1] if at else None,
            following=files[at + 1] if at + 1 < len(files) else None,
        )
