"""The people of the demonstration city: who works where, as what, since when, and who is away and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from ethics_eval.demo.chance import stream
from ethics_eval.demo.names import people_names
from ethics_eval.demo.schools import PlannedSchool
from ethics_eval.roster.rules.school import Ownership, SchoolKind, Stage
from ethics_eval.roster.rules.teacher import Position, PostingStatus, Title

_SUBJECTS: Mapping[Stage, tuple[str, ...]] = {
    Stage.KINDERGARTEN: ("保教", "保教", "艺术", "健康"),
    Stage.PRIMARY: ("语文", "数学", "英语", "语文", "数学", "科学", "体育", "音乐", "美术", "道德与法治"),
    Stage.JUNIOR: ("语文", "数学", "英语", "物理", "化学", "历史", "地理", "生物", "道德与法治", "体育"),
    Stage.SENIOR: ("语文", "数学", "英语", "物理", "化学", "生物", "历史", "地理", "思想政治", "体育"),
    Stage.VOCATIONAL: ("语文", "数学", "机械", "电子", "汽修", "幼师", "计算机", "旅游", "电商", "体育"),
    Stage.SPECIAL: ("生活语文", "生活数学", "康复训练", "劳动技能", "体育", "音乐"),
}
# Places among a school's people: who leads it, who keeps its mailbox, who investigates with that one.
HEAD, OFFICER, COLLEAGUE = 0, 1, 2
_LEADING = (Position.HEAD, Position.DEPUTY_HEAD, Position.MANAGER, Position.SECRETARY)
# Per mille of those who do not lead, in every semester.
_CHANGES: Sequence[tuple[PostingStatus | str, int]] = (
    (PostingStatus.MATERNITY, 11),
    (PostingStatus.SICK_LEAVE, 5),
    (PostingStatus.SECONDED, 5),
    (PostingStatus.SUPPORT_TEACHING, 3),
    (PostingStatus.EXCHANGE, 8),
    (PostingStatus.STUDY, 2),
    (PostingStatus.SUSPENDED, 1),
    ("retired", 6),
    ("moved", 10),
    ("moved later", 8),
    ("new", 30),
    ("late", 4),
)


@dataclass(frozen=True)
class PlannedPosting:
    """``school``: its place in the list of schools."""

    school: int
    stage: Stage
    subject: str
    position: Position
    status: PostingStatus
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True)
class PlannedTeacher:
    """``number``: the roster's number, as text."""

    number: str
    name: str
    title: Title
    postings: tuple[PlannedPosting, ...]

    @property
    def is_settled(self) -> bool:
        """Whether the person simply teaches: one posting, in post, leading nobody."""
        posting = self.postings[0]
        return (
            len(self.postings) == 1
            and posting.position is Position.TEACHER
            and posting.status is PostingStatus.IN_POST
            and posting.ends_on is None
        )


@dataclass(frozen=True)
class Spans:
    """First days of the published and the open semester; both have ``weeks`` weeks."""

    published_on: date
    opened_on: date
    weeks: int


