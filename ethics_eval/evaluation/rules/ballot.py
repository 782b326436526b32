"""评议: who may rate whom, what a complete ballot is, and which ballots look careless.

Source: domain.md §7.3 (pupils from grade 3 on, one code a child, at least five colleagues, words for low marks,
straight-lining reviewed by a person); ranking.md R1, R4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ethics_eval.evaluation.rules.scheme import STAGES, Component
from ethics_eval.roster.rules.cell import plain
from ethics_eval.text import N_, RuleViolation

PUPILS_FROM_GRADE = 3
LAST_GRADE = 12
NO_PUPIL_STAGES = frozenset({"KG", "SPE"})
MAX_SEATS = 2000
MAX_TEACHERS = 300
LABEL_LENGTH = 40
MIN_REASON = 5
MAX_REASON = 500
PEER_SLICE = 20  # so many colleagues are asked to rate each other; more would be a burden
# one code each, for one person; the others get as many codes as they have raters
PERSONAL = frozenset({Component.SELF, Component.PEER})
CLASS_PARTS = (Component.PUPIL, Component.PARENT)
PART_ORDER = (*CLASS_PARTS, Component.PEER, Component.SELF, Component.SCHOOL)  # as a school plans and prints


# --- groups -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GroupDraft:
    """A group of raters as it is planned. ``grade`` 1–12 of a class; ``seats``: how many raters, of a class its pupils.

    Of colleagues and of self-ratings, ``teacher_ids`` are the raters as well, and ``seats`` follows from them.
    """

    component: Component
    label: str
    stage: str
    grade: int | None
    seats: int
    teacher_ids: tuple[int, ...]


def may_rate(component: Component, stage: str, grade: int | None) -> bool:
    """Whether a class rates: pupils from grade 3 on, none of 幼儿园 and 特教 (domain.md §7.3)."""
    if component is not Component.PUPIL:
        return True
    return stage not in NO_PUPIL_STAGES and grade is not None and grade >= PUPILS_FROM_GRADE


def seats_of(draft: GroupDraft) -> int:
    """How many codes the group gets."""
    return len(draft.teacher_ids) if draft.component in PERSONAL else draft.seats


def check_group(draft: GroupDraft) -> None:
    """Raises: RuleViolation at ``label``, ``stage``, ``grade``, ``seats`` or ``teachers``."""
    if not 1 <= len(draft.label.strip()) <= LABEL_LENGTH:
        raise RuleViolation(
            "ballot.label", N_("请填写名称，最多%(length)s个字。"), field="label", length=LABEL_LENGTH
        )
    if draft.stage not in STAGES:
        raise RuleViolation("ballot.stage", N_("请选择学段。"), field="stage")
    if draft.grade is not None and not 1 <= draft.grade <= LAST_GRADE:
        raise RuleViolation("ballot.grade", N_("年级是 1 到 12。"), field="grade")
    if not may_rate(draft.component, draft.stage, draft.grade):
        raise RuleViolation(
            "ballot.no_pupils", N_("学生从三年级开始评议；幼儿园和特殊教育学校的学生不评。"), field="grade"
        )
    if draft.component not in PERSONAL and not 1 <= draft.seats <= MAX_SEATS:
        raise RuleViolation(
            "ballot.seats", N_("人数须在 1 到 %(most)s 之间。"), field="seats", most=MAX_SEATS
        )
    least = 2 if draft.component is Component.PEER else 1
    if not least <= len(draft.teacher_ids) <= MAX_TEACHERS:
        raise RuleViolation(
            "ballot.teachers",
            N_("请勾选教师，至少%(least)s位，最多%(most)s位。"),
            field="teachers",
            least=least,
            most=MAX_TEACHERS,
        )
    if len(set(draft.teacher_ids)) < len(draft.teacher_ids):
        raise RuleViolation("ballot.teacher_twice", N_("同一位教师只能在名单里出现一次。"), field="teachers")


_DIGITS = {sign: place for place, sign in enumerate("一二三四五六七八九", start=1)}
_IN_WORDS = re.compile(
    r"(?P<part>小|初|高|职高|中职)?(?P<sign>[一二三四五六七八九]|1[0-2]|[1-9])(?:年级|年|级)?"
)
_STARTS = {"小": 0, "初": 6, "高": 9, "职高": 9, "中职": 9}
_STAGE_START = {"PRI": 0, "JUN": 6, "SEN": 9, "VOC": 9}


def grade_of(text: str, stage: str = "") -> int | None:
    """The grade, 1–12, of ``三年级``, ``3``, ``初二``, ``高一``; None: no grade is named.

    ``stage`` tells whose first grade is meant: 一年级 of a 中职 school is the tenth, of a 初中 the seventh.

    >>> grade_of("三年级2班"), grade_of("初二"), grade_of("高一(3)班"), grade_of("一年级", "VOC"), grade_of("大班")
    (3, 8, 10, 10, None)
    """
    match = None if stage == "KG" else _IN_WORDS.match("".join(plain(text).split()))
    if match is None:
        return None
    sign = match["sign"]
    number = _DIGITS.get(sign) or int(sign)
    start = _STARTS[match["part"]] if match["part"] else _STAGE_START.get(stage, 0)
    if match["part"] is None and number > start:
        return number  # 七年级 is the seventh in any school
    return number + start if number + start <= LAST_GRADE else None


def stage_of(grade: int | None, stages: Sequence[str]) -> str | None:
    """The stage of a grade in a school with these stages; None: it cannot be told.

    >>> stage_of(8, ["PRI", "JUN"]), stage_of(6, ["JUN", "SEN"]), stage_of(None, ["KG"]), stage_of(3, ["SEN"])
    ('JUN', 'JUN', 'KG', None)
    """
    if grade is None:
        fitting = [stage for stage in stages if stage in NO_PUPIL_STAGES]
        return fitting[0] if len(fitting) == 1 else None
    spans = {
        "PRI": range(1, 7),
        "JUN": range(6, 10),
        "SEN": range(10, 13),
        "VOC": range(10, 13),
        "SPE": range(1, 13),
    }
    found = [stage for stage in stages if grade in spans.get(stage, ())]
    return found[0] if found else None


def slices(count: int, most: int = PEER_SLICE) -> list[range]:
    """Places 0 … ``count`` − 1 cut into as few even parts of at most ``most`` as there can be.

    >>> [len(part) for part in slices(45)]
    [15, 15, 15]
    """
    parts = max(1, -(-count // most))
    return [range(count * part // parts, count * (part + 1) // parts) for part in range(parts)]


# --- a ballot -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BallotItem:
    """A question of a ballot: ``points`` and ``options`` (labels) in the order of the scheme."""

    code: str
    points: tuple[int, ...]
    title: str
    question: str
    options: tuple[str, ...]

    def is_lowest(self, option: int) -> bool:
        """Whether this option (from 1) gives the fewest points, so that a reason is asked for."""
        return option in self._lowest

    @cached_property
    def _lowest(self) -> frozenset[int]:
        least = min(self.points)
        alike = least == max(self.points)
        return frozenset(
            place for place, points in enumerate(self.points, 1) if points == least and not alike
        )

    def is_best(self, option: int) -> bool:
        """Whether this option (from 1) gives the most points."""
        return self.points[option - 1] == max(self.points)


@dataclass(frozen=True)
class Rated:
    """A teacher on a ballot. ``place``: from 1, in the group's list."""

    place: int
    teacher_id: int
    name: str
    subject: str = ""


