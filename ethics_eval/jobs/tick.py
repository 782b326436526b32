"""What the clock owes up to an instant. Run twice, late, or after an outage, each thing happens once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from ethics_eval.accounts import queries as account_queries
from ethics_eval.accounts.notifying import News, notify
from ethics_eval.accounts.rules import CLOCK, Role
from ethics_eval.complaints import quotas, reminding
from ethics_eval.complaints.rules.reminding import DEFAULT_SPACING, Spacing
from ethics_eval.complaints.service import expire_measures
from ethics_eval.ethics_file.service import withdraw_outlived
from ethics_eval.evaluation import rounds, urging
from ethics_eval.notices import reminding as notice_reminding
from ethics_eval.notices import service as notice_service
from ethics_eval.notices.correcting import correct_by_clock
from ethics_eval.notices.publishing import ask_missing
from ethics_eval.ranking import correcting, objecting
from ethics_eval.ranking import service as ranking_service
from ethics_eval.ranking.queries.holds import open_hold
from ethics_eval.ranking.rules.news import REFUSED
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import ends_soon, local_day
from ethics_eval.tasks import service as task_service
from ethics_eval.text import RuleViolation

Transaction = Callable[[], AbstractContextManager[Session]]
_log = structlog.get_logger("ethics_eval.tick")


def tick(
    transaction: Transaction, *, at: datetime, instance: Path, spacing: Spacing = DEFAULT_SPACING
) -> list[str]:
    """Do all that is owed by ``at``: steps of semesters, reminders, what ends by itself; a line for each thing.

    Each is its own transaction: what fails is told, leaves the others alone, and is tried again at the next tick.
    """
    duties: tuple[tuple[str, Callable[[], list[str]]], ...] = (
        ("corrections", lambda: _corrections(transaction, at, instance)),
        ("semesters", lambda: _steps(transaction, at, instance)),
        ("rounds", lambda: _rounds(transaction, at)),
        ("ballots", lambda: _ballots(transaction, at)),
        ("reminders", lambda: _reminders(transaction, at, spacing)),
        (
            "remedies",
            lambda: _counted(
                transaction,
                "remedy reminders",
                lambda s: reminding.remind_remedies(s, at, spacing=spacing),
            ),
        ),
        (
            "objections",
            lambda: _counted(transaction, "objection reminders", lambda s: objecting.remind(s, at)),
        ),
        ("acknowledgements", lambda: _acknowledgements(transaction, at)),
        (
            "published files",
            lambda: _counted(
                transaction, "published files asked for", lambda s: ask_missing(s, instance, at=at)
            ),
        ),
        ("measures", lambda: _counted(transaction, "measures expired", lambda s: expire_measures(s, at))),
        (
            "certificates",
            lambda: _counted(transaction, "certificates withdrawn", lambda s: withdraw_outlived(s, at)),
        ),
        ("calendar", lambda: _calendar(transaction, at)),
        ("quotas", lambda: _forgotten(transaction, at)),
        ("task files", lambda: _clear_files(transaction, at, instance)),
    )
    done: list[str] = []
    failures: list[Exception] = []
    for name, duty in duties:
        try:
            done += duty()
        except Exception as error:  # one thing that is broken must not stop the others
            _log.error("duty failed", duty=name, kind=type(error).__name__, exc_info=error)
            done.append(f"{name}: failed ({type(error).__name__})")
            failures.append(error)
    if len(failures) == len(
        duties
    ):  # nothing at all went: the database is away, and the caller knows what to do
        raise failures[0]
    return done


def _steps(transaction: Transaction, at: datetime, instance: Path) -> list[str]:
    """Take the steps of the semesters, one after the other."""
    done: list[str] = []
    refused: set[str] = set()
    while True:
        with transaction() as session:
            due = [row for row in ranking_service.steps_due(session, at) if row[0] not in refused]
        if not due:
            return done
        semester, step = due[0]
        try:
            with transaction() as session:
                notice_service.take_step(session, semester, step, actor=CLOCK, at=at, instance=instance)
        except RuleViolation as violation:
            done.append(f"{semester} {step}: {violation}")
            refused.add(semester)
            with transaction() as session:
                _tell_refused(session, semester, step, violation, at)
        else:
            done.append(f"{semester} {step}")


def _rounds(transaction: Transaction, at: datetime) -> list[str]:
    """Close the rounds of ballots that are over: unused codes a batch a transaction, then all the rest in one."""
    with transaction() as session:
        due = rounds.rounds_to_close(session, at)
    done: list[str] = []
    for semester in due:
        after: str | None = ""
        while after is not None:
            with transaction() as session:
                after = rounds.void_codes(session, semester, after, at=at)
        with transaction() as session:
            if rounds.close_round(session, semester, at=at):
                done.append(f"{semester} round closed")
    return done


def _ballots(transaction: Transaction, at: datetime) -> list[str]:
    """Remind schools of ballots that are missing, at half of the round and before its end."""
    with transaction() as session:
        return urging.urge_by_clock(session, at)


def _reminders(transaction: Transaction, at: datetime, spacing: Spacing) -> list[str]:
    """Warn, remind and tell above, a batch of cases a transaction."""
    with transaction() as session:
        waiting = reminding.outstanding(session, at)
    counts: Counter[str] = Counter()
    for start in range(0, len(waiting), reminding.BATCH):
        with transaction() as session:
            batch = waiting[start : start + reminding.BATCH]
            given = reminding.remind(session, at, spacing=spacing, case_ids=batch)
        counts.update(f"reminders {one.clock} {one.level}" for one in given)
    return [f"{name}: {count}" for name, count in sorted(counts.items())]


def _acknowledgements(transaction: Transaction, at: datetime) -> list[str]:
    """Tell of notices that were not acknowledged in time: the school, its district, the city."""
    with transaction() as session:
        counts = notice_reminding.remind(session, at)
    return [f"acknowledgements {level.name.lower()}: {count}" for level, count in sorted(counts.items())]


def _tell_refused(
    session: Session, semester: str, step: Step, violation: RuleViolation, at: datetime
) -> None:
    """Tell the heads of the bureau, once for each reason and hold, that the clock could not take a step."""
    held = open_hold(session, semester)
    news = News(
        kind=REFUSED,
        subject_kind="semester",
        subject_id=semester,
        key=f"{REFUSED}:{semester}:{step}:{violation.code}:{'' if held is None else held.id}",
        detail={"step": step.value, "reason": violation.code},
    )
    notify(session, account_queries.accounts_of_roles(session, Role.BUREAU_HEAD), news, at=at)


def _corrections(transaction: Transaction, at: datetime, instance: Path) -> list[str]:
    """Put rankings right that count a finding which was revoked or varied since, a semester a transaction."""
    done: list[str] = []
    with transaction() as session:
        waiting = correcting.outdated(session)
    for semester in waiting:
        try:
            with transaction() as session:
                made = correct_by_clock(session, semester, actor=CLOCK, at=at, instance=instance)
                done += [f"{pair.new.semester_code} corrected: version {pair.new.version}" for pair in made]
        except RuleViolation as violation:
            done.append(f"{semester} correction: {violation}")
    return done


def _counted(transaction: Transaction, name: str, do: Callable[[Session], int]) -> list[str]:
    """Do one thing; a line when there was any of it."""
    with transaction() as session:
        count = do(session)
    return [f"{name}: {count}"] if count else []


def _forgotten(transaction: Transaction, at: datetime) -> list[str]:
    """Forget the counts of visitors that are over: no line, since that is each minute's housekeeping."""
    with transaction() as session:
        quotas.forget(session, at)
    return []


def _calendar(transaction: Transaction, at: datetime) -> list[str]:
    """Raise the alarm, once for each end of the calendar, when the days it knows run out."""
    with transaction() as session:
        until = roster_queries.calendar(session).covered_until
        if not ends_soon(until, local_day(at)):
            return []
        news = News(
            kind="calendar.ends",
            subject_kind="calendar",
            subject_id=until.isoformat(),
            key=f"calendar.ends:{until.isoformat()}",
            detail={"until": until.isoformat()},
        )
        people = account_queries.accounts_of_roles(session, Role.SYSADMIN, Role.BUREAU_HEAD)
        count = notify(session, people, news, at=at)
    return [f"calendar known until {until}: told {count}"] if count else []


def _clear_files(transaction: Transaction, at: datetime, instance: Path) -> list[str]:
    """Remove the files of tasks that were kept long enough; a line if there were any."""
    with transaction() as session:
        removed = task_service.remove_old(session, instance / "tasks", at=at)
    return [f"task files removed: {removed}"] if removed else []
