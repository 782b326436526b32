"""What of a rating may be shown: nothing below the minimum count, also not by subtraction (R4).

A count, a score or a histogram of few raters would let single answers be read. One's own rating and the school's
group are no secret; colleagues', pupils' and parents' are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from ethics_eval.evaluation.rules.scheme import Component, ComponentRule

LEAST = 5
SECRET = frozenset({Component.PEER, Component.PUPIL, Component.PARENT})

Key = TypeVar("Key")


def least_raters(component: Component, rule: ComponentRule) -> int:
    """From how many raters on something of a component may be shown: five at least, and as many as it needs."""
    return max(LEAST, rule.min_raters) if component in SECRET else 1


def shown(count: int, least: int = LEAST) -> bool:
    """Whether so many raters are enough; none never are."""
    return count >= max(least, 1)


def shown_count(count: int, least: int = LEAST) -> int | None:
    """The count, or None where it is too small to be told (zero too)."""
    return count if shown(count, least) else None


def shown_together(counts: Mapping[Key, int], least: int = LEAST) -> frozenset[Key]:
    """Which of several parts may be shown beside their sum: what is left out must be at least ``least`` in all.

    Where it is less, the smallest of the others are left out as well, equal ones together; nobody rated: no secret.
    """
    visible = {key for key, count in counts.items() if shown(count, least)}
    while visible:
        hidden = sum(count for key, count in counts.items() if key not in visible)
        if not 0 < hidden < least:
            break
        smallest = min(counts[key] for key in visible)
        visible = {key for key in visible if counts[key] > smallest}
    return frozenset(visible)
