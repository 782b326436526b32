"""The words of notices: what the bureau may change, with what would come of it, and who changed what."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup, escape
from wtforms import TextAreaField

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db, transaction
from ethics_eval.notices import queries, service
from ethics_eval.notices.document import Document
from ethics_eval.notices.issuing import texts_of
from ethics_eval.notices.rules.template import BLOCKS, TEMPLATE_LABELS, Block, default_texts, faults
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.request import actor, now

bp = Blueprint("template", __name__, url_prefix="/templates")


@bp.get("")
@needs(Audience.BUREAU, Permission.NOTICE_TEMPLATE)
def index() -> ResponseReturnValue:
    """The kinds of notices, and when the words of each were changed last."""
    session = db.session()
    rows = [
        (kind, gettext(name), next(iter(queries.template_versions(session, kind)), None))
        for kind, name in TEMPLATE_LABELS.items()
    ]
    return render_template("bureau/template/index.html", rows=rows)


@bp.get("/<template_kind>")
@needs(Audience.BUREAU, Permission.NOTICE_TEMPLATE)
def show(template_kind: str) -> ResponseReturnValue:
    """The words of a kind, those in use or of an earlier ``?version=``, and what they give."""
    _known(template_kind)
    version = request.args.get("version", 0, type=int)
    texts = queries.template_texts(db.session(), template_kind, version) if version else None
    if version and texts is None:
        abort(404)
    return _page(template_kind, _form(template_kind, texts or texts_of(db.session(), template_kind)))


@bp.post("/<template_kind>/preview")
@needs(Audience.BUREAU, Permission.NOTICE_TEMPLATE)
def preview(template_kind: str) -> ResponseReturnValue:
    """What the words on the page would give, or what is wrong with them; nothing is kept."""
    _known(template_kind)
    form = _form(template_kind)
    if not form.validate_on_submit():
        abort(422)
    form.refuse_all(faults(template_kind, _texts(form)))
    return _page(template_kind, form)


@bp.post("/<template_kind>")
@needs(Audience.BUREAU, Permission.NOTICE_TEMPLATE)
def save(template_kind: str) -> ResponseReturnValue:
    """Keep the words: they hold for what is issued from now on."""
    _known(template_kind)
    form = _form(template_kind)
    if form.validate_on_submit() and not form.refuse_all(faults(template_kind, _texts(form))):
        with form.refusing(), transaction() as session:
            service.save_template(session, template_kind, _texts(form), actor=actor(), at=now())
    if form.errors:
        return _page(template_kind, form), form.http_status
    flash(gettext("已保存。以后发出的文件使用新的文字，已经发出的不变。"))
    return redirect(url_for(".show", template_kind=template_kind), 303)


@bp.post("/<template_kind>/reset")
@needs(Audience.BUREAU, Permission.NOTICE_TEMPLATE)
def reset(template_kind: str) -> ResponseReturnValue:
    """Go back to the words the program brings, as a new version."""
    _known(template_kind)
    if not Form().validate_on_submit():
        abort(422)
    with transaction() as session:
        service.save_template(session, template_kind, default_texts(template_kind), actor=actor(), at=now())
    flash(gettext("已恢复为默认文字。"))
    return redirect(url_for(".show", template_kind=template_kind), 303)


def _known(kind: str) -> None:
    if kind not in BLOCKS:
        abort(404)


def _form(kind: str, texts: Mapping[str, str] | None = None) -> Form:
    """A field for each block, with these words, or those sent."""
    fields = {
        block.key: TextAreaField(gettext(block.label), description=_hint(block)) for block in BLOCKS[kind]
    }
    made: Form = type("TemplateForm", (Form,), fields)(data=texts)
    return made


def _hint(block: Block) -> Markup:
    hints = []
    if block.places:
        hints.append(_BRACED.format(gettext("可以用："), _braced(block.places)))
    if block.needed:
        hints.append(_BRACED.format(gettext("不能缺少："), _braced(block.needed)))
    if block.is_legal:
        hints.append(escape(gettext("法律要求，不能删空")))
    return Markup(" · ").join(hints)


_BRACED = Markup('{}<span lang="zh-CN">{}</span>')


def _braced(places: frozenset[str]) -> str:
    return " ".join(f"{{{place}}}" for place in sorted(places))


def _texts(form: Form) -> dict[str, str]:
    return {key: str(value or "") for key, value in form.data.items() if key != "csrf_token"}


def _page(kind: str, form: Form) -> str:
    session = db.session()
    document: Document | None = None
    if not faults(kind, _texts(form)):
        document = queries.template_preview(
            session, kind, _texts(form), word=current_app.config["DOCUMENT_WORD"]
        )
    return render_template(
        "bureau/template/show.html",
        kind=kind,
        name=gettext(TEMPLATE_LABELS[kind]),
        blocks=BLOCKS[kind],
        form=form,
        document=document,
        versions=queries.template_versions(session, kind),
        is_default=texts_of(session, kind) == default_texts(kind),
    )
