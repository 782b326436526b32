"""The steps of a semester, by hand; the clock runs the same steps (``jobs tick``)."""

from __future__ import annotations

import click

from ethics_eval.cli.running import OPERATOR, application, instance, now, refusing
from ethics_eval.database import transaction
from ethics_eval.notices.service import take_step
from ethics_eval.ranking.rules.steps import Step


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
