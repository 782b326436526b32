"""Which complaints the demonstration has: settled ones that weigh in a ranking, open ones in every state and clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from ethics_eval.complaints.categories import CATEGORIES, SCHOOL_MATTERS, Severity
from ethics_eval.complaints.rules import clocks
from ethics_eval.complaints.rules.clocks import Lateness
from ethics_eval.complaints.rules.filing import Filing
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.complaints.rules.machine import CaseAction, CaseStatus, Outcome, plain_name
from ethics_eval.complaints.rules.submission import BUREAU_CATEGORIES, URGENT_CATEGORIES, RespondentRole
from ethics_eval.demo import moments
from ethics_eval.demo.chance import stream
from ethics_eval.demo.letters import Subject, Template, templates
from ethics_eval.demo.plans import BY_COMPLAINANT, CasePlan, Turn
from ethics_eval.demo.roads import Road, actions
from ethics_eval.demo.scenes import SCENES, Scene
from ethics_eval.demo.schools import PlannedSchool, starts_of
from ethics_eval.demo.teachers import COLLEAGUE, OFFICER, PlannedTeacher
from ethics_eval.roster.rules.calendar import Calendar, local_day
from ethics_eval.roster.rules.school import Stage
from ethics_eval.roster.rules.teacher import LEADERS

S = CaseStatus
Fits = Callable[[Template], bool]

_WORKED_DAYS = 16  # an accepted case of the demonstration is so old at least
SETTLED_DAYS = 38  # from receipt to the end of the file
_DECENT = 8400  # hundredths: one so good is not among the lowest for a single finding
_AT_SCHOOL = frozenset({Road.SCHOOL, Road.HANDED, Road.SENT_BACK, Road.OBJECTED, Road.RECUSED})

_SETTLED: Sequence[tuple[Outcome, Severity, Measure]] = (
    (Outcome.SUBSTANTIATED, Severity.MINOR, Measure.CRITIQUE),
    (Outcome.UNSUBSTANTIATED, Severity.MINOR, Measure.NONE),
    (Outcome.PARTLY, Severity.ORDINARY, Measure.ADMONITION),
    (Outcome.SUBSTANTIATED, Severity.ORDINARY, Measure.WRITTEN_REVIEW),
    (Outcome.UNVERIFIABLE, Severity.MINOR, Measure.NONE),
    (Outcome.SUBSTANTIATED, Severity.MINOR, Measure.CRITIQUE),
    (Outcome.UNSUBSTANTIATED, Severity.MINOR, Measure.NONE),
    (Outcome.LAWFUL_DISCIPLINE, Severity.MINOR, Measure.NONE),
    (Outcome.PARTLY, Severity.MINOR, Measure.CRITIQUE),
    (Outcome.UNSUBSTANTIATED, Severity.MINOR, Measure.NONE),
    (Outcome.SUBSTANTIATED, Severity.ORDINARY, Measure.CIRCULATED),
    (Outcome.MALICIOUS, Severity.MINOR, Measure.NONE),
)
_SETTLED_ROADS = (
    Road.SCHOOL,
    Road.DISTRICT,
    Road.HANDED,
    Road.SCHOOL,
    Road.SENT_BACK,
    Road.DISTRICT,
    Road.RECUSED,
    Road.SCHOOL,
    Road.OBJECTED,
)
_OPEN_ROADS = (Road.SCHOOL, Road.DISTRICT, Road.SCHOOL, Road.HANDED, Road.CITY, Road.SCHOOL, Road.SENT_BACK)
_NAMELESS = "NO_RESPONDENT_OR_FACTS"
_DECLINES: Sequence[tuple[str, Collection[str]]] = (
    ("NOT_EDU_DUTY", ("R04", "R01")),
    ("LITIGATION_ARBITRATION_RECONSIDERATION", ("C99",)),
    ("ALREADY_PENDING", ("C15", "C04")),
    ("CONCLUDED_SAME_FACTS", ("C19", "C07")),
    (_NAMELESS, ("C99", "C02")),
)
_TRANSFERS: Sequence[tuple[str, Collection[str]]] = (
    ("POLICE", ("C08", "C11")),
    ("DISCIPLINE_INSPECTION", ("C13", "C12")),
    ("OTHER_DEPARTMENT", ("R04", "C05")),
)


@dataclass(frozen=True)
class Dates:
    """The instants the casebook keeps to: findings of the first part are effective when the semester freezes."""

    freeze_at: datetime
    publish_at: datetime
    at: datetime


@dataclass(frozen=True)
class Marked:
    """People whose part in the demonstration is fixed, by place in the list of teachers.

    ``weak``: hundredths of a point each part of the score is to be; ``named``: what is found on whom;
    ``late``: one whose finding is decided too late for the freeze; ``heard``: one in an open hearing; ``private``: who
    is told of the place in person, of the second by mistake; ``roles``: who is in the scenes, by role.
    """

    weak: Mapping[int, int]
    named: Sequence[tuple[int, str, Severity, Measure]]
    late: int
    heard: int
    spared: Sequence[int]
    private: tuple[int, int]
    roles: Mapping[str, int] = field(default_factory=dict)

    def all(self) -> set[int]:
        """Everybody who is in no other case."""
        return {*self.weak, self.heard, *self.spared, *self.roles.values()}


def respondents(
    teachers: Sequence[PlannedTeacher], span: tuple[int, int], stages: Collection[Stage], before: date
) -> list[int]:
    """Those of a school's people who simply teach in one of the stages, for a year before a day at least, and share
    no name with whoever leads the school or keeps its mailbox: places in the list of teachers.

    Args: span: where the school's people begin and end in the list.
    """
    first, last = span
    insiders = {
        plain_name(teachers[place].name)
        for place in range(first, last)
        if place - first <= OFFICER or teachers[place].postings[0].position in LEADERS
    }
    return [
        place
        for place in range(first + COLLEAGUE + 1, last)
        if teachers[place].is_settled
        and teachers[place].postings[0].stage in stages
        and teachers[place].postings[0].starts_on.year < before.year - 1
        and not any(name in plain_name(teachers[place].name) for name in insiders)
    ]


@dataclass
class Casebook:
    """Plans cases one after the other; each letter is used once before one is used twice."""

    schools: Sequence[PlannedSchool]
    teachers: Sequence[PlannedTeacher]
    qualities: Sequence[int]
    showcase: Sequence[int]
    marked: Marked
    calendar: Calendar
    dates: Dates
    seed: int
    _used: dict[Template, int] = field(default_factory=dict)
    _busy: set[int] = field(default_factory=set)
    _count: int = 0

    def __post_init__(self) -> None:
        self._chance = stream(self.seed, "casebook")
        self._today = local_day(self.dates.at)
        self._starts = starts_of(self.schools)
        self._busy |= self.marked.all()
        self._taught = [
            frozenset(
                self.teachers[teacher].postings[0].stage
                for teacher in self._respondents(place, frozenset(Stage))
            )
            for place in range(len(self.schools))
        ]

    def plans(self) -> Iterator[CasePlan]:
        """All complaints, in no order."""
        freeze = local_day(self.dates.freeze_at)
        yield from self._charged(freeze)
        scored = (freeze - timedelta(days=140), freeze - timedelta(days=82))
        yield from self._settled(*scored, rounds=2)
        since = local_day(self.dates.publish_at) + timedelta(days=2)
        until = self._today - timedelta(days=130)
        yield from self._settled(
            *((since, until) if until - since > timedelta(days=20) else scored), rounds=2
        )
        yield from self._open()
        before: CasePlan | None = None
        for scene in SCENES:
            before = self._scene(scene, before)
            yield before

    # --- choosing -----------------------------------------------------------------------------------------------

    def _template(self, fits: Fits, places: Sequence[int]) -> tuple[Template, Sequence[int]]:
        """The letter used least of those that fit one of the schools, and the schools it fits.

        Where it fits none of them, as in a very small city, it may be any school.
        """
        for within in (places, range(len(self.schools))):
            taught = {stage for place in within for stage in self._taught[place]}
            had = {stage for place in within for stage in self.schools[place].stages}
            fitting = [
                row
                for row in templates()
                if fits(row) and row.stages & (taught if row.role is RespondentRole.TEACHER else had)
            ]
            if fitting:
                break
        least = min(self._used.get(row, 0) for row in fitting)
        found = self._chance.choice([row for row in fitting if self._used.get(row, 0) == least])
        self._used[found] = least + 1
        return found, [
            place
            for place in within
            if found.stages.intersection(
                self._taught[place] if found.role is RespondentRole.TEACHER else self.schools[place].stages
            )
        ]

    def _elsewhere(self) -> list[int]:
        return [place for place in range(len(self.schools)) if place not in self.showcase] or list(
            self.showcase
        )

    def _respondents(self, school: int, stages: Collection[Stage]) -> list[int]:
        span = self._starts[school], self._starts[school + 1]
        return respondents(self.teachers, span, stages, local_day(self.dates.freeze_at))

    def _respondent(self, template: Template, places: Sequence[int]) -> tuple[int, int]:
        """(school, teacher): somebody decent in no other case where there is one, else anybody.

        Raises: ValueError: at none of the schools there is anybody.
        """
        for _try in range(40):
            school = self._chance.choice(places)
            fitting = [
                place
                for place in self._respondents(school, template.stages)
                if place not in self._busy and self.qualities[place] >= _DECENT
            ]
            teaching = template.subject
            fitting = [
                place for place in fitting if self.teachers[place].postings[0].subject == teaching
            ] or fitting
            if fitting:
                found = self._chance.choice(fitting)
                self._busy.add(found)
                return school, found
        anybody = [
            (school, place)
            for school in places
            for place in self._respondents(school, template.stages)
            if place not in self.marked.all()
        ]
        if not anybody:
            raise ValueError("too few people")
        return self._chance.choice(anybody)

    # --- one case -----------------------------------------------------------------------------------------------

    def _plan(
        self,
        template: Template,
        school: int,
        teacher: int | None,
        road: Road,
        days: tuple[datetime, Sequence[datetime]],
        done: Sequence[CaseAction],
        *,
        verdict: tuple[Outcome, Severity, Measure] = _SETTLED[1],
        reason: str = "",
    ) -> CasePlan:
        self._count += 1
        about = Subject("", self.schools[school].stages[-1], "", self.schools[school].town)
        if teacher is not None:
            posting = self.teachers[teacher].postings[0]
            about = Subject(
                self.teachers[teacher].name, posting.stage, posting.subject, self.schools[school].town
            )
        outcome, severity, measure = verdict
        if template.category in CATEGORIES and CATEGORIES[template.category].points_of(severity) is None:
            severity = Severity.ORDINARY
        if template.category in URGENT_CATEGORIES and self._count % 5:
            days = days[0], self._taken_up(days[0], days[1])
        return CasePlan(
            number=self._count,
            template=template,
            school=school,
            teacher=teacher,
            about=about,
            received_at=days[0],
            road=road,
            actions=tuple(done),
            moments=tuple(days[1]),
            outcome=outcome,
            severity=severity,
            measure=measure,
            reason=reason,
        )

    def _taken_up(self, received_at: datetime, days: Sequence[datetime]) -> list[datetime]:
        """The same with the first step within two hours: somebody is on duty for grave harm at any hour."""
        soon = received_at + timedelta(minutes=self._chance.randint(18, 95))
        return [min(day, soon) if place == 0 else day for place, day in enumerate(days)]

    def _times(
        self, received_on: date, accepted_on: date, last: datetime, count: int, *, register_days: int = 1
    ) -> tuple[datetime, list[datetime]]:
        """Instants of receipt and of ``count`` actions: the first so many days later, the second on ``accepted_on``,
        the others until ``last``; all of them before now.
        """
        last = min(last, self.dates.at - timedelta(minutes=17))
        received_at = moments.letter_hour(received_on, last, self._chance)
        register_on = received_on + timedelta(days=register_days)
        found = moments.office_moments(
            received_at,
            min(moments.office_close(register_on), last),
            min(count, 1),
            self.calendar,
            self._chance,
        )
        if count > 1:
            accepted_at = moments.office_close(accepted_on) - timedelta(minutes=self._chance.randint(0, 440))
            found.append(min(max(accepted_at, found[-1] + timedelta(minutes=23)), max(last, found[-1])))
            found += moments.office_moments(found[-1], last, count - 2, self.calendar, self._chance)
        return received_at, found

    def _closed_times(
        self, received_on: date, count: int, *, days: int = SETTLED_DAYS
    ) -> tuple[datetime, list[datetime]]:
        """Those of a case that took so many days; one in twelve was registered or accepted too late."""
        last = moments.office_close(received_on + timedelta(days=days))
        late = self._chance.randrange(12)
        return self._times(
            received_on,
            received_on + timedelta(days=17 if late == 0 else self._chance.randint(3, 7)),
            last,
            count,
            register_days=4 if late == 1 else 1,
        )

    def _some_day(self, since: date, until: date) -> date:
        return since + timedelta(days=self._chance.randint(0, max(0, (until - since).days)))

    # --- settled cases ------------------------------------------------------------------------------------------

    def _charged(self, freeze: date) -> Iterator[CasePlan]:
        """Those the circular names, and one whose finding comes too late to count."""
        for teacher, category, severity, measure in self.marked.named:
            day = freeze - timedelta(days=self._chance.randint(95, 125))
            yield self._on(teacher, category, day, (Outcome.SUBSTANTIATED, severity, measure))
        late = (Outcome.SUBSTANTIATED, Severity.ORDINARY, Measure.CIRCULATED)
        yield self._on(self.marked.late, "C13", freeze - timedelta(days=SETTLED_DAYS + 9), late)

    def _on(
        self, teacher: int, category: str, received_on: date, verdict: tuple[Outcome, Severity, Measure]
    ) -> CasePlan:
        posting = self.teachers[teacher].postings[0]
        template, _places = self._template(
            lambda row: (
                row.category == category
                and posting.stage in row.stages
                and row.role is RespondentRole.TEACHER
            ),
            [posting.school],
        )
        road = Road.SCHOOL if posting.school in self.showcase else Road.DISTRICT
        if category in BUREAU_CATEGORIES:
            road = Road.CITY
        done = actions(road, verdict[0], S.CLOSED)
        days = self._closed_times(received_on, len(done))
        return self._plan(template, posting.school, teacher, road, days, done, verdict=verdict)

    def _settled(self, since: date, until: date, *, rounds: int) -> Iterator[CasePlan]:
        """Closed cases with every outcome, and some declined, transferred, or answered as matters of the school."""
        for number in range(rounds * len(_SETTLED)):
            verdict = _SETTLED[number % len(_SETTLED)]
            road = _SETTLED_ROADS[number % len(_SETTLED_ROADS)]
            done = actions(road, verdict[0], S.CLOSED)
            days = self._closed_times(self._some_day(since, until), len(done))
            yield self._conduct(road, days, done, verdict)
        for _number in range(rounds):
            done = actions(Road.MATTER, Outcome.UNSUBSTANTIATED, S.CLOSED)
            yield self._matter(self._closed_times(self._some_day(since, until), len(done)), done)
            yield self._ended(Road.DECLINED, self._some_day(since, until))
            yield self._ended(Road.TRANSFERRED, self._some_day(since, until))

    def _conduct(
        self,
        road: Road,
        days: tuple[datetime, Sequence[datetime]],
        done: Sequence[CaseAction],
        verdict: tuple[Outcome, Severity, Measure],
    ) -> CasePlan:
        places: Sequence[int] = self.showcase if road in _AT_SCHOOL else self._elsewhere()
        to_city = road in {Road.CITY, Road.CITY_DOWN}
        lawful = verdict[0] is Outcome.LAWFUL_DISCIPLINE

        def fits(row: Template) -> bool:
            return (
                row.role is RespondentRole.TEACHER
                and (row.category in BUREAU_CATEGORIES) is to_city
                and row.fate == (Outcome.LAWFUL_DISCIPLINE if lawful else "")
                and (verdict[0] is not Outcome.MALICIOUS or row.evidence == "chat")
            )

        template, places = self._template(fits, places)
        school, teacher = self._respondent(template, places)
        return self._plan(template, school, teacher, road, days, done, verdict=verdict)

    def _matter(self, days: tuple[datetime, Sequence[datetime]], done: Sequence[CaseAction]) -> CasePlan:
        places: Sequence[int] = self.showcase if self._count % 2 else self._elsewhere()
        template, places = self._template(lambda row: row.category in SCHOOL_MATTERS, places)
        return self._plan(template, self._chance.choice(places), None, Road.MATTER, days, done)

    def _ended(self, road: Road, received_on: date) -> CasePlan:
        """A case that was not taken on: each reason in turn."""
        table = _DECLINES if road is Road.DECLINED else _TRANSFERS
        reason, categories = table[self._count % len(table)]
        places: Sequence[int] = self.showcase if self._count % 2 else self._elsewhere()
        fates = {"", reason} & {row.fate for row in templates() if row.category in categories}
        fate = max(fates)  # words written for the reason, where there are
        template, places = self._template(lambda row: row.category in categories and row.fate == fate, places)
        school = self._chance.choice(places)
        teacher = None
        if template.role is RespondentRole.TEACHER and reason != _NAMELESS:
            school, teacher = self._respondent(template, places)
        elif template.role is RespondentRole.HEAD:
            teacher = self._starts[school]
        done = actions(road, Outcome.UNSUBSTANTIATED, S.DECLINED if road is Road.DECLINED else S.TRANSFERRED)
        accepted_on = received_on + timedelta(days=self._chance.randint(3, 9))
        days = self._times(received_on, accepted_on, moments.office_close(accepted_on), len(done))
        return self._plan(template, school, teacher, road, days, done, reason=reason)

    # --- open cases ---------------------------------------------------------------------------------------------

    def _open(self) -> Iterator[CasePlan]:
        """Every status beside every lateness there is, on every road in turn; then what ended lately."""
        statuses = (
            S.SUBMITTED,
            S.REGISTERED,
            S.ACCEPTED,
            S.ASSIGNED,
            S.INVESTIGATING,
            S.FINDING_DRAFT,
            S.HEARING,
            S.DECIDED,
        )
        grid = [(status, lateness) for _round in range(2) for status in statuses for lateness in Lateness]
        for number, (status, lateness) in enumerate(grid):
            road = _OPEN_ROADS[number % len(_OPEN_ROADS)]
            if status is S.ASSIGNED:
                road = (Road.HANDED, Road.DISTRICT, Road.CITY_DOWN)[number % 3]
            yield from self._standing(status, lateness, road)
        yield self._heard()
        yield from self._about_heads()
        for number in range(10):
            received_on = self._today - timedelta(days=self._chance.randint(SETTLED_DAYS + 1, 70))
            road = _SETTLED_ROADS[number % len(_SETTLED_ROADS)]
            verdict = _SETTLED[number]
            done = actions(road, verdict[0], S.REPLIED if number % 2 else S.CLOSED)
            days = self._closed_times(received_on, len(done))
            if number < 2:  # answered after more than sixty days
                received_on = self._today - timedelta(days=83 + number)
                days = self._closed_times(received_on, len(done), days=79)
            yield self._conduct(road, days, done, verdict)
        for number in range(8):
            road = Road.DECLINED if number < 5 else Road.TRANSFERRED
            yield self._ended(road, self._today - timedelta(days=self._chance.randint(10, 40)))
        for status in (S.SUBMITTED, S.REGISTERED, S.ACCEPTED, S.ASSIGNED, S.REPLIED, S.CLOSED):
            done = actions(Road.MATTER, Outcome.UNSUBSTANTIATED, status)
            received_on = self._today - timedelta(days=1 if status is S.SUBMITTED else 8)
            yield self._matter(self._times(received_on, received_on, self.dates.at, len(done)), done)

    def _standing(self, status: CaseStatus, lateness: Lateness, road: Road) -> Iterator[CasePlan]:
        """A case in a status whose running clock stands so to today; nothing where the calendar has no such day."""
        verdict = _SETTLED[0] if lateness in {Lateness.OVERDUE, Lateness.NEAR} else _SETTLED[2]
        stated = lateness is not Lateness.OVERDUE
        done = actions(road, verdict[0], status, stated=stated)
        due_on: Callable[[date, Calendar], date] = clocks.reply_due
        if status is S.SUBMITTED:
            due_on = clocks.register_due
        elif status is S.REGISTERED:
            due_on = clocks.accept_due
        worked = 0 if status in {S.SUBMITTED, S.REGISTERED} else _WORKED_DAYS
        day = moments.day_with(due_on, lateness, self._today, self.calendar, self._chance, days_ago=worked)
        if day is None:
            return
        before = 0 if status in {S.SUBMITTED, S.REGISTERED} else self._chance.randint(3, 6)
        last = moments.office_close(day)
        if before:  # as much of the time since then as the lateness leaves
            gone = (self._today - day).days
            last = moments.office_close(day + timedelta(days=max(gone * 2 // 3, min(gone, 1))))
        elif status is S.REGISTERED:
            last = moments.office_close(day + timedelta(days=1))
        days = self._times(day - timedelta(days=before), day, last, len(done))
        yield self._conduct(road, days, done, verdict=verdict)

    def _heard(self) -> CasePlan:
        """One who was told yesterday or so and may state the case now."""
        teacher = self.marked.heard
        posting = self.teachers[teacher].postings[0]
        template, _places = self._template(
            lambda row: (
                row.category == "C07" and posting.stage in row.stages and row.role is RespondentRole.TEACHER
            ),
            [posting.school],
        )
        verdict = (Outcome.SUBSTANTIATED, Severity.ORDINARY, Measure.ADMONITION)
        done = actions(Road.SCHOOL, verdict[0], S.HEARING, stated=False)
        received_on = self._today - timedelta(days=24)
        told_at = moments.office_close(moments.working_day(self._today - timedelta(days=1), self.calendar))
        days = self._times(received_on, received_on + timedelta(days=4), told_at, len(done))
        return self._plan(template, posting.school, teacher, Road.SCHOOL, days, done, verdict=verdict)

    def _about_heads(self) -> Iterator[CasePlan]:
        """Letters on heads: with the district from the first second."""
        statuses = (S.SUBMITTED, S.REGISTERED, S.INVESTIGATING, S.HEARING, S.DECIDED, S.ACCEPTED, S.REPLIED)
        for number, status in enumerate(statuses):
            places: Sequence[int] = self.showcase if number % 2 == 0 else self._elsewhere()
            template, fitting = self._template(lambda row: row.role is RespondentRole.HEAD, places)
            school = self._chance.choice(fitting)
            done = actions(Road.DISTRICT, Outcome.PARTLY, status)
            received_on = self._today - timedelta(days=1 if status is S.SUBMITTED else 30 - number)
            accepted_on = received_on + timedelta(days=4)
            last = self.dates.at - timedelta(days=min(number, 2))
            days = self._times(received_on, accepted_on, last, len(done))
            verdict = (Outcome.PARTLY, Severity.MINOR, Measure.CRITIQUE)
            yield self._plan(
                template, school, self._starts[school], Road.DISTRICT, days, done, verdict=verdict
            )

    # --- scenes -------------------------------------------------------------------------------------------------

    def _scene(self, scene: Scene, before: CasePlan | None) -> CasePlan:
        """The case of a scene; joined to the one before it, it is on the same person."""
        if scene.joined and before is not None:
            template, school, teacher = before.template, before.school, before.teacher
            if Turn.LINK in dict(scene.turns):
                stage = before.about.stage
                template, _places = self._template(
                    lambda row: _fits_scene(scene, row) and stage in row.stages and row != before.template,
                    [school],
                )
        elif scene.role:
            teacher = self.marked.roles[scene.role]
            posting = self.teachers[teacher].postings[0]
            school = posting.school
            template, _places = self._template(
                lambda row: _fits_scene(scene, row) and posting.stage in row.stages, [school]
            )
        else:
            in_district = scene.road in _AT_SCHOOL or scene.road is Road.DISTRICT
            places = self.showcase if in_district else self._elsewhere()
            template, fitting = self._template(lambda row: _fits_scene(scene, row), places)
            school, teacher = self._respondent(template, fitting)
        # in a very small city it may be a school where nobody has an account
        road = Road.DISTRICT if scene.road is Road.SCHOOL and school not in self.showcase else scene.road
        done = actions(road, scene.verdict[0], scene.until)
        received_at, days = self._scene_times(scene, len(done))
        plan = self._plan(template, school, teacher, road, (received_at, days), done, verdict=scene.verdict)
        sender = scene.sender
        if scene.filed is not None:
            filing = Filing(
                source=scene.filed,
                reference=f"{local_day(received_at):%Y%m%d}{4300 + plan.number}",
                received_on=local_day(received_at),
                source_due_on=local_day(received_at) + timedelta(days=10),
            )
            sender = replace(sender, filing=filing, claims=scene.claims)
        return replace(
            plan,
            sender=sender,
            turns=tuple(self._turns(scene, (days or [received_at])[-1])),
            other=before.number if scene.joined and before is not None else None,
        )

    def _scene_times(self, scene: Scene, count: int) -> tuple[datetime, list[datetime]]:
        received_on = self._today - timedelta(days=scene.received)
        last = moments.office_close(self._today - timedelta(days=scene.worked))
        if scene.received == 0:
            return self.dates.at - timedelta(minutes=35), []
        if not scene.prompt and scene.filed is None:
            return self._times(received_on, received_on + timedelta(days=3), last, count)
        day = moments.working_day(received_on, self.calendar)
        received_at = moments.at_hour(day, time(9, self._chance.randint(10, 50)))
        if not scene.prompt:
            return received_at, moments.office_moments(received_at, last, count, self.calendar, self._chance)
        taken_up = [received_at + timedelta(minutes=40 * number) for number in range(1, min(count, 2) + 1)]
        rest = moments.office_moments(taken_up[-1], last, count - len(taken_up), self.calendar, self._chance)
        return received_at, taken_up + rest

    def _turns(self, scene: Scene, after: datetime) -> Iterator[tuple[Turn, datetime]]:
        """Each turn on its day, office hours for those at work; after the one before, and before now."""
        for place, (turn, days_ago) in enumerate(scene.turns):
            day = self._today - timedelta(days=days_ago)
            if turn in BY_COMPLAINANT:
                at = moments.at_hour(day, time(self._chance.randint(18, 21), self._chance.randint(0, 59)))
            else:
                day = moments.working_day(day, self.calendar)
                at = moments.at_hour(day, time(self._chance.randint(9, 16), self._chance.randint(0, 59)))
            latest = self.dates.at - timedelta(minutes=19 * (len(scene.turns) - place))
            after = max(after + timedelta(minutes=13), min(at, latest))
            yield turn, after


def _fits_scene(scene: Scene, row: Template) -> bool:
    return (
        row.role is RespondentRole.TEACHER
        and row.fate == ""
        and row.category not in SCHOOL_MATTERS
        and (
            row.category in scene.categories
            if scene.categories
            else row.category not in BUREAU_CATEGORIES and row.category not in scene.without
        )
    )
