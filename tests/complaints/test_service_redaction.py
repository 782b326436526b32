"""What is masked is masked for the school, everywhere it reads; burnt words are gone from the store."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.complaints import queries
from ethics_eval.complaints.models import Complaint
from ethics_eval.complaints.queries.opening import open_words
from ethics_eval.complaints.queries.redaction import masks, redactions_of
from ethics_eval.complaints.service.redaction import burn, lift, mask
from ethics_eval.text import RuleViolation
from tests.complaints.town import LETTER, WORDS, Town

PHRASE = "站在教室后面"


@pytest.fixture
def complaint(town: Town) -> Complaint:
    return town.case(LETTER).complaints[0]


def read(town: Town, who: str) -> str:
    complaint = town.session.scalars(select(Complaint)).one()
    (letter,) = queries.letters(town.session, town.vault, complaint.case, getattr(town, who))
    return letter.body


def test_the_school_sees_blocks_and_the_bureau_the_words(town: Town, complaint: Complaint) -> None:
    mask(town.by(town.district), complaint, [PHRASE])
    assert read(town, "officer") == read(town, "head") == WORDS.replace(PHRASE, "█" * len(PHRASE))
    assert read(town, "district") == read(town, "bureau") == WORDS


def test_the_search_of_the_school_does_not_know_the_words_either(town: Town, complaint: Complaint) -> None:
    mask(town.by(town.district), complaint, [PHRASE])
    for who, knows in ((town.officer, False), (town.district, True)):
        words = open_words(town.session, town.vault, [complaint.case_id], who)
        assert (PHRASE in words[complaint.case_id].letters[0]["body"]) is knows


def test_it_can_be_taken_back(town: Town, complaint: Complaint) -> None:
    redaction = mask(town.by(town.district), complaint, [PHRASE])
    lift(town.by(town.bureau), redaction)
    assert read(town, "officer") == WORDS
    with pytest.raises(RuleViolation) as refused:
        burn(town.by(town.bureau), redaction)
    assert refused.value.code == "redaction.done"


def test_burnt_words_are_gone_for_everybody_and_it_is_logged(town: Town, complaint: Complaint) -> None:
    redaction = mask(town.by(town.district), complaint, [PHRASE])
    burn(town.by(town.district), redaction)
    for who in ("officer", "district", "bureau"):
        assert PHRASE not in read(town, who)
    (shown,) = redactions_of(town.session, town.vault, complaint.case, town.bureau)[complaint.id]
    assert (shown.state, set("".join(shown.words))) == ("burnt", {"█"})
    actions = town.session.scalars(
        select(AuditEvent.action).where(AuditEvent.action.like("redaction.%")).order_by(AuditEvent.id)
    )
    assert list(actions) == ["redaction.masked", "redaction.burnt"]
    assert not masks(town.session, {}, town.bureau)


@pytest.mark.parametrize(
    "who", ["officer", "head", "neighbour", "other_district", "teacher", "custodian", "chief"]
)
def test_who_masks_nothing(town: Town, complaint: Complaint, who: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        mask(town.by(getattr(town, who)), complaint, [PHRASE])
    assert refused.value.code == "permission.denied"
