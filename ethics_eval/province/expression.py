"""The ranking of a province as one expression over tables, for any engine Ibis speaks to (ranking.md R2–R11).

The same whole numbers as :mod:`ethics_eval.ranking.rules`, one rounding where that has one; no float anywhere.
A teacher is known by city and number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any

import ibis
from ibis.expr.types import Table

from ethics_eval.complaints.categories import Severity
from ethics_eval.evaluation.rules.scheme import BASIS_POINTS, Component, Item, Scheme
from ethics_eval.evaluation.rules.tally import POINT
from ethics_eval.province.parquet import OPTIONS
from ethics_eval.ranking.rules.inputs import COUNTING_OUTCOMES, FULL
from ethics_eval.ranking.rules.ledger import (
    GRADE_FROM,
    HONOUR_POINTS,
    RESCUE_POINTS,
    VETO_CAP,
    WARNING_CAP,
)
from ethics_eval.ranking.rules.outcome import GRADES

Value = Any  # Ibis types its values too loosely to be checked
PERSON = ("city", "teacher")
POSTING = ("city", "teacher", "school")
PARTS = tuple(part.value for part in Component)


def ranked(tables: Mapping[str, Table], scheme: Scheme, keep: Callable[[Table], Table]) -> Table:
    """A row a teacher: parts, base, deduction, bonus, score, grade, places; nulls as in the embedded engine.

    Args: tables: by kind, as :data:`ethics_eval.province.parquet.COLUMNS` has them, with ``city``; keep: has the
    engine compute a table and hold it, for what is used more than once.
    """
    parts = keep(_parts(tables, scheme))
    of_stage, everywhere = (keep(means) for means in _means(parts))
    people = keep(_people(tables, scheme, parts, of_stage, everywhere))
    charges = keep(_charges(tables["finding"], scheme))
    bonus = _bonus(tables["honour"], scheme, charges)
    rows = _left(_left(people, charges), bonus)
    return _placed(_scored(rows, scheme))


# --- small words --------------------------------------------------------------------------------------------


def _whole(value: Value) -> Value:
    """64 bits, whatever width an engine gives a sum."""
    return value.cast("int64")


def _rhu(numerator: Value, denominator: Value) -> Value:
    """R0 for a numerator of 0 or more and a positive denominator."""
    return _whole((numerator * 2 + denominator) // (denominator * 2))


def _least(first: Value, second: Value) -> Value:
    return ibis.ifelse(second < first, second, first)  # the first where it is null


def _left(rows: Table, more: Table, keys: Sequence[str] = PERSON) -> Table:
    """Rows with the columns of ``more`` beside, null where it has none."""
    joined = rows.left_join(more, list(keys))
    return joined.drop(*[name for name in joined.columns if name.endswith("_right")])


def _kept(value: Value, is_kept: Value) -> Value:
    """The value where the condition holds, else null."""
    return ibis.ifelse(is_kept, value, ibis.null("int64"))


# --- R2–R6: parts -------------------------------------------------------------------------------------------


def _counted(tallies: Table, component: Component, items: Sequence[Item], trim_percent: int) -> Table:
    """Score, raters and eligible of a counted component of each posting (R2, R3)."""
    of_items = [_item_scores(tallies, component, item, trim_percent) for item in items]
    union = reduce(lambda some, more: some.union(more), of_items)
    return union.group_by(*POSTING).aggregate(
        score=_rhu(_whole(union.weighed.sum()), BASIS_POINTS),
        # an item without any row has no ballots, and n is the smallest of the items'
        raters=_whole(ibis.ifelse(union.count() < len(items), 0, union.ballots.min())),
        eligible=_whole(union.eligible.max()),
    )


def _item_scores(tallies: Table, component: Component, item: Item, trim_percent: int) -> Table:
    rows = tallies.filter(tallies.component == component.value, tallies.item == item.code)
    order = sorted(range(len(item.points)), key=lambda place: -item.points[place])
    counts = [rows[OPTIONS[place]] for place in order]
    ballots = reduce(add, counts)
    cut = ballots * trim_percent // 100
    # Laid in a row from the best option down, what is left are the ballots from the cut-th to the last but cut.
    kept, before = [], ibis.literal(0, "int64")
    for count in counts:
        last = ibis.least(before + count, ballots - cut)
        kept.append(ibis.greatest(last - ibis.greatest(before, cut), 0))
        before = before + count
    worth = reduce(add, (count * item.points[place] for count, place in zip(kept, order, strict=True)))
    score = _rhu(worth * POINT, ibis.greatest(ballots - cut * 2, 1))
    return rows.select(
        *POSTING, weighed=_whole(score * item.weight), ballots=_whole(ballots), eligible=rows.eligible
    )


def _parts(tables: Mapping[str, Table], scheme: Scheme) -> Table:
    """Every valid component of every posting, with stage, weeks and whether the stage is ranked (R4)."""
    postings = tables["posting"]
    found = []
    for component in Component:
        rule = scheme.components[component]
        given = tables["component"].filter(tables["component"].component == component.value)
        sources = [
            given.select(
                *POSTING,
                score=given.score_e4,
                raters=_whole(given.raters.fill_null(1)),
                eligible=given.eligible,
            )
        ]
        if component in scheme.items:
            items = scheme.items[component]
            sources.append(_counted(tables["tally"], component, items, rule.trim_percent))
        rows = reduce(lambda some, more: some.union(more), sources)
        turnout = rows.raters * 100 >= rows.eligible * rule.min_turnout_percent
        enough = rows.raters >= rule.enough_raters
        rows = rows.filter(
            rows.raters >= rule.min_raters, rows.eligible.isnull() | enough | turnout.fill_null(False)
        )
        found.append(rows.mutate(component=ibis.literal(component.value)))
    valid = reduce(lambda some, more: some.union(more), found)
    joined = valid.inner_join(postings.select(*POSTING, "stage", "weeks"), list(POSTING))
    return joined.mutate(is_ranked=joined.stage.isin(list(scheme.ranked_stages)))


def _means(parts: Table) -> tuple[Table, Table]:
    """The mean of each (component, stage) over all its valid postings, and over all ranked stages (R5, R7)."""
    weighed = parts.mutate(weighed=parts.raters * parts.score)
    of_stage = weighed.group_by("component", "stage").aggregate(
        mean=_rhu(_whole(weighed.weighed.sum()), _whole(weighed.raters.sum()))
    )
    ranked_only = weighed.filter(weighed.is_ranked)
    everywhere = ranked_only.group_by("component").aggregate(
        everywhere=_rhu(_whole(ranked_only.weighed.sum()), _whole(ranked_only.raters.sum()))
    )
    return of_stage, everywhere


def _of_teachers(parts: Table, of_stage: Table, scheme: Scheme) -> Table:
    """A teacher's components as columns, null where missing (R5, R6)."""
    rows = parts.filter(parts.is_ranked).inner_join(of_stage, ["component", "stage"])
    prior = ibis.cases(*[(rows.component == part.value, scheme.components[part].prior) for part in Component])
    rows = rows.mutate(prior=_whole(prior))
    pulled = _rhu(rows.raters * rows.score + rows.prior * rows.mean, rows.raters + rows.prior)
    rows = rows.mutate(pulled=pulled)
    rows = rows.mutate(weighed=rows.weeks * rows.pulled)
    one = rows.group_by(*PERSON, "component").aggregate(
        part=_rhu(_whole(rows.weighed.sum()), _whole(rows.weeks.sum()))
    )
    return one.group_by(*PERSON).aggregate(
        **{_column(name): one.part.max(where=one.component == name) for name in PARTS}
    )


