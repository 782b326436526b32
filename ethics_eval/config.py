"""Every setting, its default and its meaning. Secrets come from the environment or the instance folder only."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LEVELS_ABOVE = 4

DEFAULTS: dict[str, Any] = {
    # Where the service is reached from outside; printed on posters.
    "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
    # Number of reverse proxies whose X-Forwarded-* headers are believed.
    "TRUSTED_PROXIES": 0,
    "BABEL_DEFAULT_LOCALE": "zh",
    "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
    "CITY_NAME": "株洲市",
    "CITY_CODE": "430200",
    "BUREAU_NAME": "株洲市教育局",
    # 机关代字 of the circular's document number (GB/T 9704; domain.md §5).
    "DOCUMENT_WORD": "株教通",
    # One message with its files (security.md §3): 60 MB of evidence and the text beside it.
    "MAX_CONTENT_LENGTH": 62 * 1024 * 1024,
    "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    # Idle and absolute life of a signed-in session (security.md §2).
    "SESSION_IDLE": timedelta(minutes=30),
    "SESSION_ABSOLUTE": timedelta(hours=12),
    "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
    # Whether the public form asks for a proof of work (`pow`), and whether floods are stopped (`on`). `off` is for
    # tests and closed networks; `serve` takes it on a loopback address only.
    "ETHICS_EVAL_CHALLENGE": "pow",
    "ETHICS_EVAL_QUOTAS": "on",
    # The referrer is withheld from everyone (no-referrer), so it cannot be asked for; the token is.
    "WTF_CSRF_SSL_STRICT": False,
    "WTF_CSRF_TIME_LIMIT": None,  # a parent may write for an evening; the token is bound to the session
    # Within so many hours the bureau takes up a case of grave harm (C08, C11, an injured child).
    "URGENT_HOURS": 2,
    # Days after a due day at which the officer, the head, the district and the city are told (rules.reminding).
    "REMINDER_DAYS": (1, 2, 4, 7),
    # smtp://user:password@host:port or smtps://…; empty: no e-mail goes out.
    "SMTP_URL": "",
    "MAIL_SENDER": "",
    # Called, without content, when something waits for somebody; empty: nothing is called. The secret signs the call.
    "WEBHOOK_URL": "",
    "WEBHOOK_SECRET": "",
}

SWITCHES: Mapping[str, tuple[str, str]] = {
    "ETHICS_EVAL_CHALLENGE": ("pow", "off"),
    "ETHICS_EVAL_QUOTAS": ("on", "off"),
}


MAX_URGENT_HOURS = 72


class ConfigurationError(RuntimeError):
    """The service cannot start as configured; the text says what to set."""


def default_instance() -> Path:
    """The folder of database, sealed files and secrets: ``ETHICS_EVAL_INSTANCE``, else ``instance/`` of a checkout."""
    named = os.environ.get("ETHICS_EVAL_INSTANCE")
    if named:
        return Path(named).resolve()
    checkout = Path(__file__).resolve().parent.parent
    if (checkout / "setup.cfg").is_file():
        return checkout / "instance"
    return Path.cwd() / "instance"


def _secret(instance: Path, name: str, *, embedded: bool) -> str:
    """A secret of the environment, or one kept in the instance (mode 0600), made at the first embedded start."""
    given = os.environ.get(name)
    if given:
        return given
    path = instance / f"{name.lower()}.key"
    if path.is_file():
        return path.read_text("ascii").strip()
    if not embedded:
        raise ConfigurationError(f"{name} is not set; a production database needs it in the environment")
    made = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")
    instance.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(made)
        file.flush()
        os.fsync(file.fileno())
    return made


def load(overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The whole configuration: defaults, then environment, then ``overrides`` (tests).

    Raises: ConfigurationError: a secret is missing beside a database that is not SQLite, or is malformed.
    """
    settings = dict(DEFAULTS)
    settings["INSTANCE"] = default_instance()
    settings.update(overrides or {})
    instance = Path(settings["INSTANCE"])
    settings["INSTANCE"] = instance
    settings.setdefault(
        "DATABASE_URL", os.environ.get("DATABASE_URL") or f"sqlite:///{instance / 'ethics_eval.db'}"
    )
    embedded = settings["DATABASE_URL"].startswith("sqlite")
    for name in ("SECRET_KEY", "ETHICS_EVAL_MASTER_KEY"):
        if name not in settings:
            settings[name] = _secret(instance, name, embedded=embedded)
    for name, values in SWITCHES.items():
        if name not in (overrides or {}):
            settings[name] = os.environ.get(name, DEFAULTS[name])
        if settings[name] not in values:
            raise ConfigurationError(f"{name} must be {' or '.join(values)}")
    if "PUBLIC_BASE_URL" in os.environ:
        settings["PUBLIC_BASE_URL"] = os.environ["PUBLIC_BASE_URL"].rstrip("/")
    settings["SESSION_COOKIE_SECURE"] = settings["PUBLIC_BASE_URL"].startswith("https://")
    if "TRUSTED_PROXIES" in os.environ:
        try:
            settings["TRUSTED_PROXIES"] = int(os.environ["TRUSTED_PROXIES"])
        except ValueError as error:
            raise ConfigurationError("TRUSTED_PROXIES must be a whole number of hops") from error
    if "ETHICS_EVAL_URGENT_HOURS" in os.environ:
        hours = os.environ["ETHICS_EVAL_URGENT_HOURS"]
        if not hours.isdecimal() or not 1 <= int(hours) <= MAX_URGENT_HOURS:
            raise ConfigurationError("ETHICS_EVAL_URGENT_HOURS must be a whole number of hours from 1 to 72")
        settings["URGENT_HOURS"] = int(hours)
    _load_outward(settings)
    return settings


