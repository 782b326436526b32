"""The roster: its import from a workbook, and the empty workbook to fill in."""

from __future__ import annotations

from pathlib import Path

import click

from ethics_eval.accounts.service import record
from ethics_eval.cli import workbook
from ethics_eval.cli.running import OPERATOR, application, now, refusing, vault
from ethics_eval.complaints.mailboxes import open_mailboxes
from ethics_eval.database import db, transaction
from ethics_eval.roster.returning import as_rows
from ethics_eval.roster.rules.roster import HEADINGS, OPTIONAL, RosterPlan, plan_roster
from ethics_eval.roster.rules.sheet import ImportRefused
from ethics_eval.roster.service import ImportReport, import_roster, preview_roster
from ethics_eval.roster.template import roster_template


@click.group("roster")
def group() -> None:
    """Schools, teachers and who is posted where."""


@group.command("import")
@click.argument("file", type=workbook.FILE)
@click.option("--dry-run", is_flag=True, help="check and count, write nothing")
@click.option("--errors", type=workbook.OUT, help="where the workbook with its errors marked is written")
def import_file(file: Path, dry_run: bool, errors: Path | None) -> None:
    """Take in the sheets 学校 and 教师 of FILE.xlsx: all rows, or none where any is wrong.

    Every school without a mailbox gets one. The same file again changes nothing.
    """
    with application(), refusing():
        sheets = workbook.read(file)
        plan = plan_roster(as_rows(sheets))
        try:
            report = preview_roster(db.session(), plan, at=now()) if dry_run else _import(plan)
        except ImportRefused as refusal:
            workbook.refuse_problems(refusal, sheets, HEADINGS, OPTIONAL, errors)
        workbook.tell_counts(
            (("学校", report.schools), ("教师", report.teachers), ("任职", report.postings)), dry_run=dry_run
        )


def _import(plan: RosterPlan) -> ImportReport:
    at = now()
    with workbook.progress("导入") as progress, transaction() as session:
        report = import_roster(session, plan, at=at, progress=progress)
        opened = open_mailboxes(session, vault(), actor=OPERATOR, at=at)
        if report.is_changed:
            record(session, OPERATOR, at, "roster.imported", "roster", "city", **report.counts())
    click.echo(f"信箱：新开 {opened}")
    return report


@group.command("template")
@click.argument("out", type=workbook.OUT)
def template(out: Path) -> None:
    """Write an empty workbook OUT.xlsx with the headings, lists, an example row and notes."""
    workbook.save(out, roster_template())
    click.echo(str(out))
