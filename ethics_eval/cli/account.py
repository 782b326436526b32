"""Accounts of staff and teachers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click
from flask_security.utils import hash_password
from sqlalchemy.orm import Session

from ethics_eval.accounts import queries
from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Role, check_password
from ethics_eval.accounts.service import close_account, create_account, reset_password
from ethics_eval.cli.running import OPERATOR, application, now, refusing
from ethics_eval.database import transaction
from ethics_eval.roster import queries as roster_queries
from ethics_eval.text import N_, RuleViolation
from ethics_eval.web.auth.session import common_passwords


@click.group("account")
def group() -> None:
    """Accounts of staff and teachers."""


@group.command("create")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--district", help="code of the district, for district officers")
@click.option("--school", help="code of the school, for school officers and heads")
@click.option("--teacher", help="number of the teacher, for teachers")
@click.option("--display-name", default="", help="the person's name as others see it")
@click.option("--password-stdin", is_flag=True, required=True, help="read the password from standard input")
def create(
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
            school_row = _found(school, lambda code: roster_queries.school_by_code(session, code), N_("学校"))
            teacher_row = _found(
                teacher, lambda number: roster_queries.teacher_by_number(session, number), N_("教师")
            )
            district_row = _found(
                district, lambda code: roster_queries.district_by_code(session, code), N_("区县")
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


@group.command("reset")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, required=True, help="read the password from standard input")
def reset(name: str, password_stdin: bool) -> None:
    """Give the account NAME a new password; it is signed out everywhere, and a closed one is opened again."""
    password = sys.stdin.readline().rstrip("\r\n")
    with application(), refusing():
        check_password(password, name, common_passwords())
        hashed = hash_password(password)
        with transaction() as session:
            reset_password(session, _named(session, name), hashed, actor=OPERATOR, at=now())
        click.echo(f"{name}: password reset")


@group.command("close")
@click.argument("name")
def close(name: str) -> None:
    """Shut the account NAME and sign it out everywhere; what it did stays under its name."""
    with application(), refusing():
        with transaction() as session:
            close_account(session, _named(session, name), actor=OPERATOR, at=now())
        click.echo(f"{name}: closed")


def _named(session: Session, name: str) -> Account:
    account = queries.account_named(session, name)
    if account is None:
        raise RuleViolation("account.unknown", N_("没有这个账号：%(name)s"), name=name)
    return account


def _found(code: str | None, find: Callable[[str], Any], kind: str) -> Any:
    if code is None:
        return None
    row = find(code)
    if row is None:
        raise RuleViolation("account.scope_unknown", N_("没有这个%(kind)s：%(named)s"), kind=kind, named=code)
    return row
