"""评议码: the school's classes and groups of raters, their codes, and the sheets to print."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy.orm import Session
from wtforms import FileField, HiddenField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Optional

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db, transaction
from ethics_eval.evaluation import grouping, issuing, rounds
from ethics_eval.evaluation.class_template import class_template
from ethics_eval.evaluation.grouping import ClassDraft, Entry, Member
from ethics_eval.evaluation.rules.ballot import (
    CLASS_PARTS,
    MAX_SEATS,
    PART_ORDER,
    GroupDraft,
    grade_of,
    stage_of,
)
from ethics_eval.evaluation.rules.ballot_sheet import CLASSES, HEADINGS, OPTIONAL, plan_classes
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS, Component
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.returning import as_rows, marked_tables
from ethics_eval.roster.rules.school import STAGE_LABELS, Stage
from ethics_eval.roster.rules.sheet import ImportRefused, Problem
from ethics_eval.tasks.rules import TaskKind
from ethics_eval.text import N_, RuleViolation
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk.ranking import XLSX
from ethics_eval.web.forms import Form
from ethics_eval.web.page import spoken, translated_choices
from ethics_eval.web.request import actor, now, today, vault
from ethics_eval.workbooks.reading import read_workbook
from ethics_eval.workbooks.sheet import Sheet
from ethics_eval.workbooks.writing import write_workbook

if TYPE_CHECKING:
    from ethics_eval.roster.models import School, Semester

bp = Blueprint("ballot", __name__, url_prefix="/ballots")
_log = structlog.get_logger("ethics_eval.download")

SHOWN_PROBLEMS = 100
LARGEST_ERRORS = 1_000_000  # bytes of the marked workbook that are sent along with the page
OTHER_PARTS = tuple(part for part in PART_ORDER if part not in CLASS_PARTS)
GROUP_LABELS = {
    Component.PEER: N_("同事互评"),
    Component.SELF: N_("自评"),
    Component.SCHOOL: N_("学校考评组"),
}


# --- forms --------------------------------------------------------------------------------------------------


class TeachersForm(Form):
    """A label, and the teachers on the ballot."""

    label = StringField(lazy_gettext("名称"))
    teachers = SelectMultipleField(lazy_gettext("教师"), coerce=int, validate_choice=False)

    def offer(self, found: list[Member]) -> None:
        """Let the teachers be ticked."""
        self.teachers.choices = [(member.teacher_id, member.name) for member in found]


class ClassForm(TeachersForm):
    """A class."""

    label = StringField(lazy_gettext("班级"))
    grade = StringField(lazy_gettext("年级"))
    seats = IntegerField(lazy_gettext("学生人数"), [Optional()])

    def draft(self, school: School) -> ClassDraft:
        """The class as it was filled in. Raises: RuleViolation at ``grade``: the school has no such grade."""
        stages = school.stages.split()
        label = " ".join((self.label.data or "").split())
        grade = grade_of(self.grade.data or "", stages[0] if len(stages) == 1 else "")
        stage = stage_of(grade, stages)
        if stage is None:
            raise RuleViolation(
                "classes.grade", N_("本校没有这个年级，请写成“三年级”“初一”“高二”。"), field="grade"
            )
        return ClassDraft(label, stage, grade, self.seats.data or 0, tuple(self.teachers.data or ()))


class GroupForm(TeachersForm):
    """A group of colleagues, of self-ratings, or of the school."""

    component = HiddenField()
    stage = SelectField(lazy_gettext("学段"))
    seats = IntegerField(lazy_gettext("考评组人数"), [Optional()])

    def __init__(self, school: School, component: Component, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.part = component
        self.component.data = component.value
        stages = school.stages.split()
        self.stage.choices = translated_choices(
            {Stage(stage): STAGE_LABELS[Stage(stage)] for stage in stages}
        )
        if not self.stage.data or self.stage.data not in stages:
            self.stage.data = stages[0]
        if component is not Component.SCHOOL:
            del self.seats

    def draft(self) -> GroupDraft:
        """The group as it was filled in."""
        seats = (self.seats.data or 0) if "seats" in self else 0
        label = " ".join((self.label.data or "").split())
        return GroupDraft(self.part, label, self.stage.data, None, seats, tuple(self.teachers.data or ()))


class ReissueForm(Form):
    """换发: how many there are now, and which issue the page showed."""

    seats = IntegerField(lazy_gettext("现在一共多少人"), [Optional()])
    batch = HiddenField()


class UploadForm(Form):
    """A workbook of classes."""

    workbook = FileField(lazy_gettext("班级表(.xlsx)"))


# --- what is there ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Desk:
    """What every page here works on."""

    school: School
    semester: Semester
    entries: list[Entry]

    @property
    def stages(self) -> list[str]:
        """The school's, in teaching order."""
        return self.school.stages.split()