# --- R7, R11: base, home, reasons ---------------------------------------------------------------------------


def _people(
    tables: Mapping[str, Table], scheme: Scheme, parts: Table, of_stage: Table, everywhere: Table
) -> Table:
    homes = _homes(tables["posting"], scheme)
    rows = _left(homes, _of_teachers(parts, of_stage, scheme))
    rows = _left(rows, tables["teacher"].select(*PERSON, "pending", "warning"))
    cap = rows.school_part + scheme.self_cap_over_school * POINT
    capped = ibis.ifelse(cap.notnull(), _least(rows["self_part"], cap), rows["self_part"])
    rows = rows.mutate(self_part=capped)
    for name in PARTS:
        level = of_stage.filter(of_stage.component == name).select("stage", **{f"{name}_of_stage": "mean"})
        rows = _left(rows, level, ["stage"])
        all_over = everywhere.filter(everywhere.component == name).select(
            one=ibis.literal(1), **{f"{name}_everywhere": "everywhere"}
        )
        rows = _left(rows.mutate(one=ibis.literal(1)), all_over, ["one"]).drop("one")
    return _based(rows, scheme)


def _based(rows: Table, scheme: Scheme) -> Table:
    weights = {part.value: scheme.components[part].weight for part in Component}
    zero = ibis.literal(0, "int64")
    asked, valid, levels, above = zero, zero, zero, zero
    missing = ibis.literal(False)
    for name, weight in weights.items():
        part = rows[_column(name)]
        level = ibis.coalesce(rows[f"{name}_of_stage"], rows[f"{name}_everywhere"])
        asked = asked + ibis.ifelse(level.notnull(), weight, 0)
        valid = valid + ibis.ifelse(part.notnull(), weight, 0)
        levels = levels + ibis.coalesce(level * weight, 0)
        above = above + ibis.coalesce((part - level) * weight, 0)
        missing = missing | (level.notnull() & part.isnull())
    asked, valid, levels, above = map(_whole, (asked, valid, levels, above))
    enough = (valid >= scheme.min_valid_weight) & (valid > 0) & rows.home_weeks.notnull()
    divisor = asked * valid
    # what is below 0 ends at 0, so that rounding away from zero below it makes no difference
    exact = _rhu(ibis.greatest(levels * valid + above * asked, 0), ibis.greatest(divisor, 1))
    rows = rows.mutate(
        base=_kept(ibis.least(exact, FULL), enough), reweighted=missing, is_home=rows.home_weeks.notnull()
    )
    reason = ibis.cases(
        (~rows.is_home, "KINDERGARTEN_NOT_RANKED"),
        (rows.held.notnull(), rows.held),
        (rows.home_weeks * 2 < scheme.semester_weeks, "NEW_UNDER_HALF"),
        (rows.base.isnull(), "SAMPLE_TOO_SMALL"),
        else_="",
    )
    return rows.mutate(reason=reason)


