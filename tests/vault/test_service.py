"""Keys: each unit its own pair, each case its own keys, shared, withdrawn and shredded."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ethics_eval.vault.cipher import SealBroken
from ethics_eval.vault.models import DataKey, UnitKey
from ethics_eval.vault.service import (
    CITY_UNIT,
    CONTENT,
    CUSTODIAN_UNIT,
    IDENTITY,
    KeyMissing,
    Vault,
    district_unit,
    school_unit,
)

MASTER = bytes(range(32))
AT = datetime(2026, 3, 2, tzinfo=UTC)
SCHOOL, OTHER, DISTRICT = school_unit(1), school_unit(2), district_unit("430202")
UNITS = (CITY_UNIT, CUSTODIAN_UNIT, SCHOOL, OTHER, DISTRICT)
PLACE = "complaint:content:1"


@pytest.fixture
def vault(session: Session) -> Vault:
    made = Vault(MASTER)
    made.open_units(session, UNITS, at=AT)
    return made


def sealed(session: Session, vault: Vault, units: tuple[str, ...] = (SCHOOL, DISTRICT)) -> bytes:
    return vault.make_key(session, "case:1", CONTENT, units).seal(b"letter", PLACE)


def opened(session: Session, vault: Vault, blob: bytes, *units: str) -> bytes:
    return vault.open_key(session, "case:1", CONTENT, units or None).unseal(blob, PLACE)


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33), "", base64.urlsafe_b64encode(bytes(16)).decode()])
def test_the_master_key_has_its_length(key: bytes | str) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(key)


def test_the_master_key_as_text_is_the_same(session: Session, vault: Vault) -> None:
    text = base64.urlsafe_b64encode(MASTER).decode()
    blob = sealed(session, vault)
    assert opened(session, Vault(text), blob, SCHOOL) == b"letter"


def test_each_unit_that_holds_the_key_opens_and_no_other(session: Session, vault: Vault) -> None:
    blob = sealed(session, vault)
    for unit in (SCHOOL, DISTRICT):
        assert opened(session, vault, blob, unit) == b"letter"
    assert opened(session, vault, blob, OTHER, DISTRICT) == b"letter"
    assert opened(session, vault, blob) == b"letter"
    for unit in (OTHER, CITY_UNIT, CUSTODIAN_UNIT, "school:99"):
        with pytest.raises(KeyMissing):
            opened(session, vault, blob, unit)
    with pytest.raises(KeyMissing):
        vault.open_key(session, "case:1", CONTENT, [])


def test_two_purposes_and_two_cases_have_keys_of_their_own(session: Session, vault: Vault) -> None:
    blob = sealed(session, vault)
    vault.make_key(session, "case:1", IDENTITY, [CUSTODIAN_UNIT])
    vault.make_key(session, "case:2", CONTENT, [SCHOOL])
    for subject, purpose in (("case:1", IDENTITY), ("case:2", CONTENT)):
        with pytest.raises(SealBroken):
            vault.open_key(session, subject, purpose).unseal(blob, PLACE)
    with pytest.raises(KeyMissing):
        vault.open_key(session, "case:1", IDENTITY, [SCHOOL])


def test_a_unit_without_a_pair_takes_no_key(session: Session, vault: Vault) -> None:
    with pytest.raises(KeyMissing, match="school:77"):
        vault.make_key(session, "case:1", CONTENT, [SCHOOL, school_unit(77)])
    with pytest.raises(KeyMissing, match="school:77"):
        vault.share_key(session, "case:1", CONTENT, school_unit(77))


def test_sharing_and_withdrawing(session: Session, vault: Vault) -> None:
    blob = sealed(session, vault, (DISTRICT,))
    vault.share_key(session, "case:1", CONTENT, SCHOOL)
    vault.share_key(session, "case:1", CONTENT, SCHOOL)
    session.flush()
    assert opened(session, vault, blob, SCHOOL) == b"letter"
    vault.withdraw_key(session, "case:1", CONTENT, SCHOOL)
    vault.withdraw_key(session, "case:1", CONTENT, SCHOOL)
    session.flush()
    with pytest.raises(KeyMissing):
        opened(session, vault, blob, SCHOOL)
    assert opened(session, vault, blob, DISTRICT) == b"letter"


def test_a_case_without_keys_is_shredded(session: Session, vault: Vault) -> None:
    blob = sealed(session, vault)
    session.flush()
    session.execute(delete(DataKey).where(DataKey.subject == "case:1"))
    with pytest.raises(KeyMissing):
        opened(session, vault, blob)


def test_opening_units_again_changes_nothing(session: Session, vault: Vault) -> None:
    def pairs() -> list[bytes]:
        return list(session.scalars(select(UnitKey.public_key).order_by(UnitKey.unit)))

    before = pairs()
    vault.open_units(session, [*UNITS, *UNITS], at=AT)
    assert pairs() == before
    assert len(set(before)) == len(UNITS)


def test_a_key_row_moved_to_another_case_or_unit_does_not_open(session: Session, vault: Vault) -> None:
    sealed(session, vault, (SCHOOL,))
    vault.make_key(session, "case:2", CONTENT, [SCHOOL])
    session.flush()
    first, second = (
        session.scalars(select(DataKey).where(DataKey.subject == subject)).one()
        for subject in ("case:1", "case:2")
    )
    first.sealed_key, second.sealed_key = second.sealed_key, first.sealed_key
    session.flush()
    with pytest.raises(SealBroken):
        vault.open_key(session, "case:1", CONTENT)


def test_private_keys_of_units_moved_do_not_open(session: Session, vault: Vault) -> None:
    sealed(session, vault, (SCHOOL,))
    mine, other = (
        session.scalars(select(UnitKey).where(UnitKey.unit == unit)).one() for unit in (SCHOOL, OTHER)
    )
    mine.wrapped_private_key = other.wrapped_private_key
    session.flush()
    with pytest.raises(SealBroken):
        vault.open_key(session, "case:1", CONTENT)


def test_another_master_key_opens_nothing(session: Session, vault: Vault) -> None:
    sealed(session, vault)
    with pytest.raises(SealBroken):
        Vault(bytes(32)).open_key(session, "case:1", CONTENT)


def test_digests_tell_parts_and_purposes_apart(vault: Vault) -> None:
    digests = [
        vault.digest("a", "bc"),
        vault.digest("a", "b", "c"),
        vault.digest("a", "c", "b"),
        vault.digest("ab", "c"),
        vault.digest("a"),
        vault.digest("a", ""),
        Vault(bytes(32)).digest("a", "bc"),
    ]
    assert len(set(digests)) == len(digests)
    assert vault.digest("a", "bc") == vault.digest("a", b"bc") == Vault(MASTER).digest("a", "bc")
