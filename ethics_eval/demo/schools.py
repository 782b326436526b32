"""The schools of the demonstration city: invented, in the real districts, towns and villages.

Shares, sizes and ownership are rough figures of a city of this kind; the names join a real place with a kind of
school, and codes have serials from 900001 on, so that no row is meant to be a real school.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate
from random import Random

from ethics_eval.demo.chance import apportion, stream
from ethics_eval.roster.rules.school import Ownership, SchoolKind, Stage

MIN_SCHOOLS = 10  # one of each kind
MIN_STAFF = 3
FIRST_SERIAL = 900_001
PROVINCE = "43"

# Population in ten thousands, roughly.
_DISTRICT_SHARES: Mapping[str, int] = {
    "430202": 30,
    "430203": 29,
    "430204": 25,
    "430211": 48,
    "430212": 27,
    "430223": 63,
    "430224": 50,
    "430225": 16,
    "430281": 88,
}


@dataclass(frozen=True)
class _Sort:
    """A kind of school: head of its code, per mille of all, staff from–to, pupils to one of the staff, its names."""

    kind: SchoolKind
    head: str
    stages: tuple[Stage, ...]
    share: int
    staff: tuple[int, int]
    pupils: int
    central: str
    further: str


_SORTS = (
    _Sort(SchoolKind.KINDERGARTEN, "11", (Stage.KINDERGARTEN,), 550, (6, 18), 8, "中心幼儿园", "幼儿园"),
    _Sort(SchoolKind.PRIMARY, "21", (Stage.PRIMARY,), 215, (12, 60), 17, "中心小学", "小学"),
    _Sort(SchoolKind.TEACHING_POINT, "21", (Stage.PRIMARY,), 85, (3, 6), 9, "", "教学点"),
    _Sort(SchoolKind.JUNIOR, "31", (Stage.JUNIOR,), 65, (25, 80), 12, "初级中学", "初级中学"),
    _Sort(
        SchoolKind.NINE_YEAR, "31", (Stage.PRIMARY, Stage.JUNIOR), 45, (30, 90), 14, "中心学校", "九年制学校"
    ),
    _Sort(
        SchoolKind.COMPLETE_SECONDARY,
        "34",
        (Stage.JUNIOR, Stage.SENIOR),
        14,
        (80, 200),
        12,
        "中学",
        "中学",
    ),
    _Sort(SchoolKind.SENIOR, "34", (Stage.SENIOR,), 10, (80, 180), 12, "高级中学", "高级中学"),
    _Sort(
        SchoolKind.TWELVE_YEAR,
        "34",
        (Stage.PRIMARY, Stage.JUNIOR, Stage.SENIOR),
        4,
        (80, 160),
        12,
        "实验学校",
        "实验学校",
    ),
    _Sort(SchoolKind.VOCATIONAL, "36", (Stage.VOCATIONAL,), 9, (50, 150), 14, "职业技术学校", "职业技术学校"),
    _Sort(SchoolKind.SPECIAL, "51", (Stage.SPECIAL,), 3, (18, 45), 4, "特殊教育学校", "特殊教育学校"),
)
_PRETTY = (
    "小太阳",
    "金苹果",
    "童心",
    "阳光宝贝",
    "爱贝",
    "启明星",
    "七彩",
    "小博士",
    "春蕾",
    "希望",
    "向日葵",
    "小脚印",
    "蓝天",
    "彩虹桥",
    "快乐成长",
    "蒲公英",
)
_UNIT = re.compile(r"(?:社区居民委员会|居民委员会|村民委员会|社区居委会|居委会|村委会|社区|村)$")
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class PlannedSchool:
    """A school to be: ``staff`` is how many people it has at the start of the semester."""

    code: str
    name: str
    district_code: str
    district: str
    town: str
    kind: SchoolKind
    stages: tuple[Stage, ...]
    ownership: Ownership
    address: str
    staff: int
    pupils: int


@cache
def towns() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """District code → town → its villages, without the words for their committees; in the order of the file."""
    found: dict[str, dict[str, list[str]]] = {}
    text = files("ethics_eval.demo").joinpath("towns.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        if row["town"].endswith(("镇", "乡", "街道")):
            villages = found.setdefault(row["district_code"], {}).setdefault(row["town"], [])
            villages.append(_UNIT.sub("", row["village"]))
    return {
        code: {town: tuple(dict.fromkeys(villages)) for town, villages in places.items()}
        for code, places in found.items()
    }


def plan_schools(
    count: int, staff_count: int, districts: Sequence[tuple[str, str]], seed: int
) -> tuple[PlannedSchool, ...]:
    """Exactly ``count`` schools with ``staff_count`` people between them, by district, kind and code.

    Args: districts: (code, name) of the nine. Raises: ValueError: fewer than one of each kind, or than three
    people a school.
    """
    chance = stream(seed, "schools")
    placed = [
        (district, sort, place)
        for sort, of_kind in zip(_SORTS, _counts(count), strict=True)
        for district, here in zip(
            districts, apportion(of_kind, [_DISTRICT_SHARES[code] for code, _name in districts]), strict=True
        )
        for place in _places(district[0], sort, here, chance)
    ]
    weights = [chance.randint(*sort.staff) for _district, sort, _place in placed]
    staff = apportion(staff_count, weights, MIN_STAFF)
    taken: set[str] = set()
    made = []
    for serial, ((district, sort, (town, base, is_central)), people) in enumerate(
        zip(placed, staff, strict=True), FIRST_SERIAL
    ):
        name = _unused(
            f"{district[1]}{_short(town)}{base}", sort.central if is_central else sort.further, taken
        )
        village = base if base in towns()[district[0]][town] else chance.choice(towns()[district[0]][town])
        made.append(
            PlannedSchool(
                code=f"{sort.head}{PROVINCE}{serial:06}",
                name=name,
                district_code=district[0],
                district=district[1],
                town=town,
                kind=sort.kind,
                stages=sort.stages,
                ownership=_ownership(sort.kind, is_central, chance),
                address=f"{district[1]}{town}{village}{chance.randint(1, 199)}号",
                staff=people,
                pupils=max(6, people * sort.pupils * chance.randint(85, 115) // 100),
            )
        )
    return tuple(made)


def starts_of(schools: Sequence[PlannedSchool]) -> tuple[int, ...]:
    """Where each school's people begin in the list of teachers, and where the list ends."""
    return tuple(accumulate((school.staff for school in schools), initial=0))


