"""Documents of each kind for tests that look at paper: an invented ranking, a person named, a person told privately."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from ethics_eval.notices.document import Document
from ethics_eval.notices.paper import Press
from ethics_eval.notices.rules.facts import RankingFacts
from ethics_eval.notices.rules.individual import compose_individual
from ethics_eval.notices.rules.sample import sample_document, sample_facts
from ethics_eval.notices.rules.template import default_texts
from tests.support.tree import TEMPLATES

FACTS: RankingFacts = sample_facts("株洲市", "株洲市教育局")


def document_of(kind: str, facts: RankingFacts = FACTS) -> Document:
    """A notice of a kind in its default words."""
    return sample_document(kind, facts, default_texts(kind), word="株教通")


def letter_to_many() -> Document:
    """A letter whose table of charges runs over the foot of a page."""
    person = FACTS.listed[0]
    many = replace(person, charges=person.charges * 9)
    return compose_individual(FACTS, many, issued_on=date(2026, 2, 2), circular_number="株教通〔2026〕1号")


def press(instance: Path) -> Press:
    """A press with the templates of the pages."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return Press(environment, instance)