@dataclass(frozen=True)
class Paper:
    """What a rater is asked: the same questions on each of the teachers."""

    component: Component
    teachers: tuple[Rated, ...]
    items: tuple[BallotItem, ...]

    @property
    def may_abstain(self) -> bool:
        """Whether one may leave a teacher out; nobody is unknown to themself."""
        return self.component is not Component.SELF


@dataclass(frozen=True)
class Opinion:
    """What is said of one teacher: item code → option (from 1) and → reason; or that one does not know them."""

    abstains: bool = False
    options: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


_UNSAID = Opinion()
Opinions = Mapping[int, Opinion]
"""Place of a teacher → what is said of them."""


def field_name(place: int, item: int | None = None) -> str:
    """The name of a field of the ballot: ``t3`` for a teacher, ``t3-q1`` for the first item on them."""
    return f"t{place}" if item is None else f"t{place}-q{item + 1}"


def counted(paper: Paper, opinions: Opinions) -> Iterator[tuple[Rated, BallotItem, int]]:
    """The answers that count, by teacher id and item code: the order in which tallies are changed."""
    items = sorted(paper.items, key=lambda one: one.code)
    for teacher in sorted(paper.teachers, key=lambda one: one.teacher_id):
        opinion = opinions.get(teacher.place, _UNSAID)
        if not (opinion.abstains and paper.may_abstain):
            for item in items:
                if item.code in opinion.options:
                    yield teacher, item, opinion.options[item.code]


