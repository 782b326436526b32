"""What stands before the public form: the work or the question, the trap for robots, and the count of what came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, request, session
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session
from wtforms import HiddenField, StringField

from ethics_eval.complaints import challenge, quotas
from ethics_eval.complaints.rules.question import NUMBERS
from ethics_eval.complaints.rules.quota import Source
from ethics_eval.text import N_, RuleViolation
from ethics_eval.web.forms import Form
from ethics_eval.web.request import now, vault

if TYPE_CHECKING:
    from ethics_eval.complaints.models import Mailbox

_FILLED = RuleViolation(
    "challenge.trap", N_("“请不要填写”的那一栏里有内容。请把它清空，再提交一次。"), field="website"
)


def visitor() -> quotas.Visitor:
    """Who asks, as far as it is counted; the word of the session is that of its token."""
    return quotas.Visitor(request.remote_addr or "", session.get("csrf_token", ""))


def counts() -> bool:
    """Whether floods are stopped here."""
    return bool(current_app.config["ETHICS_EVAL_QUOTAS"] == "on")


class GatedForm(Form):
    """A form that anyone may send, if it brings a challenge's solution; ``idempotency_key`` is the form's own."""

    website = StringField(lazy_gettext("请不要填写这一栏"))
    altcha = StringField()
    answer = StringField()
    question = HiddenField()
    idempotency_key: HiddenField

    def __init__(self) -> None:
        super().__init__()
        self.is_asking = current_app.config["ETHICS_EVAL_CHALLENGE"] != "off"
        for name in (
            "website",
            "altcha",
            "answer",
            "question",
        ):  # their refusals come last, as they stand last
            field = self._fields.pop(name)
            if self.is_asking or name == "website":
                self._fields[name] = field

    def ask(self) -> None:
        """Have a question to show; the one asked before as long as it is good, with what was answered."""
        if not self.is_asking:
            return
        at, key = now(), self.idempotency_key.data or ""
        if challenge.question(vault(), key, self.question.data or "", at=at) is None:
            self.question.data = challenge.ask(vault(), key, at=at)
            self.answer.data = ""
        first, second = challenge.question(vault(), key, self.question.data, at=at) or (0, 0)
        self.answer.label.text = gettext(
            "请用数字写出：%(first)s加%(second)s等于几？",
            first=gettext(NUMBERS[first]),
            second=gettext(NUMBERS[second]),
        )

    def is_trapped(self) -> bool:
        """Whether the field that nobody sees was filled in; then it is seen, with a refusal."""
        if not (self.website.data or "").strip():
            return False
        self.refuse(_FILLED)
        return True

    def solution(self, mailbox_code: str) -> challenge.Work | None:
        """The work that was done; None: the question was answered instead, or nothing is asked here.

        Raises: RuleViolation: neither.
        """
        if not self.is_asking:
            return None
        at, work, answer = now(), self.altcha.data or "", self.answer.data or ""
        if work:
            try:
                return challenge.done_work(vault(), mailbox_code, work, at=at)
            except RuleViolation:
                if not answer.strip():
                    raise
        challenge.check_answer(
            vault(), self.idempotency_key.data or "", self.question.data or "", answer, at=at
        )
        return None

    def unproven(self, mailbox_code: str) -> list[RuleViolation]:
        """What is wrong with the solution, to be told together with all else that is wrong."""
        try:
            self.solution(mailbox_code)
        except RuleViolation as violation:
            return [violation]
        return []


def admit(store: Session, form: GatedForm, mailbox: Mailbox, body: str) -> None:
    """Let a new complaint through and count it, in its own transaction.

    Raises: RuleViolation: no solution, or a used one; TooMany.
    """
    at = now()
    work = form.solution(mailbox.code)
    if counts():
        content = vault().digest("quota-content", "".join(body.split()))
        quotas.count_all(store, vault(), quotas.sources(visitor(), mailbox.id, content), at=at)
    if work is not None:
        challenge.spend(store, vault(), work)


def may_count(store: Session, source: Source, *parts: str) -> bool:
    """Count one more of what is only noted, not refused; False: too many, it stays uncounted."""
    if not counts():
        return True
    try:
        quotas.count(store, vault(), source, parts, at=now())
    except RuleViolation:
        return False
    return True