def _desk(session: Session) -> Desk | None:
    school = grouping.own_school(session, actor())
    code = rounds.current_semester(session)
    semester = roster_queries.semester(session, code) if code else None
    if semester is None:
        return None
    groups = grouping.groups_of_school(session, school.id, semester.code)
    return Desk(school, semester, grouping.entries(groups))


def _desk_or_404() -> Desk:
    desk = _desk(db.session())
    if desk is None:
        abort(404)
    return desk


def _entry_or_404(desk: Desk, group_id: str) -> Entry:
    for entry in desk.entries:
        if any(group.id == group_id for group in entry.groups):
            return entry
    abort(404)


@bp.get("")
@needs(Audience.SCHOOL, Permission.BALLOT_ISSUE)
def index() -> ResponseReturnValue:
    """Classes and groups, what is proposed, and what is to be done next."""
    session = db.session()
    desk = _desk(session)
    if desk is None:
        return render_template("school/ballot/index.html", desk=None)
    present = [group for entry in desk.entries for group in entry.groups]
    members = grouping.members(session, desk.school.id, today())
    asked = grouping.asked_components(session, desk.semester.code)
    return render_template(
        "school/ballot/index.html",
        desk=desk,
        classes=[entry for entry in desk.entries if entry.is_class],
        others=[entry for entry in desk.entries if not entry.is_class],
        proposed=grouping.proposal(members, desk.stages, present, asked),
        member_count=len(members),
        waiting=sum(not group.is_issued for group in present),
        issued=any(group.is_issued for group in present),
        code_count=sum(group.code_count for group in present if group.is_issued),
        window=rounds.window_of(session, desk.semester.code),
        at=now(),
        asked=asked,
        names=GROUP_LABELS,
        parts=[part for part in OTHER_PARTS if part in asked],
    )


# --- one class or group -------------------------------------------------------------------------------------


@bp.route("/classes/new", methods=["GET", "POST"])
@needs(Audience.SCHOOL, Permission.BALLOT_ISSUE)
def new_class() -> ResponseReturnValue:
    """Add a class."""
    desk = _desk_or_404()
    form = ClassForm()
    return _edit(desk, form, None, lambda session, entry: _save_class(session, desk, form, entry))


@bp.route("/groups/new/<component>", methods=["GET", "POST"])
@needs(Audience.SCHOOL, Permission.BALLOT_ISSUE)
def new_group(component: str) -> ResponseReturnValue:
    """Add a group of colleagues, of self-ratings, or of the school."""
    desk = _desk_or_404()
    if component not in OTHER_PARTS:
        abort(404)
    form = GroupForm(desk.school, Component(component))
    return _edit(desk, form, None, lambda session, entry: _save_group(session, desk, form, entry))


@bp.route("/<group_id>", methods=["GET", "POST"])
@needs(Audience.SCHOOL, Permission.BALLOT_ISSUE)
def show(group_id: str) -> ResponseReturnValue:
    """A class or group: to change while its codes are not out, else to print, and to issue anew."""
    desk = _desk_or_404()
    entry = _entry_or_404(desk, group_id)
    first = entry.first
    chosen = [teacher for teacher, _name in first.teachers]
    if entry.is_class:
        words = gettext("%(grade)s年级", grade=first.grade) if first.grade else ""
        form: Any = ClassForm(
            data={"label": first.label, "grade": words, "seats": first.seats, "teachers": chosen}
        )
        return _edit(desk, form, entry, lambda session, one: _save_class(session, desk, form, one))
    data = {"label": first.label, "stage": first.stage, "seats": first.seats, "teachers": chosen}
    form = GroupForm(desk.school, first.component, data=data)
    return _edit(desk, form, entry, lambda session, one: _save_group(session, desk, form, one))


def _save_class(session: Session, desk: Desk, form: ClassForm, entry: Entry | None) -> None:
    school = grouping.own_school(session, actor())
    grouping.save_class(session, desk.semester.code, form.draft(school), entry, actor=actor(), at=now())


def _save_group(session: Session, desk: Desk, form: GroupForm, entry: Entry | None) -> None:
    grouping.save_group(session, desk.semester.code, form.draft(), entry, actor=actor(), at=now())


def _edit(
    desk: Desk, form: Any, entry: Entry | None, save: Callable[[Session, Entry | None], None]
) -> ResponseReturnValue:
    members = grouping.members(db.session(), desk.school.id, today())
    form.offer(members)
    if form.validate_on_submit():
        with form.refusing(), transaction() as session:
            save(session, entry)
        if not form.errors:
            flash(gettext("已保存。"))
            return redirect(url_for(".index"), 303)
    return _entry_page(desk, entry, form, members)