def _column(part: str) -> str:
    """The column of a part; ``school`` alone is the school's code."""
    return f"{part}_part"


def _homes(postings: Table, scheme: Scheme) -> Table:
    """Each teacher's posting shown: ranked before others, most weeks, greater school code; weeks; the held reason."""
    is_ranked = postings.stage.isin(list(scheme.ranked_stages))
    rows = postings.mutate(is_ranked=is_ranked)
    window = ibis.window(
        group_by=list(PERSON), order_by=[rows.is_ranked.desc(), rows.weeks.desc(), rows.school.desc()]
    )
    first = rows.mutate(order=ibis.row_number().over(window)).filter(lambda row: row.order == 0)
    weeks = rows.group_by(*PERSON).aggregate(
        home_weeks=_whole(rows.weeks.sum(where=rows.is_ranked)),
    )
    held = rows.filter(rows.held != "")
    held_first = ibis.window(group_by=list(PERSON), order_by=[held.school])
    reasons = held.mutate(order=ibis.row_number().over(held_first)).filter(lambda row: row.order == 0)
    found = _left(first.select(*PERSON, "school", "stage"), weeks)
    return _left(found, reasons.select(*PERSON, "held"))


# --- R8–R10: findings, honours, score -----------------------------------------------------------------------


def _charges(findings: Table, scheme: Scheme) -> Table:
    """What a teacher's counting findings amount to (R8)."""
    rows = findings.filter(findings.outcome.isin(list(COUNTING_OUTCOMES)), findings.effective)
    halves = ibis.ifelse(rows.outcome == "PARTLY", 2, 1) * ibis.ifelse(rows["repeat"], 2, 1)
    times = ibis.ifelse(rows["repeat"], 3, 1)
    order = ibis.cases(*[(rows.severity == name.value, name.order) for name in Severity])
    rows = rows.mutate(line=_rhu(rows.points_e4 * times, halves), gravity=_whole(order))
    facts = ibis.ifelse(rows.facts == "", rows.key, rows.facts)
    rows = rows.mutate(same=facts, is_told=rows.facts != "")
    same = ibis.window(group_by=[*PERSON, rows.same, rows.is_told], order_by=[rows.line.desc(), rows.key])
    rows = rows.mutate(order=ibis.row_number().over(same))
    total = _whole(rows.line.sum(where=rows.order == 0))
    return rows.group_by(*PERSON).aggregate(
        deduct=_least(total, ibis.literal(scheme.deduction_cap * POINT, "int64")),
        veto=rows.veto.max(),
        gravest=_whole(rows.gravity.max()),
    )


