"""评议: a code opens a ballot, without account, name or trace; it can be kept until it is sent, and is sent once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import StringField
from wtforms.validators import InputRequired

from ethics_eval.complaints.rules.quota import (
    LIMITS,
    Source,
    TooMany,
    network,
    retry_after,
    weighed,
    window_start,
)
from ethics_eval.database import db, driver_transaction, transaction
from ethics_eval.evaluation import balloting
from ethics_eval.evaluation.balloting import Answer, Ballot, CodeState
from ethics_eval.evaluation.rules.ballot import (
    MAX_REASON,
    MIN_REASON,
    Opinion,
    Opinions,
    answered,
    field_name,
    is_done,
    problems,
)
from ethics_eval.evaluation.rules.ballot_code import normalise
from ethics_eval.text import RuleViolation
from ethics_eval.web.access import public
from ethics_eval.web.forms import REFUSED, Form
from ethics_eval.web.page import spoken
from ethics_eval.web.public.gate import counts
from ethics_eval.web.request import now, once_more, vault

bp = Blueprint("vote", __name__, url_prefix="/vote")

STATUS = {CodeState.UNKNOWN: 404, CodeState.USED: 410, CodeState.OVER: 410, CodeState.EARLY: 200}


class CodeForm(Form):
    """The code."""

    code = StringField(lazy_gettext("评议码"), [InputRequired(lazy_gettext("请输入评议码"))])


class Misses:
    """Wrong codes by network address: kept in memory, since a page that is only looked at writes nothing.

    Right codes are not counted, so a whole school votes behind one address. Of several server processes each counts
    on its own; a code has 60 random bits.
    """

    MOST_KEPT = 20_000

    def __init__(self) -> None:
        self._counts: dict[tuple[str, datetime], int] = {}
        self._lock = threading.Lock()

    def refuse_flood(self, address: str, *, at: datetime) -> None:
        """Raises: TooMany: the address has missed too often."""
        limit = LIMITS[Source.BALLOT_MISS]
        start = window_start(at, limit.window)
        with self._lock:
            current = self._counts.get((address, start), 0)
            before = self._counts.get((address, start - limit.window), 0)
        if weighed(current + 1, before, elapsed=at - start, window=limit.window) > limit.most:
            wait = retry_after(current, before, elapsed=at - start, limit=limit)
            raise TooMany(Source.BALLOT_MISS, wait)

    def note(self, address: str, *, at: datetime) -> None:
        """Count one more."""
        window = LIMITS[Source.BALLOT_MISS].window
        start = window_start(at, window)
        with self._lock:
            if len(self._counts) >= self.MOST_KEPT:
                self._counts = {key: n for key, n in self._counts.items() if key[1] >= start - window}
            self._counts[address, start] = self._counts.get((address, start), 0) + 1


def _look_up(code: str) -> Answer:
    """What a code is good for; wrong ones are counted. Raises: TooMany."""
    misses: Misses = current_app.extensions.setdefault("ballot_misses", Misses())
    at, address = now(), network(request.remote_addr or "")
    if counts():
        misses.refuse_flood(address, at=at)
    answer = balloting.open_ballot(db.session(), vault(), code, at=at)
    if answer.state is CodeState.UNKNOWN and counts():
        misses.note(address, at=at)
    return answer


@bp.route("", methods=["GET", "POST"])
@public
def find() -> ResponseReturnValue:
    """Ask for the code."""
    form = CodeForm()
    if form.validate_on_submit():
        code = normalise(form.code.data or "")
        if code is not None:
            return redirect(url_for(".show", code=code), 303)
        form.code.errors = [gettext("评议码是12位字母和数字，请对照纸条再输一次。")]
    return render_template("public/vote/find.html", form=form), form.http_status


@bp.route("/<code>", methods=["GET", "POST"])
@public
def show(code: str) -> ResponseReturnValue:
    """The ballot: look at it, keep it, check it, send it."""
    try:
        answer = _look_up(code)
    except TooMany as limit:
        return _refused(limit)
    ballot = answer.ballot
    if ballot is None:
        return _closed(answer)
    if request.method != "POST":  # HEAD looks too
        return _page(ballot, balloting.read_draft(db.session(), vault(), ballot), {})
    return _take(ballot, _given(ballot))


def _take(ballot: Ballot, given: Opinions) -> ResponseReturnValue:
    action = request.form.get("action", "send")
    if action == "save":
        return _keep(ballot, given, url_for(".show", code=ballot.code), said=True)
    wrong = problems(ballot.paper, given)
    if wrong:
        return _page(ballot, given, {one.field or "": spoken(one) for one in wrong}, _mark(ballot))
    if action == "check":
        return _keep(ballot, given, url_for(".check", code=ballot.code, start=_mark(ballot)))
    return _send(ballot, given)


@bp.get("/<code>/check")
@public
def check(code: str) -> ResponseReturnValue:
    """All answers once more, before they are sent."""
    try:
        answer = _look_up(code)
    except TooMany as limit:
        return _refused(limit)
    ballot = answer.ballot
    if ballot is None:
        return _closed(answer)
    given = balloting.read_draft(db.session(), vault(), ballot)
    if problems(ballot.paper, given):
        return redirect(url_for(".show", code=ballot.code), 303)
    return render_template(
        "public/vote/check.html",
        ballot=ballot,
        given=given,
        fields=_fields(ballot, given),
        start=request.args.get("start", "")[:100],
        unsaid=Opinion(),
    )


@bp.get("/thanks")
@public
def thanks() -> ResponseReturnValue:
    """It was counted, and cannot be traced."""
    return render_template("public/vote/thanks.html")


def _mark(ballot: Ballot) -> str:
    return request.form.get("start", "")[:100]


def _keep(ballot: Ballot, given: Opinions, target: str, *, said: bool = False) -> ResponseReturnValue:
    try:
        once_more(lambda: _store(ballot, given))
    except RuleViolation:
        return redirect(url_for(".show", code=ballot.code), 303)  # which says why
    if said and request.headers.get("X-Requested-With") != "fetch":
        flash(gettext("已保存。用同一个评议码随时可以接着填；填完提交了才算数。"))
    return redirect(target, 303)


def _store(ballot: Ballot, given: Opinions) -> None:
    with transaction() as session:
        balloting.save_draft(session, vault(), ballot, given, at=now())


def _send(ballot: Ballot, given: Opinions) -> ResponseReturnValue:
    try:
        vote = balloting.fill_in(db.session(), vault(), ballot, given, mark=_mark(ballot), at=now())
        with driver_transaction() as driver:
            balloting.cast_ballot(driver, vote, at=now())
    except RuleViolation:
        return redirect(url_for(".show", code=ballot.code), 303)  # used, or over: which says so
    return redirect(url_for(".thanks"), 303)


def _page(
    ballot: Ballot, given: Opinions, errors: Mapping[str, str], start: str | None = None
) -> ResponseReturnValue:
    paper = ballot.paper
    page = render_template(
        "public/vote/show.html",
        ballot=ballot,
        given=given,
        errors=errors,
        unsaid=Opinion(),
        done=sum(is_done(paper, given.get(teacher.place)) for teacher in paper.teachers),
        start=start or balloting.start_mark(vault(), ballot, answered(paper, given), at=now()),
        min_reason=MIN_REASON,
        max_reason=MAX_REASON,
    )
    return page, REFUSED if errors else 200


def _closed(answer: Answer) -> ResponseReturnValue:
    page = render_template("public/vote/closed.html", answer=answer, form=CodeForm(formdata=None))
    return page, STATUS[answer.state]


def _refused(limit: TooMany) -> ResponseReturnValue:
    form = CodeForm(formdata=None)
    form.code.errors = [spoken(limit)]
    page = render_template("public/vote/find.html", form=form)
    return page, 429, {"Retry-After": str(limit.retry_after)}


def _given(ballot: Ballot) -> dict[int, Opinion]:
    """What was filled in: the fields of this ballot and no others."""
    found = {}
    for teacher in ballot.paper.teachers:
        options: dict[str, int] = {}
        reasons: dict[str, str] = {}
        for place, item in enumerate(ballot.paper.items):
            name = field_name(teacher.place, place)
            typed = request.form.get(name, "")
            is_number = typed.isascii() and typed.isdecimal() and len(typed) < 4
            if is_number and 1 <= int(typed) <= len(item.points):
                options[item.code] = int(typed)
            reason = request.form.get(f"{name}-reason", "").replace("\0", "")[: 2 * MAX_REASON].strip()
            if reason:
                reasons[item.code] = reason
        abstains = bool(request.form.get(field_name(teacher.place))) and ballot.paper.may_abstain
        if abstains or options or reasons:
            found[teacher.place] = Opinion(abstains, options, reasons)
    return found


def _fields(ballot: Ballot, given: Opinions) -> dict[str, str]:
    """The fields that say the same again."""
    found: dict[str, str] = {}
    for teacher in ballot.paper.teachers:
        opinion = given.get(teacher.place, Opinion())
        if opinion.abstains:
            found[field_name(teacher.place)] = "y"
        for place, item in enumerate(ballot.paper.items):
            name = field_name(teacher.place, place)
            if item.code in opinion.options:
                found[name] = str(opinion.options[item.code])
            if item.code in opinion.reasons:
                found[f"{name}-reason"] = opinion.reasons[item.code]
    return found
