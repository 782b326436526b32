"""The queue of an audience: filters, saved views, search in what is sealed, and steps for many cases at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy.orm.exc import StaleDataError
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from ethics_eval.accounts.queries import colleagues
from ethics_eval.accounts.rules import Permission, Scope, scope_of
from ethics_eval.accounts.saved_views import delete_view, save_view, saved_views
from ethics_eval.accounts.service import record
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.categories import CATEGORIES, EVERY_CODE, SCHOOL_MATTERS
from ethics_eval.complaints.queries import CaseFilter, Group
from ethics_eval.complaints.rules.machine import DESK_LABELS, STATUS_LABELS, CaseStatus, Desk
from ethics_eval.complaints.rules.searching import PLACE_LABELS, search_words
from ethics_eval.complaints.rules.source import SOURCE_LABELS, Source
from ethics_eval.complaints.service import Step, expect_version
from ethics_eval.database import db, transaction
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.school import STAGE_LABELS, Stage
from ethics_eval.text import N_, Conflict, RuleViolation
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.forms import Form
from ethics_eval.web.page import category_name, spoken, translated_choices
from ethics_eval.web.request import MAX_PAGE, actor, now, today, vault

_NOT_FOUND = RuleViolation("case.not_found", N_("没有找到这件案件，或者您已不能办理它。"))
_CHANGED = Conflict("case.changed", N_("您打开页面之后，案件已有新的变化。请看过新的情况再办理。"))
MAX_CHOSEN = 50


class SearchForm(Form):
    """What to look for; it is posted, so that no address and no log holds a name."""

    words = StringField(lazy_gettext("查找"))
    before = HiddenField()


class ViewForm(Form):
    """A name for the filters of the page."""

    name = StringField(lazy_gettext("名字"))


class OwnerForm(Form):
    """指定经办人 for many."""

    owner = SelectField(lazy_gettext("经办人"), validate_choice=False)


class HandForm(Form):
    """交办 for many."""

    desk = RadioField(lazy_gettext("交给谁办理"), validate_choice=False)
    instruction = TextAreaField(lazy_gettext("交办要求"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.desk.choices = translated_choices(DESK_LABELS)


def wanted_of(given: Mapping[str, str], districts: set[str]) -> CaseFilter:
    """The filter of a query string; unknown names and values are as if they were not there."""

    def one_of(name: str, known: set[Any]) -> str:
        value = given.get(name, "")
        return value if value in known else ""

    status = given.get("status", Group.OPEN.value)
    if status not in {*Group, *CaseStatus, ""}:
        status = Group.OPEN.value
    page = given.get("page", "1")
    return CaseFilter(
        status=Group.ALL.value if status == "" else status,
        category=one_of("category", set(EVERY_CODE)),
        desk=one_of("desk", set(Desk)),
        text=given.get("q", "").replace("\x00", "").strip()[:60],
        page=min(max(1, int(page)), MAX_PAGE) if page.isdecimal() and len(page) < 9 else 1,
        district=one_of("district", districts),
        stage=one_of("stage", set(Stage)),
        source=one_of("source", set(Source)),
        owner=one_of("owner", {"me", "none"}),
        urgent=given.get("urgent") == "1",
        unread=given.get("unread") == "1",
        sort="received" if given.get("sort") == "received" else "due",
    )


def query_of(wanted: CaseFilter) -> dict[str, Any]:
    """The query string of a filter, without what is so by itself and without the page."""
    values = {name: "1" if value is True else value for name, value in asdict(wanted).items() if value}
    values["q"] = values.pop("text", "")
    values.pop("page", None)
    ordinary = {"status": Group.OPEN.value, "sort": "due", "q": ""}
    return {name: str(value) for name, value in values.items() if ordinary.get(name) != value}


@dataclass(frozen=True)
class Chip:
    """A filter that is on or off: its word, the query it leads to, whether it is on, and how many stand behind it."""

    label: str
    query: dict[str, str]
    is_on: bool
    count: str = ""


def _is_more(page: int, total: int, shown: int) -> bool:
    # beyond what is counted, a full page may have one after it
    if total > queries.COUNT_CAP:
        return shown == queries.PAGE_SIZE
    return page * queries.PAGE_SIZE < total


def _counted(count: int) -> str:
    return f"{queries.COUNT_CAP}+" if count > queries.COUNT_CAP else str(count)


def _chips(wanted: CaseFilter, counts: Mapping[str, int]) -> tuple[list[Chip], list[Chip]]:
    """The groups, one of which is on; and the marks, each of which can be on."""
    query = query_of(wanted)
    groups = [
        Chip(
            gettext(label),
            {**query, "status": group.value},
            wanted.status == group,
            _counted(counts.get(group.value, 0)),
        )
        for group, label in queries.GROUP_LABELS.items()
    ]
    marks = []
    for name, value, label, count in (
        ("urgent", "1", gettext("紧急"), counts.get("urgent", 0)),
        ("unread", "1", gettext("有未读留言"), counts.get("unread", 0)),
        ("owner", "me", gettext("我经办的"), None),
        ("owner", "none", gettext("没有经办人"), None),
    ):
        is_on = query.get(name) == value
        turned = {key: given for key, given in query.items() if key != name}
        marks.append(
            Chip(
                label,
                turned if is_on else {**turned, name: value},
                is_on,
                "" if count is None else _counted(count),
            )
        )
    return groups, marks


def _owner_choices() -> list[SelectChoice]:
    people = colleagues(db.session(), actor())
    return [
        SelectChoice("", gettext("请选择")),
        SelectChoice("none", gettext("不指定")),
        *(SelectChoice(str(person.id), person.display_name) for person in people),
    ]


def _chosen() -> list[tuple[str, int]]:
    """The cases ticked on the page: number and the version it showed."""
    chosen = []
    for value in request.form.getlist("numbers")[:MAX_CHOSEN]:
        number, _, version = value.partition(".")
        if number.isdecimal():
            chosen.append((number, int(version) if version.isdecimal() and len(version) < 9 else -1))
    return chosen


def _for_each(do: Callable[[Step, Any], object]) -> ResponseReturnValue:
    """Do a step for each ticked case in a transaction and with checks of its own; tell what was done and what not."""
    chosen = _chosen()
    done, refused = 0, []
    for number, version in chosen:
        why = _one(number, version, do)
        if why is None:
            done += 1
        else:
            refused.append(gettext("%(number)s:%(why)s", number=number, why=spoken(why)))
    if not chosen:
        flash(gettext("请先在列表里勾选案件。"), "error")
    if done:
        flash(ngettext("已办理%(num)s件。", "已办理%(num)s件。", done))
    for line in refused:
        flash(line, "error")
    return _back()


def _one(number: str, version: int, do: Callable[[Step, Any], object]) -> RuleViolation | None:
    try:
        with transaction() as session:
            case = queries.find_case(session, actor(), number, lock=True)
            if case is None:
                return _NOT_FOUND
            expect_version(case, version)
            do(Step(session, vault(), actor(), now()), case)
    except RuleViolation as violation:
        return violation
    except StaleDataError:
        return _CHANGED
    return None


def owner_context(case: Any) -> dict[str, Any]:
    """What the head of the page of a case needs: its owner's name, and whom the reader may choose."""
    may = scope_of(actor(), Permission.CASE_OWN) is not None
    return {
        "owner": queries.owner_name(db.session(), case),
        "owner_choices": _owner_choices() if may else [],
    }