def _bonus(honours: Table, scheme: Scheme, charges: Table) -> Table:
    """The highest honour and a rescue, capped; none beside a serious finding (R9)."""
    levels = [(honours.level == level, points) for level, points in HONOUR_POINTS.items()]
    rows = honours.mutate(points=_whole(ibis.cases(*levels, else_=0)))
    one = rows.group_by(*PERSON).aggregate(highest=rows.points.max(), rescue=(rows.level == "rescue").max())
    one = _left(one, charges.select(*PERSON, "gravest"))
    points = one.highest + ibis.ifelse(one.rescue, RESCUE_POINTS, 0)
    capped = _least(points, ibis.literal(scheme.bonus_cap, "int64")) * POINT
    barred = one.gravest.fill_null(0) >= Severity.SERIOUS.order
    return one.select(*PERSON, bonus=_whole(ibis.ifelse(barred, 0, capped)))


def _scored(rows: Table, scheme: Scheme) -> Table:
    rows = rows.mutate(
        deduct=_whole(rows.deduct.fill_null(0)),
        bonus=_whole(rows.bonus.fill_null(0)),
        is_charged=rows.gravest.notnull(),
        veto=rows.veto.fill_null(False),
        pending=rows.pending.fill_null(False),
        warning=rows.warning.fill_null(False),
        gravest=_whole(rows.gravest.fill_null(-1)),
    )
    # a teacher without a base is not rated, and gets no score below
    value = ibis.greatest(rows.base.fill_null(0) - rows.deduct + rows.bonus, 0)
    top = ibis.cases((rows.veto, VETO_CAP), (rows.warning, WARNING_CAP), else_=FULL)
    is_rated = rows.reason == ""
    rows = rows.mutate(score=_kept(_rhu(ibis.least(value, top), 100), is_rated))
    pass_from, good_from, best_from = GRADE_FROM
    grade = ibis.cases(
        (~is_rated, ""),
        (rows.veto | (rows.score < pass_from), GRADES[0]),
        (rows.score < good_from, GRADES[1]),
        ((rows.score < best_from) | rows.is_charged, GRADES[2]),
        else_=GRADES[3],
    )
    return rows.mutate(grade=grade)


# --- R11: places --------------------------------------------------------------------------------------------


def _placed(rows: Table) -> Table:
    """Places within the province, the stage and the school."""
    rows = rows.mutate(is_rated=rows.score.notnull())

    def place(*group: str) -> Value:
        # those not rated are a group of their own, so that they count for nobody
        window = ibis.window(group_by=["is_rated", *group], order_by=[rows.score.desc()])
        return _kept(_whole(ibis.rank().over(window)) + 1, rows.is_rated)

    placed = rows.mutate(
        place=place(),
        stage_place=place("stage"),
        school_place=place("city", "school"),
    )
    return placed.select(
        *PERSON,
        "school",
        "stage",
        "reason",
        *[_column(name) for name in PARTS],
        "base",
        "deduct",
        "bonus",
        "score",
        "grade",
        "veto",
        "pending",
        "reweighted",
        "gravest",
        "place",
        "stage_place",
        "school_place",
    )
