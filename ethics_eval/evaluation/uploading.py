"""The workbook of paper results that a school brings by the page: kept from the look at it to the word to store it.

It lies in the folder of task files, whose housekeeping removes what nobody came back for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission, require
from ethics_eval.database import new_id
from ethics_eval.evaluation import queries
from ethics_eval.evaluation.importing import (
    ImportReport,
    import_assessments,
    open_semester,
    preview_assessments,
)
from ethics_eval.evaluation.models import Assessment, Tally
from ethics_eval.evaluation.rules.assessment import HEADINGS, OPTIONAL, AssessmentPlan, plan_assessments
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.roster.models import School
from ethics_eval.roster.returning import as_rows, marked_tables
from ethics_eval.roster.rules.sheet import ImportRefused, Problem
from ethics_eval.text import N_, RuleViolation
from ethics_eval.workbooks.reading import read_workbook
from ethics_eval.workbooks.writing import Table

MOST_MEGABYTES = 10
MOST_BYTES = MOST_MEGABYTES * 1024 * 1024
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Looked:
    """What a workbook would do: the counts, or the problems that keep it out."""

    report: ImportReport | None
    problems: tuple[Problem, ...] = ()


def keep_upload(folder: Path, content: bytes, *, actor: Actor) -> str:
    """Keep a workbook until its sender says what to do with it; the token by which the sender finds it again.

    Raises: RuleViolation at ``workbook``: empty, or too large.
    """
    if not content:
        raise RuleViolation("upload.empty", N_("这个文件是空的。"), field="workbook")
    if len(content) > MOST_BYTES:
        raise RuleViolation(
            "upload.large",
            N_("文件太大，最多 %(most)s MB。请只保留要导入的工作表。"),
            field="workbook",
            most=MOST_MEGABYTES,
        )
    folder.mkdir(parents=True, exist_ok=True)
    token = new_id()
    path = _path(folder, token, actor)
    path.touch(mode=0o600)
    path.write_bytes(content)
    return token


def kept_upload(folder: Path, token: str, *, actor: Actor) -> Path | None:
    """The kept workbook of this sender; None: another's, or gone."""
    if _TOKEN.fullmatch(token) is None:
        return None
    path = _path(folder, token, actor)
    return path if path.is_file() else None


def _path(folder: Path, token: str, actor: Actor) -> Path:
    return folder / f"upload-{actor.id}-{token}.xlsx"


def look_at(session: Session, path: Path, semester_code: str, *, actor: Actor) -> Looked:
    """What a school's workbook would do; nothing is written. Raises: RuleViolation at ``workbook``: unreadable."""
    plan, school = _plan(session, path, semester_code, actor)
    try:
        return Looked(preview_assessments(session, plan, semester_code, own_school=school.code))
    except ImportRefused as refusal:
        return Looked(None, tuple(refusal.problems))


def store_upload(
    session: Session, path: Path, semester_code: str, *, actor: Actor, at: datetime
) -> ImportReport:
    """Store a school's workbook, all of it or nothing. Raises: RuleViolation; ImportRefused: with every problem."""
    plan, school = _plan(session, path, semester_code, actor)
    return import_assessments(session, plan, semester_code, actor=actor, at=at, own_school=school.code)


def returned_tables(session: Session, path: Path, semester_code: str, *, actor: Actor) -> Iterator[Table]:
    """The same workbook with its errors marked."""
    looked = look_at(session, path, semester_code, actor=actor)
    return marked_tables(read_workbook(path), looked.problems, HEADINGS, OPTIONAL)


@dataclass(frozen=True)
class PartSource:
    """For how many teachers of a school a component came on paper, and for how many this system's ballots count it."""

    component: Component
    paper_count: int
    ballot_count: int


def part_sources(session: Session, semester_code: str, school_id: int) -> list[PartSource]:
    """Where each component of a school comes from, in the order of the components."""
    paper: Counter[str] = Counter()
    ballots: Counter[str] = Counter()
    for component, teachers in session.execute(
        select(Assessment.component, func.count(Assessment.teacher_id))
        .where(Assessment.semester_code == semester_code, Assessment.school_id == school_id)
        .group_by(Assessment.component)
    ):
        paper[component] += teachers
    for component, source, teachers in session.execute(
        select(Tally.component, Tally.source, func.count(Tally.teacher_id.distinct()))
        .where(Tally.semester_code == semester_code, Tally.school_id == school_id)
        .group_by(Tally.component, Tally.source)
    ):
        (ballots if source == "ballot" else paper)[component] += teachers
    return [PartSource(component, paper[component], ballots[component]) for component in Component]


def _plan(session: Session, path: Path, semester_code: str, actor: Actor) -> tuple[AssessmentPlan, School]:
    require(actor, Permission.BALLOT_ISSUE)
    open_semester(session, semester_code)
    scheme = queries.scheme_of_semester(session, semester_code)
    if scheme is None:
        raise RuleViolation("scheme.none", N_("还没有考评方案，请先导入方案。"))
    school = session.get_one(School, actor.school_id)
    return plan_assessments(as_rows(read_workbook(path)), scheme.items), school