def _entry_page(
    desk: Desk, entry: Entry | None, form: Any, members: list[Member], reissue: ReissueForm | None = None
) -> ResponseReturnValue:
    status = reissue.http_status if reissue is not None else form.http_status
    return render_template(
        "school/ballot/show.html",
        desk=desk,
        entry=entry,
        form=form,
        reissue=reissue or ReissueForm(formdata=None),
        members=members,
        chosen=set(form.teachers.data or ()),
        names=GROUP_LABELS,
        part=None if isinstance(form, ClassForm) else form.part,
        most_seats=MAX_SEATS,
    ), status


@bp.post("/<group_id>/remove")
@needs(Audience.SCHOOL, Permission.BALLOT_ISSUE)
def remove(group_id: str) -> ResponseReturnValue:
    """Take a class or group away while its codes are not out."""
    desk = _desk_or_404()
    entry = _entry_or_404(desk, group_id)
    with transaction() as session:
        grouping.remove_entry(session, desk.semester.code, entry, actor=actor(), at=now())
    flash(gettext("已删除“%(label)s”。", label=entry.first.label))
    return redirect(url_for(".index"), 303)


# --- codes --------------------------------------------------------------------------------------------------


@bp.post("/<group_id>/issue")
@needs(Audience.SCHOOL, Permission.BALLOT_ISSUE)
def issue_one(group_id: str) -> ResponseReturnValue:
    """Issue the codes of a class or group."""
    desk = _desk_or_404()
    entry = _entry_or_404(desk, group_id)
    made = 0
    with transaction() as session:
        for group in entry.groups:
            made += issuing.issue_codes(
                session, vault(), desk.semester.code, group.id, actor=actor(), at=now()
            ).code_count
    flash(ngettext("已发出%(num)s个评议码，可以打印了。", "已发出%(num)s个评议码，可以打印了。", made))
    return redirect(url_for(".show", group_id=group_id), 303)


@bp.post("/issue")
@needs(Audience.SCHOOL, Permission.BALLOT_ISSUE)
def issue() -> ResponseReturnValue:
    """Issue the codes of all classes and groups that have none."""
    desk = _desk_or_404()
    with transaction() as session:
        issued = issuing.issue_codes(session, vault(), desk.semester.code, actor=actor(), at=now())
    for one in issued.skipped:
        part = gettext(COMPONENT_LABELS[one.component])
        flash(f"{one.label}({part}): {spoken(one.why)}", "error")
    if issued.group_count:
        flash(
            gettext(
                "已给%(groups)s个组发出%(codes)s个评议码，可以打印了。",
                groups=issued.group_count,
                codes=issued.code_count,
            )
        )
    return redirect(url_for(".index"), 303)


@bp.post("/<group_id>/reissue")
@needs(Audience.SCHOOL, Permission.BALLOT_ISSUE)
def reissue(group_id: str) -> ResponseReturnValue:
    """Void the open codes and issue new ones."""
    desk = _desk_or_404()
    entry = _entry_or_404(desk, group_id)
    form = ReissueForm()
    if form.validate_on_submit():
        made = None
        with form.refusing(), transaction() as session:
            made = issuing.reissue_codes(
                session,
                vault(),
                desk.semester.code,
                group_id,
                seats=form.seats.data,
                batch=_whole(form.batch.data),
                actor=actor(),
                at=now(),
            )
        if made is not None:
            flash(
                ngettext(
                    "旧的评议码已作废，新发了%(num)s个，请重新打印。",
                    "旧的评议码已作废，新发了%(num)s个，请重新打印。",
                    made,
                )
            )
            return redirect(url_for(".show", group_id=group_id), 303)
    first = entry.first
    shown = (
        ClassForm(formdata=None) if entry.is_class else GroupForm(desk.school, first.component, formdata=None)
    )
    return _entry_page(desk, entry, shown, [], form)


@bp.post("/<group_id>/take-back")
@needs(Audience.SCHOOL, Permission.BALLOT_ISSUE)
def take_back(group_id: str) -> ResponseReturnValue:
    """Void all codes of a class or group nobody has voted in, to change its list."""
    desk = _desk_or_404()
    entry = _entry_or_404(desk, group_id)
    batches = {group.id: _whole(request.form.get(f"batch-{group.id}")) for group in entry.groups}
    with transaction() as session:
        for group in entry.groups:
            if group.is_issued:
                issuing.take_back_codes(
                    session, desk.semester.code, group.id, batch=batches[group.id], actor=actor(), at=now()
                )
    flash(gettext("评议码已收回作废，现在可以改名单。已经发下去的纸条请收回。"))
    return redirect(url_for(".show", group_id=group_id), 303)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 9 else 0


