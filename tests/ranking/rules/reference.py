"""ranking.md written down a second time, in exact fractions and plain loops: what the computation is held against."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any

from ethics_eval.evaluation.rules.scheme import Component, Scheme
from ethics_eval.ranking.rules.inputs import Inputs, TallyInput

LEVELS = {"school": 1, "county": 2, "city": 3, "province": 4, "nation": 5}
ORDER = ("minor", "ordinary", "serious", "grave")


def rhu(value: Fraction) -> int:
    half = Fraction(1, 2)
    return int(value + half) if value >= 0 else -int(-value + half)


def item(counts: tuple[int, ...], points: tuple[int, ...], trim: int) -> tuple[int, int]:
    ballots = sorted(p for p, c in zip(points, counts, strict=True) for _ in range(c))
    cut = len(ballots) * trim // 100
    left = ballots[cut : len(ballots) - cut]
    return (rhu(Fraction(sum(left) * 10_000, len(left))) if left else 0), len(ballots)


def components(inputs: Inputs) -> dict[tuple[str, str], dict[str, tuple[int, int, int | None]]]:
    """(teacher, school) → component → (score, n, eligible)."""
    found: dict[tuple[str, str], dict[str, tuple[int, int, int | None]]] = defaultdict(dict)
    for g in inputs.given:
        found[g.teacher, g.school][g.component] = (
            g.score_e4,
            1 if g.raters is None else g.raters,
            g.eligible,
        )
    tallies: dict[tuple[str, str, str], dict[str, TallyInput]] = defaultdict(dict)
    for t in inputs.tallies:
        tallies[t.teacher, t.school, t.component][t.item] = t
    for (teacher, school, name), rows in tallies.items():
        scheme_items = inputs.scheme.items[Component(name)]
        rule = inputs.scheme.components[Component(name)]
        pairs = [
            item(rows[i.code].counts, i.points, rule.trim_percent) if i.code in rows else (0, 0)
            for i in scheme_items
        ]
        score = rhu(
            sum(
                (Fraction(i.weight * s, 10_000) for i, (s, _n) in zip(scheme_items, pairs, strict=True)),
                Fraction(0),
            )
        )
        eligible = max((r.eligible for r in rows.values() if r.eligible is not None), default=None)
        found[teacher, school][name] = (score, min(n for _s, n in pairs), eligible)
    return found


def is_valid(rule: Any, n: int, eligible: int | None) -> bool:
    turnout = eligible is None or n * 100 >= rule.min_turnout_percent * eligible or n >= rule.enough_raters
    return n >= rule.min_raters and turnout


def base_of(scheme: Scheme, inputs: Inputs) -> dict[str, dict[str, Any]]:
    parts = {
        key: {
            name: value
            for name, value in row.items()
            if is_valid(scheme.components[Component(name)], value[1], value[2])
        }
        for key, row in components(inputs).items()
    }
    stage_of = {(p.teacher, p.school): p.stage for p in inputs.postings}

    def mean(name: str, stages: tuple[str, ...]) -> int | None:
        rows = [row[name] for key, row in parts.items() if name in row and stage_of[key] in stages]
        total = sum(n for _s, n, _e in rows)
        return rhu(Fraction(sum(s * n for s, n, _e in rows), total)) if total else None

    result: dict[str, dict[str, Any]] = {}
    for teacher in {p.teacher for p in inputs.postings}:
        posts = [p for p in inputs.postings if p.teacher == teacher and p.stage in scheme.ranked_stages]
        comp: dict[str, int] = {}
        for name in Component:
            pulled = []
            for p in posts:
                row = parts.get((p.teacher, p.school), {})
                if name.value in row:
                    s, n, _e = row[name.value]
                    k = scheme.components[name].prior
                    m = mean(name.value, (p.stage,))
                    assert m is not None
                    pulled.append((p.weeks, rhu(Fraction(n * s + k * m, n + k))))
            if pulled:
                comp[name.value] = rhu(Fraction(sum(w * s for w, s in pulled), sum(w for w, _s in pulled)))
        if "self" in comp and "school" in comp:
            comp["self"] = min(comp["self"], comp["school"] + scheme.self_cap_over_school * 10_000)
        row_out: dict[str, Any] = {
            "comp": comp,
            "base": None,
            "home": None,
            "weeks": sum(p.weeks for p in posts),
        }
        if posts:
            home = max(posts, key=lambda p: (p.weeks, p.school))
            row_out["home"] = home
            level = {}
            for name in Component:
                m = mean(name.value, (home.stage,))
                m = mean(name.value, scheme.ranked_stages) if m is None else m
                if m is not None:
                    level[name.value] = m
            weight = {name.value: scheme.components[name].weight for name in Component}
            of_valid = sum(weight[name] for name in comp)
            of_asked = sum(weight[name] for name in level)
            if of_valid >= scheme.min_valid_weight and of_valid:
                value = Fraction(sum(weight[n] * m for n, m in level.items()), of_asked)
                value += Fraction(sum(weight[n] * (comp[n] - level[n]) for n in comp), of_valid)
                row_out["base"] = min(max(rhu(value), 0), 1_000_000)
        result[teacher] = row_out
    return result


def finals(inputs: Inputs) -> dict[str, dict[str, Any]]:
    """Teacher → everything R7–R11 say of one person; and the places."""
    scheme = inputs.scheme
    rows = base_of(scheme, inputs)
    people = {p.teacher: p for p in inputs.persons}
    for teacher, row in rows.items():
        counting = [
            f
            for f in inputs.findings
            if f.teacher == teacher and f.outcome in ("SUBSTANTIATED", "PARTLY") and f.effective
        ]
        lines: dict[str, int] = {}
        for number, f in enumerate(counting):
            line = Fraction(f.points_e4) * (Fraction(1, 2) if f.outcome == "PARTLY" else 1)
            line *= Fraction(3, 2) if f.repeat else 1
            key = f.facts or f"#{number}"
            lines[key] = max(lines.get(key, 0), rhu(line))
        row["deduct"] = min(sum(lines.values()), scheme.deduction_cap * 10_000)
        row["veto"] = any(f.veto for f in counting)
        row["gravest"] = max((ORDER.index(f.severity) for f in counting), default=-1)
        levels = [h.level for h in inputs.honours if h.teacher == teacher]
        bonus = max((LEVELS[level] for level in levels if level in LEVELS), default=0)
        bonus = min(bonus + (5 if "rescue" in levels else 0), scheme.bonus_cap)
        row["bonus"] = 0 if row["gravest"] >= 2 else bonus * 10_000
        held = sorted((p.school, p.held) for p in inputs.postings if p.teacher == teacher and p.held)
        if row["home"] is None:
            row["reason"] = "KINDERGARTEN_NOT_RANKED"
        elif held:
            row["reason"] = held[0][1]
        elif row["weeks"] * 2 < scheme.semester_weeks:
            row["reason"] = "NEW_UNDER_HALF"
        else:
            row["reason"] = "SAMPLE_TOO_SMALL" if row["base"] is None else ""
        if not row["reason"]:
            value = min(max(row["base"] - row["deduct"] + row["bonus"], 0), 1_000_000)
            if row["veto"]:
                value = min(value, 599_900)
            elif people[teacher].warning:
                value = min(value, 699_900)
            row["score"] = rhu(Fraction(value, 100))
    rated = {t: r for t, r in rows.items() if not r["reason"]}
    for row in rated.values():
        same_stage = [r for r in rated.values() if r["home"].stage == row["home"].stage]
        same_school = [r for r in rated.values() if r["home"].school == row["home"].school]
        for name, group in (
            ("place", rated.values()),
            ("stage_place", same_stage),
            ("school_place", same_school),
        ):
            row[name] = 1 + sum(r["score"] > row["score"] for r in group)
    return rows
