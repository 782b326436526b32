"""The bottom list: the worst five, ties never cut by chance, and who of them is named (ranking.md R12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ethics_eval.complaints.categories import Severity
from ethics_eval.evaluation.rules.scheme import Component, Scheme
from ethics_eval.evaluation.rules.tally import POINT, Flags, Ints
from ethics_eval.ranking.rules.inputs import FULL
from ethics_eval.ranking.rules.ledger import Charge
from ethics_eval.ranking.rules.outcome import NAMED, PRIVATE, Listed, RankedRow

_COMPONENTS = tuple(Component)
_SCHOOL, _PARENT = (_COMPONENTS.index(part) for part in (Component.SCHOOL, Component.PARENT))
_ORDINARY = Severity.ORDINARY.order


class Bottom(NamedTuple):
    """The listed, worst first; how many were dropped as equal across the cut, passed over as provisional, and kept
    out of a correction (None: it is none).
    """

    listed: tuple[Listed, ...]
    dropped: int
    passed_over: int
    kept_out: int | None


def severity_key(row: RankedRow) -> tuple[int, ...]:
    """The five keys of R12, worst first: score, veto, deduction, school's part, parents' part; missing parts last."""
    school, parent = row.components[_SCHOOL], row.components[_PARENT]
    return (
        row.score or 0,
        0 if row.veto else 1,
        -row.deduct,
        FULL + 1 if school is None else school,
        FULL + 1 if parent is None else parent,
    )


def severity_keys(score: Ints, veto: Flags, deduct: Ints, parts: Ints) -> Ints:
    """:func:`severity_key` of all teachers as columns (keys × teachers), from columns with NOTHING for missing."""
    shown = np.where(parts[[_SCHOOL, _PARENT]] < 0, FULL + 1, parts[[_SCHOOL, _PARENT]])
    return np.stack([score, np.where(veto, 0, 1), -deduct, *shown])


def bottom_list(
    scheme: Scheme,
    teachers: Sequence[str],
    keys: Ints,
    rated: Flags,
    pending: Flags,
    charges: Mapping[str, Charge],
    listed_only: frozenset[str] | None = None,
) -> Bottom:
    """The bottom list of the teachers, whose ``keys`` are those of :func:`severity_keys`.

    A group equal in all five keys on both sides of the cut goes as a whole: out (``none``) or in (``all``). Nobody
    moves up for those left out, nor for those whom ``listed_only`` keeps out of a correction. Source: ranking.md R12.
    """
    kept_out = None if listed_only is None else 0
    if int(rated.sum()) < scheme.min_list:
        return Bottom((), 0, 0, kept_out)
    candidates = np.flatnonzero(rated & ~pending)
    if len(candidates) > scheme.bottom:  # nobody above the last score taken matters
        highest = np.partition(keys[0, candidates], scheme.bottom - 1)[scheme.bottom - 1]
        near = candidates[keys[0, candidates] <= highest]
    else:
        near = candidates
    order = near[np.lexsort(keys[::-1, near])]
    key_of = {place: tuple(keys[:, place].tolist()) for place in order.tolist()}
    taken, after = order[: scheme.bottom].tolist(), order[scheme.bottom :].tolist()
    waiting = np.flatnonzero(rated & pending)
    passed_over, dropped = len(waiting), 0
    if len(candidates) > scheme.bottom:
        cut = key_of[taken[-1]]
        lowest = waiting[keys[0, waiting] <= cut[0]].tolist()
        passed_over = sum(tuple(keys[:, place].tolist()) <= cut for place in lowest)
        if after and key_of[after[0]] == cut:
            equal = [place for place in key_of if key_of[place] == cut]
            taken = [place for place in taken if key_of[place] != cut]
            if scheme.tie_rule == "all":
                taken += equal
            else:
                dropped = len(equal)
    found = [_listed(scheme, teachers[place], -int(keys[2, place]), charges) for place in taken]
    if listed_only is not None:
        kept_out = sum(entry.teacher not in listed_only for entry in found)
        found = [entry for entry in found if entry.teacher in listed_only]
    return Bottom(tuple(found), dropped, passed_over, kept_out)


def _listed(scheme: Scheme, teacher: str, deduct: int, charges: Mapping[str, Charge]) -> Listed:
    basis = []
    charge = charges.get(teacher)
    if charge is not None:
        if charge.veto:
            basis.append("veto")
        if charge.gravest >= _ORDINARY:
            basis.append("finding")
        if deduct >= scheme.naming_min_deduct * POINT:
            basis.append("deduction")
    is_named = bool(basis) or scheme.naming == "rank"
    return Listed(teacher, NAMED if is_named else PRIVATE, tuple(basis))
