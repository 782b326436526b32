"""What the clock owes, once or for ever."""

from __future__ import annotations

import threading
from datetime import datetime

import click

from ethics_eval.cli.running import application, city_instant, instance, now, refusing
from ethics_eval.database import transaction
from ethics_eval.jobs import worker
from ethics_eval.jobs.tick import tick


def run_worker(stop: threading.Event) -> None:
    """Tick until told to stop."""
    worker.run(transaction, clock=now, instance=instance(), stop=stop)


@click.group("jobs")
def group() -> None:
    """What the clock owes."""


@group.command("tick")
@click.option(
    "--at", "given", type=city_instant, metavar="ISO-8601", help="up to this instant instead of now"
)
def tick_once(given: datetime | None) -> None:
    """Do everything owed up to an instant; run twice it does each thing once."""
    at = given or now()
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
