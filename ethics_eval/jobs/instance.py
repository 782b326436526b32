"""What every instance has from its first start: districts, calendar, semesters, the default scheme, keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.mailboxes import open_mailboxes
from ethics_eval.evaluation import service as evaluation_service
from ethics_eval.roster import service as roster_service
from ethics_eval.vault.service import Vault


def prepare_instance(session: Session, vault: Vault, *, actor: Actor, at: datetime) -> None:
    """Load the reference data; run again it changes nothing."""
    roster_service.load_districts(session)
    roster_service.load_calendar(session)
    roster_service.load_semesters(session)
    evaluation_service.load_default_scheme(session, actor=actor, at=at)
    open_mailboxes(session, vault, actor=actor, at=at)
