"""An invented ranking to show what templates give, before there is one: nobody in it exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.complaints.rules.machine import Outcome
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS
from ethics_eval.notices.document import Document
from ethics_eval.notices.rules.circular import compose_circular
from ethics_eval.notices.rules.correction import compose_correction, compose_withdrawal
from ethics_eval.notices.rules.facts import Charge, Cited, ListedPerson, RankingFacts
from ethics_eval.notices.rules.individual import compose_individual, compose_prior
from ethics_eval.notices.rules.template import CIRCULAR, CORRECTION, INDIVIDUAL, PRIOR

_REASON = "（示例）原通报所依据的一项认定已被撤销。"


def sample_facts(city: str, bureau: str) -> RankingFacts:
    """A ranking of 40,000 with one teacher named and one told privately."""
    charge = Charge(
        category="C06",
        severity=Severity.ORDINARY,
        outcome=Outcome.SUBSTANTIATED,
        repeat=False,
        measure=Measure.CIRCULATED,
        line_e4=80_000,
        decided_on=date(2025, 11, 10),
    )
    return RankingFacts(
        city=city,
        bureau=bureau,
        semester="2025—2026学年度第一学期",
        scheme_version="示例",
        scheme_name="示例方案",
        snapshot_sha256="0123456789abcdef" * 4,
        frozen_at=datetime(2026, 1, 23, 4, 0, tzinfo=UTC),
        rated_count=40_000,
        provisional_count=3,
        not_rated=(("任教不足半学期", 120), ("产假", 85)),
        list_size=5,
        min_list=30,
        tie_rule="none",
        dropped_count=0,
        passed_over_count=1,
        naming="evidence",
        naming_min_deduct=3,
        listed=(_person("示例甲", 40_000, (charge,)), _person("示例乙", 39_999, ())),
    )


def _person(name: str, place: int, charges: tuple[Charge, ...]) -> ListedPerson:
    deduct = sum(charge.line_e4 for charge in charges)
    return ListedPerson(
        number=name,
        name=name,
        school="示例小学",
        district="示例区",
        stage="PRI",
        score=(720_000 - deduct) // 100,
        place=place,
        grade="基本合格",
        veto=False,
        base_e4=720_000,
        deduct_e4=deduct,
        bonus_e4=0,
        components=tuple((label, 720_000) for label in COMPONENT_LABELS.values()),
        treatment="named" if charges else "private",
        basis="",
        charges=charges,
        band=(place - 60, place),
        separable=False,
        chance_permille=280,
    )


def sample_document(kind: str, facts: RankingFacts, texts: Mapping[str, str], *, word: str) -> Document:
    """A notice of a kind with these words, on this ranking or the invented one; its number is invented.

    Args: facts: with at least one person listed, else the letter's person is the invented one's.
    """
    day = date(2026, 2, 2)
    number = f"{word}〔2026〕__号"
    listed = facts.listed or sample_facts(facts.city, facts.bureau).listed
    if kind == CIRCULAR:
        return compose_circular(facts, number=number, issued_on=day, texts=texts)
    if kind == PRIOR:
        return compose_prior(facts, listed[0], issued_on=day, objection_ends_on=date(2026, 2, 9), texts=texts)
    if kind == INDIVIDUAL:
        return compose_individual(
            facts,
            listed[0],
            issued_on=day,
            circular_number=number,
            appeal_ends_on=date(2026, 3, 4),
            texts=texts,
        )
    cited = Cited(f"{word}〔2026〕1号", f"{facts.bureau}关于{facts.semester}教师师德师风考评情况的通报", day)
    if kind == CORRECTION:
        invented = sample_facts(facts.city, facts.bureau)
        return compose_correction(
            invented,
            _without_first(invented),
            cited,
            number=number,
            issued_on=day,
            clears_name=True,
            texts=texts,
        )
    return compose_withdrawal(facts, cited, reason=_REASON, number=number, issued_on=day, texts=texts)


def _without_first(facts: RankingFacts) -> RankingFacts:
    return replace(facts, listed=facts.listed[1:])
