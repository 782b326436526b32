"""Saved views: a queue's filters under a name of one's own; nobody else sees or deletes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import SavedView
from ethics_eval.accounts.rules import Actor
from ethics_eval.accounts.service import record
from ethics_eval.database import new_id
from ethics_eval.text import N_, RuleViolation

MAX_VIEWS = 20
MAX_NAME = 40
MAX_QUERY = 400


def saved_views(session: Session, actor: Actor) -> list[SavedView]:
    """The actor's own saved views, in the order they were made."""
    return list(
        session.scalars(
            select(SavedView)
            .where(SavedView.account_id == actor.id)
            .order_by(SavedView.created_at, SavedView.id)
        )
    )


def save_view(
    session: Session, actor: Actor, *, name: str, filters: Mapping[str, str], at: datetime
) -> SavedView:
    """Keep filters under a name; a name already used takes the new filters.

    Raises: RuleViolation: no name or one longer than 40 characters, filters longer than a line, or 20 views already.
    """
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME:
        raise RuleViolation("view.name", N_("请给常用筛选起一个名字，不超过40个字。"), field="name")
    query = urlencode(filters)
    if len(query) > MAX_QUERY:
        raise RuleViolation("view.query", N_("筛选条件太长，请减少一些再保存。"), field="name")
    view = session.scalars(
        select(SavedView).where(SavedView.account_id == actor.id, SavedView.name == name)
    ).first()
    if view is not None:
        view.query = query
        record(session, actor, at, "view.changed", "view", view.id)
        return view
    taken = session.scalar(select(func.count()).where(SavedView.account_id == actor.id)) or 0
    if taken >= MAX_VIEWS:
        raise RuleViolation(
            "view.many", N_("最多保存%(max)s个常用筛选，请先删去不用的。"), field="name", max=MAX_VIEWS
        )
    if actor.id is None:
        raise RuleViolation("permission.denied", N_("您没有办理此事的权限。"))
    view = SavedView(id=new_id(), account_id=actor.id, name=name, query=query, created_at=at)
    session.add(view)
    session.flush()
    record(session, actor, at, "view.saved", "view", view.id)
    return view


def delete_view(session: Session, actor: Actor, view_id: str, *, at: datetime) -> bool:
    """Delete one of the actor's own views; False: there is none such."""
    gone = session.execute(
        delete(SavedView)
        .where(SavedView.id == view_id, SavedView.account_id == actor.id)
        .returning(SavedView.id)
    ).first()
    if gone is None:
        return False
    record(session, actor, at, "view.deleted", "view", view_id)
    return True
