"""How many ballots have come back: a group, and sums of groups, as they may be shown.

Groups of fewer than five raters show no count and are in no sum, so that no sum tells of them by subtraction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ethics_eval.evaluation.rules.round import Standing, needed_ballots, standing
from ethics_eval.evaluation.rules.scheme import Component, ComponentRule
from ethics_eval.text import N_


@dataclass(frozen=True, slots=True)
class GroupTurnout:
    """A group of raters: ``seats`` codes issued, ``returned`` used; both None where they may not be shown.

    ``needed``: ballots that make the group's ratings count by themselves; None with a hidden group.
    """

    school_id: int
    component: Component
    label: str
    seats: int | None
    returned: int | None
    needed: int | None
    standing: Standing


def needed_of_group(component: Component, seats: int, rule: ComponentRule) -> int:
    """How many ballots of a group make every rating of it count (R4).

    Self-ratings: all of them, each counts for one person. Colleagues: one more, since nobody rates themself.
    """
    if component is Component.SELF:
        return seats
    if component is Component.PEER:
        return needed_ballots(max(seats - 1, 0), rule) + 1
    return needed_ballots(seats, rule)


def group_turnout(
    school_id: int, component: Component, label: str, seats: int, returned: int, rule: ComponentRule
) -> GroupTurnout:
    """A group as it may be shown."""
    needed = needed_of_group(component, seats, rule)
    found = standing(seats, returned, needed)
    if found is Standing.HIDDEN:
        return GroupTurnout(school_id, component, label, None, None, None, found)
    return GroupTurnout(school_id, component, label, seats, returned, needed, found)


@dataclass(frozen=True, slots=True)
class Turnout:
    """A sum over groups. ``seats`` and ``returned`` are of the ``shown_count`` groups of five raters and more."""

    seats: int = 0
    returned: int = 0
    shown_count: int = 0
    hidden_count: int = 0
    short_count: int = 0
    too_few_count: int = 0

    @property
    def group_count(self) -> int:
        """All groups, shown or not."""
        return self.shown_count + self.hidden_count

    @property
    def percent(self) -> int:
        """Ballots that came back, in whole percent, rounded down."""
        return self.returned * 100 // self.seats if self.seats else 0

    def __add__(self, other: Turnout) -> Turnout:
        return Turnout(
            self.seats + other.seats,
            self.returned + other.returned,
            self.shown_count + other.shown_count,
            self.hidden_count + other.hidden_count,
            self.short_count + other.short_count,
            self.too_few_count + other.too_few_count,
        )


def summed(groups: Iterable[GroupTurnout]) -> Turnout:
    """The sum of groups as it may be shown."""
    seats = returned = shown = hidden = short = too_few = 0
    for group in groups:
        if group.seats is None or group.returned is None:
            hidden += 1
            continue
        seats += group.seats
        returned += group.returned
        shown += 1
        short += group.standing is Standing.SHORT
        too_few += group.standing is Standing.TOO_FEW
    return Turnout(seats, returned, shown, hidden, short, too_few)


class SchoolState(StrEnum):
    """Where a school stands."""

    NONE = "none"
    SHORT = "short"
    REACHED = "reached"


SCHOOL_STATE_LABELS: Mapping[SchoolState, str] = {
    SchoolState.NONE: N_("还没有发放评议码"),
    SchoolState.SHORT: N_("有组未达到最低票数"),
    SchoolState.REACHED: N_("都已达到最低票数"),
}


def school_state(turnout: Turnout | None) -> SchoolState:
    """Where a school stands. Args: turnout: None: no codes were issued."""
    if turnout is None or not turnout.group_count:
        return SchoolState.NONE
    return SchoolState.SHORT if turnout.short_count else SchoolState.REACHED
