"""签收 in the demonstration: heads of the schools beyond the showcase, most of whom acknowledge in time."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account, AuditEvent
from ethics_eval.accounts.rules import Role
from ethics_eval.demo.chance import stream
from ethics_eval.demo.moments import at_hour
from ethics_eval.demo.settling import write
from ethics_eval.demo.staff import FOUNDER
from ethics_eval.notices.models import Delivery, Notice
from ethics_eval.notices.queries import TO_ALL
from ethics_eval.roster.rules.calendar import Calendar, local_day

_HOURS = (time(9, 40), time(11, 5), time(15, 20), time(17, 5))
# Per mille of the schools that acknowledge on each working day from the first on; the others have not yet.
_BY_DAY = (420, 260, 130, 90, 50, 20, 8, 4)


class Heads:
    """Accounts of heads at the schools that have none: nobody is told their passwords."""

    def __init__(self, session: Session, heads: Mapping[int, tuple[str, str, int]], *, seed: int) -> None:
        """Args: heads: school id → the school's code, and its head's name and teacher id."""
        self._session, self._heads = session, heads
        self._chance = stream(seed, "acknowledgements")

    def open_all(self, password_hash: str, at: datetime) -> None:
        """Make the accounts, each with its audit event. Args: password_hash: of a password that nobody knows."""
        write(
            self._session,
            Account,
            [
                {
                    "username": f"head-{code}",
                    "display_name": name,
                    "password": password_hash,
                    "active": True,
                    "fs_uniquifier": secrets.token_hex(16),
                    "role": Role.SCHOOL_HEAD.value,
                    "school_id": school_id,
                    "teacher_id": teacher_id,
                    "created_at": at,
                }
                for school_id, (code, name, teacher_id) in self._heads.items()
            ],
        )
        self._record(
            at,
            "account.created",
            "account",
            [
                (FOUNDER.id, FOUNDER.kind, account_id, f'{{"role": "{Role.SCHOOL_HEAD}"}}')
                for account_id in self._accounts()
            ],
        )

    def _accounts(self) -> dict[int, int]:
        """Account id → school id."""
        rows = self._session.execute(
            select(Account.id, Account.school_id)
            .where(Account.role == Role.SCHOOL_HEAD.value)
            .order_by(Account.id)
        )
        return {account: school for account, school in rows if school is not None and school in self._heads}

    def story(
        self, semester_code: str, issued_at: datetime, calendar: Calendar, at: datetime
    ) -> Iterator[datetime]:
        """What was issued to all at an instant is acknowledged, most of it within the first two days."""
        day, before = local_day(issued_at), 0
        for share in _BY_DAY:
            for number, hour in enumerate(_HOURS, 1):
                moment = at_hour(day, hour)
                if issued_at + timedelta(minutes=20) < moment < at - timedelta(minutes=20):
                    yield moment
                    until = before + share * number // len(_HOURS)
                    self._sign(semester_code, issued_at, until, moment)
            before += share
            day = calendar.due_in_working_days(day, 1)

    def _sign(self, semester_code: str, issued_at: datetime, permille: int, at: datetime) -> None:
        """Acknowledge for so many of a thousand schools in all."""
        accounts = {school: account for account, school in self._accounts().items()}
        rows = self._session.execute(
            select(Delivery.id, Delivery.notice_id, Delivery.school_id, Delivery.acknowledged_at)
            .join(Notice, Notice.id == Delivery.notice_id)
            .where(
                Notice.semester_code == semester_code,
                Notice.kind.in_(TO_ALL),
                Notice.issued_at == issued_at,
                Delivery.school_id.in_(select(Account.school_id).where(Account.id.in_(accounts.values()))),
            )
            .order_by(Delivery.id)
        ).all()
        waiting = [row for row in rows if row.acknowledged_at is None]
        count = max(0, len(rows) * permille // 1000 - (len(rows) - len(waiting)))
        signed = sorted(self._chance.sample(waiting, min(count, len(waiting))))
        if not signed:
            return
        table = cast(Table, Delivery.__table__)
        self._session.execute(
            table.update()
            .where(table.c.id == bindparam("of_delivery"))
            .values(acknowledged_at=at, acknowledged_by_id=bindparam("by_account")),
            [{"of_delivery": row.id, "by_account": accounts[row.school_id]} for row in signed],
        )
        self._session.expire_all()
        self._record(
            at,
            "notice.acknowledged",
            "notice",
            [
                (accounts[row.school_id], Role.SCHOOL_HEAD.value, row.notice_id, f'{{"delivery": {row.id}}}')
                for row in signed
            ],
        )

    def _record(
        self, at: datetime, action: str, subject: str, rows: Sequence[tuple[int | None, str, object, str]]
    ) -> None:
        """Audit events in bulk: actor id and kind, what of, and detail."""
        self._session.flush()
        write(
            self._session,
            AuditEvent,
            [
                {
                    "at": at,
                    "actor_id": actor_id,
                    "actor_kind": kind,
                    "action": action,
                    "subject_kind": subject,
                    "subject_id": str(subject_id),
                    "detail": detail,
                }
                for actor_id, kind, subject_id, detail in rows
            ],
        )
