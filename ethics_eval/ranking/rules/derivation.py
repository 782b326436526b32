"""为什么是这个分: one teacher's score step by step, each number with the sum it comes from (ranking.md R2–R10).

Worked out a second time in plain whole numbers, from the teacher's own frozen rows and what everyone's parts are
compared with, so that a reader can do the same by hand. Values named ``_e4`` are in units of 0.0001 point and are
written with four decimals. The formulas are figures and signs only, in no language.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ethics_eval.complaints.categories import Severity
from ethics_eval.evaluation.rules.disclosure import least_raters, shown_together
from ethics_eval.evaluation.rules.scheme import BASIS_POINTS, STAGES, Component, ComponentRule, Scheme
from ethics_eval.evaluation.rules.tally import NOTHING, POINT
from ethics_eval.ranking.rules.computation import Measured
from ethics_eval.ranking.rules.inputs import (
    COUNTING_OUTCOMES,
    FULL,
    FindingInput,
    HonourInput,
    Inputs,
    PostingInput,
)
from ethics_eval.ranking.rules.ledger import (
    HONOUR_POINTS,
    RESCUE_POINTS,
    VETO_CAP,
    WARNING_CAP,
    Charge,
    grades,
    line_of,
    point_ledger,
)
from ethics_eval.ranking.rules.outcome import GRADES

GIVEN, COUNTED = "given", "counted"
FEW, TURNOUT = "few", "turnout"
_COMPONENTS = tuple(Component)


# --- what everyone is compared with -------------------------------------------------------------------------


@dataclass(frozen=True)
class Means:
    """m of R5 by component and stage, and of R7 over all ranked stages; what is not there, nobody has."""

    stages: Mapping[Component, Mapping[str, int]]
    everywhere: Mapping[Component, int]

    def level(self, component: Component, stage: str) -> int | None:
        """M of R7: the stage's mean, else that of all ranked stages, else None."""
        found = self.stages.get(component, {}).get(stage)
        return self.everywhere.get(component) if found is None else found

    def to_json(self) -> str:
        """As it is kept with the ranking."""
        return json.dumps({"stages": self.stages, "everywhere": self.everywhere}, sort_keys=True)


def read_means(text: str) -> Means | None:
    """What :meth:`Means.to_json` wrote; None: of a ranking frozen before it was kept."""
    raw = json.loads(text)
    if not raw:
        return None
    return Means(
        {Component(name): dict(found) for name, found in raw["stages"].items()},
        {Component(name): mean for name, mean in raw["everywhere"].items()},
    )


def round_means(found: Measured) -> Means:
    """The means of a whole round (R5, R7)."""
    return Means(
        {
            name: {
                stage: int(mean)
                for stage, mean in zip(STAGES, found.means[place], strict=True)
                if mean != NOTHING
            }
            for place, name in enumerate(_COMPONENTS)
        },
        {
            name: int(found.everywhere[place])
            for place, name in enumerate(_COMPONENTS)
            if found.everywhere[place] != NOTHING
        },
    )


# --- figures as they are written ----------------------------------------------------------------------------


def exact(value_e4: int) -> str:
    """Units of 0.0001 point with four decimals.

    >>> exact(873_456), exact(-5)
    ('87.3456', '−0.0005')
    """
    sign = "−" if value_e4 < 0 else ""
    whole, part = divmod(abs(value_e4), POINT)
    return f"{sign}{whole}.{part:04d}"


def share(basis_points: int) -> str:
    """A weight in per cent.

    >>> share(2000), share(1250)
    ('20%', '12.5%')
    """
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d}".rstrip("0") + "%" if part else f"{whole}%"


def _rhu(numerator: int, denominator: int) -> int:
    found = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -found if numerator < 0 else found


def _signed(value_e4: int) -> str:
    return f"({exact(value_e4)})" if value_e4 < 0 else exact(value_e4)


# --- the steps ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ItemStep:
    """An item's trimmed mean (R2): options as points, how many chose each, how many of them were left."""

    code: str
    weight: int
    points: tuple[int, ...]
    counts: tuple[int, ...]
    kept: tuple[int, ...]
    raters: int
    cut: int
    score_e4: int

    @property
    def formula(self) -> str:
        """The mean of what is left."""
        if not sum(self.kept):
            return "0"
        terms = [f"{points} × {count}" for points, count in zip(self.points, self.kept, strict=True) if count]
        return f"({' + '.join(terms)}) ÷ {sum(self.kept)} = {exact(self.score_e4)}"


