"""The steps of a semester, by hand; the clock runs the same steps (``jobs tick``)."""

from __future__ import annotations

from datetime import date, datetime

import click

from ethics_eval.accounts.service import record
from ethics_eval.cli.running import OPERATOR, application, city_instant, instance, now, refusing
from ethics_eval.database import transaction
from ethics_eval.notices.service import take_step
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.ranking.service import semester_for_step
from ethics_eval.roster.service import plan_semester


@click.group("semester")
def group() -> None:
    """The steps of a semester's evaluation."""


def _add(step: Step, text: str) -> None:
    @group.command(step.value, help=text)
    @click.argument("semester")
    def take(semester: str) -> None:
        with application(), refusing():
            with transaction() as session:
                taken = take_step(session, semester, step, actor=OPERATOR, at=now(), instance=instance())
            click.echo(f"{semester}: {step.value}" + ("" if taken else " (already taken, nothing changed)"))


_add(Step.OPEN, "Begin the evaluation and fix its scheme.")
_add(Step.FREEZE, "Freeze the inputs and compute the ranking.")
_add(Step.ANNOUNCE, "Send the prior notices and begin the objection window.")
_add(Step.PUBLISH, "Publish the ranking and issue its notices.")


@group.command("plan")
@click.argument("semester")
@click.option("--starts-on", type=date.fromisoformat, metavar="DAY", help="first day, as 2026-09-01")
@click.option("--ends-on", type=date.fromisoformat, metavar="DAY", help="last day")
@click.option("--weeks", type=int, help="teaching weeks; the scheme must count on as many")
@click.option("--freeze-at", type=city_instant, metavar="INSTANT", help="when the clock freezes (city time)")
@click.option(
    "--publish-at", type=city_instant, metavar="INSTANT", help="when the clock publishes (city time)"
)
def plan(
    semester: str,
    starts_on: date | None,
    ends_on: date | None,
    weeks: int | None,
    freeze_at: datetime | None,
    publish_at: datetime | None,
) -> None:
    """Change the planned days of a semester that is not frozen; what is not given stays."""
    with application(), refusing():
        with transaction() as session:
            found = semester_for_step(session, semester)
            plan_semester(
                found,
                starts_on=starts_on,
                ends_on=ends_on,
                weeks=weeks,
                freeze_at=freeze_at,
                publish_at=publish_at,
            )
            record(session, OPERATOR, now(), "semester.planned", "semester", semester)
        click.echo(f"{semester}: planned")