def _counts(count: int) -> list[int]:
    """How many of each kind: by share, one of each at least."""
    if count < MIN_SCHOOLS:
        raise ValueError("fewer schools than kinds")
    found = apportion(count, [sort.share for sort in _SORTS])
    for place, of_kind in enumerate(found):
        if not of_kind:
            found[place] = 1
            found[found.index(max(found))] -= 1
    return found


def _places(district: str, sort: _Sort, count: int, chance: Random) -> Iterator[tuple[str, str, bool]]:
    """(town, what stands before the kind, whether the town's central one): every town once, then its villages."""
    names = list(towns()[district])
    chance.shuffle(names)
    villages = {town: chance.sample(list(all_of), len(all_of)) for town, all_of in towns()[district].items()}
    for number in range(count):
        turn, place = divmod(number, len(names))
        town = names[place]
        if turn == 0 and sort.central:
            yield town, "", True
        elif sort.kind is SchoolKind.KINDERGARTEN and turn % 3 == 2:
            yield town, chance.choice(_PRETTY), False
        else:
            yield town, villages[town][turn % len(villages[town])], False


def _short(town: str) -> str:
    return town.removesuffix("街道")


def _unused(before: str, kind: str, taken: set[str]) -> str:
    """A name nobody has: with an ordinal where the plain one is taken."""
    name = f"{before}{kind}"
    number = 1
    while name in taken:
        number += 1
        ordinal = _NUMERALS[number - 1] if number <= len(_NUMERALS) else str(number)
        name = f"{before}第{ordinal}{kind}"
    taken.add(name)
    return name


def _ownership(kind: SchoolKind, is_central: bool, chance: Random) -> Ownership:
    drawn = chance.randrange(100)
    if kind is SchoolKind.KINDERGARTEN:
        if is_central or drawn < 35:
            return Ownership.PUBLIC
        return Ownership.INCLUSIVE if drawn < 85 else Ownership.PRIVATE
    may_be_private = kind in {SchoolKind.NINE_YEAR, SchoolKind.TWELVE_YEAR, SchoolKind.VOCATIONAL}
    return Ownership.PRIVATE if may_be_private and drawn < 15 else Ownership.PUBLIC