@dataclass(frozen=True)
class ComponentStep:
    """A component at one posting: how it came in, how many rated, whether it counts (R3–R5).

    ``fault``: why it does not count (``few``: too few raters, ``turnout``: too few of those asked), or empty.
    ``pulled_e4``: after shrinkage, None where it does not count. ``is_shown``: whether there are raters enough to
    show anything of it.
    """

    component: Component
    origin: str
    raters: int
    eligible: int | None
    rule: ComponentRule
    fault: str
    items: tuple[ItemStep, ...]
    score_e4: int
    mean_e4: int | None
    pulled_e4: int | None
    is_shown: bool

    @property
    def is_valid(self) -> bool:
        """Whether it counts (R4)."""
        return not self.fault

    @property
    def item_formula(self) -> str:
        """The items' weighed mean (R3)."""
        terms = [f"{share(item.weight)} × {exact(item.score_e4)}" for item in self.items]
        return f"{' + '.join(terms)} = {exact(self.score_e4)}"

    @property
    def formula(self) -> str:
        """The pull towards the stage's mean (R5); empty: it is left as it is."""
        if self.pulled_e4 is None or self.mean_e4 is None or not self.rule.prior:
            return ""
        n, k = self.raters, self.rule.prior
        return f"({n} × {exact(self.score_e4)} + {k} × {exact(self.mean_e4)}) ÷ ({n} + {k}) = {exact(self.pulled_e4)}"


@dataclass(frozen=True)
class PostingStep:
    """A posting with what was given or counted there; ``is_ranked``: of a stage that is ranked."""

    school: str
    stage: str
    weeks: int
    is_ranked: bool
    components: tuple[ComponentStep, ...]


@dataclass(frozen=True)
class PartStep:
    """A teacher's part: its weight (basis points), what it is made of, what it is compared with (R6, R7).

    ``terms``: weeks and pulled score of each posting that counts; ``averaged_e4``: their mean; ``cap_e4``: where the
    self rating stops, if it was cut; ``level_e4``: M, None where nobody has the part; ``is_everywhere``: M is that of
    all ranked stages. ``is_shown``: whether the terms may be shown.
    """

    component: Component
    weight: int
    terms: tuple[tuple[int, int], ...]
    averaged_e4: int | None
    cap_e4: int | None
    score_e4: int | None
    level_e4: int | None
    is_everywhere: bool
    is_shown: bool

    @property
    def formula(self) -> str:
        """The mean by weeks; empty with a single posting."""
        if len(self.terms) < 2 or self.averaged_e4 is None:
            return ""
        terms = " + ".join(f"{weeks} × {exact(score)}" for weeks, score in self.terms)
        return f"({terms}) ÷ {sum(weeks for weeks, _score in self.terms)} = {exact(self.averaged_e4)}"

    @property
    def above_e4(self) -> int | None:
        """How far the part lies above what it is compared with."""
        return None if self.score_e4 is None or self.level_e4 is None else self.score_e4 - self.level_e4


@dataclass(frozen=True)
class BaseStep:
    """The base (R7). Weights in basis points; ``base_e4`` None: too little is valid."""

    parts: tuple[PartStep, ...]
    asked_weight: int
    valid_weight: int
    least_weight: int
    base_e4: int | None

    @property
    def missing(self) -> tuple[Component, ...]:
        """The parts of the round that this teacher lacks."""
        return tuple(
            part.component for part in self.parts if part.level_e4 is not None and part.score_e4 is None
        )

    @property
    def formula(self) -> str:
        """The whole sum, rounded once; empty without a base."""
        if self.base_e4 is None:
            return ""
        asked = [part for part in self.parts if part.level_e4 is not None]
        there = [part for part in asked if part.score_e4 is not None]
        whole = "" if self.asked_weight == BASIS_POINTS else f" ÷ {share(self.asked_weight)}"
        if not self.missing:
            terms = " + ".join(f"{share(part.weight)} × {exact(part.score_e4 or 0)}" for part in asked)
            return f"{_grouped(terms, whole)} = {exact(self.base_e4)}"
        levels = " + ".join(f"{share(part.weight)} × {exact(part.level_e4 or 0)}" for part in asked)
        above = " + ".join(f"{share(part.weight)} × {_signed(part.above_e4 or 0)}" for part in there)
        return f"{_grouped(levels, whole)} + ({above}) ÷ {share(self.valid_weight)} = {exact(self.base_e4)}"


def _grouped(terms: str, division: str) -> str:
    return f"({terms}){division}" if division else terms