def plan_teachers(schools: Sequence[PlannedSchool], spans: Spans, seed: int) -> tuple[PlannedTeacher, ...]:
    """The staff of every school, in the schools' order; the first of each school is its head."""
    chance = stream(seed, "teachers")
    names = people_names(sum(school.staff for school in schools), stream(seed, "names"))
    by_district: dict[tuple[str, Stage], list[int]] = {}
    for place, school in enumerate(schools):
        for stage in school.stages:
            by_district.setdefault((school.district_code, stage), []).append(place)
    made: list[PlannedTeacher] = []
    for place, school in enumerate(schools):
        for rank in range(school.staff):
            posting = _posting(place, school, rank, spans, chance)
            others = by_district[school.district_code, posting.stage]
            stays = rank <= COLLEAGUE or posting.position in _LEADING
            postings = (posting,) if stays else _changed(posting, others, spans, chance)
            since = postings[0].starts_on
            made.append(
                PlannedTeacher(
                    number=f"4302{since.year}{len(made) + 1:06}",
                    name=names[len(made)],
                    title=_title(posting, (spans.published_on - since).days // 365, chance),
                    postings=postings,
                )
            )
    return tuple(made)


def _position(school: PlannedSchool, rank: int) -> Position:
    leading = {0: True, 1: school.staff >= 6, 2: school.staff >= 10}
    leading[3] = school.staff >= 15 and school.ownership is Ownership.PUBLIC
    if leading.get(rank):
        return _LEADING[rank]
    from_below = school.staff - rank
    if school.kind is SchoolKind.KINDERGARTEN:
        return Position.ASSISTANT if from_below <= school.staff // 5 else Position.TEACHER
    if school.staff >= 30 and from_below <= school.staff // 25:
        return Position.SUPPORT if from_below == 1 else Position.ASSISTANT
    return Position.TEACHER


def _posting(place: int, school: PlannedSchool, rank: int, spans: Spans, chance: Random) -> PlannedPosting:
    position = _position(school, rank)
    stage = school.stages[-1] if position in _LEADING else school.stages[rank % len(school.stages)]
    years = (
        chance.randint(4, 26) if position in _LEADING else min(chance.randint(1, 36), chance.randint(1, 36))
    )
    teaches = position not in {Position.ASSISTANT, Position.SUPPORT}
    return PlannedPosting(
        school=place,
        stage=stage,
        subject=chance.choice(_SUBJECTS[stage]) if teaches else "",
        position=position,
        status=PostingStatus.IN_POST,
        starts_on=date(spans.published_on.year - years, 9, 1),
    )


def _changed(
    posting: PlannedPosting, others: Sequence[int], spans: Spans, chance: Random
) -> tuple[PlannedPosting, ...]:
    """The posting as it is for most; away, retired, moved in mid-semester, or new for some."""
    match _drawn_change(chance.randrange(1000)):
        case None:
            return (posting,)
        case PostingStatus() as status:
            return (replace(posting, status=status),)
        case "retired":
            return (_ended(posting, PostingStatus.RETIRED, _midway(spans.published_on, chance)),)
        case "new":
            return (replace(posting, starts_on=spans.published_on),)
        case "late":
            late_on = spans.published_on + timedelta(weeks=spans.weeks * 2 // 3)
            return (replace(posting, starts_on=late_on),)
        case change:
            first = spans.published_on if change == "moved" else spans.opened_on
            return _moved(posting, others, _midway(first, chance), chance)


def _drawn_change(drawn: int) -> PostingStatus | str | None:
    for change, share in _CHANGES:
        if drawn < share:
            return change
        drawn -= share
    return None


def _ended(posting: PlannedPosting, status: PostingStatus, on: date) -> PlannedPosting:
    return replace(posting, status=status, ends_on=on - timedelta(days=1))


def _moved(
    posting: PlannedPosting, others: Sequence[int], on: date, chance: Random
) -> tuple[PlannedPosting, ...]:
    place = chance.choice(others)
    if place == posting.school:
        return (posting,)
    return _ended(posting, PostingStatus.LEFT, on), replace(posting, school=place, starts_on=on)


def _midway(first: date, chance: Random) -> date:
    """A Monday some five to thirteen weeks into a semester."""
    day = first + timedelta(weeks=chance.randint(5, 13))
    return day - timedelta(days=day.weekday())


def _title(posting: PlannedPosting, years: int, chance: Random) -> Title:
    if posting.position in {Position.SUPPORT, Position.ASSISTANT} or years < 1:
        return Title.NONE
    if posting.stage is Stage.KINDERGARTEN:
        return Title.JUNIOR if years < 8 else Title.MIDDLE if years < 20 else Title.SENIOR
    drawn = chance.randrange(1000)
    if posting.stage is Stage.VOCATIONAL:
        steps = (Title.ASSISTANT_LECTURER, Title.LECTURER, Title.SENIOR_LECTURER, Title.SENIOR_LECTURER)
    else:
        steps = (Title.SECOND, Title.FIRST, Title.SENIOR, Title.PROFESSORIAL)
    rank = 0 if years < 6 else 1 if years < 15 or drawn >= 450 else 2
    return steps[3] if rank == 2 and drawn < 4 else steps[rank]
