"""考评方案: the versions, what each says in plain words, drafts and their adoption, files in and out."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from ethics_eval.accounts.rules import Permission, scope_of
from ethics_eval.database import db, transaction
from ethics_eval.evaluation import drafting, queries
from ethics_eval.evaluation.queries import SchemeView
from ethics_eval.evaluation.rules.comparison import (
    FIELD_LABELS,
    NAMING_LABELS,
    TIE_LABELS,
    UNITS,
    Unit,
    changes,
)
from ethics_eval.evaluation.rules.document import REASON_WORDS, DocumentRefused, Fault
from ethics_eval.evaluation.rules.editing import COMPONENT_FIELDS, Edited, edited, typed
from ethics_eval.evaluation.rules.form import VARIANT_LABELS, Variant, forms_text, variants_of, whole_forms
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS, STAGES, Component, scheme_text
from ethics_eval.ranking import queries as ranking_queries
from ethics_eval.ranking.rules.sensitivity import GRID, WEIGHT_DRAWS
from ethics_eval.ranking.rules.steps import SemesterStatus
from ethics_eval.ranking.rules.what_if import SENSITIVE_BELOW, WhatIf
from ethics_eval.ranking.what_if import try_scheme
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.school import STAGE_LABELS, Stage
from ethics_eval.text import Conflict, RuleViolation
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import REFUSED, Form
from ethics_eval.web.page import spoken
from ethics_eval.web.request import actor, now

bp = Blueprint("scheme", __name__, url_prefix="/schemes")
_log = structlog.get_logger("ethics_eval.download")


class NewForm(Form):
    """A new draft: its version and name, and what it starts from."""

    version = StringField(
        lazy_gettext("版本号"),
        [InputRequired(lazy_gettext("请填写版本号，例如 2026-1。"))],
        description=lazy_gettext("字母、数字、“.”“_”“-”，例如 2026-1。以后不能改。"),
    )
    name = StringField(
        lazy_gettext("名称"),
        [InputRequired(lazy_gettext("请填写名称，例如“2026年春季方案”。"))],
        description=lazy_gettext("例如“2026年春季方案”。"),
    )
    base = RadioField(
        lazy_gettext("从哪里开始"),
        [InputRequired(lazy_gettext("请选择从哪个方案开始。"))],
        validate_choice=False,
    )


class UploadForm(Form):
    """A draft from files: the scheme, and the words of its items."""

    scheme = FileField(lazy_gettext("方案文件（JSON）"), [FileRequired(lazy_gettext("请选择方案文件。"))])
    forms = FileField(
        lazy_gettext("评议表文件（JSON）"),
        description=lazy_gettext("题目的文字。不上传的，用系统自带的文字。"),
    )


class SeenForm(Form):
    """Whatever changes a draft says which state of it was seen."""

    seen = HiddenField()


class DeleteForm(SeenForm):
    """A draft that is deleted is gone: it is confirmed."""

    deleted = BooleanField(
        lazy_gettext("我确认删除这份草案"), [InputRequired(lazy_gettext("请先勾选“我确认删除这份草案”。"))]
    )


class AdoptForm(SeenForm):
    """The head's approval, with the number of the paper it stands in."""

    approval_number = StringField(
        lazy_gettext("批准文号"), description=lazy_gettext("批准这份方案的文件或会议纪要的编号。")
    )
    confirmed = BooleanField(
        lazy_gettext("我已看过方案全文和变动"),
        [InputRequired(lazy_gettext("请先勾选“我已看过方案全文和变动”。"))],
    )


@bp.get("")
@needs(Audience.BUREAU, Permission.SCHEME_READ)
def index() -> ResponseReturnValue:
    """All versions; a district sees the adopted ones."""
    lines = queries.schemes(db.session(), drafts=_sees_drafts())
    holding = next((line.version for line in lines if not line.is_draft), None)
    return render_template("bureau/scheme/index.html", lines=lines, holding=holding)