@dataclass(frozen=True)
class ChargeStep:
    """A finding in the ledger (R8): ``line_e4`` what it costs alone, ``reason`` why it does not count, or empty."""

    key: str
    points_e4: int
    is_half: bool
    repeat: bool
    line_e4: int
    reason: str

    @property
    def formula(self) -> str:
        """The line."""
        factors = (" × 1/2" if self.is_half else "") + (" × 3/2" if self.repeat else "")
        return f"{exact(self.points_e4)}{factors} = {exact(self.line_e4)}"


@dataclass(frozen=True)
class BonusStep:
    """The bonus (R9): levels of honours, ``sum_points`` before the cap, ``is_barred`` by a serious finding."""

    levels: tuple[str, ...]
    sum_points: int
    cap_points: int
    is_barred: bool
    bonus_e4: int


@dataclass(frozen=True)
class FinalStep:
    """The composite score (R10): ``value_e4`` before the cap; ``cap_e4``: the cap that cut it, if one did."""

    base_e4: int
    deduct_e4: int
    bonus_e4: int
    value_e4: int
    cap_e4: int | None
    veto: bool
    score: int
    grade: str

    @property
    def formula(self) -> str:
        """Base, deduction and bonus, between 0 and 100."""
        plain = self.base_e4 - self.deduct_e4 + self.bonus_e4
        ends = "" if plain == self.value_e4 else f" → {exact(self.value_e4)}"
        return (
            f"{exact(self.base_e4)} − {exact(self.deduct_e4)} + {exact(self.bonus_e4)} = {exact(plain)}{ends}"
        )


@dataclass(frozen=True)
class Derivation:
    """A teacher's score from the first ballot to the grade.

    ``hidden_e4``: counting lines the reader is not shown one by one; ``deduct_e4``: the sum after the cap;
    ``final``: None without a base; ``ranked_weeks``: weeks in ranked stages (R11).
    """

    teacher: str
    stage: str
    postings: tuple[PostingStep, ...]
    ranked_weeks: int
    semester_weeks: int
    base: BaseStep
    charges: tuple[ChargeStep, ...]
    hidden_e4: int
    deduct_e4: int
    cap_points: int
    bonus: BonusStep
    final: FinalStep | None

    @property
    def charge_formula(self) -> str:
        """The counting lines and their sum; empty without any."""
        lines = [step.line_e4 for step in self.charges if not step.reason]
        lines += [self.hidden_e4] if self.hidden_e4 else []
        if not lines:
            return ""
        terms = " + ".join(map(exact, lines))
        total = f"{terms} = {exact(sum(lines))}" if len(lines) > 1 else terms
        return total if sum(lines) == self.deduct_e4 else f"{total} → {exact(self.deduct_e4)}"

    def charge(self, key: str) -> ChargeStep | None:
        """The line of a finding."""
        return next((step for step in self.charges if step.key == key), None)

    def agrees(self, components: Sequence[int | None], base_e4: int | None, score: int | None) -> bool:
        """Whether it comes to what the ranking has: parts, base, and the score where there is one."""
        parts = tuple(part.score_e4 for part in self.base.parts)
        scored = score is None or (self.final is not None and self.final.score == score)
        return parts == tuple(components) and self.base.base_e4 == base_e4 and scored


def seen(derivation: Derivation, keys: Collection[str]) -> Derivation:
    """The same for a reader who may see only the findings of ``keys``: the others are one sum."""
    kept = tuple(step for step in derivation.charges if step.key in keys)
    hidden = sum(step.line_e4 for step in derivation.charges if step.key not in keys and not step.reason)
    return replace(derivation, charges=kept, hidden_e4=hidden)


# --- working it out -----------------------------------------------------------------------------------------


