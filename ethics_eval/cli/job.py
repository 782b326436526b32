"""What the clock owes, once or for ever."""

from __future__ import annotations

import threading
from datetime import datetime

import click
from flask import current_app

from ethics_eval.cli.running import application, city_instant, instance, now, refusing, vault
from ethics_eval.complaints.rules.reminding import Spacing
from ethics_eval.database import transaction
from ethics_eval.jobs import worker
from ethics_eval.jobs.carrying import carriers, deliver
from ethics_eval.jobs.kinds import Means, kinds
from ethics_eval.jobs.tick import tick


def run_worker(stop: threading.Event) -> None:
    """Tick, send, and work off tasks, until told to stop."""
    worker.run(
        transaction,
        clock=now,
        instance=instance(),
        stop=stop,
        spacing=Spacing(*current_app.config["REMINDER_DAYS"]),
        ways=carriers(current_app.config),
        kinds=kinds(Means(vault(), current_app.config, current_app.jinja_env)),
    )


@click.group("jobs")
def group() -> None:
    """What the clock owes."""


@group.command("tick")
@click.option(
    "--at", "given", type=city_instant, metavar="ISO-8601", help="up to this instant instead of now"
)
def tick_once(given: datetime | None) -> None:
    """Do everything owed up to an instant, and send what waits; run twice it does each thing once."""
    at = given or now()
    with application() as app, refusing():
        spacing = Spacing(*app.config["REMINDER_DAYS"])
        for line in tick(transaction, at=at, instance=instance(), spacing=spacing):
            click.echo(line)
        for line in deliver(transaction, carriers(app.config), clock=now):
            click.echo(line)


@group.command("run")
def run() -> None:
    """The worker: a tick a minute, and the tasks people asked for, until stopped."""
    with application():
        stop = threading.Event()
        try:
            run_worker(stop)
        except KeyboardInterrupt:
            stop.set()
