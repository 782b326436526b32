"""代为登记: staff take a complaint down for somebody who calls, comes or writes on paper."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from ethics_eval.accounts.rules import Permission, Scope, scope_of
from ethics_eval.complaints import queries
from ethics_eval.complaints.categories import EVERY_CODE
from ethics_eval.complaints.evidence import PreparedFile, prepare
from ethics_eval.complaints.filing import file_for
from ethics_eval.complaints.rules.filing import FILED_SOURCES, Filing, filing_problems
from ethics_eval.complaints.rules.source import SOURCE_LABELS, Source
from ethics_eval.complaints.rules.submission import MAX_BODY, problems
from ethics_eval.complaints.service import Step
from ethics_eval.database import db, transaction
from ethics_eval.roster import queries as roster_queries
from ethics_eval.text import Conflict
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.letter import LetterFields
from ethics_eval.web.page import translated_choices
from ethics_eval.web.request import actor, files_folder, now, once_more, today, vault

FILED = "filed"
MAX_FOUND = 20


class FilingForm(LetterFields, Form):
    """The letter, and how it came."""

    source = SelectField(lazy_gettext("怎么收到的？"), validate_choice=False)
    reference = StringField(
        lazy_gettext("来件单位的编号"), description=lazy_gettext("12345工单号、信访编号等；没有可不填。")
    )
    received_on = DateField(
        lazy_gettext("哪天收到的？"),
        [Optional()],
        description=lazy_gettext("期限从收到之日算起。不填就是今天。"),
    )
    source_due_on = DateField(
        lazy_gettext("来件单位要求哪天前办结？"), [Optional()], description=lazy_gettext("没有要求可不填。")
    )
    idempotency_key = HiddenField(validators=[Length(16, 100)])

    def __init__(self) -> None:
        super().__init__()
        self.offer()
        sources = {source: SOURCE_LABELS[source] for source in FILED_SOURCES}
        self.source.choices = [SelectChoice("", lazy_gettext("请选择")), *translated_choices(sources)]
        # the clerk fills it in for somebody else
        self.identity.label.text = lazy_gettext("投诉人愿意留下姓名吗？")
        self.name.label.text = lazy_gettext("投诉人的姓名")
        self.phone.label.text = lazy_gettext("投诉人的电话")
        self.relation.label.text = lazy_gettext("投诉人与学校的关系")
        self.pledge.label.text = lazy_gettext("已按投诉人所说如实记录，并向其复述核对")
        if not self.idempotency_key.data:
            self.idempotency_key.data = secrets.token_urlsafe(24)

    def to_filing(self) -> Filing:
        """How it came, as filled in."""
        received = self.received_on.data
        due = self.source_due_on.data
        return Filing(
            source=Source(self.source.data) if self.source.data in set(Source) else Source.WEB,
            reference=self.reference.data or "",
            received_on=received if isinstance(received, date) else today(),
            source_due_on=due if isinstance(due, date) else None,
        )


def make_blueprint(audience: Audience) -> Blueprint:
    """The blueprint ``filing`` of an audience: the form, and what is handed over after it."""
    bp = Blueprint("filing", __name__, url_prefix="/filings")
    files = needs(audience, Permission.CASE_FILE)

    @bp.route("/new", methods=["GET", "POST"])
    @files
    def new() -> ResponseReturnValue:
        """The form for the own school, or for the one in ``?school=``; the bureau finds the school first."""
        mailbox = _mailbox()
        if mailbox is None and audience is Audience.BUREAU:
            return redirect(url_for(".choose"), 303)
        if mailbox is None:
            abort(404)
        form = FilingForm()
        if form.validate_on_submit():
            papers, refused = prepare(form.uploads())
            wrong = problems(form.to_submission(), categories=EVERY_CODE, today=today())
            wrong += filing_problems(form.to_filing(), today=today())
            if not form.refuse_all([*wrong, *refused]):
                kept = _keep(form, mailbox.code, papers)
                if kept is not None:
                    session[FILED] = kept
                    return redirect(url_for(".done"), 303)
        return render_template(
            f"{audience}/filing/new.html", form=form, mailbox=mailbox, max_body=MAX_BODY
        ), form.http_status

    if audience is Audience.BUREAU:

        @bp.get("")
        @files
        def choose() -> ResponseReturnValue:
            """The schools of the own scope whose name has ``?q=``."""
            text = request.args.get("q", "").strip()[:60]
            district = actor().district_code
            store = db.session()
            schools = roster_queries.find_schools(store, text, district, limit=MAX_FOUND) if text else []
            return render_template("bureau/filing/choose.html", text=text, schools=schools)

    @bp.get("/done")
    @files
    def done() -> ResponseReturnValue:
        """The first half of the code, to be handed over."""
        filed = session.get(FILED)
        if filed is None:
            return redirect(url_for(".new"), 303)
        return render_template(f"{audience}/filing/done.html", filed=filed)

    @bp.post("/handed-over")
    @files
    def hand_over() -> ResponseReturnValue:
        """It is handed over: forget it here."""
        session.pop(FILED, None)
        return redirect(url_for(f"{audience}.case.index"), 303)

    return bp


def _mailbox() -> Any:
    """The mailbox to file into: a school's own, else that of the school asked for within the scope."""
    store, who = db.session(), actor()
    if scope_of(who, Permission.CASE_FILE) is Scope.OWN_SCHOOL:
        rows, _total = queries.mailboxes(store, who)
        return rows[0] if rows else None
    code = request.args.get("school", "")
    if not code:
        return None
    school = roster_queries.school_by_code(store, code)
    if school is None or who.district_code not in {None, school.district_code}:
        abort(404)
    codes = queries.mailbox_codes(store, [school.id])
    return queries.mailbox_by_code(store, codes.get(school.id, ""))


def _keep(form: FilingForm, code: str, papers: list[PreparedFile]) -> dict[str, str] | None:
    def store() -> dict[str, str]:
        with transaction() as session_:
            mailbox = queries.mailbox_by_code(session_, code)
            if mailbox is None:
                abort(404)
            filed = file_for(
                Step(session_, vault(), actor(), now()),
                mailbox,
                form.to_submission(),
                papers,
                form.to_filing(),
                idempotency_key=form.idempotency_key.data or "",
                folder=files_folder(),
                urgent_hours=current_app.config["URGENT_HOURS"],
            )
            return {
                "half": filed.first_half,
                "school": mailbox.school.name,
                "number": filed.case_number,
                "is_named": "" if form.identity.data == "anonymous" else "yes",
            }

    try:
        with form.refusing():
            return once_more(store)
    except Conflict as conflict:
        form.refuse(conflict)
        form.idempotency_key.data = secrets.token_urlsafe(24)
    return None