def answered(paper: Paper, opinions: Opinions) -> int:
    """How many answers there are."""
    return sum(1 for _answer in counted(paper, opinions))


def is_done(paper: Paper, opinion: Opinion | None) -> bool:
    """Whether all of a teacher is answered."""
    if opinion is None:
        return False
    return (opinion.abstains and paper.may_abstain) or all(
        item.code in opinion.options for item in paper.items
    )


def problems(paper: Paper, opinions: Opinions) -> list[RuleViolation]:
    """Everything that keeps a ballot from being sent, in the order of the page; each at its field."""
    found: list[RuleViolation] = []
    for teacher in paper.teachers:
        opinion = opinions.get(teacher.place, _UNSAID)
        if opinion.abstains and paper.may_abstain:
            continue
        found += _missing(paper, teacher, opinion)
        found += _unsaid(paper, teacher, opinion)
    everyone = [opinions.get(teacher.place, _UNSAID) for teacher in paper.teachers]
    if paper.may_abstain and all(opinion.abstains for opinion in everyone):
        found.append(
            RuleViolation(
                "ballot.empty",
                N_("您对每一位都选了“不了解”，没有可以提交的评议。都不了解的，不用提交。"),
                field=field_name(paper.teachers[0].place),
            )
        )
    return found


def _missing(paper: Paper, teacher: Rated, opinion: Opinion) -> Iterator[RuleViolation]:
    for place, item in enumerate(paper.items):
        option = opinion.options.get(item.code)
        if option is None or not 1 <= option <= len(item.points):
            yield RuleViolation(
                "ballot.unanswered",
                N_("%(name)s：“%(title)s”还没有选。"),
                field=field_name(teacher.place, place),
                name=teacher.name,
                title=item.title,
            )


def _unsaid(paper: Paper, teacher: Rated, opinion: Opinion) -> Iterator[RuleViolation]:
    for place, item in enumerate(paper.items):
        option = opinion.options.get(item.code)
        if option is None or not 1 <= option <= len(item.points):
            continue
        reason = opinion.reasons.get(item.code, "")
        if item.is_lowest(option) and len("".join(reason.split())) < MIN_REASON:
            yield RuleViolation(
                "ballot.reason",
                N_("%(name)s：“%(title)s”选了最低一档，请写明原因，至少%(count)s个字。"),
                field=f"{field_name(teacher.place, place)}-reason",
                name=teacher.name,
                title=item.title,
                count=MIN_REASON,
            )
        elif len(reason) > MAX_REASON:
            yield RuleViolation(
                "ballot.reason_long",
                N_("%(name)s：“%(title)s”的原因太长，最多%(count)s个字。"),
                field=f"{field_name(teacher.place, place)}-reason",
                name=teacher.name,
                title=item.title,
                count=MAX_REASON,
            )


# --- ballots that look careless -----------------------------------------------------------------------------

STRAIGHT_ANSWERS = 8
STRAIGHT_TEACHERS = 3
STRAIGHT_ITEMS = 2
SECONDS_AN_ANSWER = 1


def is_straight(options: Sequence[int], best: Sequence[bool], *, teachers: int, items: int) -> bool:
    """Whether every answer is the same option, over so many that it says little: 8 answers, or 2 items on 3 teachers.

    All of the best option is an honest answer of a content parent, the commonest of all, and never straight-lining.
    It is counted for a person to look at and changes nothing (domain.md §7.3).

    Args: options: of each answer, from 1; best: whether it is its item's best.
    """
    is_much = len(options) >= STRAIGHT_ANSWERS or (teachers >= STRAIGHT_TEACHERS and items >= STRAIGHT_ITEMS)
    return is_much and len(set(options)) == 1 and not all(best)


def straight(answers: Sequence[tuple[Rated, BallotItem, int]], items: int) -> bool:
    """:func:`is_straight` of the answers that count in a ballot of so many items (:func:`counted`)."""
    return is_straight(
        [option for _teacher, _item, option in answers],
        [item.is_best(option) for _teacher, item, option in answers],
        teachers=len({teacher.place for teacher, _item, _option in answers}),
        items=items,
    )


def is_fast(answers: int, seconds: int | None) -> bool:
    """Whether so many answers in so many seconds cannot have been read: less than one second each.

    None: the page's mark of when it was opened is missing or forged; no browser sends that.

    >>> is_fast(8, 7), is_fast(8, 8), is_fast(0, 0), is_fast(1, None)
    (True, False, False, True)
    """
    return answers > 0 and (seconds is None or seconds < answers * SECONDS_AN_ANSWER)
