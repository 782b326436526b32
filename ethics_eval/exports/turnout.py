"""评议进度 as two sheets: the schools, and the groups of five raters and more."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ethics_eval.evaluation.rules.round import STANDING_LABELS
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS
from ethics_eval.evaluation.rules.turnout import SCHOOL_STATE_LABELS, Turnout
from ethics_eval.evaluation.turnout import group_turnouts, school_lines
from ethics_eval.roster.queries import Reach
from ethics_eval.workbooks.writing import Column, Given, Kind, Table

_SCHOOL = (Column("县市区"), Column("学校标识码"), Column("学校名称", width=30))
SCHOOLS = (
    *_SCHOOL,
    Column("发出评议码", Kind.WHOLE, 12),
    Column("交回", Kind.WHOLE, 8),
    Column("百分比", Kind.WHOLE, 8),
    Column("情况", width=20),
)
GROUPS = (
    *_SCHOOL,
    Column("部分", width=8),
    Column("班级或范围", width=20),
    Column("发出评议码", Kind.WHOLE, 12),
    Column("交回", Kind.WHOLE, 8),
    Column("还需达到", Kind.WHOLE, 10),
    Column("情况", width=20),
)


def turnout_tables(session: Session, semester: str, name: str, reach: Reach) -> list[Table]:
    """Of every school in reach, those without codes too. Args: semester: its code; name: its name."""
    schools = school_lines(session, semester, reach)
    of = {line.school_id: (line.district, line.code, line.name) for line in schools}
    rows: list[tuple[Given, ...]] = []
    for line in schools:
        sums = line.turnout or Turnout()
        shown: tuple[Given, ...] = (None, None, None)
        if line.turnout is not None and sums.shown_count:
            shown = (sums.seats, sums.returned, sums.percent)
        rows.append((*of[line.school_id], *shown, SCHOOL_STATE_LABELS[line.state]))
    groups: list[tuple[Given, ...]] = [
        (
            *of[group.school_id],
            COMPONENT_LABELS[group.component],
            group.label,
            group.seats,
            group.returned,
            group.needed,
            STANDING_LABELS[group.standing],
        )
        for group in group_turnouts(session, semester, reach)
    ]
    head = [f"{name}评议进度", "少于5人的班级或范围不列数字，也不计入合计，以免认出个人。"]
    return [
        Table("学校", SCHOOLS, rows, lines=head, frozen_columns=3),
        Table("班级", GROUPS, groups, lines=head, frozen_columns=3),
    ]
