"""The demonstration's papers about teachers: files opened for a purpose, certificates of standing, a draft scheme."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.demo.moments import at_hour, working_day
from ethics_eval.demo.plans import Handlers
from ethics_eval.ethics_file.models import Certificate
from ethics_eval.ethics_file.queries import Person, person_of, standing_facts
from ethics_eval.ethics_file.rules.need import Purpose
from ethics_eval.ethics_file.service import issue_certificate, open_file, withdraw_certificate
from ethics_eval.evaluation.drafting import TEN_NORMS, draft_scheme
from ethics_eval.roster.rules.calendar import Calendar, local_day
from ethics_eval.vault.service import Vault

_DRAFTED_DAYS = 9
_EXPIRED_DAYS, _TERM_DAYS = 34, 14
_MORNING = time(10, 20)
_WITHDRAWN = "本人放弃申报今年的职称，这份证明不再使用。"


def drafting(session: Session, bureau: Actor, begun_at: datetime, at: datetime) -> Iterator[datetime]:
    """The bureau drafts the scheme of the ten norms; its head has not adopted it yet."""
    drafted_at = max(at - timedelta(days=_DRAFTED_DAYS, hours=3), begun_at)
    yield drafted_at
    draft_scheme(
        session,
        version=f"{local_day(at).year}-2",
        name="十项准则考评方案（送审稿）",
        base=TEN_NORMS,
        actor=bureau,
        at=drafted_at,
    )


class Papers:
    """Files that are opened, and what is certified from them.

    Args: good: the number of the teacher whose certificate holds; numbers: of others with nothing against the name.
    """

    def __init__(
        self,
        session: Session,
        vault: Vault,
        handlers: Handlers,
        good: str,
        numbers: Sequence[str],
        *,
        issuer: str,
    ) -> None:
        self._session, self._vault, self._handlers = session, vault, handlers
        self._good, self._numbers, self._issuer = good, list(numbers), issuer

    def story(self, calendar: Calendar, at: datetime) -> Iterator[datetime]:
        """One certificate has run out, one was taken back, one holds; a file is open just now."""
        bureau = self._handlers.bureau

        def morning(days_ago: int) -> datetime:
            return at_hour(working_day(local_day(at) - timedelta(days=days_ago), calendar), _MORNING)

        moment = morning(_EXPIRED_DAYS)
        yield moment
        self._certify(
            bureau, Purpose.TRANSFER, "拟调入市直学校，人事科函请核查师德情况。", moment, _TERM_DAYS
        )
        moment = morning(12)
        yield moment
        given_up = self._certify(bureau, Purpose.TITLE, "申报中级职称，职改办函请核查师德情况。", moment)
        moment = morning(5)
        yield moment
        if given_up is not None:
            withdraw_certificate(self._session, given_up.number, reason=_WITHDRAWN, actor=bureau, at=moment)
        moment = morning(3)
        yield moment
        self._numbers.insert(0, self._good)
        self._certify(bureau, Purpose.TITLE, "申报高级职称，职改办函请核查师德情况。", moment)
        moment = morning(2)
        yield moment
        for district in self._handlers.districts.values():
            if self._open(district, Purpose.AWARD, "推荐区级优秀教师，需核对近两年考评等次。", moment):
                break
        moment = at - timedelta(hours=3)
        yield moment
        self._open(bureau, Purpose.POST, "拟聘学校中层岗位，需核对师德考评情况。", moment)

    def _next(self, actor: Actor, at: datetime, fits: Callable[[Person], bool]) -> Person | None:
        for number in self._numbers:
            person = person_of(self._session, actor, number, at=at)
            if person is not None and fits(person):
                self._numbers.remove(number)
                return person
        return None

    def _open(self, actor: Actor, purpose: Purpose, reason: str, at: datetime) -> bool:
        person = self._next(actor, at, lambda _person: True)
        if person is not None:
            open_file(self._session, person, purpose=purpose.value, reason=reason, actor=actor, at=at)
        return person is not None

    def _certify(
        self, actor: Actor, purpose: Purpose, reason: str, at: datetime, days: int = 90
    ) -> Certificate | None:
        def is_settled(person: Person) -> bool:
            return not standing_facts(self._session, person.id, at=at).is_open

        person = self._next(actor, at, is_settled)
        if person is None:
            return None
        open_file(self._session, person, purpose=purpose.value, reason=reason, actor=actor, at=at)
        return issue_certificate(
            self._session, self._vault, person, issuer=self._issuer, actor=actor, at=at, days=days
        )