@bp.post("/propose")
@needs(Audience.SCHOOL, Permission.BALLOT_ISSUE)
def propose() -> ResponseReturnValue:
    """Keep the groups that are proposed."""
    desk = _desk_or_404()
    with transaction() as session:
        made = grouping.adopt_proposal(session, desk.semester.code, actor=actor(), at=now())
    flash(ngettext("已按在岗名单编好%(num)s个组。", "已按在岗名单编好%(num)s个组。", made))
    return redirect(url_for(".index"), 303)


@bp.post("/print")
@needs(Audience.SCHOOL, Permission.BALLOT_ISSUE)
def print_sheets() -> ResponseReturnValue:
    """Ask for the sheets as PDF, of all that is issued or of one group."""
    return _ask(TaskKind.BALLOT_SHEETS)


@bp.post("/list")
@needs(Audience.SCHOOL, Permission.BALLOT_ISSUE)
def list_codes() -> ResponseReturnValue:
    """Ask for the list of codes as a workbook."""
    return _ask(TaskKind.BALLOT_CODES)


def _ask(kind: TaskKind) -> ResponseReturnValue:
    desk = _desk_or_404()
    group_id = request.form.get("group_id") or None
    if group_id is not None:
        _entry_or_404(desk, group_id)
    with transaction() as session:
        task = issuing.ask_sheets(session, kind, desk.semester.code, group_id, actor=actor(), at=now())
    return redirect(url_for("auth.task.show", task_id=task), 303)


# --- classes from a workbook --------------------------------------------------------------------------------


@bp.get("/classes.xlsx")
@needs(Audience.SCHOOL, Permission.BALLOT_ISSUE)
def template() -> ResponseReturnValue:
    """The workbook to fill in, with the school's teachers to copy from."""
    school = grouping.own_school(db.session(), actor())
    file = BytesIO()
    write_workbook(file, class_template(grouping.members(db.session(), school.id, today())))
    file.seek(0)
    _log.info("class template downloaded", account=actor().id, role=actor().kind, school=school.id)
    name = f"{gettext('班级表')}-{school.code}.xlsx"
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=name)


@bp.route("/upload", methods=["GET", "POST"])
@needs(Audience.SCHOOL, Permission.BALLOT_ISSUE)
def upload() -> ResponseReturnValue:
    """Take in a workbook of classes: all of it, or none, with the errors marked in a copy."""
    desk = _desk_or_404()
    form = UploadForm()
    problems: tuple[Problem, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    if form.validate_on_submit():
        try:
            sheets = _sheets(form)
            report = _import(desk, sheets)
        except ImportRefused as refusal:
            problems = refusal.problems
            form.refuse(refusal)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            flash(
                gettext(
                    "班级表已导入：新增%(created)s个班，更新%(updated)s个班，%(unchanged)s个班没有变化。",
                    created=report.created,
                    updated=report.updated,
                    unchanged=report.unchanged,
                )
            )
            return redirect(url_for(".index"), 303)
    return render_template(
        "school/ballot/upload.html",
        form=form,
        problems=problems[:SHOWN_PROBLEMS],
        problem_count=len(problems),
        marked=_marked(sheets, problems) if problems else "",
    ), form.http_status


def _sheets(form: UploadForm) -> tuple[Sheet, ...]:
    """The sheets of the chosen file. Raises: RuleViolation at ``workbook``: none was chosen, or it is unreadable."""
    file = form.workbook.data
    if not file or isinstance(file, str) or not file.filename:
        raise RuleViolation("classes.no_file", N_("请选择填好的班级表。"), field="workbook")
    with tempfile.TemporaryDirectory(prefix="classes") as folder:
        path = Path(folder, "classes.xlsx")
        file.save(path)
        return read_workbook(path)


def _import(desk: Desk, sheets: tuple[Sheet, ...]) -> grouping.ClassReport:
    semester_code, stages = desk.semester.code, desk.stages
    members = grouping.members(db.session(), desk.school.id, today())
    plan = plan_classes(as_rows(sheets), grouping.staff_of(members), stages)
    with transaction() as session:
        return grouping.import_classes(session, plan, semester_code, actor=actor(), at=now())


def _marked(sheets: tuple[Sheet, ...], problems: tuple[Problem, ...]) -> str:
    """The sender's workbook with its errors marked, as base64; empty where it is too large to go with the page."""
    file = BytesIO()
    write_workbook(file, marked_tables(sheets, problems, {CLASSES: HEADINGS}, {CLASSES: OPTIONAL}))
    return "" if file.tell() > LARGEST_ERRORS else base64.b64encode(file.getvalue()).decode("ascii")
