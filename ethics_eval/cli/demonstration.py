"""Filling an empty instance with the demonstration city, and telling what is in it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask_security.utils import hash_password

from ethics_eval.accounts.rules import ROLE_LABELS
from ethics_eval.cli import workbook
from ethics_eval.cli.database import is_migrated, upgrade_database
from ethics_eval.cli.running import application, instance, now, refuse, refusing, vault
from ethics_eval.complaints.rules.machine import STATUS_LABELS, CaseStatus
from ethics_eval.complaints.rules.query_code import grouped
from ethics_eval.database import db, transaction
from ethics_eval.demo.city import City, build, is_empty
from ethics_eval.demo.schools import MIN_SCHOOLS
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS, Component
from ethics_eval.ranking.rules.steps import SEMESTER_STATUS_LABELS, SemesterStatus

MIN_PEOPLE_A_SCHOOL = 8
TOLD = "demo.txt"


@click.command("demo")
@click.option("--schools", default=1743, show_default=True, type=click.IntRange(MIN_SCHOOLS, 20_000))
@click.option("--teachers", default=40_000, show_default=True, type=click.IntRange(1, 500_000))
@click.option("--semester", default="2025-2026-1", show_default=True, help="the one that is published")
@click.option("--seed", default=1, show_default=True, help="the same seed gives the same city")
@click.option("--if-empty", is_flag=True, help="do nothing where there is something already")
@click.option("--json", "as_json", is_flag=True, help="everything that was made, as one JSON object")
def demo(schools: int, teachers: int, semester: str, seed: int, *, if_empty: bool, as_json: bool) -> None:
    """Fill an empty instance with an invented city: one semester published, the next open with complaints."""
    if teachers < MIN_PEOPLE_A_SCHOOL * schools:
        raise click.BadParameter(
            f"at least {MIN_PEOPLE_A_SCHOOL} for each of {schools} schools", param_hint="--teachers"
        )
    with application():
        if not is_migrated():
            upgrade_database()
        if if_empty and not is_empty(db.session()):
            return
        try:
            with refusing(), workbook.progress("装入演示城市") as progress, transaction() as session:
                city = build(
                    session,
                    vault(),
                    school_count=schools,
                    teacher_count=teachers,
                    semester_code=semester,
                    seed=seed,
                    at=now(),
                    instance=instance(),
                    hash_password=hash_password,
                    issuer=current_app.config["BUREAU_NAME"],
                    progress=progress,
                )
        except ValueError as error:
            refuse(f"{schools} schools, {teachers} teachers: {error}")
        base = current_app.config["PUBLIC_BASE_URL"]
        text = "\n".join(_told(city, base)) + "\n"
        _keep(instance() / TOLD, text)
        click.echo(json.dumps(_made(city), ensure_ascii=False) if as_json else text, nl=as_json)


def told(folder: Path) -> str:
    """What the demonstration left to be told at every start; empty where there is none."""
    path = folder / TOLD
    return path.read_text("utf-8") if path.is_file() else ""


def _keep(path: Path, text: str) -> None:
    """Keep the text for its owner only: it holds passwords."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _made(city: City) -> Mapping[str, Any]:
    return {
        "ballot_codes": [
            {"code": one.code, "school": one.school, "component": one.component, "label": one.label}
            for one in city.ballot_codes
        ],
        "semesters": [
            {
                "code": row.code,
                "name": row.name,
                "status": row.status,
                "freeze_at": row.freeze_at.isoformat(),
                "publish_at": row.publish_at.isoformat(),
            }
            for row in city.semesters
        ],
        "schools": [
            {"code": code, "name": name, "district": district, "mailbox": mailbox}
            for code, name, district, mailbox in city.schools
        ],
        "accounts": [
            {
                "username": account.username,
                "password": account.password,
                "role": account.role.value,
                **{
                    key: value
                    for key, value in (
                        ("school", account.school),
                        ("district", account.district),
                        ("teacher", account.teacher),
                    )
                    if value
                },
            }
            for account in city.accounts
        ],
        "query_codes": [
            {"code": grouped(one.query_code), "status": one.case.status, "school": one.case.school.code}
            for one in city.sent
        ],
    }


def _told(city: City, base: str) -> Iterator[str]:
    """The same for people, the most useful of it."""
    yield "演示城市：学校、教师、投诉均为虚构，请勿在演示中填写真实信息。"
    yield f"{len(city.schools)} 所学校，{city.teacher_count} 名教职工，{len(city.sent)} 件投诉。"
    for semester in city.semesters:
        yield f"{semester.name}：{SEMESTER_STATUS_LABELS[SemesterStatus(semester.status)]}"
    yield ""
    yield f"网址 {base}    登录 {base}/login"
    yield "账号（仅供演示）："
    for account in city.accounts:
        yield (
            f"  {account.username:<16} {account.password}  "
            f"{ROLE_LABELS[account.role]} {account.display_name} {account.note}".rstrip()
        )
    yield ""
    yield f"投诉信箱（共 {len(city.schools)} 个）："
    for code, name, _district, mailbox in city.schools:
        if code in city.shown_schools:
            yield f"  {base}/m/{mailbox}  {name}"
    yield ""
    yield f"评议码（在 {base}/vote 参加评议，每个码只能提交一次）："
    names = {code: name for code, name, _district, _mailbox in city.schools}
    for one in city.ballot_codes:
        note = f"（{one.note}）" if one.note else ""
        part = COMPONENT_LABELS[Component(one.component)]
        yield f"  {one.code}  {part} {one.label}{note}  {names[one.school]}"
    yield ""
    yield f"查询码（在 {base}/track 查询进度）："
    shown: set[str] = set()
    for sent in reversed(city.sent):
        if sent.has_unread or sent.case.status not in shown:
            shown.add(sent.case.status)
            status = STATUS_LABELS[CaseStatus(sent.case.status)]
            note = "（有未读留言）" if sent.has_unread else ""
            yield f"  {grouped(sent.query_code)}  {status}{note}  {sent.case.school.name}"