@bp.get("/_new")
@needs(Audience.BUREAU, Permission.SCHEME_DRAFT)
def new() -> ResponseReturnValue:
    """A form for a new draft, from a version or from the ten norms."""
    form = NewForm()
    adopted = _bases(form)
    form.base.data = request.args.get("base") or (adopted[0] if adopted else drafting.TEN_NORMS)
    return render_template("bureau/scheme/new.html", form=form)


@bp.post("/_new")
@needs(Audience.BUREAU, Permission.SCHEME_DRAFT)
def draft() -> ResponseReturnValue:
    """Make the draft and go on to change it."""
    form = NewForm()
    _bases(form)
    if form.validate_on_submit():
        version = (form.version.data or "").strip()
        faults: list[Fault] = []
        with form.refusing(), _finding(faults), transaction() as session:
            drafting.draft_scheme(
                session,
                version=version,
                name=(form.name.data or "").strip(),
                base=form.base.data or "",
                actor=actor(),
                at=now(),
            )
        form.refuse_all(
            RuleViolation("scheme.refused", REASON_WORDS[fault.reason], field=fault.path, **fault.values)
            for fault in faults
        )
        if not form.errors:
            flash(gettext("草案已建立。改好之后，请另一位领导批准。"))
            return redirect(url_for(".edit", scheme_version=version), 303)
    return render_template("bureau/scheme/new.html", form=form), form.http_status


@bp.get("/_upload")
@needs(Audience.BUREAU, Permission.SCHEME_DRAFT)
def upload() -> ResponseReturnValue:
    """A form for the files of a draft."""
    return render_template("bureau/scheme/upload.html", form=UploadForm(), faults=[])


@bp.post("/_upload")
@needs(Audience.BUREAU, Permission.SCHEME_DRAFT)
def take_upload() -> ResponseReturnValue:
    """Make a draft of the files; every fault is told with its path."""
    form, version = UploadForm(), ""
    faults: list[Fault] = []
    if form.validate_on_submit():
        with form.refusing(), _finding(faults), transaction() as session:
            version = drafting.import_draft(
                session,
                _text_of(form.scheme),
                _text_of(form.forms) or drafting.NO_FORMS,
                actor=actor(),
                at=now(),
            ).version
        if version and not form.errors:
            flash(gettext("文件已存为草案。"))
            return redirect(url_for(".show", scheme_version=version), 303)
    return render_template("bureau/scheme/upload.html", form=form, faults=_told(faults)), REFUSED


@bp.get("/<scheme_version>")
@needs(Audience.BUREAU, Permission.SCHEME_READ)
def show(scheme_version: str) -> ResponseReturnValue:
    """What a scheme says, in words, with its ballots."""
    return _show(_view(scheme_version), AdoptForm(), DeleteForm(), 200)


@bp.get("/<scheme_version>/edit")
@needs(Audience.BUREAU, Permission.SCHEME_DRAFT)
def edit(scheme_version: str) -> ResponseReturnValue:
    """A draft as a form; an adopted version says that it cannot be changed."""
    view = _view(scheme_version)
    form = SeenForm(seen=view.fingerprint)
    return _edit(view, form, edited(view.scheme, view.forms), [])


@bp.post("/<scheme_version>/edit")
@needs(Audience.BUREAU, Permission.SCHEME_DRAFT)
def save(scheme_version: str) -> ResponseReturnValue:
    """Keep what was typed; or show the form again with another item, or one less, or with every fault."""
    view = _view(scheme_version)
    form = SeenForm()
    entered = typed(request.form, request.form.getlist("ranked_stages"))
    if not form.validate_on_submit():
        return _edit(view, form, entered, [])
    if "add" in request.form or "remove" in request.form:
        if request.form.get("add") in set(Component):
            entered.add(Component(request.form["add"]))
        entered.remove(request.form.get("remove", ""))
        return _edit(view, form, entered, [])
    text, forms = entered.documents(scheme_version)
    faults: list[Fault] = []
    try:
        with form.refusing(), _finding(faults), transaction() as session:
            drafting.change_draft(
                session, scheme_version, text, forms, seen=form.seen.data or "", actor=actor(), at=now()
            )
    except Conflict as conflict:
        # nothing typed is lost: it is shown over the newer state, and may be saved over it knowingly
        form.seen.data = view.fingerprint
        return _edit(view, form, entered, [], conflict=spoken(conflict))
    if faults or form.errors:
        return _edit(view, form, entered, faults)
    flash(gettext("草案已保存。"))
    return redirect(url_for(".show", scheme_version=scheme_version), 303)


