"""Results a school collected on paper: their import from a workbook, and the empty workbook to fill in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from ethics_eval.cli import workbook
from ethics_eval.cli.running import OPERATOR, application, now, refuse, refusing
from ethics_eval.database import db, transaction
from ethics_eval.evaluation import queries
from ethics_eval.evaluation.importing import (
    ImportReport,
    import_assessments,
    open_semester,
    preview_assessments,
)
from ethics_eval.evaluation.rules.answer_file import plan_answers
from ethics_eval.evaluation.rules.assessment import HEADINGS, OPTIONAL, AssessmentPlan, plan_assessments
from ethics_eval.evaluation.template import assessment_template
from ethics_eval.roster.returning import as_rows
from ethics_eval.roster.rules.sheet import ImportRefused


@click.group("assessment")
def group() -> None:
    """Component scores, counted votes and honours of a semester."""


@group.command("import")
@click.argument("file", type=workbook.FILE)
@click.option("--semester", required=True, help="code of an open semester (2025-2026-1)")
@click.option("--dry-run", is_flag=True, help="check and count, write nothing")
@click.option("--errors", type=workbook.OUT, help="where the workbook with its errors marked is written")
def import_file(file: Path, semester: str, dry_run: bool, errors: Path | None) -> None:
    """Take in the sheets 评分, 票数 and 荣誉 of FILE.xlsx: all rows, or none where any is wrong."""
    with application(), refusing():
        session = db.session()
        open_semester(session, semester)  # said before a large file is read
        scheme = queries.scheme_of_semester(session, semester)
        if scheme is None:
            refuse(f"学期 {semester} 还没有考评方案")
        sheets = workbook.read(file)
        plan = plan_assessments(as_rows(sheets), scheme.items)
        try:
            report = preview_assessments(session, plan, semester) if dry_run else _import(plan, semester)
        except ImportRefused as refusal:
            workbook.refuse_problems(refusal, sheets, HEADINGS, OPTIONAL, errors)
        workbook.tell_counts(
            (("评分", report.scores), ("票数", report.tallies), ("荣誉", report.honours)), dry_run=dry_run
        )


def _import(plan: AssessmentPlan, semester: str) -> ImportReport:
    with workbook.progress("导入") as progress, transaction() as session:
        return import_assessments(session, plan, semester, actor=OPERATOR, at=now(), progress=progress)


class _Lines:
    """The lines of a file, read anew each time they are walked."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[str]:
        with self._path.open(encoding="utf-8-sig") as file:
            for line in file:
                yield line.rstrip("\r\n")


@group.command("count")
@click.argument("file", type=workbook.FILE)
@click.option("--semester", required=True, help="code of an open semester (2025-2026-1)")
@click.option("--dry-run", is_flag=True, help="check and count, write nothing")
def count_file(file: Path, semester: str, dry_run: bool) -> None:
    """Count FILE.csv, an answer a line (教师编码,学校标识码,部分,题目,选项), into votes: all of it or nothing."""
    with application(), refusing():
        session = db.session()
        open_semester(session, semester)
        scheme = queries.scheme_of_semester(session, semester)
        if scheme is None:
            refuse(f"学期 {semester} 还没有考评方案")
        try:
            plan = plan_answers(_Lines(file), scheme.items)
            report = preview_assessments(session, plan, semester) if dry_run else _import(plan, semester)
        except UnicodeDecodeError:
            refuse(f"{file}：不是 UTF-8 编码的文本")
        except ImportRefused as refusal:
            for problem in refusal.problems:
                click.echo(str(problem), err=True)
            refuse(str(refusal))
        workbook.tell_counts((("票数", report.tallies),), dry_run=dry_run)


@group.command("template")
@click.argument("out", type=workbook.OUT)
def template(out: Path) -> None:
    """Write an empty workbook OUT.xlsx with the headings, lists, example rows and notes."""
    workbook.save(out, assessment_template())
    click.echo(str(out))
