"""通报附件: the list behind the circular with full names, for the bureau's own use (domain.md §7.4.9)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ethics_eval.notices.gathering import ranking_facts, view_of
from ethics_eval.ranking.queries import RankingView
from ethics_eval.roster.rules.calendar import CITY_TIME
from ethics_eval.workbooks.writing import Column, Given, Kind, Table

COLUMNS = (
    Column("序号", Kind.WHOLE, 8),
    Column("姓名"),
    Column("教师编码"),
    Column("学校名称", width=30),
    Column("县市区"),
    Column("综合得分", Kind.HUNDREDTHS, 11),
    Column("名次", Kind.WHOLE, 8),
    Column("等次", width=10),
    Column("处理方式"),
    Column("问题", width=40),
    Column("依据", width=40),
    Column("处理结果", width=30),
)


def annex_table(session: Session, ranking: RankingView) -> Table:
    """The listed, worst first; nobody where the list is empty."""
    facts = ranking_facts(session, view_of(session, ranking.semester_code))
    rows: list[tuple[Given, ...]] = [
        (
            place,
            person.name,
            person.number,
            person.school,
            person.district,
            person.score,
            person.place,
            person.grade,
            "点名通报" if person.is_named else "单独告知",
            "；".join(f"{charge.name}（{charge.severity_words}）" for charge in person.charges),
            "；".join(dict.fromkeys(basis for charge in person.charges for basis in charge.basis)),
            "、".join(person.measures),
        )
        for place, person in enumerate(facts.listed, start=1)
    ]
    state = "" if ranking.is_published else "（未发布，仅供核对，不得外传）"
    head = [
        f"{ranking.semester}师德师风考评情况通报附件{state}",
        f"数据冻结：{ranking.frozen_at.astimezone(CITY_TIME):%Y-%m-%d %H:%M}　快照 SHA-256：{ranking.snapshot_sha256}",
        "含教师全名，只供市教育局内部办理使用，不得转发、张贴或公开。",
    ]
    return Table("名单", COLUMNS, rows, lines=head, frozen_columns=2)
