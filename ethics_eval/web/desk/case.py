"""Queue and case, made once for each audience."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints import queries
from ethics_eval.complaints.rules.machine import CaseAction, choices
from ethics_eval.complaints.service import Step, expect_version
from ethics_eval.database import db, transaction
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk import measure, message, preview, queue, related, viewer
from ethics_eval.web.desk.steps import STEPS, JudgementForm, ProposeForm, StepForm
from ethics_eval.web.request import actor, files_folder, now, today, vault


def make_blueprint(audience: Audience) -> Blueprint:  # noqa: C901, PLR0915 - one function a page
    """The blueprint ``case`` of an audience: /cases, /cases/<number>, its steps and its evidence."""
    bp = Blueprint("case", __name__, url_prefix="/cases")
    reads = needs(audience, Permission.CASE_READ)

    queue.add_routes(bp, audience)

    @bp.get("/<number>")
    @reads
    def show(number: str) -> ResponseReturnValue:
        """One case: letter, evidence, timeline, what may be done next and why other steps may not."""
        return _page(number, None, None)

    @bp.post("/<number>/<action>")
    @reads
    def act(number: str, action: str) -> ResponseReturnValue:
        """Take a step; the machine decides whether it may be taken."""
        if action not in STEPS:
            abort(404)
        step_page = STEPS[CaseAction(action)]
        form = _form(CaseAction(action), number)
        if form.validate_on_submit():
            with form.refusing(), transaction() as session:
                case = queries.find_case(session, actor(), number, lock=True)
                if case is None:
                    abort(404)
                expect_version(case, form.version.data)
                step_page.do(Step(session, vault(), actor(), now()), case, form)
            if not form.errors:
                flash(gettext("已办理：%(step)s", step=gettext(step_page.button)))
                return _after(number)
        return _page(number, CaseAction(action), form)

    @bp.get("/<number>/evidence/<evidence_id>")
    @reads
    def evidence(number: str, evidence_id: str) -> ResponseReturnValue:
        """The stripped copy of a file of the case, always as an attachment; never the original."""
        case = _case(number)
        found = queries.evidence_stream(
            db.session(), vault(), case, evidence_id, folder=files_folder(), actor=actor()
        )
        if found is None:
            abort(404)
        attachment, pieces = found
        return _download(attachment, b"".join(pieces))

    def _case(number: str) -> Any:
        case = queries.find_case(db.session(), actor(), number)
        if case is None:
            abort(404)
        return case

    def _after(number: str) -> ResponseReturnValue:
        # The step may have taken the case out of the reader's sight (recusal, assignment).
        if queries.find_case(db.session(), actor(), number) is None:
            return redirect(url_for(".index"), 303)
        return redirect(url_for(".show", number=number), 303)

    def _form(action: CaseAction, number: str) -> StepForm:
        if action is not CaseAction.PROPOSE:
            return STEPS[action].form(prefix=f"{action}-")
        case = _case(number)
        day = local_day(case.received_at)
        teachers = roster_queries.teacher_choices(db.session(), case.school_id, day)
        return ProposeForm(teachers=teachers, prefix=f"{action}-")

    def _page(number: str, tried: CaseAction | None, tried_form: StepForm | None) -> ResponseReturnValue:
        session = db.session()
        case = _case(number)
        who = actor()
        facts = queries.case_facts(session, vault(), case, at=now())
        findings = queries.findings(session, vault(), case, who)
        allowed, refused = [], []
        for action, why in choices(facts, who):
            if why is not None:
                refused.append((action, why))
                continue
            form = tried_form if action is tried else _blank(action, number, case.version, findings)
            allowed.append((action, STEPS[action], form))
        return render_template(
            f"{audience}/case/show.html",
            case=case,
            due=queries.due_of(case, today()),
            merged_into=queries.merged_into(session, case, who),
            letters=queries.letters(session, vault(), case, who),
            events=queries.timeline(session, vault(), case, who),
            findings=findings,
            allowed=allowed,
            refused=refused,
            tried=tried,
            tried_form=tried_form,
            words=message.word_choices(case, [action.value for action, _step, _form in allowed]),
            **message.context(case),
            **related.context(case),
            **queue.owner_context(case),
            **measure.context(case),
        ), (tried_form.http_status if tried_form else 200)

    def _blank(
        action: CaseAction, number: str, version: int, findings: list[queries.FindingView]
    ) -> StepForm:
        form = _form(action, number)
        form.version.data = version
        draft = next((row for row in findings if row.decided_at is None), None)
        if isinstance(form, JudgementForm) and draft is not None:
            form.category.data, form.severity.data = draft.category, draft.severity
            form.outcome.data, form.measure.data = draft.outcome, draft.measure
            form.veto.data, form.grounds.data = draft.veto, draft.grounds
        message.begin_text(form, action.value, _case(number))
        return form

    message.add_routes(bp, audience)
    related.add_routes(bp, audience)
    viewer.add_routes(bp, audience)
    if audience is Audience.BUREAU:
        preview.add_routes(bp)
    return bp


def _download(attachment: queries.Attachment, body: bytes) -> Response:
    """Named as its sender named it, to keep (a page shows the pictures itself), and powerless in the browser."""
    response = send_file(
        io.BytesIO(body),
        mimetype=attachment.view_type,
        as_attachment=True,
        download_name=attachment.name,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response
