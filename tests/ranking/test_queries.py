"""Who sees which rankings, rows, ledgers and lists; on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import CLOCK, Permission, Role
from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.models import Case, Finding
from ethics_eval.complaints.rules.machine import Outcome
from ethics_eval.ranking import holding, queries
from ethics_eval.ranking.queries import RankingFilter, RankingView, Sight, sight_of
from ethics_eval.ranking.queries.holds import holds_of
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.vault.service import Vault
from tests.ranking.published import GAP, PublishedCity
from tests.support.ranked import DECIDED_AT, SCHOOLS, SEMESTER


@pytest.fixture
def town(session: Session, tmp_path: Path) -> PublishedCity:
    """Scored, not yet opened."""
    return PublishedCity(session, Vault(bytes(range(32))), tmp_path)


@pytest.fixture
def published(town: PublishedCity) -> PublishedCity:
    """Its ranking published."""
    town.lead_to(Step.PUBLISH)
    return town


def seen(town: PublishedCity, sight: Sight) -> RankingView:
    """The ranking, which this reader does see."""
    found = queries.ranking_of(town.session, sight, SEMESTER)
    assert found is not None
    return found


def bureau(town: PublishedCity) -> Sight:
    return sight_of(town.session, town.bureau)


@pytest.mark.parametrize("step", [Step.OPEN, Step.FREEZE, Step.ANNOUNCE, Step.PUBLISH])
def test_districts_schools_and_teachers_see_it_once_published(town: PublishedCity, step: Step) -> None:
    town.lead_to(step)
    teacher = town.account(Role.TEACHER, teacher=town.charged)
    for actor in (town.officer, town.head, town.district):
        is_seen = queries.ranking_of(town.session, sight_of(town.session, actor), SEMESTER) is not None
        assert is_seen is (step is Step.PUBLISH)
    assert bool(queries.own_scores(town.session, teacher)) is (step is Step.PUBLISH)
    for actor in (town.bureau, town.chief):
        is_seen = queries.ranking_of(town.session, sight_of(town.session, actor), SEMESTER) is not None
        assert is_seen is (step is not Step.OPEN)


def test_nobody_else_sees_anything(published: PublishedCity) -> None:
    for actor in (published.account(Role.AUDITOR), published.account(Role.SYSADMIN), CLOCK):
        sight = sight_of(published.session, actor)
        ranking = queries.ranking_of(published.session, sight, SEMESTER)
        assert ranking is not None  # that there is one is no secret
        assert queries.ranking_page(published.session, sight, ranking.id, RankingFilter()) == ([], 0)
        assert queries.bottom_lines(published.session, sight, ranking.id) == []
        assert queries.lowest(published.session, sight, ranking) == []


def test_versions_and_holds_are_told_only_to_who_sees_a_ranking_before_publication(
    town: PublishedCity,
) -> None:
    """Whoever else asks, by whatever way, is told nothing, though the ranking is published."""
    session = town.session
    for act in (holding.hold, holding.release):
        act(session, SEMESTER, reason="等待核实一所学校的票数", actor=town.chief, at=DECIDED_AT)
    town.lead_to(Step.PUBLISH)
    inside = bureau(town)
    (version,) = queries.all_versions(session, inside, SEMESTER)
    assert queries.difference(session, inside, version.id, version.id) is not None
    assert len(holds_of(session, inside, SEMESTER)) == 1
    teacher = town.account(Role.TEACHER, teacher=town.charged)
    others = (town.district, town.officer, town.head, teacher, town.account(Role.AUDITOR))
    for sight in [sight_of(session, actor) for actor in others]:
        assert queries.all_versions(session, sight, SEMESTER) == []
        assert queries.difference(session, sight, version.id, version.id) is None
        assert queries.checked_because(session, sight, SEMESTER) == []
        assert holds_of(session, sight, SEMESTER) == []


def test_rows_are_those_of_the_scope(published: PublishedCity) -> None:
    session = published.session
    for actor, schools in (
        (published.officer, {0}),
        (published.district, {0}),
        (published.bureau, {0, 1, 2, 3}),
    ):
        sight = sight_of(session, actor)
        ranking = seen(published, sight)
        rows, total = queries.ranking_page(session, sight, ranking.id, RankingFilter())
        assert {row.row.school for row in rows} == {SCHOOLS[place][0] for place in schools}
        assert total == len(rows) == len(list(queries.ranking_lines(session, sight, ranking.id)))


def test_the_order_is_by_place_then_school_then_number_the_not_rated_last(published: PublishedCity) -> None:
    sight = bureau(published)
    rows, total = queries.ranking_page(published.session, sight, seen(published, sight).id, RankingFilter())
    assert total == 38
    keys = [(row.row.place is None, row.row.place or 0, row.row.school, row.row.teacher) for row in rows]
    assert keys == sorted(keys)
    assert [(row.row.teacher, row.row.reason) for row in rows[-2:]] == [
        ("T9000", "KINDERGARTEN_NOT_RANKED"),
        ("T8000", "MATERNITY"),
    ]
    assert rows[0].name == published.teachers[0].name
    assert rows[0].subject == "语文"
    assert rows[0].district == "天元区"


NARROWED: tuple[tuple[RankingFilter, set[str]], ...] = (
    (RankingFilter(text="T0035"), {"T0035"}),
    (RankingFilter(text="谭园园"), {"T9000"}),
    (RankingFilter(text="%"), set()),
    (RankingFilter(status="not_rated"), {"T9000", "T8000"}),
    (RankingFilter(status="provisional"), {"T0033"}),
    (RankingFilter(stage="KG"), {"T9000"}),
    (RankingFilter(school="田心幼儿园"), {"T9000"}),
    (RankingFilter(school=SCHOOLS[3][0]), {"T9000"}),
    (RankingFilter(district="430204"), {"T9000"}),
    (RankingFilter(grade="优秀"), {f"T{number:04}" for number in range(12)}),
    (RankingFilter(page=2), set()),
)


def test_it_can_be_narrowed(published: PublishedCity) -> None:
    sight = bureau(published)
    ranking = seen(published, sight)
    for narrowed, numbers in NARROWED:
        rows, total = queries.ranking_page(published.session, sight, ranking.id, narrowed)
        assert {row.row.teacher for row in rows} == numbers, narrowed
        assert total == (38 if narrowed.page > 1 else len(numbers))


def test_an_open_case_is_told_only_to_those_who_may_know(published: PublishedCity) -> None:
    """A provisional score tells that a case is open: the respondent, not yet told of it, must not learn so here."""
    session = published.session
    number = published.pending.number
    school = published.school_of(published.pending)
    teacher = published.account(Role.TEACHER, teacher=published.pending)
    officer = published.account(Role.SCHOOL_OFFICER, school=school)
    for actor, is_told in ((published.bureau, True), (officer, True)):
        sight = sight_of(session, actor)
        score = queries.teacher_score(session, sight, actor, seen(published, sight), number)
        assert score is not None
        assert (score.line.rating == "provisional") is is_told
    (own,) = queries.own_scores(session, teacher)
    assert own.line.rating == "rated"

    case = session.scalars(select(Case).join(Finding).where(Finding.teacher_id == published.pending.id)).one()
    case.desk, case.recused = "district", True
    session.flush()
    sight = sight_of(session, officer)
    rows, _total = queries.ranking_page(
        session, sight, seen(published, sight).id, RankingFilter(status="provisional")
    )
    assert rows == []
    score = queries.teacher_score(session, sight, officer, seen(published, sight), number)
    assert score is not None
    assert score.line.rating == "rated"


def test_every_deduction_has_its_finding_articles_and_two_approvers(published: PublishedCity) -> None:
    (score,) = queries.own_scores(
        published.session, published.account(Role.TEACHER, teacher=published.charged)
    )
    (line,) = score.ledger
    assert (line.category, line.severity, line.outcome) == ("C06", "ordinary", "SUBSTANTIATED")
    assert line.counted
    assert score.line.row.deduct == line.line_e4 == line.points * 10_000 == 80_000
    assert line.proposed_by != line.decided_by
    assert line.proposed_by.startswith("测试school_officer")
    assert line.decided_by.startswith("测试district_officer")
    assert line.case_number  # the respondent was told of the case and may open it
    assert score.around.city == 36
    assert score.around.stage >= score.around.school == 12


def test_a_half_finding_costs_half(published: PublishedCity) -> None:
    sight = bureau(published)
    score = queries.teacher_score(
        published.session, sight, published.bureau, seen(published, sight), published.half.number
    )
    assert score is not None
    (line,) = score.ledger
    assert line.is_half
    assert line.line_e4 * 2 == line.points * 10_000


def test_another_schools_teacher_is_not_there(published: PublishedCity) -> None:
    sight = sight_of(published.session, published.officer)
    ranking = seen(published, sight)
    for teacher, school in ((published.teachers[0], 0), (published.teachers[1], 1)):
        score = queries.teacher_score(published.session, sight, published.officer, ranking, teacher.number)
        assert (score is not None) is (school == 0)


def test_a_school_sees_no_line_of_a_case_recused_from_it(town: PublishedCity) -> None:
    session = town.session
    teacher = town.teachers[0]
    finding = town.charge(teacher, "C11", Severity.GRAVE, Outcome.SUBSTANTIATED)
    session.get_one(Case, finding.case_id).recused = True
    town.lead_to(Step.PUBLISH)
    for actor, count in ((town.officer, 0), (town.district, 1), (town.bureau, 1)):
        sight = sight_of(session, actor)
        score = queries.teacher_score(session, sight, actor, seen(town, sight), teacher.number)
        assert score is not None
        assert len(score.ledger) == count


def test_a_teacher_sees_nobody_else(published: PublishedCity) -> None:
    teacher = published.account(Role.TEACHER, teacher=published.teachers[GAP])
    (own,) = queries.own_scores(published.session, teacher)
    assert own.line.row.teacher == published.teachers[GAP].number
    assert own.line.row.flags == ("reweighted",)
    assert queries.own_scores(published.session, published.officer) == []
    sight = sight_of(published.session, teacher, Permission.SCORE_READ)
    rows, total = queries.ranking_page(published.session, sight, own.ranking.id, RankingFilter(text="T00"))
    assert total == len(rows) == 1


def test_figures_add_up(published: PublishedCity) -> None:
    sight = bureau(published)
    ranking = seen(published, sight)
    found = queries.figures(published.session, sight, ranking.id)
    rows = list(queries.ranking_lines(published.session, sight, ranking.id))
    assert (found.teacher_count, found.rated_count) == (38, 36)
    assert found.teacher_count == ranking.counts["teachers"]
    assert found.provisional_count == ranking.counts["provisional"] == 1
    assert dict(found.not_rated) == {"KINDERGARTEN_NOT_RANKED": 1, "MATERNITY": 1}
    assert dict(found.grades) == {"优秀": 12, "合格": 24, "基本合格": 0, "不合格": 0}
    for groups in (found.stages, found.districts):
        assert sum(group.teacher_count for group in groups) == 38
        assert sum(group.rated_count for group in groups) == 36
    primary = next(group for group in found.stages if group.code == "PRI")
    scores = [row.row.score for row in rows if row.row.stage == "PRI" and row.row.score is not None]
    assert primary.mean == (2 * sum(scores) + len(scores)) // (2 * len(scores))
    assert {group.name for group in found.districts} == {"天元区", "荷塘区", "芦淞区", "石峰区"}


def test_the_lowest_are_told_with_their_fate(published: PublishedCity) -> None:
    sight = bureau(published)
    ranking = seen(published, sight)
    found = queries.lowest(published.session, sight, ranking)
    fates = {candidate.line.row.teacher: candidate.fate for candidate in found}
    assert fates["T0035"] == "named"
    assert fates["T0034"] == "named"
    assert fates["T0033"] == "provisional"
    counts = ranking.counts
    assert sum(fate in {"named", "private"} for fate in fates.values()) == counts["listed"]
    assert sum(fate == "tied" for fate in fates.values()) == counts["dropped"]
    assert sum(fate == "provisional" for fate in fates.values()) == counts["passed_over"]
    listed = queries.bottom_lines(published.session, sight, ranking.id)
    assert [line.number for line in listed] == [
        candidate.line.row.teacher for candidate in found if candidate.fate in {"named", "private"}
    ]
    assert queries.lowest(published.session, sight_of(published.session, published.district), ranking) == []
    assert (
        queries.bottom_lines(published.session, sight_of(published.session, published.officer), ranking.id)
        == []
    )


def test_a_group_equal_across_the_cut_is_told_as_left_out(session: Session, tmp_path: Path) -> None:
    town = PublishedCity(session, Vault(bytes(range(32))), tmp_path)
    extra = [town.add_teacher(f"T7{number:03d}", f"乙{number}", town.schools[1]) for number in range(4)]
    for teacher in extra:  # three free places of the list, four equals
        town.give(teacher, "77.00")
    town.lead_to(Step.FREEZE)
    sight = bureau(town)
    ranking = seen(town, sight)
    found = queries.lowest(session, sight, ranking)
    assert ranking.counts["dropped"] == 4
    assert {candidate.line.row.teacher for candidate in found if candidate.fate == "tied"} == {
        teacher.number for teacher in extra
    }


def test_the_steps_are_told_with_who_took_them(published: PublishedCity) -> None:
    taken = {step.action: step for step in queries.steps_taken(published.session, SEMESTER)}
    steps = [
        "semester.opened",
        "ranking.frozen",
        "ranking.verified",
        "ranking.announced",
        "ranking.published",
    ]
    assert [action for action in taken if action in steps] == steps
    assert taken.pop("ranking.verified").by == published.chief.display_name
    assert {taken[action].by for action in steps if action in taken} == {published.bureau.display_name}
    assert queries.steps_taken(published.session, "2019-2020-1") == []


def test_a_page_takes_few_queries(published: PublishedCity) -> None:
    """However many rows a page has."""
    sight = bureau(published)
    published.session.flush()
    statements: list[str] = []
    connection = published.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
    ranking = seen(published, sight)
    queries.ranking_page(published.session, sight, ranking.id, RankingFilter())
    assert len(statements) == 4
    statements.clear()
    queries.teacher_score(published.session, sight, published.bureau, ranking, "T0035")
    assert len(statements) <= 4
