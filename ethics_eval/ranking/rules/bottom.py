"""The bottom list: the worst five, ties never cut by chance, and who of them is named (ranking.md R12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ethics_eval.complaints.categories import Severity
from ethics_eval.evaluation.rules.scheme import Component, Scheme
from ethics_eval.evaluation.rules.tally import POINT
from ethics_eval.ranking.rules.inputs import FULL
from ethics_eval.ranking.rules.ledger import Charge
from ethics_eval.ranking.rules.outcome import NAMED, PRIVATE, RATED, Listed, RankedRow

_COMPONENTS = tuple(Component)
_SCHOOL, _PARENT = (_COMPONENTS.index(part) for part in (Component.SCHOOL, Component.PARENT))
_ORDINARY = Severity.ORDINARY.order


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


def bottom_list(
    scheme: Scheme, rows: Sequence[RankedRow], charges: Mapping[str, Charge]
) -> tuple[tuple[Listed, ...], int, int]:
    """The listed, worst first; how many were dropped as equal across the cut; how many provisional passed over.

    A group equal in all five keys on both sides of the cut goes as a whole: out (``none``) or in (``all``). Nobody
    moves up for those left out. Source: ranking.md R12.
    """
    rated = [row for row in rows if row.status == RATED]
    if len(rated) < scheme.min_list:
        return (), 0, 0
    order = sorted(
        (row for row in rated if not row.provisional), key=lambda row: (severity_key(row), row.teacher)
    )
    taken, after = order[: scheme.bottom], order[scheme.bottom :]
    cut = severity_key(taken[-1]) if taken else None
    passed_over = sum(
        row.provisional and (cut is None or len(order) <= scheme.bottom or severity_key(row) <= cut)
        for row in rated
    )
    dropped = 0
    if after and severity_key(after[0]) == cut:
        equal = [row for row in order if severity_key(row) == cut]
        taken = [row for row in taken if severity_key(row) != cut]
        if scheme.tie_rule == "all":
            taken += equal
        else:
            dropped = len(equal)
    return tuple(_listed(scheme, row, charges.get(row.teacher)) for row in taken), dropped, passed_over


def _listed(scheme: Scheme, row: RankedRow, charge: Charge | None) -> Listed:
    basis = []
    if charge is not None:
        if charge.veto:
            basis.append("veto")
        if charge.gravest >= _ORDINARY:
            basis.append("finding")
        if row.deduct >= scheme.naming_min_deduct * POINT:
            basis.append("deduction")
    is_named = bool(basis) or scheme.naming == "rank"
    return Listed(row.teacher, NAMED if is_named else PRIVATE, tuple(basis))
