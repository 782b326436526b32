"""How a score came about, for whom it is shown to: its parts as they add up, what filled a gap, what a cap took.

Nothing is computed anew: base, deduction, bonus and score are the ranking's own (ranking.md R7–R10); this only says
how much of the base each part brought. Values named ``_e4`` are in units of 0.0001 point.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ethics_eval.evaluation.rules.scheme import BASIS_POINTS, Component, Scheme
from ethics_eval.ranking.rules.inputs import FULL
from ethics_eval.ranking.rules.outcome import RATED, REWEIGHTED, RankedRow
from ethics_eval.text import N_

GRADE_LABELS: Mapping[str, str] = {
    "优秀": N_("优秀"),
    "合格": N_("合格"),
    "基本合格": N_("基本合格"),
    "不合格": N_("不合格"),
}
PROVISIONAL = "provisional"
RATING_LABELS: Mapping[str, str] = {
    "rated": N_("参加排名"),
    PROVISIONAL: N_("暂定"),
    "not_rated": N_("不参加排名"),
}


class Sureness(NamedTuple):
    """Of one of the bottom list: told apart from those outside it; how often among the lowest, per mille; whether
    other weights would take the person off (R13). None: not computed.
    """

    separable: bool | None
    chance_permille: int | None
    weight_sensitive: bool


class ScoreLine(NamedTuple):
    """A row of a ranking with the words of the roster; ``finding_count``: findings that count against the teacher.

    ``band_low`` … ``band_high``: where the place roughly lies; ``set_low`` … ``set_high``: the exact set (R13).
    """

    row: RankedRow
    name: str
    school: str = ""
    district: str = ""
    subject: str = ""
    finding_count: int = 0
    band_low: int | None = None
    band_high: int | None = None
    set_low: int | None = None
    set_high: int | None = None

    @property
    def rating(self) -> str:
        """``rated``, ``provisional`` (rated, but never listed) or ``not_rated``."""
        return PROVISIONAL if self.row.provisional and self.row.status == RATED else self.row.status


class BottomLine(NamedTuple):
    """One of the bottom list, worst first. ``score`` in hundredths; ``treatment``: in effect, who was withheld is told
    privately; ``basis``: what names the person.
    """

    number: str
    name: str
    score: int
    place: int
    treatment: str
    basis: tuple[str, ...]
    band_low: int | None = None
    band_high: int | None = None
    sure: Sureness | None = None


class Part(NamedTuple):
    """One of the five parts: its weight in basis points, its score (None: missing), what it brought to the base."""

    component: Component
    weight: int
    score_e4: int | None
    share_e4: int


class Explanation(NamedTuple):
    """``filled_e4``: what stands for missing parts; ``uncapped_e4``: before a cap; ``cut_e4``: what the cap took."""

    parts: tuple[Part, ...]
    filled_e4: int
    uncapped_e4: int
    cut_e4: int

    @property
    def missing(self) -> tuple[Component, ...]:
        """The parts without enough valid ratings."""
        return tuple(part.component for part in self.parts if part.score_e4 is None)


def explain(row: RankedRow, scheme: Scheme) -> Explanation | None:
    """How a rated row's score adds up; None where there is no score.

    The shares of the valid parts and ``filled_e4`` add up to the base, but for one rounding a part. A part that
    nobody in the round has is weighed as if it were not in the scheme (R7).
    """
    if row.base is None or row.score is None:
        return None
    is_filled = REWEIGHTED in row.flags
    weights = [scheme.components[component].weight for component in Component]
    valid = sum(weight for weight, score in zip(weights, row.components, strict=True) if score is not None)
    whole = BASIS_POINTS if is_filled else valid
    parts = tuple(
        Part(component, weight, score, 0 if score is None else (2 * weight * score + whole) // (2 * whole))
        for component, weight, score in zip(Component, weights, row.components, strict=True)
    )
    filled = max(row.base - sum(part.share_e4 for part in parts), 0) if is_filled else 0
    uncapped = min(max(row.base - row.deduct + row.bonus, 0), FULL)
    is_capped = (2 * uncapped + 100) // 200 > row.score
    return Explanation(parts, filled, uncapped, uncapped - row.score * 100 if is_capped else 0)