def derive(inputs: Inputs, means: Means) -> Derivation:
    """The score of the one teacher whose rows ``inputs`` holds (a posting at least); any order of rows.

    Args: means: of the whole round (:func:`round_means`). Raises: ValueError: rows of nobody, or of several.
    """
    scheme = inputs.scheme
    postings = _disclosed(tuple(_posting(inputs, row, means) for row in sorted(inputs.postings)))
    ranked = [step for step in postings if step.is_ranked]
    home = max(ranked or postings, key=lambda step: (step.weeks, step.school))
    parts = _capped(scheme, [_part(scheme, name, ranked, home.stage, means) for name in _COMPONENTS])
    base = _base(scheme, parts, is_ranked=bool(ranked))
    teacher = the_teacher(inputs)
    entries, of_teacher = point_ledger(scheme, inputs.findings)
    charge = of_teacher.get(teacher)
    reasons = {entry.finding: entry.reason for entry in entries}
    bonus = _bonus(scheme, inputs.honours, charge.gravest if charge else -1)
    is_warned = any(row.warning for row in inputs.persons if row.teacher == teacher)
    return Derivation(
        teacher=teacher,
        stage=home.stage,
        postings=postings,
        ranked_weeks=sum(step.weeks for step in ranked),
        semester_weeks=scheme.semester_weeks,
        base=base,
        charges=tuple(_charge(row, reasons[row.key]) for row in sorted(inputs.findings)),
        hidden_e4=0,
        deduct_e4=charge.deduct if charge else 0,
        cap_points=scheme.deduction_cap,
        bonus=bonus,
        final=None
        if base.base_e4 is None
        else _final(base.base_e4, charge, bonus.bonus_e4, is_warned=is_warned),
    )


def the_teacher(inputs: Inputs) -> str:
    """The number of the one teacher. Raises: ValueError: rows of nobody, or of several."""
    numbers = {row.teacher for row in inputs.postings}
    if len(numbers) != 1:
        raise ValueError("the rows of exactly one teacher are derived")
    return numbers.pop()


def _posting(inputs: Inputs, posting: PostingInput, means: Means) -> PostingStep:
    is_ranked = posting.stage in inputs.scheme.ranked_stages
    steps = (_component(inputs, posting, name, means, is_ranked=is_ranked) for name in _COMPONENTS)
    return PostingStep(
        posting.school,
        posting.stage,
        posting.weeks,
        is_ranked,
        tuple(step for step in steps if step is not None),
    )


def _component(
    inputs: Inputs, posting: PostingInput, name: Component, means: Means, *, is_ranked: bool
) -> ComponentStep | None:
    """What there is of a component at a posting; None: nothing came in."""
    here = (posting.teacher, posting.school, name.value)
    rule = inputs.scheme.components[name]
    items: tuple[ItemStep, ...] = ()
    given = next((row for row in inputs.given if row[:3] == here), None)
    counted = {row.item: row for row in inputs.tallies if row[:3] == here}
    if given is not None:
        score, raters, eligible = given.score_e4, 1 if given.raters is None else given.raters, given.eligible
    elif counted:
        items = tuple(
            _item(item.code, item.weight, item.points, counted[item.code].counts, rule.trim_percent)
            if item.code in counted
            else ItemStep(item.code, item.weight, item.points, (0,) * len(item.points), (), 0, 0, 0)
            for item in inputs.scheme.items[name]
        )
        score = _rhu(sum(item.weight * item.score_e4 for item in items), BASIS_POINTS)
        raters = min(item.raters for item in items)
        eligible = max((row.eligible for row in counted.values() if row.eligible is not None), default=None)
    else:
        return None
    fault = _fault(rule, raters, eligible)
    mean = means.stages.get(name, {}).get(posting.stage)
    pulled = None
    if not fault and is_ranked and mean is not None:
        pulled = _rhu(raters * score + rule.prior * mean, raters + rule.prior)
    return ComponentStep(
        component=name,
        origin=GIVEN if given is not None else COUNTED,
        raters=raters,
        eligible=eligible,
        rule=rule,
        fault=fault,
        items=items,
        score_e4=score,
        mean_e4=mean,
        pulled_e4=pulled,
        is_shown=False,
    )


def _disclosed(postings: tuple[PostingStep, ...]) -> tuple[PostingStep, ...]:
    """Mark what may be shown: enough raters, and none to be found by taking one posting from all of them."""
    visible = set()
    for name in _COMPONENTS:
        found = {
            posting.school: step
            for posting in postings
            for step in posting.components
            if step.component is name
        }
        counts = {school: step.raters for school, step in found.items()}
        for step in list(found.values())[:1]:
            visible |= {(school, name) for school in shown_together(counts, least_raters(name, step.rule))}
    return tuple(
        replace(
            posting,
            components=tuple(
                replace(step, is_shown=(posting.school, step.component) in visible)
                for step in posting.components
            ),
        )
        for posting in postings
    )


def _fault(rule: ComponentRule, raters: int, eligible: int | None) -> str:
    if raters < rule.min_raters:
        return FEW
    is_met = (
        eligible is None
        or raters * 100 >= rule.min_turnout_percent * eligible
        or raters >= rule.enough_raters
    )
    return "" if is_met else TURNOUT