@bp.post("/<scheme_version>/delete")
@needs(Audience.BUREAU, Permission.SCHEME_DRAFT)
def delete(scheme_version: str) -> ResponseReturnValue:
    """Take a draft away."""
    view, form = _view(scheme_version), DeleteForm()
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            drafting.delete_draft(session, scheme_version, seen=form.seen.data or "", actor=actor(), at=now())
        if not form.errors:
            flash(gettext("草案 %(version)s 已删除。", version=scheme_version))
            return redirect(url_for(".index"), 303)
    return _show(view, AdoptForm(formdata=None), form, REFUSED)


@bp.post("/<scheme_version>/adopt")
@needs(Audience.BUREAU, Permission.SCHEME_ADOPT)
def adopt(scheme_version: str) -> ResponseReturnValue:
    """Make a draft the scheme of the semesters to come."""
    view, form = _view(scheme_version), AdoptForm()
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            drafting.adopt_draft(
                session,
                scheme_version,
                form.approval_number.data or "",
                seen=form.seen.data or "",
                actor=actor(),
                at=now(),
            )
        if not form.errors:
            flash(gettext("方案 %(version)s 已批准，从下一个开始的学期起使用。", version=scheme_version))
            return redirect(url_for(".show", scheme_version=scheme_version), 303)
    return _show(view, form, DeleteForm(formdata=None), REFUSED)


@bp.get("/<scheme_version>/diff")
@needs(Audience.BUREAU, Permission.SCHEME_READ)
def diff(scheme_version: str) -> ResponseReturnValue:
    """What differs from its base, or from the version asked for."""
    view = _view(scheme_version)
    others = [
        line
        for line in queries.schemes(db.session(), drafts=_sees_drafts())
        if line.version != scheme_version
    ]
    known = [line.version for line in others]
    asked = request.args.get("with", "")
    if asked and asked not in known:
        abort(404)
    other = asked or (view.line.base_version if view.line.base_version in known else next(iter(known), ""))
    before = _view(other) if other else None
    return render_template(
        "bureau/scheme/diff.html",
        view=view,
        before=before,
        others=others,
        changes=[] if before is None else changes(before.scheme, before.forms, view.scheme, view.forms),
        said=_said,
        labels=FIELD_LABELS,
        variants=VARIANT_LABELS,
    )


@bp.get("/<scheme_version>/scheme.json")
@needs(Audience.BUREAU, Permission.SCHEME_READ)
def scheme_file(scheme_version: str) -> ResponseReturnValue:
    """The scheme file, as ``scheme import`` takes it."""
    view = _view(scheme_version)
    return _file(view, "scheme", scheme_text(view.scheme))


@bp.get("/<scheme_version>/forms.json")
@needs(Audience.BUREAU, Permission.SCHEME_READ)
def forms_file(scheme_version: str) -> ResponseReturnValue:
    """The words of all items, as the upload takes them."""
    view = _view(scheme_version)
    return _file(view, "forms", forms_text(whole_forms(view.scheme, view.forms)))


@bp.get("/<scheme_version>/what-if")
@needs(Audience.BUREAU, Permission.SCHEME_DRAFT)
def what_if(scheme_version: str) -> ResponseReturnValue:
    """What the last frozen semester would have been by this scheme. Nothing is kept."""
    view = _view(scheme_version)
    session = db.session()
    sight = ranking_queries.sight_of(session, actor())
    rankings = ranking_queries.rankings(session, sight)
    ranking = next(iter(rankings), None)
    trial = None
    if ranking is not None:
        instance = Path(current_app.config["INSTANCE"])
        trial = try_scheme(session, sight, ranking, view.scheme, instance=instance)
    _log.info(
        "scheme tried",
        account=actor().id,
        role=actor().kind,
        scheme=scheme_version,
        semester=None if ranking is None else ranking.semester_code,
    )
    return render_template(
        "bureau/scheme/what_if.html",
        view=view,
        ranking=ranking,
        trial=trial,
        bands=[] if trial is None else [(_band(*band[:2]), band[2]) for band in trial.found.bands],
        charts=[] if trial is None else [_moves_chart(trial.found)],
        sensitive_below=SENSITIVE_BELOW,
        grid=len(GRID),
        draws=WEIGHT_DRAWS,
        variant_labels=VARIANT_WORDS,
    )


