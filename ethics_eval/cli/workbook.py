"""Workbooks on the command line: reading one, telling what is wrong with it, handing it back, showing progress."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click

from ethics_eval.cli.running import refuse
from ethics_eval.roster.returning import marked_tables
from ethics_eval.roster.rules.sheet import Headings, ImportRefused
from ethics_eval.roster.service import Counts, Progress
from ethics_eval.text import RuleViolation
from ethics_eval.workbooks.reading import read_workbook
from ethics_eval.workbooks.sheet import Sheet
from ethics_eval.workbooks.writing import Table, save_workbook

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
MANY_ROWS = 50_000
OUT = click.Path(dir_okay=False, writable=True, path_type=Path)


def read(path: Path) -> tuple[Sheet, ...]:
    """The sheets of a workbook; one that cannot be read ends the command."""
    try:
        with progress("读取") as advance:
            # how many rows there are is known at the end only
            return read_workbook(path, progress=lambda count: advance(count, max(2 * count, MANY_ROWS)))
    except (RuleViolation, OSError) as error:
        refuse(f"{path}：{error.strerror if isinstance(error, OSError) else error}")


def save(path: Path, tables: Iterable[Table]) -> None:
    """Write a workbook; what cannot be written ends the command."""
    try:
        save_workbook(path, tables)
    except OSError as error:
        refuse(f"{path}：{error.strerror}")


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """A bar on stderr, where a person watches; moved by calling what is given with (done, total)."""
    with click.progressbar(length=1, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def advance(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield advance


def tell_counts(parts: Iterable[tuple[str, Counts]], *, dry_run: bool) -> None:
    """How many rows were, or would be, new, changed and as they were; a line for each kind of row."""
    for name, counts in parts:
        click.echo(f"{name}：新增 {counts.created}，更新 {counts.updated}，不变 {counts.unchanged}")
    if dry_run:
        click.echo("试运行，没有写入任何内容")


def refuse_problems(
    refusal: ImportRefused,
    sheets: Sequence[Sheet],
    headings: Mapping[str, Headings],
    optional: Mapping[str, Headings],
    errors: Path | None,
) -> NoReturn:
    """List every problem on stderr, write the error workbook where one is wanted, and end with exit code 1.

    Args: headings, optional: by sheet, those it must have and those it may have.
    """
    for problem in refusal.problems:
        click.echo(str(problem), err=True)
    if errors is not None:
        save(errors, marked_tables(sheets, refusal.problems, headings, optional))
        click.echo(f"错误已标在 {errors}", err=True)
    refuse(str(refusal))
