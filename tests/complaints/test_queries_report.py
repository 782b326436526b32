"""The work report counts what the reader may see, hides the small, and betrays no case kept from a school."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ethics_eval.complaints.models import Case, Mailbox, MailboxCount
from ethics_eval.complaints.queries.report import Report, month_report
from ethics_eval.complaints.report_sheets import HIDDEN, report_tables
from ethics_eval.complaints.rules import report as rules
from ethics_eval.complaints.rules.machine import CaseStatus
from ethics_eval.complaints.rules.report import Flag
from tests.complaints.town import LETTER, Town

TODAY = date(2026, 4, 20)


@pytest.fixture
def march(town: Town) -> Town:
    """Six letters to the first school (four led to a proposed finding at once), one about its head, one elsewhere."""
    for place in range(6):
        case = town.case(key=f"a key of sixteen characters {place}")
        if place < 4:
            town.lead(case, CaseStatus.FINDING_DRAFT)
    town.case(replace(LETTER, respondent="李国华校长"), key="about the head, sixteen")
    town.send(key="to another district ....", school=2)
    return town


def of(town: Town, actor: object, month: int = 3, district: str = "") -> Report:
    return month_report(town.session, actor, 2026, month, district=district, today=TODAY)  # type: ignore[arg-type]


def test_the_city_counts_all_and_a_district_its_own(march: Town) -> None:
    assert of(march, march.bureau).totals.received == 8
    assert of(march, march.bureau, district="430202").totals.received == 7
    assert of(march, march.district).totals.received == 7
    assert of(march, march.other_district).totals.received is None  # one: hidden
    assert of(march, march.bureau, month=2).totals.received == 0
    assert of(march, march.bureau, month=4).before.received == 8


@pytest.mark.parametrize("who", ["officer", "head", "teacher", "custodian"])
def test_nobody_else_counts_anything(march: Town, who: str) -> None:
    report = of(march, getattr(march, who))
    assert report.totals.received == 0
    assert not report.by_category


def test_the_tables_hide_small_numbers_from_the_sum_too(march: Town) -> None:
    report = of(march, march.bureau)
    assert report.by_district == {"芦淞区": 7, "醴陵市": None} or set(report.by_district.values()) == {None}
    assert report.by_category == {"C06": 8}
    assert report.by_stage == {"PRI": 8}
    assert report.by_source == {"WEB": 8}
    assert len(report.trend) == 12
    assert report.trend[-1] == ("2026-03", 8, 0)


def test_what_is_too_quick_and_too_quiet_is_flagged_by_name_not_by_count(
    march: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SILENT_TEACHERS", 1)
    lines = {line.name: line.flags for line in of(march, march.bureau).schools}
    assert lines["明德小学"] == (Flag.QUICK,)
    assert lines["向阳中学"] == (Flag.SILENT, Flag.UNSEEN)
    names = [line.name for line in of(march, march.bureau).schools]
    assert names == sorted(names, key=lambda name: (name != "明德小学", name)) or len(names) == 2


def test_a_mailbox_somebody_opened_is_silent_but_seen(march: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SILENT_TEACHERS", 1)
    box: Mailbox = march.mailbox(1)
    march.session.add(
        MailboxCount(mailbox_id=box.id, on=date(2026, 3, 2), opened_count=4, began_count=0, sent_count=0)
    )
    march.session.flush()
    lines = {line.name: line.flags for line in of(march, march.bureau).schools}
    assert lines["向阳中学"] == (Flag.SILENT,)


def test_a_case_kept_from_the_school_gives_no_flag_away(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report goes out on paper: a school that only has letters about its head looks as silent as before."""
    monkeypatch.setattr(rules, "SILENT_TEACHERS", 1)
    before = of(town, town.bureau).schools
    for place in range(6):
        case = town.case(replace(LETTER, respondent="李国华校长"), key=f"about the head, sixteen {place}")
        assert case.recused
    assert of(town, town.bureau).schools == before


def test_the_sheets_say_what_the_page_says(march: Town) -> None:
    report = of(march, march.bureau)
    tables = {table.title: table for table in report_tables(report, by="唐宁", made_on="2026-04-20")}
    assert list(tables) == ["汇总", "分类", "学段", "来源", "县市区", "各月", "需要关注"]
    sums = dict((row[0], row[1]) for row in tables["汇总"].rows)
    assert sums["收到"] == 8
    assert sums["已受理"] == HIDDEN
    assert ("体罚或变相体罚", 8) in list(tables["分类"].rows)


def test_overdue_stands_as_at_the_months_end(march: Town) -> None:
    late = of(march, march.bureau).totals.overdue
    cases = march.session.query(Case).all()
    expected = sum(case.queue_on < date(2026, 4, 1) for case in cases)
    assert late == rules.shown_sum(expected)