VARIANT_WORDS = {
    "trim_0": lazy_gettext("两端都不去掉"),
    "trim_5": lazy_gettext("两端各去掉5%"),
    "trim_10": lazy_gettext("两端各去掉10%"),
    "unshrunk": lazy_gettext("不向学段平均靠拢"),
    "centred": lazy_gettext("各校先调到同样的平均分"),
    "unflagged": lazy_gettext("不算被提示可疑的票"),
}


def _band(low: int, high: int) -> str:
    """A band of moves in words; its bounds are in percent of those ranked."""
    if low == high:
        return gettext("名次不变")
    least, most = sorted((abs(low), abs(high)))
    values = {"low": least, "high": most}
    if most == 100:
        return gettext("上升超过%(low)s%%", **values) if high > 0 else gettext("下降超过%(low)s%%", **values)
    if least:
        return (
            gettext("上升%(low)s–%(high)s%%", **values)
            if high > 0
            else gettext("下降%(low)s–%(high)s%%", **values)
        )
    return gettext("上升%(high)s%%以内", **values) if high > 0 else gettext("下降%(high)s%%以内", **values)


def _moves_chart(found: WhatIf) -> dict[str, Any]:
    return {
        "id": "chart-moves",
        "kind": "bar",
        "names": [_band(low, high) for low, high, _count in found.bands],
        "series": [{"name": gettext("人数"), "values": [count for _low, _high, count in found.bands]}],
    }


@contextmanager
def _finding(faults: list[Fault]) -> Iterator[None]:
    """Collect the faults of a document that is refused."""
    try:
        yield
    except DocumentRefused as refused:
        faults += refused.found


def _sees_drafts() -> bool:
    return scope_of(actor(), Permission.SCHEME_DRAFT) is not None


def _view(version: str) -> SchemeView:
    """The version, or 404: unknown, or a draft that is not for the reader."""
    found = queries.scheme_view(db.session(), version, drafts=_sees_drafts())
    if found is None:
        abort(404)
    return found


def _bases(form: NewForm) -> list[str]:
    """Offer what a draft can start from: the adopted versions, the one that holds first, and the ten norms."""
    adopted = queries.schemes(db.session(), drafts=False)
    form.base.choices = [
        SelectChoice(
            line.version, gettext("方案 %(version)s：%(name)s", version=line.version, name=line.name)
        )
        for line in adopted
    ] + [SelectChoice(drafting.TEN_NORMS, gettext("十项准则方案：自评、互评、学校评按十项准则逐项评"))]
    return [line.version for line in adopted]


def _text_of(field: FileField) -> str:
    """The text of a file chosen at a field; bytes that are no UTF-8 become what no JSON holds outside a text."""
    if not field.data:
        return ""
    return str(field.data.stream.read().decode("utf-8-sig", errors="replace"))


def _told(faults: Sequence[Fault]) -> list[tuple[str, str]]:
    """Path and words of each fault, in the reader's language."""
    return [(fault.path, gettext(REASON_WORDS[fault.reason], **fault.values)) for fault in faults]


