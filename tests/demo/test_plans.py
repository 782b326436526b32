"""The plans behind the demonstration city: whole numbers shared out, invented schools and people, letters, roads."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ethics_eval.complaints.categories import CATEGORIES, EVERY_CODE, SCHOOL_MATTERS
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.clocks import Lateness
from ethics_eval.complaints.rules.machine import BURDENING, CaseAction, CaseStatus, Outcome
from ethics_eval.complaints.rules.submission import RespondentRole, problems
from ethics_eval.demo import letters, moments, pictures
from ethics_eval.demo.chance import apportion, stream
from ethics_eval.demo.names import people_names
from ethics_eval.demo.roads import Road, actions
from ethics_eval.demo.schools import MIN_SCHOOLS, plan_schools, starts_of
from ethics_eval.demo.scores import CENTRE, qualities
from ethics_eval.demo.staff import showcase
from ethics_eval.demo.teachers import Spans, plan_teachers
from ethics_eval.roster.reference import districts
from ethics_eval.roster.rules.calendar import Calendar
from ethics_eval.roster.rules.school import SchoolKind, Stage, check_stages, school_code
from ethics_eval.roster.rules.teacher import Position, person_name

SPANS = Spans(date(2025, 9, 1), date(2026, 3, 1), 20)
AT = datetime(2026, 11, 24, 2, tzinfo=UTC)


@given(st.integers(0, 5000), st.lists(st.integers(1, 90), min_size=1, max_size=30), st.integers(0, 5))
def test_what_is_shared_out_is_all_there(total: int, weights: list[int], least: int) -> None:
    if total < least * len(weights):
        with pytest.raises(ValueError, match="too little"):
            apportion(total, weights, least)
        return
    found = apportion(total, weights, least)
    assert (sum(found), len(found)) == (total, len(weights))
    assert min(found) >= least


@pytest.mark.parametrize("count", [MIN_SCHOOLS, 60, 1743])
def test_schools_have_names_and_codes_of_their_own(count: int) -> None:
    schools = plan_schools(count, 23 * count, districts(), 1)
    assert len(schools) == count == len({row.name for row in schools}) == len({row.code for row in schools})
    assert sum(row.staff for row in schools) == 23 * count
    assert {row.kind for row in schools} == set(SchoolKind)
    for row in schools:
        assert school_code(row.code) == row.code
        check_stages(row.code, row.kind, row.stages)
        assert row.name.startswith(row.district)
        assert row.pupils > 0
    assert len(showcase(schools)) == len(set(showcase(schools))) == 8


def test_the_full_city_is_mixed_as_a_city_is() -> None:
    schools = plan_schools(1743, 40_000, districts(), 1)
    kinds = Counter(row.kind for row in schools)
    primary = kinds[SchoolKind.PRIMARY] + kinds[SchoolKind.TEACHING_POINT]
    assert 0.5 < kinds[SchoolKind.KINDERGARTEN] / 1743 < 0.6
    assert 0.25 < primary / 1743 < 0.35
    assert "荷塘区仙庾镇中心小学" in {row.name for row in schools}
    assert plan_schools(1743, 40_000, districts(), 1) == schools != plan_schools(1743, 40_000, districts(), 2)


def test_too_few_schools_or_people() -> None:
    with pytest.raises(ValueError, match="fewer schools"):
        plan_schools(MIN_SCHOOLS - 1, 500, districts(), 1)
    with pytest.raises(ValueError, match="too little"):
        plan_schools(60, 100, districts(), 1)


def test_one_in_five_shares_a_name() -> None:
    names = people_names(10_000, stream(1, "names"))
    counts = Counter(names)
    assert sum(count for count in counts.values() if count > 1) == pytest.approx(2000, abs=60)
    assert all(person_name(name) == name for name in counts)
    assert max(counts.values()) <= 8


def test_people_of_the_schools() -> None:
    schools = plan_schools(60, 1500, districts(), 1)
    teachers = plan_teachers(schools, SPANS, 1)
    assert len(teachers) == len({row.number for row in teachers}) == 1500
    assert all(row.number.isdecimal() for row in teachers)
    for place, (school, start) in enumerate(zip(schools, starts_of(schools), strict=False)):
        staff = teachers[start : start + school.staff]
        assert [row.postings[0].position for row in staff].count(Position.HEAD) == 1
        assert staff[0].postings[0].position is Position.HEAD
        assert all(row.postings[0].school == place for row in staff)
        assert all(row.postings[0].stage in school.stages for row in staff)
    statuses = Counter(posting.status.value for row in teachers for posting in row.postings)
    assert {"in_post", "maternity", "sick_leave", "seconded", "retired", "left"} <= set(statuses)
    moved = [row for row in teachers if len(row.postings) == 2]
    assert moved
    for row in moved:
        before, after = row.postings
        assert before.ends_on is not None
        assert before.starts_on <= before.ends_on < after.starts_on
        assert before.school != after.school
    assert min(qualities(teachers, 1)) > CENTRE - 1300


@pytest.mark.parametrize("template", letters.templates(), ids=lambda row: f"{row.category} {row.body[:6]}")
def test_a_letter_is_filled_in_whole_and_can_be_taken_in(template: letters.Template) -> None:
    for number, stage in enumerate(sorted(template.stages)):
        about = letters.Subject("欧阳晓芳", stage, "数学", "仙庾镇")
        written = letters.write(template, about, AT, stream(number, template.body))
        sent = written.submission
        assert problems(sent, categories=EVERY_CODE, today=date(2026, 11, 24)) == []
        assert "{" not in sent.body + sent.place + sent.subject_class
        assert ("欧阳晓芳" in sent.respondent) is (template.role is not RespondentRole.UNKNOWN)
        assert bool(written.uploads) is bool(template.evidence)
        for upload in written.uploads:
            assert Image.open(BytesIO(upload.body)).format == "JPEG"


def test_a_letter_on_nobody_names_nobody() -> None:
    template = next(row for row in letters.templates() if row.body.count("{teacher}") > 1)
    about = letters.Subject("", Stage.PRIMARY, "", "仙庾镇")
    sent = letters.write(template, about, AT, stream(1, "nobody")).submission
    assert (sent.respondent, sent.respondent_role) == ("", RespondentRole.UNKNOWN)
    assert "{" not in sent.body


def test_letters_and_handling_cover_every_category() -> None:
    assert {row.category for row in letters.templates()} == set(EVERY_CODE)
    handling = letters.handling()
    assert set(handling["categories"]) == set(CATEGORIES)
    assert set(handling["answers"]) == set(SCHOOL_MATTERS)
    heads = {row.category for row in letters.templates() if row.role is RespondentRole.HEAD}
    assert set(handling["heads"]) == heads
    for part in ("grounds", "replies"):
        assert set(handling[part]) == set(Outcome)


def test_pictures_without_a_chinese_font_are_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    with_font = pictures.chat(["老师您好", "收到"], stream(1, "chat"))
    pictures._font.cache_clear()
    monkeypatch.setattr(pictures, "_FONT_FOLDERS", ())
    pictures._font_file.cache_clear()
    try:
        plain = pictures.chat(["老师您好", "收到"], stream(1, "chat"))
        assert pictures.receipt("家长", 120, AT, stream(1, "receipt")).startswith(b"\xff\xd8")
        assert pictures.handwriting("老师\n您好", stream(1, "page")).startswith(b"\xff\xd8")
    finally:
        pictures._font.cache_clear()
        pictures._font_file.cache_clear()
    assert plain.startswith(b"\xff\xd8")
    assert with_font.startswith(b"\xff\xd8")
    assert Image.open(BytesIO(plain)).size == Image.open(BytesIO(with_font)).size


@pytest.mark.parametrize("road", Road)
@pytest.mark.parametrize("outcome", Outcome)
def test_a_road_leads_where_it_should(road: Road, outcome: Outcome) -> None:
    last = {Road.DECLINED: CaseStatus.DECLINED, Road.TRANSFERRED: CaseStatus.TRANSFERRED}
    done = actions(road, outcome, last.get(road, CaseStatus.CLOSED))
    assert done[0] is CaseAction.REGISTER
    if road not in {Road.MATTER, *last}:
        assert (CaseAction.NOTIFY in done) is (outcome in BURDENING)
        assert actions(road, outcome, CaseStatus.SUBMITTED) == []
        assert actions(road, outcome, CaseStatus.INVESTIGATING)[-1] is CaseAction.INVESTIGATE


def test_a_road_that_never_comes_there() -> None:
    with pytest.raises(ValueError, match="never comes"):
        actions(Road.DECLINED, Outcome.UNSUBSTANTIATED, CaseStatus.CLOSED)
    unheard = actions(Road.SCHOOL, Outcome.PARTLY, CaseStatus.HEARING, stated=False)
    assert unheard[-1] is CaseAction.NOTIFY


@given(st.integers(0, 40), st.integers(0, 2000), st.integers(0, 9))
def test_office_moments_rise_and_end_in_time(days: int, minutes: int, count: int) -> None:
    first = AT
    last = first + (datetime(2026, 12, 24, 2, tzinfo=UTC) - AT) * days / 30
    found = moments.office_moments(first, last, count, Calendar(), stream(minutes, "moments"))
    assert len(found) == count
    assert found == sorted(found)
    if last > first:
        assert all(first < moment <= last for moment in found)
        assert len(set(found)) == count
    else:
        assert set(found) <= {first}


@pytest.mark.parametrize("wanted", Lateness)
def test_days_are_found_from_their_due_days(wanted: Lateness) -> None:
    today = date(2026, 11, 24)
    day = moments.day_with(clocks.reply_due, wanted, today, Calendar(), stream(1, "days"), days_ago=16)
    assert day is not None
    assert clocks.due(clocks.reply_due(day, Calendar()), today).lateness is wanted
    assert (today - day).days >= 16


def test_nothing_falls_due_on_a_holiday() -> None:
    holiday = date(2026, 10, 1)
    calendar = Calendar(holidays=frozenset({holiday}))
    assert (
        moments.day_with(clocks.accept_due, Lateness.DUE_TODAY, holiday, calendar, stream(1, "days")) is None
    )
