"""Words on a case beside its steps: the threads with complainants, internal notes, the answer to a dispute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, TextAreaField

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.rules import wording
from ethics_eval.complaints.rules.correspondence import MAX_MESSAGE
from ethics_eval.complaints.service import Step
from ethics_eval.database import db, transaction
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.request import actor, now, vault

# Where a step's form holds what is told to the complainant.
_TOLD = ("explanation", "text")


class MessageForm(Form):
    """A message to one complainant; ``seen`` is the newest message the page showed."""

    text = TextAreaField(
        lazy_gettext("给投诉人留言"), description=lazy_gettext("投诉人凭查询码能看到。不写教师的个人情况。")
    )
    seen = HiddenField()


class NoteForm(Form):
    """内部备注."""

    note = TextAreaField(
        lazy_gettext("内部备注"),
        description=lazy_gettext("只有案件现在这一级和上级的经办人能看到；投诉人和教师看不到。"),
    )


class AnswerForm(Form):
    """答复异议."""

    text = TextAreaField(
        lazy_gettext("答复异议"),
        description=lazy_gettext("投诉人凭查询码能看到。系统会在后面附上告知权利的文字。"),
    )


def words_of(action: str, case: Any, key: str | None = None) -> tuple[str, str]:
    """The text a step's form begins with, and the rights that will be appended to it."""
    facts = queries.word_facts(db.session(), case, actor(), at=now())
    usual = case.outcome if action == "reply" else None
    template = wording.chosen(action, key or usual)
    return (wording.fill(template, facts) if template else ""), wording.rights(action, facts)


def begin_text(form: Any, action: str, case: Any) -> None:
    """Put the text to begin from into the form of a step that tells the complainant something."""
    name = next((name for name in _TOLD if name in form), None)
    if name is not None and wording.templates_of(action):
        form[name].data = words_of(action, case, request.args.get("words"))[0]


def word_choices(case: Any, actions: list[str]) -> dict[str, dict[str, Any]]:
    """Action → its texts to begin from and its rights paragraph, for the page of the case."""
    return {
        action: {"texts": wording.templates_of(action), "rights": words_of(action, case)[1]}
        for action in actions
        if wording.templates_of(action)
    }


def context(case: Any, tried: Form | None = None, tried_at: str = "") -> dict[str, Any]:
    """What the part ``messages.html`` of a page of the case needs.

    Args: tried: a form that was refused; tried_at: whose it is: a complaint, ``note`` or ``dispute``.
    """
    session = db.session()
    threads = queries.threads(session, vault(), case, actor())
    forms: dict[str, Form] = {}
    for thread in threads:
        form = MessageForm(prefix=f"m{thread.complaint_id[:8]}-", formdata=None)
        form.seen.data = thread.messages[-1].id if thread.messages else ""
        if request.args.get("thread") == thread.complaint_id:
            form.text.data = words_of("message", case, request.args.get("words"))[0]
        forms[thread.complaint_id] = form
    forms["note"] = NoteForm(prefix="note-", formdata=None)
    answer = AnswerForm(prefix="answer-", formdata=None)
    answer.text.data = words_of("dispute_answer", case)[0]
    forms["dispute"] = answer
    if tried is not None:
        forms[tried_at] = tried
    return {
        "threads": threads,
        "word_forms": forms,
        "message_texts": wording.templates_of("message"),
        "max_message": MAX_MESSAGE,
        "tried_word": tried,
    }


def add_routes(bp: Blueprint, audience: Audience) -> None:  # noqa: C901 - one function a page
    """The pages of words under a case: /cases/<number>/messages and what is posted from it."""
    writes = needs(audience, Permission.CASE_MESSAGE)

    @bp.get("/<number>/messages")
    @needs(audience, Permission.CASE_READ)
    def messages(number: str) -> ResponseReturnValue:
        """The threads of a case, a box to write in, and the internal notes."""
        return _page(_case(number), None, "")

    @bp.post("/<number>/messages/<complaint_id>")
    @writes
    def write(number: str, complaint_id: str) -> ResponseReturnValue:
        """Write to one complainant of the case."""
        form = MessageForm(prefix=f"m{complaint_id[:8]}-")

        def do(step: Step, case: Any) -> None:
            service.write_to_complainant(
                step, _complaint(step, case, complaint_id), form.text.data or "", seen_id=form.seen.data
            )

        return _done(number, form, complaint_id, do, gettext("留言已发给投诉人。"))

    @bp.post("/<number>/messages/<complaint_id>/read")
    @writes
    def read(number: str, complaint_id: str) -> ResponseReturnValue:
        """已阅: what the page showed of this thread counts as read."""
        form = MessageForm(prefix=f"m{complaint_id[:8]}-")

        def do(step: Step, case: Any) -> None:
            service.mark_read(step, _complaint(step, case, complaint_id), seen_id=form.seen.data)

        return _done(number, form, complaint_id, do, gettext("已标为看过。"))

    @bp.post("/<number>/notes")
    @writes
    def note(number: str) -> ResponseReturnValue:
        """Leave an internal note."""
        form = NoteForm(prefix="note-")
        return _done(
            number,
            form,
            "note",
            lambda step, case: service.note(step, case, form.note.data or ""),
            gettext("备注已保存。"),
        )

    if audience is Audience.BUREAU:

        @bp.post("/<number>/dispute")
        @needs(audience, Permission.CASE_DISPUTE)
        def dispute(number: str) -> ResponseReturnValue:
            """Answer the dispute of the case."""
            form = AnswerForm(prefix="answer-")
            return _done(
                number,
                form,
                "dispute",
                lambda step, case: service.answer_dispute(step, case, form.text.data or ""),
                gettext("异议已答复。"),
            )

    def _case(number: str) -> Any:
        case = queries.find_case(db.session(), actor(), number)
        if case is None:
            abort(404)
        return case

    def _complaint(step: Step, case: Any, complaint_id: str) -> Any:
        complaint = queries.complaint_in(step.session, case, complaint_id)
        if complaint is None:
            abort(404)
        return complaint

    def _done(
        number: str, form: Form, tried_at: str, do: Callable[[Step, Any], None], said: str
    ) -> ResponseReturnValue:
        _case(number)
        if form.validate_on_submit():
            with form.refusing(), transaction() as session:
                case = queries.find_case(session, actor(), number, lock=True)
                if case is None:
                    abort(404)
                do(Step(session, vault(), actor(), now()), case)
            if not form.errors:
                flash(said)
                return redirect(url_for(".show", number=number, _anchor="messages"), 303)
        return _page(_case(number), form, tried_at)

    def _page(case: Any, tried: Form | None, tried_at: str) -> ResponseReturnValue:
        return render_template(
            f"{audience}/case/messages.html", case=case, **context(case, tried, tried_at)
        ), (tried.http_status if tried else 200)
