"""A workbook is made as the one who asked may see it when it is made."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Role
from ethics_eval.accounts.service import actor_of
from ethics_eval.database import db, transaction
from ethics_eval.exports.rules import Export, Wanted
from ethics_eval.exports.service import ask_export, make_export
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.tasks.models import Task
from ethics_eval.text import RuleViolation
from tests.support.ranked import SEMESTER
from tests.support.sheets import rows_of
from tests.web.ranked_pages import settle

AT = datetime(2026, 3, 5, tzinfo=UTC)


def test_the_same_is_asked_once_and_progress_is_told(app: Flask, tmp_path: Path) -> None:
    settle(app, Step.FREEZE)
    with app.app_context():
        with transaction() as session:
            account = session.scalars(select(Account).where(Account.username == "bureau_officer")).one()
            actor = actor_of(account)
            wanted = Wanted(Export.RANKING, SEMESTER)
            first = ask_export(session, wanted, actor=actor, at=AT)
            assert ask_export(session, wanted, actor=actor, at=AT) == first
            assert session.get_one(Task, first).requested_by_id == actor.id
        params = {**wanted.params(), "account": actor.id}
        out = tmp_path / "榜单.xlsx"
        make_export(db.session(), params, out, at=AT, tell=lambda _done, _total: None)
        assert len(rows_of(out, "排名")) > 36


@pytest.mark.parametrize("change", ["closed", "moved"])
def test_who_may_no_longer_see_it_gets_nothing(app: Flask, tmp_path: Path, change: str) -> None:
    settle(app, Step.FREEZE)
    with app.app_context():
        with transaction() as session:
            account = session.scalars(select(Account).where(Account.username == "bureau_officer")).one()
            params = {**Wanted(Export.ANNEX, SEMESTER).params(), "account": account.id}
            if change == "closed":
                account.active = False
            else:
                account.role, account.district_code = Role.DISTRICT_OFFICER.value, "430211"
        out = tmp_path / "名单.xlsx"
        with pytest.raises(RuleViolation):
            make_export(db.session(), params, out, at=AT, tell=lambda _done, _total: None)
        assert not out.exists()
