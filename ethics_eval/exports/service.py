"""Asking for a workbook, and making it: as the one who asked may see it when it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Actor, Permission
from ethics_eval.accounts.service import actor_of
from ethics_eval.exports.annex import annex_table
from ethics_eval.exports.ledger import ledger_table
from ethics_eval.exports.rules import Export, Wanted, check_allowed, wanted_of
from ethics_eval.exports.turnout import turnout_tables
from ethics_eval.notices.rules.masking import masked_name
from ethics_eval.ranking import exporting, queries
from ethics_eval.ranking.exporting import Extent
from ethics_eval.ranking.queries import RankingView, Sight
from ethics_eval.roster import queries as roster_queries
from ethics_eval.roster.queries import Reach
from ethics_eval.tasks import service as task_service
from ethics_eval.tasks.rules import TaskKind
from ethics_eval.text import N_, RuleViolation
from ethics_eval.workbooks.writing import Given, Marked, Table, save_workbook

TOLD_EVERY = 2000


def ask_export(session: Session, wanted: Wanted, *, actor: Actor, at: datetime) -> str:
    """Ask the worker for a workbook within the actor's scope; the id of the task.

    Raises: RuleViolation: no permission, nothing there yet, or outside the scope (told as if it were not there).
    """
    # whatever would be refused later is told now; the rows are not read
    tables_of(session, wanted, actor=actor, at=at)
    return task_service.ask(
        session, TaskKind.WORKBOOK, {**wanted.params(), "account": actor.id}, actor=actor, at=at
    )


def make_export(
    session: Session,
    params: Mapping[str, Any],
    out: Path,
    *,
    at: datetime,
    tell: Callable[[int, int], None],
) -> None:
    """Write the workbook a task asked for. Args: tell: is told how many rows of how many are written.

    Raises: RuleViolation: it may no longer be had; OSError.
    """
    account = session.get(Account, params["account"])
    if account is None or not account.active:
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    wanted = wanted_of(params)
    total = _row_count(session, wanted)
    done = count(1)

    def counted(rows: Iterable[Sequence[Given | Marked]]) -> Iterator[Sequence[Given | Marked]]:
        for row in rows:
            if not (place := next(done)) % TOLD_EVERY:
                tell(min(place, total), total)
            yield row

    tables = tables_of(session, wanted, actor=actor_of(account), at=at)
    save_workbook(out, [replace(table, rows=counted(table.rows)) for table in tables], made_at=at)


def _row_count(session: Session, wanted: Wanted) -> int:
    """About how many rows there will be, for the bar of the progress."""
    if wanted.what is not Export.RANKING:
        return TOLD_EVERY
    ranking = queries.ranking_of(session, queries.WHOLE_CITY, wanted.semester)
    return max(ranking.counts["teachers"] if ranking else 0, TOLD_EVERY)


def tables_of(session: Session, wanted: Wanted, *, actor: Actor, at: datetime) -> list[Table]:
    """The sheets; rows of the ranking and its ledger are read while they are written. Raises: RuleViolation."""
    permission = check_allowed(actor, wanted.what)
    if wanted.what is Export.TURNOUT:
        return _turnout(session, wanted, actor)
    sight = queries.sight_of(session, actor, permission)
    ranking = queries.ranking_of(session, sight, wanted.semester)
    if ranking is None:
        raise RuleViolation("export.none", N_("这个学期还没有可下载的榜单。"), field="semester")
    extent = exporting.extent_of(
        session, sight, district=wanted.district, school=wanted.school, stage=wanted.stage
    )
    if extent is None:
        raise RuleViolation("export.extent", N_("没有这个区县或学校。"), field="district")
    return _of_ranking(session, wanted, actor, sight, ranking, extent, at)


def _of_ranking(
    session: Session,
    wanted: Wanted,
    actor: Actor,
    sight: Sight,
    ranking: RankingView,
    extent: Extent,
    at: datetime,
) -> list[Table]:
    name = masked_name if wanted.masked else str
    by = f"{actor.display_name}（{actor.id}）"
    match wanted.what:
        case Export.LEDGER:
            return [ledger_table(session, sight, actor, ranking, extent, name=name)]
        case Export.ANNEX:
            return [annex_table(session, ranking)]
        case _:
            return exporting.workbook_tables(session, sight, ranking, extent, by=by, at=at, name=name)


def _turnout(session: Session, wanted: Wanted, actor: Actor) -> list[Table]:
    semester = roster_queries.semester(session, wanted.semester)
    if semester is None:
        raise RuleViolation("export.semester", N_("请选择学期。"), field="semester")
    sight = queries.sight_of(session, actor, Permission.TURNOUT_READ)
    extent = exporting.extent_of(session, sight, district=wanted.district, school=wanted.school)
    if extent is None:
        raise RuleViolation("export.extent", N_("没有这个区县或学校。"), field="district")
    reach = Reach(school_id=extent.school_id, district_code=extent.district_code)
    return turnout_tables(session, semester.code, semester.name, reach)
