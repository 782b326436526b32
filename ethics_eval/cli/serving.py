"""Serving the pages with the embedded worker."""

from __future__ import annotations

import ipaddress
import sys
import threading

import click
from flask import Flask
from waitress import create_server

from ethics_eval.cli.database import is_migrated, upgrade_database
from ethics_eval.cli.demonstration import told
from ethics_eval.cli.job import run_worker
from ethics_eval.cli.running import application, instance, refuse
from ethics_eval.config import DEFAULTS, switched_off


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
def serve(host: str, port: int) -> None:
    """Migrate if empty, then serve with the embedded worker."""
    with application() as app:
        off = switched_off(app.config)
        if off and not _is_loopback(host):
            refuse(f"{off[0]}=off works on a loopback address only, not on {host}")
        if not is_migrated():
            upgrade_database()
        try:
            # Slow or idle connections must not silence the service (security.md §8).
            server = create_server(
                app, host=host, port=port, threads=8, connection_limit=2000, channel_timeout=20
            )
        except OSError as error:
            refuse(f"cannot listen on {host}:{port}: {error.strerror}")
        address = f"http://{host}:{getattr(server, 'effective_port', port)}"
        click.echo(told(instance()).replace(DEFAULTS["PUBLIC_BASE_URL"], address), nl=False)
        click.echo(address)
        sys.stdout.flush()
        stop = threading.Event()
        worker = threading.Thread(target=_work, args=(app, stop), name="worker", daemon=True)
        worker.start()
        try:
            server.run()
        finally:
            stop.set()


def _work(app: Flask, stop: threading.Event) -> None:
    with app.app_context():
        run_worker(stop)


def _is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address; a name other than localhost may be anywhere."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
