"""The commands of the contract (design.md §4): one line on stderr, exit code 2 for wrong use, 1 for refused data."""

from __future__ import annotations

import os

import click

from ethics_eval.app import configure_logging
from ethics_eval.cli import (
    account,
    assessment,
    database,
    demonstration,
    job,
    mailbox,
    notice,
    ranking,
    roster,
    route,
    scheme,
    semester,
    serving,
)


@click.group()
def cli() -> None:
    """株洲市师德师风投诉与考评 — complaint mailboxes, cases, ranking and notices."""
    configure_logging()


for command in (
    account.group,
    assessment.group,
    database.group,
    demonstration.demo,
    job.group,
    mailbox.group,
    notice.group,
    ranking.group,
    roster.group,
    route.routes,
    scheme.group,
    semester.group,
    serving.serve,
):
    cli.add_command(command)


def main() -> None:
    """The console script; what it writes (database, snapshots, workbooks) is for its own user alone."""
    os.umask(0o077)
    cli(prog_name="ethics-eval")
