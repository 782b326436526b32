"""What the clock owes, once or for ever."""

from __future__ import annotations

import threading
from datetime import datetime

import click

from ethics_eval.cli.running import application, instance, now, refusing
from ethics_eval.database import transaction
from ethics_eval.jobs import worker
from ethics_eval.jobs.tick import tick
from ethics_eval.roster.rules.calendar import CITY_TIME


def run_worker(stop: threading.Event) -> None:
    """Tick until told to stop."""
    worker.run(transaction, clock=now, instance=instance(), stop=stop)


@click.group("jobs")
def group() -> None:
    """What the clock owes."""


@group.command("tick")
@click.option("--at", "given", metavar="ISO-8601", help="up to this instant instead of now")
def tick_once(given: str | None) -> None:
    """Do everything owed up to an instant; run twice it does each thing once."""
    at = now()
    if given is not None:
        try:
            at = datetime.fromisoformat(given)
        except ValueError as error:
            raise click.BadParameter(f"not an ISO-8601 instant: {given}", param_hint="--at") from error
        if at.tzinfo is None:
            at = at.replace(tzinfo=CITY_TIME)
    with application(), refusing():
        for line in tick(transaction, at=at, instance=instance()):
            click.echo(line)


@group.command("run")
def run() -> None:
    """The worker: one tick a minute until stopped."""
    with application():
        stop = threading.Event()
        try:
            run_worker(stop)
        except KeyboardInterrupt:
            stop.set()
