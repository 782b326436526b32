"""The workbook of a ranking that people download: the whole city, one district or one school."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ethics_eval.ranking.queries import (
    WHOLE_CITY,
    RankingView,
    Sight,
    bottom_lines,
    ranking_lines,
    ranking_of,
    school_in_sight,
)
from ethics_eval.ranking.queries.versions import SUPERSEDED
from ethics_eval.ranking.rules.explanation import BottomLine
from ethics_eval.ranking.sheets import Note, outcome_notes, ranking_tables
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.rules.calendar import CITY_TIME
from ethics_eval.roster.rules.school import STAGE_LABELS, Stage
from ethics_eval.text import N_, RuleViolation
from ethics_eval.workbooks.writing import Table, save_workbook

OPERATOR = "运维人员"


@dataclass(frozen=True)
class Extent:
    """What a workbook holds: one district, one school, or the city where both are None; one stage or all.

    ``name``: as files say it.
    """

    name: str
    district_code: str | None = None
    school_id: int | None = None
    stage: str | None = None


CITY = Extent("全市")


def extent_of(
    session: Session, sight: Sight, *, district: str = "", school: str = "", stage: str = ""
) -> Extent | None:
    """What a reader asks for by codes, the own school or district without; None: unknown, or beyond the scope."""
    whole = _place_of(session, sight, district, school)
    if whole is None or not stage:
        return whole
    if stage not in set(Stage):
        return None
    return replace(whole, name=f"{whole.name}{STAGE_LABELS[Stage(stage)]}", stage=stage)


def _place_of(session: Session, sight: Sight, district: str, school: str) -> Extent | None:
    if school or sight.school_id is not None:
        found = school_in_sight(session, sight, school)
        return None if found is None else Extent(found.name, school_id=found.id)
    code = district or sight.district_code
    if code is None:
        return CITY
    if sight.district_code not in {None, code}:
        return None
    named = roster_queries.district_by_code(session, code)
    return None if named is None else Extent(named.name, district_code=code)


def workbook_tables(
    session: Session,
    sight: Sight,
    ranking: RankingView,
    extent: Extent = CITY,
    *,
    by: str,
    at: datetime,
    name: Callable[[str], str] = str,
) -> list[Table]:
    """The sheets of a ranking within the reader's sight; the rows are read from ``session`` while they are written.

    Args: by: who downloads, as the sheet 说明 says it; at: when; name: how a teacher's name is written.
    """
    listed: list[BottomLine] | None = None
    if sight.bottom_list:
        listed = bottom_lines(
            session,
            sight,
            ranking.id,
            district_code=extent.district_code,
            school_id=extent.school_id,
            stage=extent.stage,
        )
    lines = ranking_lines(
        session,
        sight,
        ranking.id,
        district_code=extent.district_code,
        school_id=extent.school_id,
        stage=extent.stage,
    )
    return ranking_tables(
        (line._replace(name=name(line.name)) for line in lines),
        rated_count=ranking.counts["rated"],
        bottom=None if listed is None else [line._replace(name=name(line.name)) for line in listed],
        notes=_notes(ranking, extent, by, at),
        head=_head(ranking, extent),
        in_words=True,
    )


def _head(ranking: RankingView, extent: Extent) -> list[str]:
    state = "" if ranking.is_published else "（未发布，仅供核对，不得外传）"
    if ranking.status == SUPERSEDED:
        state = "（已被更正，仅供核对，不得外传）"
    return [
        f"{ranking.semester}师德师风综合得分榜单（{extent.name}）{_edition(ranking)}{state}",
        f"方案：{ranking.scheme_name}（{ranking.scheme_version}）　数据冻结：{_time(ranking.frozen_at)}"
        f"　发布：{_time(ranking.published_at)}",
        f"数据快照 SHA-256：{ranking.snapshot_sha256}",
    ]


def _edition(ranking: RankingView) -> str:
    """Which version it is, where it was put right."""
    return "" if ranking.version == 1 else f"（更正第{ranking.version}版）"


def _notes(ranking: RankingView, extent: Extent, by: str, at: datetime) -> list[Note]:
    counts = outcome_notes(ranking.scheme, ranking.snapshot_sha256, ranking.counts)
    return [
        ("学期", f"{ranking.semester}（{ranking.semester_code}）"),
        ("版本", f"第{ranking.version}版"),
        *counts[:3],
        ("数据冻结时间", _time(ranking.frozen_at)),
        ("发布时间", _time(ranking.published_at)),
        ("范围", extent.name),
        ("以下人数均为全市", ""),
        *counts[3:],
        ("下载人", by),
        ("下载时间", _time(at)),
        ("使用提示", "本表含个人信息，仅供工作使用，请勿转发、张贴或在网上公开。"),
    ]


def _time(at: datetime | None) -> str:
    return "未发布" if at is None else f"{at.astimezone(CITY_TIME):%Y-%m-%d %H:%M}"


def file_name(ranking: RankingView, extent: Extent) -> str:
    """The file's name: semester, version where it was put right, and extent."""
    edition = "" if ranking.version == 1 else f"_第{ranking.version}版"
    return f"榜单_{ranking.semester_code}{edition}_{extent.name}.xlsx"


def export_ranking(
    session: Session,
    semester_code: str,
    path: Path,
    *,
    at: datetime,
    by: str = OPERATOR,
    district: str | None = None,
    school: str | None = None,
) -> None:
    """Write the workbook of a semester's newest ranking to a file, the whole of it or nothing.

    Args: district, school: codes; without either the whole city.
    Raises: RuleViolation: ``ranking.none``, ``ranking.extent`` (no such district or school); OSError.
    """
    ranking = ranking_of(session, WHOLE_CITY, semester_code)
    if ranking is None:
        raise RuleViolation(
            "ranking.none", N_("学期 %(semester)s 还没有冻结的榜单。"), semester=semester_code
        )
    extent = extent_of(session, WHOLE_CITY, district=district or "", school=school or "")
    if extent is None:
        raise RuleViolation("ranking.extent", N_("没有这个区县或学校：%(named)s"), named=school or district)
    tables = workbook_tables(session, WHOLE_CITY, ranking, extent, by=by, at=at)
    save_workbook(path, tables, made_at=at)
