"""People of the demonstration whose part is fixed: who the circular names, who is told privately, who is heard now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.demo.casebook import Marked, respondents
from ethics_eval.demo.schools import PlannedSchool, starts_of
from ethics_eval.demo.teachers import PlannedTeacher
from ethics_eval.roster.rules.school import Stage

_PRIMARY = frozenset({Stage.PRIMARY})
_SECONDARY = frozenset({Stage.JUNIOR, Stage.SENIOR})
_ANY = frozenset(Stage) - {Stage.KINDERGARTEN}


def mark(
    schools: Sequence[PlannedSchool],
    teachers: Sequence[PlannedTeacher],
    qualities: Sequence[int],
    shown: Sequence[int],
    *,
    before: date,
) -> tuple[Marked, Mapping[int, str]]:
    """The marked people, and those of them with an account: place → who they are in the story.

    Args: shown: the showcase schools in the order of :func:`ethics_eval.demo.staff.showcase`; before: the freeze.
    Raises: ValueError: the city is too small to have them all.
    """
    starts = starts_of(schools)
    chosen: list[int] = []

    def pick(wanted: int, stages: Collection[Stage], key: Callable[[int], int] = lambda place: -place) -> int:
        for school in (wanted, *range(len(schools))):
            span = starts[school], starts[school + 1]
            fitting = [place for place in respondents(teachers, span, stages, before) if place not in chosen]
            if fitting:
                chosen.append(max(fitting, key=key))
                return chosen[-1]
        raise ValueError("too few people")

    elsewhere = max(
        (place for place in range(len(schools)) if place not in shown),
        key=lambda place: (Stage.PRIMARY in schools[place].stages, schools[place].staff, -place),
    )
    primary, junior, complete, _kindergarten, nine_year, vocational, *_more = shown
    good = pick(primary, _PRIMARY, key=lambda place: qualities[place])
    heard = pick(primary, _PRIMARY)
    beating = pick(primary, _PRIMARY)
    tutoring = pick(junior, _PRIMARY | {Stage.JUNIOR})
    retaliating = pick(complete, _SECONDARY)
    low, lower = pick(vocational, _ANY), pick(elsewhere, _ANY)
    late = pick(nine_year, _PRIMARY | _SECONDARY)
    roles = {
        "appealing": pick(primary, _PRIMARY),
        "answered": pick(junior, _PRIMARY | {Stage.JUNIOR}),
        "cleared": pick(primary, _PRIMARY, key=lambda place: qualities[place]),
    }
    roles["contesting"] = pick(nine_year, _PRIMARY | _SECONDARY)
    # Parts of the score in hundredths of a point: each stays among the lowest with what is found on the person.
    marked = Marked(
        weak={beating: 6850, tutoring: 7050, retaliating: 6200, low: 5650, lower: 5500, late: 5450},
        named=(
            (beating, "C06", Severity.SERIOUS, Measure.WARNING),
            (tutoring, "C15", Severity.SERIOUS, Measure.WARNING),
            (retaliating, "C20", Severity.SERIOUS, Measure.DEMERIT),
        ),
        late=late,
        heard=heard,
        spared=(good,),
        private=(low, lower),
        roles=roles,
    )
    return marked, {
        heard: "正在陈述申辩的教师",
        beating: "被通报的教师",
        low: "被个别告知的教师",
        good: "普通教师",
        roles["appealing"]: "正在申请复核的教师",
        roles["answered"]: "复核已有决定的教师",
        roles["cleared"]: "已澄清正名的教师",
        roles["contesting"]: "正在申诉得分的教师",
        lower: "申诉成立、榜单已更正的教师",
    }
