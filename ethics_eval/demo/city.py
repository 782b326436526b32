"""The demonstration city: invented schools, people, scores, complaints and a published ranking in an empty instance.

Everything is drawn from a seed, and the time is an argument: two runs with the same seed and time give the same
schools, names, scores, letters, steps and places. What must be chance stays so in every run: keys of the vault, ids
and numbers of cases, mailbox codes, and with them query codes and the digests that cover ids.
"""

from __future__ import annotations

import heapq
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.notifying import mark_all_read
from ethics_eval.accounts.rules import CLOCK, Actor
from ethics_eval.complaints import mailbox_counts
from ethics_eval.complaints.models import Case, Mailbox
from ethics_eval.complaints.reminding import remind
from ethics_eval.complaints.service import expire_measures
from ethics_eval.demo.casebook import Casebook, Dates
from ethics_eval.demo.chance import stream
from ethics_eval.demo.contesting import Contest
from ethics_eval.demo.filing import Papers, drafting
from ethics_eval.demo.marking import mark
from ethics_eval.demo.moments import at_hour, working_day
from ethics_eval.demo.office import Office
from ethics_eval.demo.plans import Handlers, Sent
from ethics_eval.demo.schools import PlannedSchool, plan_schools, starts_of
from ethics_eval.demo.scores import qualities
from ethics_eval.demo.settling import Settled
from ethics_eval.demo.signing import Heads
from ethics_eval.demo.staff import DemoAccount, Staffing, showcase
from ethics_eval.demo.teachers import COLLEAGUE, HEAD, PlannedTeacher, Spans, plan_teachers
from ethics_eval.demo.voting import VoteCode, Voting, polls_of
from ethics_eval.evaluation.models import SchemeVersion
from ethics_eval.notices.models import Notice
from ethics_eval.notices.publishing import ask_files
from ethics_eval.notices.queries import own_delivery
from ethics_eval.notices.reminding import remind as remind_of_notices
from ethics_eval.notices.service import acknowledge, take_step
from ethics_eval.ranking.objecting import remind as remind_of_objections
from ethics_eval.ranking.queries.standing import standing
from ethics_eval.ranking.rules.steps import Step, announce_due
from ethics_eval.ranking.verifying import verify_ranking
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.models import CalendarDay, School, Semester, Teacher
from ethics_eval.roster.rules.calendar import Calendar, local_day
from ethics_eval.tasks.models import Task
from ethics_eval.tasks.rules import TaskKind
from ethics_eval.text import N_, RuleViolation
from ethics_eval.vault.service import Vault

Progress = Callable[[int, int], None]
Story = Iterator[datetime]

_OPENS, _FREEZES = time(9), time(18)
_COVERAGE_PUBLISHED, _COVERAGE_OPEN = 100, 82  # percent of the postings with results
_FREEZE_AHEAD_DAYS, _PUBLISH_AHEAD_DAYS = 35, 49
_LEAST_AHEAD_DAYS = 14  # until the open semester freezes by itself
_PUBLISHED_DAYS = 4  # the published semester is that old at least
# Older than the time to appeal there would be nothing to show of it: then it is this old.
_FORGOTTEN_DAYS, _REMEMBERED_DAYS = 24, 17
_BEGUN_DAYS = 60
_STORY_DAYS = 150  # before the freeze: the first complaints that weigh in it
_TICK_HOUR, _TICKED_DAILY = time(7, 40), timedelta(days=40)
_VISITED_DAYS = 30
_UNREAD_DAYS = 1  # what came since then is new to everybody
# 《全国年节及纪念日放假办法》 (2024) art. 2, those that do not follow the moon or the sun.
_FIXED_HOLIDAYS = (
    (1, 1, "元旦"),
    (5, 1, "劳动节"),
    (5, 2, "劳动节"),
    (10, 1, "国庆节"),
    (10, 2, "国庆节"),
    (10, 3, "国庆节"),
)
_SETTLING_STEPS = 150  # of the progress bar, beside one for each thing that happens


@dataclass(frozen=True)
class City:
    """What was made. ``schools``: (code, name, district, mailbox code); ``sent``: complaints in order of receipt;
    ``ballot_codes``: some that nobody has used.
    """

    semesters: Sequence[Semester]
    schools: Sequence[tuple[str, str, str, str]]
    teacher_count: int
    accounts: Sequence[DemoAccount]
    shown_schools: Sequence[str]
    sent: Sequence[Sent]
    ballot_codes: Sequence[VoteCode]


def is_empty(session: Session) -> bool:
    """Whether the instance holds no school, person, account or case."""
    return all(
        session.scalar(select(table.id).limit(1)) is None for table in (School, Teacher, Account, Case)
    )


