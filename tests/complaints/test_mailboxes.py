"""One open mailbox a school, with a code that cannot be guessed and can be replaced."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from ethics_eval.complaints import queries
from ethics_eval.complaints.mailboxes import new_code, open_mailboxes, replace_mailbox
from ethics_eval.complaints.models import Mailbox
from ethics_eval.complaints.rules.query_code import ALPHABET, MAILBOX_LENGTH
from ethics_eval.vault.models import UnitKey
from tests.complaints.town import FOUNDER, Town


def test_codes_have_sixty_random_bits() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(len(code) == MAILBOX_LENGTH and set(code.upper()) <= set(ALPHABET) for code in codes)


def test_every_school_has_one_and_every_unit_its_keys(town: Town) -> None:
    assert len({town.mailbox(at).code for at in range(3)}) == 3
    units = set(town.session.scalars(select(UnitKey.unit)))
    assert {"city", "custodian", "district:430202", "district:430281"} <= units
    assert {f"school:{school.id}" for school in town.schools} <= units


def test_opening_again_changes_nothing(town: Town) -> None:
    def state() -> object:
        return (
            list(town.session.scalars(select(Mailbox.code).order_by(Mailbox.id))),
            town.session.scalar(select(func.count()).select_from(UnitKey)),
        )

    before = state()
    assert open_mailboxes(town.session, town.vault, actor=FOUNDER, at=town.at) == 0
    assert state() == before


def test_a_replaced_code_is_gone_and_its_letters_stay(town: Town) -> None:
    receipt = town.send()
    old = town.mailbox()
    fresh = replace_mailbox(town.session, old, actor=town.bureau, at=town.at)
    assert fresh.code != old.code
    assert queries.mailbox_by_code(town.session, old.code) is None
    assert queries.mailbox_by_code(town.session, fresh.code.upper()) is fresh
    assert town.mailbox() is fresh
    assert town.case_of(receipt).complaints[0].mailbox is old
    assert open_mailboxes(town.session, town.vault, actor=FOUNDER, at=town.at) == 0


def test_the_database_refuses_a_second_open_mailbox(town: Town) -> None:
    town.session.add(Mailbox(school_id=town.schools[0].id, code="x" * 12, created_at=town.at))
    with pytest.raises(IntegrityError):
        town.session.flush()
    town.session.rollback()