def _back() -> ResponseReturnValue:
    one = request.form.get("back", "")
    if one.isdecimal() and queries.find_case(db.session(), actor(), one) is not None:
        return redirect(url_for(".show", number=one), 303)
    return redirect(url_for(".index", **query_of(wanted_of(request.args, _district_codes()))), 303)


def _district_codes() -> set[str]:
    return {district.code for district in roster_queries.districts(db.session())}


def add_routes(bp: Blueprint, audience: Audience) -> None:  # noqa: C901 - one function a page
    """Give the blueprint ``case`` its queue."""
    reads = needs(audience, Permission.CASE_READ)

    @bp.get("")
    @reads
    def index() -> ResponseReturnValue:
        """The queue, the most urgent first."""
        return _page(ViewForm())

    def _page(view_form: ViewForm) -> ResponseReturnValue:
        session, who = db.session(), actor()
        districts = (
            roster_queries.districts(session) if scope_of(who, Permission.CASE_READ) is Scope.CITY else []
        )
        wanted = wanted_of(request.args, {district.code for district in districts})
        rows, total = queries.queue(session, who, wanted, today())
        groups, marks = _chips(wanted, queries.group_counts(session, who, wanted, today()))
        owner_form, hand_form = OwnerForm(), HandForm()
        owner_form.owner.choices = _owner_choices()
        page = render_template(
            f"{audience}/case/index.html",
            rows=rows,
            total=total,
            counted=_counted(total),
            is_more=_is_more(wanted.page, total, len(rows)),
            wanted=wanted,
            query=query_of(wanted),
            groups=groups,
            marks=marks,
            statuses=translated_choices(STATUS_LABELS),
            desks=translated_choices(DESK_LABELS),
            stages=translated_choices(STAGE_LABELS),
            sources=translated_choices(SOURCE_LABELS),
            districts=districts,
            categories=[(code, category_name(code)) for code in (*CATEGORIES, *SCHOOL_MATTERS)],
            views=saved_views(session, who),
            search_form=SearchForm(),
            view_form=view_form,
            owner_form=owner_form,
            hand_form=hand_form,
        )
        return page, view_form.http_status

    @bp.post("/search")
    @reads
    def search() -> ResponseReturnValue:
        """Cases in which the words stand: sealed letters are opened and read, and that it was done is recorded."""
        form = SearchForm()
        found = None
        words: list[str] = []
        if form.validate_on_submit():
            with form.refusing(), transaction() as session:
                words = search_words((form.words.data or "").replace("\x00", ""))
                found = queries.search(session, vault(), actor(), words, before=form.before.data or "")
                record(
                    session,
                    actor(),
                    now(),
                    "case.searched",
                    "case",
                    "many",
                    looked=found.looked_count,
                    found=len(found.found),
                )
        return render_template(
            f"{audience}/case/search.html", form=form, search=found, words=words, places=PLACE_LABELS
        ), form.http_status

    @bp.post("/views")
    @reads
    def keep_view() -> ResponseReturnValue:
        """Keep the page's filters under a name."""
        form = ViewForm()
        query = query_of(wanted_of(request.args, _district_codes()))
        if form.validate_on_submit():
            with form.refusing(), transaction() as session:
                save_view(session, actor(), name=form.name.data or "", filters=query, at=now())
            if not form.errors:
                flash(gettext("已保存常用筛选。"))
                return redirect(url_for(".index", **query), 303)
        return _page(form)

    @bp.post("/views/<view_id>/delete")
    @reads
    def drop_view(view_id: str) -> ResponseReturnValue:
        """Delete one of the own saved views."""
        with transaction() as session:
            if not delete_view(session, actor(), view_id, at=now()):
                abort(404)
        flash(gettext("已删除常用筛选。"))
        return redirect(url_for(".index"), 303)

    @bp.post("/owner")
    @needs(audience, Permission.CASE_OWN)
    def own() -> ResponseReturnValue:
        """指定经办人 of the ticked cases."""
        typed = request.form.get("owner", "")
        if typed != "none" and not (typed.isdecimal() and len(typed) < 10):
            flash(gettext("请选择经办人。"), "error")
            return _back()
        owner = None if typed == "none" else int(typed)
        return _for_each(lambda step, case: service.own(step, case, owner))

    if audience is Audience.BUREAU:

        @bp.post("/assign")
        @needs(audience, Permission.CASE_ASSIGN)
        def assign() -> ResponseReturnValue:
            """交办 the ticked cases, each checked by the machine."""
            desk, instruction = request.form.get("desk", ""), request.form.get("instruction", "")
            if desk not in set(Desk):
                flash(gettext("请选择交给谁办理。"), "error")
                return _back()
            return _for_each(
                lambda step, case: service.assign(step, case, desk=Desk(desk), instruction=instruction)
            )