def _item(
    code: str, weight: int, points: tuple[int, ...], counts: tuple[int, ...], trim_percent: int
) -> ItemStep:
    raters = sum(counts)
    cut = raters * trim_percent // 100
    order = sorted(range(len(points)), key=lambda place: -points[place])
    kept = list(counts)
    for end in (order, order[::-1]):
        left = cut
        for place in end:
            taken = min(kept[place], left)
            kept[place] -= taken
            left -= taken
    worth = sum(point * count for point, count in zip(points, kept, strict=True))
    score = _rhu(worth * POINT, max(sum(kept), 1))
    return ItemStep(code, weight, points, counts, tuple(kept), raters, cut, score)


def _part(
    scheme: Scheme, name: Component, ranked: Sequence[PostingStep], stage: str, means: Means
) -> PartStep:
    steps = [
        (posting.weeks, step)
        for posting in ranked
        for step in posting.components
        if step.component is name and step.pulled_e4 is not None
    ]
    terms = tuple((weeks, step.pulled_e4 or 0) for weeks, step in steps)
    weeks = sum(term[0] for term in terms)
    averaged = _rhu(sum(week * score for week, score in terms), weeks) if terms else None
    return PartStep(
        component=name,
        weight=scheme.components[name].weight,
        terms=terms,
        averaged_e4=averaged,
        cap_e4=None,
        score_e4=averaged,
        level_e4=means.level(name, stage),
        is_everywhere=stage not in means.stages.get(name, {}),
        # what is shown of one posting would tell of another that is not
        is_shown=all(step.is_shown for _weeks, step in steps),
    )


def _capped(scheme: Scheme, parts: list[PartStep]) -> tuple[PartStep, ...]:
    """The self rating ends so many points above the school's (R6)."""
    found = {part.component: part for part in parts}
    own, school = found[Component.SELF], found[Component.SCHOOL]
    if own.averaged_e4 is not None and school.score_e4 is not None:
        cap = school.score_e4 + scheme.self_cap_over_school * POINT
        if cap < own.averaged_e4:
            found[Component.SELF] = replace(own, cap_e4=cap, score_e4=cap)
    return tuple(found[name] for name in _COMPONENTS)


def _base(scheme: Scheme, parts: tuple[PartStep, ...], *, is_ranked: bool) -> BaseStep:
    asked = [(part.weight, part.level_e4) for part in parts if part.level_e4 is not None]
    above = [(part.weight, part.above_e4) for part in parts if part.above_e4 is not None]
    asked_weight, valid_weight = sum(row[0] for row in asked), sum(row[0] for row in above)
    base = None
    if is_ranked and valid_weight and valid_weight >= scheme.min_valid_weight:
        levels = sum(weight * level for weight, level in asked)
        over = sum(weight * value for weight, value in above)
        value = _rhu(levels * valid_weight + over * asked_weight, asked_weight * valid_weight)
        base = min(max(value, 0), FULL)
    return BaseStep(parts, asked_weight, valid_weight, scheme.min_valid_weight, base)


def _charge(finding: FindingInput, reason: str) -> ChargeStep:
    return ChargeStep(
        key=finding.key,
        points_e4=finding.points_e4,
        is_half=finding.outcome == "PARTLY",
        repeat=finding.repeat,
        line_e4=line_of(finding) if finding.outcome in COUNTING_OUTCOMES else 0,
        reason=reason,
    )


def _final(base_e4: int, charge: Charge | None, bonus_e4: int, *, is_warned: bool) -> FinalStep:
    deduct = charge.deduct if charge else 0
    veto = charge is not None and charge.veto
    value = min(max(base_e4 - deduct + bonus_e4, 0), FULL)
    cap = VETO_CAP if veto else WARNING_CAP if is_warned else FULL
    score = _rhu(min(value, cap), 100)
    place = grades(np.array([score]), np.array([veto]), np.array([charge is not None]))[0]
    return FinalStep(
        base_e4, deduct, bonus_e4, value, cap if cap < value else None, veto, score, GRADES[int(place)]
    )


def _bonus(scheme: Scheme, honours: Sequence[HonourInput], gravest: int) -> BonusStep:
    levels = tuple(sorted({row.level for row in honours}))
    highest = max((HONOUR_POINTS[level] for level in levels if level in HONOUR_POINTS), default=0)
    points = highest + (RESCUE_POINTS if "rescue" in levels else 0)
    barred = gravest >= Severity.SERIOUS.order
    return BonusStep(
        levels, points, scheme.bonus_cap, barred, 0 if barred else min(points, scheme.bonus_cap) * POINT
    )
