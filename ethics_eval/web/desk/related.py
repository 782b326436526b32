"""What may belong to a case: letters much alike, linked cases, others on the same teacher; linking and unlinking."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import StringField

from ethics_eval.accounts.rules import Permission
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.service import Step
from ethics_eval.database import db, transaction
from ethics_eval.text import N_, RuleViolation
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.request import actor, now, vault


class LinkForm(Form):
    """The other case's number."""

    other = StringField(
        lazy_gettext("案件编号"), description=lazy_gettext("您能看到的另一件案件的19位编号。")
    )


def context(case: Any) -> dict[str, Any]:
    """What the part ``related.html`` of the page of a case needs."""
    session, who = db.session(), actor()
    return {
        "similar": queries.similar_cases(session, vault(), case, who),
        "linked": queries.linked_cases(session, case, who),
        "same_teacher": queries.other_cases_of_teachers(session, case, who),
    }


def add_routes(bp: Blueprint, audience: Audience) -> None:
    """Give the blueprint ``case`` its links."""
    links = needs(audience, Permission.CASE_LINK)

    @bp.post("/<number>/links")
    @links
    def link(number: str) -> ResponseReturnValue:
        """关联 with another case the reader may link."""
        form = LinkForm()
        if form.validate_on_submit():
            with form.refusing(), transaction() as session:
                case = queries.case_to_link(session, actor(), number)
                if case is None:
                    abort(404)
                other = queries.case_to_link(session, actor(), (form.other.data or "").strip()[:19])
                if other is None:
                    raise RuleViolation(
                        "case.link_unknown", N_("没有找到这件案件，请核对案件编号。"), field="other"
                    )
                service.link(Step(session, vault(), actor(), now()), case, other)
            if not form.errors:
                flash(gettext("已关联。"))
                return redirect(url_for(".show", number=number) + "#related", 303)
        if queries.find_case(db.session(), actor(), number) is None:
            abort(404)
        return render_template(f"{audience}/case/link.html", number=number, form=form), form.http_status

    @bp.post("/<number>/links/<other_number>/delete")
    @links
    def unlink(number: str, other_number: str) -> ResponseReturnValue:
        """Take a link back."""
        with transaction() as session:
            case = queries.case_to_link(session, actor(), number)
            other = queries.case_to_link(session, actor(), other_number)
            if case is None or other is None:
                abort(404)
            if not service.unlink(Step(session, vault(), actor(), now()), case, other):
                abort(404)
        flash(gettext("已取消关联。"))
        return redirect(url_for(".show", number=number) + "#related", 303)
