"""How often a mailbox was opened, begun and sent, a day at a time: counts, and nothing of whoever came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission, Scope, scope_of
from ethics_eval.complaints.models import Case, Complaint, MailboxCount
from ethics_eval.complaints.queries import in_scope
from ethics_eval.database import inserting
from ethics_eval.roster.rules.calendar import CITY_TIME, local_day

SPANS = (7, 30)  # days, today included


def note(
    session: Session, mailbox_id: int, *, at: datetime, opened: int = 0, began: int = 0, sent: int = 0
) -> None:
    """Add to the day's counts, whoever else adds at this moment."""
    adding = inserting(session, MailboxCount).values(
        mailbox_id=mailbox_id, on=local_day(at), opened_count=opened, began_count=began, sent_count=sent
    )
    session.execute(
        adding.on_conflict_do_update(
            index_elements=["mailbox_id", "on"],
            set_={
                "opened_count": MailboxCount.opened_count + opened,
                "began_count": MailboxCount.began_count + began,
                "sent_count": MailboxCount.sent_count + sent,
            },
        )
    )


@dataclass(frozen=True)
class Span:
    """What a mailbox saw within so many days, today included."""

    days: int
    opened: int
    began: int
    sent: int


def funnels(session: Session, actor: Actor, mailbox_ids: list[int], *, today: date) -> dict[int, list[Span]]:
    """Mailbox id → what it saw within 7 and within 30 days.

    The caller has the mailboxes from a query in the actor's scope. Sent are those the actor may see as cases: a
    school that could subtract would learn of letters that are kept from it. The city sees the count itself.
    """
    found: dict[int, list[Span]] = {mailbox_id: [] for mailbox_id in mailbox_ids}
    for days in SPANS:
        since = today - timedelta(days=days - 1)
        rows = session.execute(
            select(
                MailboxCount.mailbox_id,
                func.sum(MailboxCount.opened_count),
                func.sum(MailboxCount.began_count),
                func.sum(MailboxCount.sent_count),
            )
            .where(MailboxCount.mailbox_id.in_(mailbox_ids), MailboxCount.on >= since)
            .group_by(MailboxCount.mailbox_id)
        )
        counted = {mailbox_id: (opened, began, sent) for mailbox_id, opened, began, sent in rows}
        seen = (
            None
            if scope_of(actor, Permission.CASE_READ) is Scope.CITY
            else _sent(session, actor, mailbox_ids, since)
        )
        for mailbox_id, spans in found.items():
            opened, began, sent = counted.get(mailbox_id, (0, 0, 0))
            spans.append(Span(days, opened, began, sent if seen is None else seen.get(mailbox_id, 0)))
    return found


def _sent(session: Session, actor: Actor, mailbox_ids: list[int], since: date) -> dict[int, int]:
    midnight = datetime(since.year, since.month, since.day, tzinfo=CITY_TIME)
    rows = session.execute(
        select(Complaint.mailbox_id, func.count())
        .join(Case, Case.id == Complaint.case_id)
        .where(
            Complaint.mailbox_id.in_(mailbox_ids),
            Complaint.submitted_at >= midnight,
            Complaint.source.in_(["WEB", "QR"]),
            in_scope(session, actor),
        )
        .group_by(Complaint.mailbox_id)
    )
    return {mailbox_id: sent for mailbox_id, sent in rows}
