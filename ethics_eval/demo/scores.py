"""Invented results of evaluation: component scores, tallies of ballots, honours, as rows for the tables.

Everything is in whole units of 0.0001 point ("e4"); a teacher is about as good in one semester as in the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from ethics_eval.demo.chance import stream
from ethics_eval.demo.schools import PlannedSchool
from ethics_eval.demo.teachers import PlannedPosting, PlannedTeacher
from ethics_eval.evaluation.rules.scheme import Component, Scheme
from ethics_eval.roster.rules.school import SchoolKind, Stage
from ethics_eval.roster.rules.teacher import PostingStatus

POINT = 10_000
FULL = 100 * POINT
CENTRE, SPREAD = (
    8780,
    420,
)  # hundredths of a point: the sum of three draws lies within 3 × SPREAD of the centre
_MANY = 120
_COUNTED_EVERY = 7  # at one school in so many, ballots were counted instead of scores written down
COUNTED = (Component.PEER, Component.PUPIL, Component.PARENT)
_SCORED = frozenset(
    {PostingStatus.IN_POST, PostingStatus.EXCHANGE, PostingStatus.LEFT, PostingStatus.RETIRED}
)
# How many hundredths of a point a component lies above a teacher's quality, and how far it strays.
_LEANINGS: Mapping[Component, tuple[int, int]] = {
    Component.SELF: (450, 300),
    Component.PEER: (200, 250),
    Component.PUPIL: (0, 350),
    Component.PARENT: (50, 350),
    Component.SCHOOL: (-100, 250),
}
_HONOURS = (
    ("school", "校级优秀教师", 30),
    ("county", "县级优秀教师", 12),
    ("city", "市级优秀教师", 5),
    ("province", "省级优秀教师", 1),
)


def qualities(teachers: Sequence[PlannedTeacher], seed: int) -> list[int]:
    """How good each is, in hundredths of a point: 75.20 … 100.40, most between 83 and 93."""
    chance = stream(seed, "quality")
    return [CENTRE + sum(chance.randint(-SPREAD, SPREAD) for _draw in range(3)) for _teacher in teachers]


@dataclass(frozen=True)
class Rated:
    """The people of a semester with the ids the database gave them.

    ``weak``: place of a teacher → hundredths of a point that every part of the score is to be; ``balloted``: places
    of the schools whose colleagues, pupils and parents vote in this system.
    """

    semester_code: str
    starts_on: date
    ends_on: date
    schools: Sequence[PlannedSchool]
    teachers: Sequence[PlannedTeacher]
    school_ids: Sequence[int]
    teacher_ids: Sequence[int]
    qualities: Sequence[int]
    weak: Mapping[int, int]
    balloted: Collection[int]
    seed: int

    def _postings(self) -> Iterator[tuple[int, PlannedPosting]]:
        for place, teacher in enumerate(self.teachers):
            for posting in teacher.postings:
                within = posting.starts_on <= self.ends_on and (posting.ends_on or date.max) >= self.starts_on
                if within and posting.status in _SCORED:
                    yield place, posting

    def rows(
        self, scheme: Scheme, coverage_percent: int
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """(rows of assessments, rows of tallies) for so many of a hundred of the postings; no posting has a part in
        both.
        """
        chance = stream(self.seed, f"scores {self.semester_code}")
        given: list[dict[str, Any]] = []
        counted: list[dict[str, Any]] = []
        done: set[tuple[int, int]] = set()
        for place, posting in self._postings():
            covered = chance.randrange(100) < coverage_percent
            if not covered or (place, posting.school) in done:
                continue
            done.add((place, posting.school))
            key = {
                "semester_code": self.semester_code,
                "teacher_id": self.teacher_ids[place],
                "school_id": self.school_ids[posting.school],
            }
            by_ballot = posting.school % _COUNTED_EVERY == 0 and place not in self.weak
            for part in _parts(posting, chance):
                score, raters, eligible = self._part(place, posting, part, chance)
                if posting.school in self.balloted and part in COUNTED:
                    continue
                if by_ballot and part in COUNTED:
                    item = scheme.items[part][0].code
                    counted.append(
                        {**key, **_tally(part, item, score, raters, chance), "eligible_count": eligible}
                    )
                else:
                    given.append(
                        {
                            **key,
                            "component": part.value,
                            "score_e4": score,
                            "rater_count": raters,
                            "eligible_count": eligible,
                        }
                    )
        return given, counted

    def _part(
        self, place: int, posting: PlannedPosting, part: Component, chance: Random
    ) -> tuple[int, int, int]:
        """(score in e4, raters, eligible)."""
        school = self.schools[posting.school]
        match part:
            case Component.SELF | Component.SCHOOL:
                raters = eligible = 1
            case Component.PEER:
                eligible = min(40, school.staff - 1)
                raters = max(1, eligible * chance.randint(70, 100) // 100)
            case _:
                classes = 1 if school.kind is SchoolKind.TEACHING_POINT else chance.randint(1, 3)
                eligible = max(5, min(school.pupils, classes * chance.randint(32, 50)))
                raters = max(3, eligible * chance.randint(64, 99) // 100)
        if place in self.weak:
            # so many raters that shrinkage leaves the part about where it is
            return self.weak[place] * 100 + chance.randint(-20, 20) * 100, _MANY, _MANY + 10
        lean, stray = _LEANINGS[part]
        hundredths = self.qualities[place] + lean + chance.randint(-stray, stray)
        return min(hundredths * 100, FULL), raters, eligible

    def honours(self) -> list[dict[str, Any]]:
        """Rows of honours: some five in a hundred of those who simply teach, and one rescue."""
        chance = stream(self.seed, f"honours {self.semester_code}")
        settled = [place for place, teacher in enumerate(self.teachers) if teacher.is_settled]
        found: list[dict[str, Any]] = []
        rescue = chance.choice(settled)
        for place in settled:
            drawn = chance.randrange(1000)
            for level, title, share in _HONOURS:
                if drawn < share and self.qualities[place] > CENTRE:
                    found.append(self._honour(place, level, title, chance))
                    break
                drawn -= share
        found.append(self._honour(rescue, "rescue", "见义勇为先进个人", chance))
        return found

    def _honour(self, place: int, level: str, title: str, chance: Random) -> dict[str, Any]:
        return {
            "semester_code": self.semester_code,
            "teacher_id": self.teacher_ids[place],
            "level": level,
            "title": title,
            "awarded_on": self.starts_on + timedelta(days=chance.randint(7, 70)),
        }


def _parts(posting: PlannedPosting, chance: Random) -> Sequence[Component]:
    """Who rates: little children and those of special schools do not, nor do the first two grades."""
    too_young = posting.stage in {Stage.KINDERGARTEN, Stage.SPECIAL} or (
        posting.stage is Stage.PRIMARY and chance.randrange(3) == 0
    )
    return [part for part in Component if part is not Component.PUPIL or not too_young]


def _tally(part: Component, item: str, score_e4: int, raters: int, chance: Random) -> dict[str, Any]:
    """Ballots whose mean on options of 100, 85, 70, 55 and 0 points is about the score."""
    points = score_e4 // POINT
    lower = 85 if points >= 85 else 70
    upper = raters * (points - lower) // 15
    counts = [upper, raters - upper, 0, 0, 0] if lower == 85 else [0, upper, raters - upper, 0, 0]
    for _pair in range(raters // 12):  # some are dearer, some harder than most
        better, worse = chance.choice(((0, 2), (1, 3), (0, 3)))
        source = counts.index(max(counts))
        if counts[source] >= 2:
            counts[source] -= 2
            counts[better] += 1
            counts[worse] += 1
    return {
        "component": part.value,
        "item": item,
        **{f"option_{number}": count for number, count in enumerate([*counts, *([0] * 5)], 1)},
    }
