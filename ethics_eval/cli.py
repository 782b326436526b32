"""The commands of the contract (design.md §4): one line on stderr, exit code 2 for wrong use, 1 for refused data."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import flask_migrate
from alembic.runtime.migration import MigrationContext
from flask import Flask, current_app
from flask_security.utils import hash_password
from sqlalchemy import inspect
from waitress import create_server

from ethics_eval.accounts import queries as account_queries
from ethics_eval.accounts.rules import Actor, Role, check_password
from ethics_eval.accounts.service import create_account
from ethics_eval.app import configure_logging, create_app
from ethics_eval.config import ConfigurationError
from ethics_eval.database import db, transaction
from ethics_eval.roster import queries as roster_queries
from ethics_eval.text import N_, RuleViolation
from ethics_eval.vault.service import Vault
from ethics_eval.web.access import declared
from ethics_eval.web.auth.session import common_passwords

OPERATOR = Actor(id=None, role=None, display_name="operator")
REFUSED, WRONG_USE = 1, 2


def now() -> datetime:
    """The present instant; the command line reads the clock here and nowhere else."""
    return datetime.now(UTC)


@contextmanager
def application() -> Iterator[Flask]:
    """The application with its context; configuration errors are one line and exit code 2."""
    try:
        app = create_app()
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from error
    with app.app_context():
        yield app


def refuse(text: str) -> None:
    """Say why on stderr and end with exit code 1."""
    click.echo(text, err=True)
    sys.exit(REFUSED)


@contextmanager
def refusing() -> Iterator[None]:
    """Rule violations become one line and exit code 1."""
    try:
        yield
    except RuleViolation as violation:
        refuse(str(violation))


def vault() -> Vault:
    """The vault of the instance."""
    found: Vault = current_app.extensions["vault"]
    return found


@click.group()
def cli() -> None:
    """株洲市师德师风投诉与考评 — complaint mailboxes, cases, ranking and notices."""
    configure_logging()


def main() -> None:
    """The console script."""
    cli(prog_name="ethics-eval")


# --- database -----------------------------------------------------------------------------------------------


@cli.group("db")
def db_group() -> None:
    """Migrate the database, and compare it with the models."""


def upgrade_database() -> None:
    """Bring the schema up to date and load what every instance has: districts, calendar, semesters, default scheme."""
    flask_migrate.upgrade()
    with transaction() as session:
        prepare_instance(session, vault(), actor=OPERATOR, at=now())


@db_group.command("upgrade")
def db_upgrade() -> None:
    """Migrate to the newest schema."""
    with application():
        upgrade_database()
        click.echo("ok")


@db_group.command("check")
def db_check() -> None:
    """Fail when models and migrations differ."""
    with application():
        flask_migrate.check()


def is_migrated() -> bool:
    """Whether the database has ever been migrated."""
    with db.engine.connect() as connection:
        return bool(MigrationContext.configure(connection).get_current_heads()) and inspect(
            connection
        ).has_table("school")


# --- accounts -----------------------------------------------------------------------------------------------


@cli.group("account")
def account_group() -> None:
    """Accounts of staff and teachers."""


@account_group.command("create")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--district", help="code of the district, for district officers")
@click.option("--school", help="code of the school, for school officers and heads")
@click.option("--teacher", help="number of the teacher, for teachers")
@click.option("--display-name", default="", help="the person's name as others see it")
@click.option("--password-stdin", is_flag=True, required=True, help="read the password from standard input")
def account_create(
    name: str,
    role: str,
    district: str | None,
    school: str | None,
    teacher: str | None,
    display_name: str,
    password_stdin: bool,
) -> None:
    """Make an account NAME with one role and scope."""
    password = sys.stdin.readline().rstrip("\r\n")
    with application(), refusing():
        check_password(password, name, common_passwords())
        hashed = hash_password(password)
        with transaction() as session:
            school_row = _found(school, lambda code: roster_queries.school_by_code(session, code), "学校")
            teacher_row = _found(
                teacher, lambda number: roster_queries.teacher_by_number(session, number), "教师"
            )
            district_row = _found(
                district, lambda code: roster_queries.district_by_code(session, code), "区县"
            )
            create_account(
                session,
                username=name,
                display_name=display_name or (teacher_row.name if teacher_row else name),
                password_hash=hashed,
                role=Role(role),
                actor=OPERATOR,
                at=now(),
                school_id=school_row.id if school_row else None,
                district_code=district_row.code if district_row else None,
                teacher_id=teacher_row.id if teacher_row else None,
            )
        click.echo(f"{name}: {role}")


def _found(code: str | None, find: Callable[[str], Any], kind: str) -> Any:
    if code is None:
        return None
    row = find(code)
    if row is None:
        raise RuleViolation("account.scope_unknown", N_("没有这个%(kind)s:%(code)s"), kind=kind, code=code)
    return row


# --- serving ------------------------------------------------------------------------------------------------


@cli.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
def serve(host: str, port: int) -> None:
    """Migrate if empty, then serve with the embedded worker."""
    with application() as app:
        if not is_migrated():
            upgrade_database()
        try:
            # Slow or idle connections must not silence the service (security.md §8).
            server = create_server(
                app, host=host, port=port, threads=8, connection_limit=2000, channel_timeout=20
            )
        except OSError as error:
            refuse(f"cannot listen on {host}:{port}: {error.strerror}")
            return
        click.echo(f"http://{host}:{getattr(server, 'effective_port', port)}", nl=True)
        for line in demonstration_accounts(Path(app.config["INSTANCE"])):
            click.echo(line)
        sys.stdout.flush()
        stop = threading.Event()
        worker = threading.Thread(target=run_worker, args=(app, stop), name="worker", daemon=True)
        worker.start()
        try:
            server.run()
        finally:
            stop.set()


@cli.command("routes")
@click.option("--json", "as_json", is_flag=True, help="as one JSON array")
def routes(as_json: bool) -> None:
    """Every endpoint: methods, path, endpoint, audience, permission, roles and scopes."""
    with application() as app:
        access = declared(app)
        rows = []
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
            asked = access[rule.endpoint]
            rows.append(
                {
                    "methods": sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}),
                    "path": rule.rule,
                    "endpoint": rule.endpoint,
                    "audience": asked.audience.value,
                    "permission": asked.permission.value if asked.permission else None,
                    "scope": asked.scopes(),
                }
            )
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{','.join(row['methods']):10} {row['path']:50} {row['endpoint']:32} {row['permission'] or row['audience']}")