def build(
    session: Session,
    vault: Vault,
    *,
    school_count: int,
    teacher_count: int,
    semester_code: str,
    seed: int,
    at: datetime,
    instance: Path,
    hash_password: Callable[[str], str],
    issuer: str = "",
    progress: Progress = lambda _done, _total: None,
) -> City:
    """Fill an empty, prepared instance; the caller commits all of it or nothing.

    Args: at: the present instant, the end of every story; issuer: the bureau's name; progress: called with (done,
    total).
    Raises: RuleViolation: the instance is not empty, or there is no such semester, none after it, or it has hardly
    begun; ValueError: too few schools, or too few people for them.
    """
    if not is_empty(session):
        raise RuleViolation("demo.not_empty", N_("实例里已有学校、账号或案件，演示城市只能装入空的实例。"))
    calendar = calendar_reaching(session, local_day(at))
    published, opened = _semesters(session, semester_code, calendar, at)
    districts = [(row.code, row.name) for row in roster_queries.districts(session)]
    schools = plan_schools(school_count, teacher_count, districts, seed)
    teachers = plan_teachers(schools, Spans(published.starts_on, opened.starts_on, published.weeks), seed)
    shown = showcase(schools)
    quality = qualities(teachers, seed)
    marked, people = mark(schools, teachers, quality, shown, before=local_day(published.freeze_at))
    dates = Dates(published.freeze_at, published.publish_at, at)
    plans = list(Casebook(schools, teachers, quality, shown, marked, calendar, dates, seed).plans())
    total = _SETTLING_STEPS + sum(1 + len(plan.actions) + len(plan.turns) for plan in plans)
    progress(_SETTLING_STEPS // 5, total)

    founded_on = min(
        published.starts_on - timedelta(days=10),
        local_day(published.freeze_at) - timedelta(days=_STORY_DAYS),
    )
    founded_at = at_hour(working_day(founded_on, calendar), _OPENS)
    _adopted_before(session, founded_at)
    settled = Settled(session, vault, schools, teachers, at=founded_at)
    progress(_SETTLING_STEPS // 2, total)
    staffing = Staffing(session, hash_password, at=founded_at, seed=seed)
    handlers = staffing.open_all(
        schools,
        teachers,
        settled.school_ids,
        settled.teacher_ids,
        shown=shown,
        districts=districts,
        people=people,
    )
    progress(_SETTLING_STEPS, total)
    office = Office(
        session,
        vault,
        instance / "files",
        handlers,
        school_ids=settled.school_ids,
        teacher_ids=settled.teacher_ids,
        seed=seed,
    )

    polls = polls_of(shown)

    def rate(semester: Semester, coverage_percent: int) -> None:
        weak: Mapping[int, int] = marked.weak if semester is published else {}
        balloted: Collection[int] = () if semester is published else polls.all
        settled.rate(semester, quality, weak, coverage_percent=coverage_percent, balloted=balloted, seed=seed)

    reopened_at = _reopened_at(opened, at)
    voting = Voting(
        session,
        vault,
        opened,
        schools,
        settled.school_ids,
        dict(zip(settled.teacher_ids, quality, strict=True)),
        handlers.schools,
        people={settled.teacher_ids[place]: teachers[place].name for place in people},
        seed=seed,
    )
    contest = Contest(session, vault, published, calendar, handlers.bureau, instance=instance, at=at)
    heads = _heads(session, schools, teachers, settled, shown, seed)
    low, lower = marked.private
    starts = starts_of(schools)
    papers = Papers(
        session,
        vault,
        handlers,
        teachers[marked.spared[0]].number,
        [teachers[starts[place] + COLLEAGUE].number for place in shown],
        issuer=issuer,
    )

    stories = [office.lead(plan) for plan in plans]
    announced_at = at_hour(announce_due(local_day(published.publish_at), calendar), _OPENS)
    stories += [
        _opening(session, published, founded_at + timedelta(days=1), handlers.bureau, instance, rate),
        _publishing(session, published, announced_at, handlers.chief, instance),
        _reopening(session, opened, reopened_at, handlers.bureau, instance, rate),
        voting.story(polls, handlers.bureau, reopened_at, at),
        contest.objecting(handlers.teachers[low], announced_at),
        contest.correcting(handlers.teachers[lower]),
        contest.appealing(handlers.teachers[marked.roles["contesting"]]),
        _opening_heads(heads, hash_password, published.publish_at + timedelta(minutes=15)),
        _asking_files(session, published, at),
        drafting(session, handlers.bureau, founded_at, at),
        papers.story(calendar, at),
        _ticking(session, founded_at, at),
        _visiting(session, settled.school_ids, shown, at, seed),
        _reading(session, handlers, at),
    ]
    for issued_at in (published.publish_at, contest.corrected_at()):
        stories.append(heads.story(published.code, issued_at, calendar, at))
        stories.append(_acknowledging(session, published, handlers, issued_at, at))
    _tell(stories, lambda done: progress(min(_SETTLING_STEPS + done, total), total))
    return City(
        semesters=[published, opened],
        schools=settled.with_mailboxes(),
        teacher_count=len(teachers),
        accounts=staffing.accounts,
        shown_schools=[schools[place].code for place in shown],
        sent=sorted(office.sent, key=lambda one: (one.plan.received_at, one.plan.number)),
        ballot_codes=voting.codes,
    )


# --- semesters ----------------------------------------------------------------------------------------------


def calendar_reaching(session: Session, day: date) -> Calendar:
    """The calendar; where it ends before a day, the years that are missing get the holidays that never move.

    Else an instance made years after the last known holidays could publish nothing.
    """
    until = roster_queries.calendar(session).covered_until
    session.add_all(
        CalendarDay(day=date(year, month, number), kind="holiday", name=name)
        for year in range(until.year + 1, day.year + 1)
        for month, number, name in _FIXED_HOLIDAYS
    )
    session.flush()
    return roster_queries.calendar(session)


def _semesters(session: Session, code: str, calendar: Calendar, at: datetime) -> tuple[Semester, Semester]:
    """The semester to be published and the one after it, with dates that suit the present instant."""
    known = roster_queries.semesters(session)
    published = next((row for row in known if row.code == code), None)
    if published is None:
        raise RuleViolation("semester.unknown", N_("没有这个学期：%(semester)s"), semester=code)
    opened = next((row for row in known if row.starts_on > published.starts_on), None)
    if opened is None:
        raise RuleViolation("demo.no_next", N_("学期 %(semester)s 之后没有下一学期。"), semester=code)
    today = local_day(at)
    if today < published.starts_on + timedelta(days=_BEGUN_DAYS):
        raise RuleViolation(
            "demo.not_begun", N_("学期 %(semester)s 开始还不满两个月，不能演示发布。"), semester=code
        )
    published_on = local_day(published.publish_at)
    is_forgotten = published_on < today - timedelta(days=_FORGOTTEN_DAYS)
    ago = timedelta(days=_REMEMBERED_DAYS if is_forgotten else _PUBLISHED_DAYS)
    latest_on = working_day(today - ago, calendar)
    if is_forgotten or published_on > latest_on:
        published.publish_at = at_hour(latest_on, _OPENS)
        freeze_on = announce_due(latest_on, calendar) - timedelta(days=2)
        published.freeze_at = at_hour(freeze_on, _FREEZES)
    if opened.freeze_at < at + timedelta(days=_LEAST_AHEAD_DAYS):
        opened.freeze_at = at_hour(today + timedelta(days=_FREEZE_AHEAD_DAYS), _FREEZES)
        opened.publish_at = at_hour(today + timedelta(days=_PUBLISH_AHEAD_DAYS), _OPENS)
    session.flush()
    return published, opened


# --- what happens, in order of time -------------------------------------------------------------------------


def _tell(stories: Sequence[Story], told: Callable[[int], None]) -> None:
    """Let everything happen in order of time: a story yields when its next thing happens, and does it when resumed."""
    waiting = [(next(story), number) for number, story in enumerate(stories)]
    heapq.heapify(waiting)
    done = 0
    while waiting:
        _at, number = waiting[0]
        following = next(stories[number], None)
        if following is None:
            heapq.heappop(waiting)
        else:
            heapq.heapreplace(waiting, (following, number))
        done += 1
        told(done)


def _opening(
    session: Session,
    semester: Semester,
    at: datetime,
    actor: Actor,
    instance: Path,
    rate: Callable[[Semester, int], None],
) -> Story:
    opened_at = max(at, at_hour(semester.starts_on, _OPENS))
    yield opened_at
    take_step(session, semester.code, Step.OPEN, actor=actor, at=opened_at, instance=instance)
    rate(semester, _COVERAGE_PUBLISHED)


def _publishing(
    session: Session, semester: Semester, announced_at: datetime, verifier: Actor, instance: Path
) -> Story:
    """The steps the clock takes, when it would take them; between them somebody verifies."""

    def step(taken: Step, at: datetime) -> None:
        take_step(session, semester.code, taken, actor=CLOCK, at=at, instance=instance)

    yield semester.freeze_at
    step(Step.FREEZE, semester.freeze_at)
    verified_at = min(semester.freeze_at + timedelta(hours=16), announced_at - timedelta(minutes=20))
    yield verified_at
    verify_ranking(session, semester.code, actor=verifier, at=verified_at, instance=instance)
    yield announced_at
    step(Step.ANNOUNCE, announced_at)
    yield semester.publish_at
    step(Step.PUBLISH, semester.publish_at)


def _reopened_at(semester: Semester, at: datetime) -> datetime:
    return min(at_hour(semester.starts_on + timedelta(days=1), _OPENS), at - timedelta(hours=20))


def _adopted_before(session: Session, at: datetime) -> None:
    """The scheme that came with the instance was adopted before the city's first semester by it."""
    later = update(SchemeVersion).where(SchemeVersion.adopted_at > at)
    session.execute(later.values(imported_at=at, adopted_at=at))


def _heads(
    session: Session,
    schools: Sequence[PlannedSchool],
    teachers: Sequence[PlannedTeacher],
    settled: Settled,
    shown: Sequence[int],
    seed: int,
) -> Heads:
    """Of all schools but the showcase, whose people have accounts already."""
    starts, ids = starts_of(schools), settled.teacher_ids
    leading = {place: starts[place] + HEAD for place in range(len(schools)) if place not in shown}
    return Heads(
        session,
        {
            settled.school_ids[place]: (schools[place].code, teachers[person].name, ids[person])
            for place, person in leading.items()
        },
        seed=seed,
    )


def _opening_heads(heads: Heads, hash_password: Callable[[str], str], at: datetime) -> Story:
    """Every school is to sign for the circular."""
    yield at
    heads.open_all(hash_password(secrets.token_urlsafe(24)), at)


def _asking_files(session: Session, semester: Semester, at: datetime) -> Story:
    """What the worker was asked for before is over: only the files of the version that stands are to be built."""
    asked_at = at - timedelta(minutes=2)
    yield asked_at
    session.execute(delete(Task).where(Task.kind == TaskKind.PUBLISHED_FILES.value))
    ask_files(session, standing(session, semester.code), at=asked_at)


def _reopening(
    session: Session,
    semester: Semester,
    opened_at: datetime,
    actor: Actor,
    instance: Path,
    rate: Callable[[Semester, int], None],
) -> Story:
    yield opened_at
    take_step(session, semester.code, Step.OPEN, actor=actor, at=opened_at, instance=instance)
    rate(semester, _COVERAGE_OPEN)


def _acknowledging(
    session: Session, semester: Semester, handlers: Handlers, issued_at: datetime, at: datetime
) -> Story:
    """Most of those with an account sign for what they were sent; the first teacher and some schools have not yet."""
    schools, districts = list(handlers.schools.values()), list(handlers.districts.values())
    signing = [*schools[:-2], *districts[:-3], *list(handlers.teachers.values())[1:]]
    for number, actor in enumerate(signing, 1):
        signed_at = min(issued_at + timedelta(minutes=97 * number), at - timedelta(minutes=5))
        yield signed_at
        for notice_id in session.scalars(select(Notice.id).where(Notice.semester_code == semester.code)):
            delivery = own_delivery(session, actor, notice_id)
            if delivery is not None:
                acknowledge(session, delivery, actor=actor, at=signed_at)


def _ticking(session: Session, founded_at: datetime, at: datetime) -> Story:
    """What the clock does of a morning, long ago once a week: reminders, and measures that are over."""
    last = at - timedelta(minutes=1)
    tick_at = at_hour(local_day(founded_at), _TICK_HOUR)
    while tick_at < last:
        yield tick_at
        expire_measures(session, tick_at)
        remind(session, tick_at)
        _tick_notices(session, tick_at)
        tick_at += timedelta(days=1 if at - tick_at < _TICKED_DAILY else 7)
    yield last
    remind(session, last)
    _tick_notices(session, last)


def _tick_notices(session: Session, at: datetime) -> None:
    remind_of_notices(session, at)
    remind_of_objections(session, at)


def _visiting(
    session: Session, school_ids: Sequence[int], shown: Sequence[int], at: datetime, seed: int
) -> Story:
    """Parents who open a mailbox and go again without a letter: often at the showcase, now and then elsewhere."""
    chance = stream(seed, "visits")
    rows = session.execute(select(Mailbox.school_id, Mailbox.id).where(Mailbox.revoked_at.is_(None)))
    mailboxes = {school_id: mailbox_id for school_id, mailbox_id in rows}
    for days_ago in range(_VISITED_DAYS, 0, -1):
        visited_at = at - timedelta(days=days_ago, minutes=3)
        yield visited_at
        for place in sorted({*shown, *range(2 * days_ago, len(school_ids), 2 * _VISITED_DAYS)}):
            opened = chance.randint(0, 5)
            began = chance.randint(0, min(opened, 1))
            mailbox_counts.note(
                session, mailboxes[school_ids[place]], at=visited_at, opened=opened, began=began
            )


def _reading(session: Session, handlers: Handlers, at: datetime) -> Story:
    """Everybody has read what is older than yesterday."""
    read_at = at - timedelta(minutes=70)
    yield read_at
    for actor in handlers.everybody:
        mark_all_read(session, actor, until=read_at - timedelta(days=_UNREAD_DAYS), at=read_at)