def _show(
    view: SchemeView, adopt_form: AdoptForm, delete_form: DeleteForm, status: int
) -> ResponseReturnValue:
    for form in (adopt_form, delete_form):
        if not form.is_submitted():
            form.seen.data = view.fingerprint
    who = actor()
    return render_template(
        "bureau/scheme/show.html",
        view=view,
        weights=[
            {"label": gettext(COMPONENT_LABELS[part]), "value": rule.weight * 100, "css": part.value}
            for part, rule in view.scheme.components.items()
        ],
        variants=VARIANT_LABELS,
        variants_of=variants_of,
        adopt_form=adopt_form,
        delete_form=delete_form,
        misfits=[
            semester.name
            for semester in roster_queries.semesters(db.session())
            if semester.status == SemesterStatus.PLANNED and semester.weeks != view.scheme.semester_weeks
        ],
        is_author=who.id in drafting.authors(db.session(), view.line.version),
        tie_labels=TIE_LABELS,
        naming_labels=NAMING_LABELS,
    ), status


def _edit(
    view: SchemeView, form: SeenForm, fields: Edited, faults: Sequence[Fault], conflict: str = ""
) -> ResponseReturnValue:
    """The form with what was typed; each fault at its field, all of them above."""
    placed = [
        (name := fields.field_of(fault), _where(fields, name), path, words)
        for fault, (path, words) in zip(faults, _told(faults), strict=True)
    ]
    at: dict[str, list[str]] = defaultdict(list)
    for name, _label, _path, words in placed:
        at[name].append(words)
    refused = REFUSED if faults or form.errors else 200
    return render_template(
        "bureau/scheme/edit.html",
        view=view,
        form=form,
        fields=fields,
        faults=placed,
        at=dict(at),
        open_items={name.partition("]")[0] + "]" for name in at if "]" in name},
        conflict=conflict,
        labels=FIELD_LABELS,
        component_fields=COMPONENT_FIELDS,
        components=list(Component),
        variants=VARIANT_LABELS,
        variants_of=variants_of,
        stages=STAGES[1:],
        tie_labels=TIE_LABELS,
        naming_labels=NAMING_LABELS,
    ), 409 if conflict else refused


def _where(fields: Edited, name: str) -> str:
    """A field of the form in words: 互评 N01 中小学 题目文字."""
    found = _PLACE.fullmatch(name)
    if found is None:
        return gettext(FIELD_LABELS[name]) if name in FIELD_LABELS else ""
    part = Component(found["part"])
    words = [gettext(COMPONENT_LABELS[part])]
    if found["item"]:
        item = fields.items[part][int(found["item"])]
        words.append(item.code or gettext("第%(number)s题", number=int(found["item"]) + 1))
    if found["variant"]:
        words.append(gettext(VARIANT_LABELS[Variant(found["variant"])]))
    field = found["field"] or "item"
    return " ".join([*words, gettext(FIELD_LABELS[field])])


_PLACE = re.compile(
    rf"(?:components|items)\.(?P<part>{'|'.join(Component)})(?:\[(?P<item>\d+)\])?"
    rf"(?:\.(?P<variant>{'|'.join(Variant)}))?(?:\.(?P<field>\w+))?"
)


def _said(field: str, value: str | None) -> str:
    """A value of a change in words."""
    return gettext("（没有）") if value is None else _WRITTEN[UNITS.get(field, Unit.PLAIN)](value)


_WRITTEN: Mapping[Unit, Callable[[str], str]] = {
    Unit.PLAIN: str,
    Unit.SHARE: lambda value: f"{int(value) / 100:g}%",
    Unit.PERCENT: lambda value: f"{value}%",
    Unit.POINTS: lambda value: gettext("%(count)s分", count=value),
    Unit.PEOPLE: lambda value: gettext("%(count)s人", count=value),
    Unit.WEEKS: lambda value: gettext("%(count)s周", count=value),
    Unit.STAGES: lambda value: gettext("、").join(
        gettext(STAGE_LABELS[Stage(stage)]) for stage in value.split()
    ),
    Unit.TIE: lambda value: gettext(TIE_LABELS[value]),
    Unit.NAMING: lambda value: gettext(NAMING_LABELS[value]),
}


def _file(view: SchemeView, kind: str, text: str) -> ResponseReturnValue:
    """A document as a download, indented for people; noted in the log."""
    _log.info("scheme downloaded", account=actor().id, role=actor().kind, scheme=view.line.version, file=kind)
    body = json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n"
    answer = Response(body, mimetype="application/json")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{kind}-{view.line.version}.json")
    return answer
