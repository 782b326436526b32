"""What a notice is composed from: the published ranking in plain values, in the words of a document."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from ethics_eval.complaints.categories import CATEGORIES, Severity
from ethics_eval.complaints.rules.finding import MEASURE_LABELS, SEVERITY_LABELS, Measure
from ethics_eval.complaints.rules.machine import OUTCOME_LABELS, Outcome
from ethics_eval.notices.rules.articles import articles
from ethics_eval.roster.rules.calendar import CITY_TIME

# Cases of these categories could tell who the child is, so the school is not named (未成年人保护法 art. 103).
SHIELDED_CATEGORIES = frozenset({"C11"})
KINDERGARTEN = "KG"


@dataclass(frozen=True)
class Charge:
    """A counting finding: what was found, on what articles, what it cost (``line_e4`` in 0.0001 point)."""

    category: str
    severity: Severity
    outcome: Outcome
    repeat: bool
    measure: Measure
    line_e4: int
    decided_on: date
    kindergarten: bool = False

    @property
    def name(self) -> str:
        """The category in words."""
        return CATEGORIES[self.category].zh

    @property
    def severity_words(self) -> str:
        """一般, 较重 …"""
        return SEVERITY_LABELS[self.severity]

    @property
    def outcome_words(self) -> str:
        """属实 or 部分属实."""
        return OUTCOME_LABELS[self.outcome]

    @property
    def basis(self) -> tuple[str, ...]:
        """The articles, written out."""
        return articles(self.category, kindergarten=self.kindergarten)


@dataclass(frozen=True)
class ListedPerson:
    """One of the bottom list. ``score`` in hundredths, other points in 0.0001 point; None: no part.

    ``treatment`` is what is done: private, too, where the naming was withheld for want of a reason. ``band``,
    ``separable`` and ``chance_permille`` (of being in the bottom five) say how sure the place is (R13); None: unknown.
    """

    number: str
    name: str
    school: str
    district: str
    stage: str
    score: int
    place: int
    grade: str
    veto: bool
    base_e4: int
    deduct_e4: int
    bonus_e4: int
    components: tuple[tuple[str, int | None], ...]
    treatment: str
    basis: str
    charges: tuple[Charge, ...] = ()
    withheld: bool = False
    band: tuple[int, int] | None = None
    separable: bool | None = None
    chance_permille: int | None = None

    @property
    def is_named(self) -> bool:
        """Whether the circular names the person, masked."""
        return self.treatment == "named"

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures decided with the findings, each once."""
        words = (
            MEASURE_LABELS[charge.measure] for charge in self.charges if charge.measure is not Measure.NONE
        )
        return tuple(dict.fromkeys(words))


@dataclass(frozen=True)
class Standing:
    """Where a teacher stands in one version of a ranking. ``reason``: why not rated, in words, else empty.

    ``treatment``: ``named``, ``private``, or empty for those not on the list.
    """

    number: str
    name: str
    school: str
    score: int | None
    place: int | None
    rated_count: int
    grade: str
    reason: str
    treatment: str

    def improves_on(self, before: Standing) -> bool:
        """Whether the teacher was wronged before: a lower score then, on the list or named, and now no longer."""
        heaviness = ("", "private", "named")
        return heaviness.index(self.treatment) < heaviness.index(before.treatment) or (
            before.score is not None and (self.score is None or self.score > before.score)
        )


@dataclass(frozen=True)
class Cited:
    """An earlier notice, as a later one names it: 发文字号, title, day of issue."""

    number: str
    title: str
    issued_on: date


@dataclass(frozen=True)
class RankingFacts:
    """A ranking as a notice states it. ``not_rated``: reason in words → count, most frequent first.

    ``listed``: worst first, empty where fewer than ``min_list`` are rated. ``dropped_count``: a group equal in every
    key across the cut (R12); ``passed_over_count``: provisional teachers among the lowest, never listed.
    """

    city: str
    bureau: str
    semester: str
    scheme_version: str
    scheme_name: str
    snapshot_sha256: str
    frozen_at: datetime
    rated_count: int
    provisional_count: int
    not_rated: tuple[tuple[str, int], ...]
    list_size: int
    min_list: int
    tie_rule: str
    dropped_count: int
    passed_over_count: int
    naming: str
    naming_min_deduct: int
    listed: tuple[ListedPerson, ...] = field(default_factory=tuple)

    @property
    def named(self) -> tuple[ListedPerson, ...]:
        """Those the circular names."""
        return tuple(person for person in self.listed if person.is_named)

    @property
    def private_count(self) -> int:
        """How many are told privately only."""
        return len(self.listed) - len(self.named)

    @property
    def withheld_count(self) -> int:
        """How many of them only because nobody wrote why they should be named."""
        return sum(person.withheld for person in self.listed)


def written_day(day: date) -> str:
    """2026年11月24日, as 成文日期 is written (Arabic digits, no leading zero)."""
    return f"{day.year}年{day.month}月{day.day}日"


def written_time(at: datetime) -> str:
    """2026年11月24日9时05分 in the city's time."""
    local = at.astimezone(CITY_TIME)
    return f"{written_day(local.date())}{local.hour}时{local.minute:02d}分"


def written_score(score: int) -> str:
    """Hundredths of a point as 58.00."""
    return f"{score // 100}.{score % 100:02d}"


def written_points(value_e4: int) -> str:
    """Units of 0.0001 point (0 or more) with two decimals, half up, as 7.50."""
    return written_score((value_e4 + 50) // 100)


def written_part(value_e4: int | None) -> str:
    """A component's score, or that it lacked enough valid ratings."""
    return "有效评价不足" if value_e4 is None else written_points(value_e4)


def certainty_rows(person: ListedPerson) -> list[tuple[str, str]]:
    """How sure the place is, in words (R13): its band, how often one comes so low, whether it stands apart."""
    rows: list[tuple[str, str]] = []
    if person.band is not None:
        low, high = person.band
        rows.append(("名次区间", f"大致在第{low}名至第{high}名之间" if low < high else f"第{low}名"))
    if person.chance_permille is not None:
        times = (person.chance_permille + 5) // 10
        often = f"约{times}次" if times else "不到1次"
        rows.append(("进入最后名单", f"若换一批同样多的评价者，100次里{often}"))
    if person.separable is not None:
        rows.append(("与名单外教师", "可以区分" if person.separable else "不可区分"))
    return rows
