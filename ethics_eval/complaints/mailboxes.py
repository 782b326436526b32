"""The mailboxes: one open at each school, with an unguessable code that can be revoked and replaced."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.accounts.service import record
from ethics_eval.complaints.models import Mailbox
from ethics_eval.complaints.rules.query_code import ALPHABET, MAILBOX_LENGTH, encode
from ethics_eval.roster.models import District, School
from ethics_eval.vault.service import CITY_UNIT, CUSTODIAN_UNIT, Vault, district_unit, school_unit


def new_code() -> str:
    """A mailbox code of 60 random bits, in lower case."""
    return "".join(secrets.choice(ALPHABET) for _ in range(MAILBOX_LENGTH)).lower()


POSTER_SIGNATURE = 10  # characters of five bits: enough that none is hit by chance


def poster_signature(vault: Vault, code: str) -> str:
    """What shows that a poster of this mailbox came from here."""
    return encode(vault.digest("poster", code.lower()), POSTER_SIGNATURE).lower()


def poster_address(vault: Vault, base_url: str, code: str) -> str:
    """The address in a poster's QR code, signed; it ends with the mailbox."""
    return f"{base_url}/m/{code}?via=qr&s={poster_signature(vault, code)}"


def is_poster_ours(vault: Vault, code: str, signature: str) -> bool:
    """Whether a poster's signature belongs to this mailbox code."""
    return hmac.compare_digest(poster_signature(vault, code).encode(), signature.lower().encode())


def open_mailboxes(session: Session, vault: Vault, *, actor: Actor, at: datetime) -> int:
    """Give every school without an open mailbox one, and every unit its key pair; how many were opened."""
    vault.open_units(session, (CITY_UNIT, CUSTODIAN_UNIT), at=at)
    vault.open_units(session, map(district_unit, session.scalars(select(District.code))), at=at)
    missing = list(
        session.scalars(
            select(School.id)
            .where(
                ~select(Mailbox.id)
                .where(Mailbox.school_id == School.id, Mailbox.revoked_at.is_(None))
                .exists()
            )
            .order_by(School.id)
        )
    )
    vault.open_units(session, map(school_unit, missing), at=at)
    if missing:
        session.execute(
            insert(Mailbox),
            [{"school_id": school, "code": new_code(), "created_at": at} for school in missing],
        )
        record(session, actor, at, "mailbox.opened", "mailbox", "many", count=len(missing))
    return len(missing)


def replace_mailbox(session: Session, mailbox: Mailbox, *, actor: Actor, at: datetime) -> Mailbox:
    """Revoke a mailbox code and open a new one for the school; complaints already sent stay."""
    mailbox.revoked_at = at
    session.flush()  # before the new one: the database holds only one open mailbox a school
    fresh = Mailbox(school_id=mailbox.school_id, code=new_code(), created_at=at)
    session.add(fresh)
    session.flush()
    record(session, actor, at, "mailbox.replaced", "mailbox", fresh.id, revoked=mailbox.id)
    return fresh
