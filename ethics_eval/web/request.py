"""What a view needs of the present request: the time, the actor, the vault, the folder of sealed files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from flask import current_app, request, session
from flask_babel import get_locale
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from ethics_eval.accounts.rules import PUBLIC, Actor
from ethics_eval.accounts.service import actor_of
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.vault.service import Vault

LANGUAGES = ("zh", "en")

Result = TypeVar("Result")


def now() -> datetime:
    """The present instant; the web reads the clock here and nowhere else."""
    return datetime.now(UTC)


def today() -> date:
    """The present day in the city."""
    return local_day(now())


def actor() -> Actor:
    """Who asks: the signed-in account, or the public."""
    return actor_of(current_user) if current_user.is_authenticated else PUBLIC


MAX_PAGE = 10_000


def page_number() -> int:
    """The page of a list that is asked for, from 1; what is no number, or none of ours, is the first or the last."""
    return min(max(1, request.args.get("page", 1, type=int)), MAX_PAGE)


def once_more(write: Callable[[], Result]) -> Result:
    """Do a write, and do it again if another request made the same row at the same moment."""
    try:
        return write()
    except IntegrityError:
        return write()


def vault() -> Vault:
    """The vault of this instance."""
    found: Vault = current_app.extensions["vault"]
    return found


def files_folder() -> Path:
    """Where sealed files lie."""
    return Path(current_app.config["INSTANCE"]) / "files"


def chosen_language() -> str:
    """The language switched to, Chinese unless English was chosen."""
    chosen = session.get("language")
    return chosen if chosen in LANGUAGES else "zh"


def locale() -> str:
    """``zh`` or ``en``: the language of this answer."""
    current = get_locale()
    return "en" if current is not None and current.language == "en" else "zh"