def _load_outward(settings: dict[str, Any]) -> None:
    """The spacing of reminders and the ways out, checked. Raises: ConfigurationError."""
    for name in ("SMTP_URL", "MAIL_SENDER", "WEBHOOK_URL", "WEBHOOK_SECRET"):
        settings[name] = os.environ.get(f"ETHICS_EVAL_{name}", settings[name])
    if "ETHICS_EVAL_REMINDER_DAYS" in os.environ:
        settings["REMINDER_DAYS"] = _rising(os.environ["ETHICS_EVAL_REMINDER_DAYS"])
    if settings["SMTP_URL"]:
        if not _is_address(settings["SMTP_URL"], {"smtp", "smtps"}):
            raise ConfigurationError("ETHICS_EVAL_SMTP_URL must be smtp://host:port or smtps://host:port")
        if "@" not in settings["MAIL_SENDER"]:
            raise ConfigurationError("ETHICS_EVAL_MAIL_SENDER must be the sender's address")
    if settings["WEBHOOK_URL"]:
        if not _is_address(settings["WEBHOOK_URL"], {"http", "https"}):
            raise ConfigurationError("ETHICS_EVAL_WEBHOOK_URL must be an http:// or https:// address")
        if not settings["WEBHOOK_SECRET"]:
            raise ConfigurationError("ETHICS_EVAL_WEBHOOK_SECRET must be set beside ETHICS_EVAL_WEBHOOK_URL")


def _rising(text: str) -> tuple[int, ...]:
    wrong = "ETHICS_EVAL_REMINDER_DAYS must be four rising numbers of days: officer,head,district,city"
    try:
        days = tuple(int(day) for day in text.split(","))
    except ValueError as error:
        raise ConfigurationError(wrong) from error
    if len(days) != LEVELS_ABOVE or list(days) != sorted(set(days)) or days[0] < 1:
        raise ConfigurationError(wrong)
    return days


def _is_address(text: str, schemes: set[str]) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def switched_off(settings: Mapping[str, Any]) -> list[str]:
    """The protections that are off, by their names in the environment."""
    return [name for name in SWITCHES if settings[name] == "off"]
