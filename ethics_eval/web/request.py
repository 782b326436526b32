"""What a view needs of the present request: the time, the actor, the vault, the folder of sealed files."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from flask import current_app, session
from flask_babel import get_locale
from flask_login import current_user

from ethics_eval.accounts.rules import PUBLIC, Actor
from ethics_eval.accounts.service import actor_of
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.vault.service import Vault

LANGUAGES = ("zh", "en")


def now() -> datetime:
    """The present instant; the web reads the clock here and nowhere else."""
    return datetime.now(UTC)


def today() -> date:
    """The present day in the city."""
    return local_day(now())


def actor() -> Actor:
    """Who asks: the signed-in account, or the public."""
    return actor_of(current_user) if current_user.is_authenticated else PUBLIC


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
