"""create_app(): configuration, extensions, blueprints, error pages, headers."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import sys
from collections.abc import Mapping
from io import TextIOBase
from pathlib import Path
from typing import Any, TextIO, cast

import structlog
from flask import Flask, Response, g, request
from flask_babel import Babel
from flask_migrate import Migrate
from flask_security.core import RoleMixin, Security
from flask_security.datastore import SQLAlchemySessionUserDatastore
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from ethics_eval import config
from ethics_eval.accounts.models import Account
from ethics_eval.accounts.notifying import open_channels
from ethics_eval.complaints import models as complaint_models
from ethics_eval.database import db, driver_url, engine_options, prepare_engine
from ethics_eval.ethics_file import models as ethics_file_models
from ethics_eval.evaluation import models as evaluation_models
from ethics_eval.jobs.carrying import carriers
from ethics_eval.notices import models as notice_models
from ethics_eval.ranking import models as ranking_models
from ethics_eval.tasks import models as task_models
from ethics_eval.vault.service import Vault
from ethics_eval.web import auth, bureau, errors, page, public, school, teacher
from ethics_eval.web.access import guard
from ethics_eval.web.request import chosen_language

TABLES = (
    task_models,
    complaint_models,
    evaluation_models,
    ranking_models,
    notice_models,
    ethics_file_models,
)  # known to migrations by import

HERE = Path(__file__).resolve().parent
MIGRATIONS = HERE / "migrations"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; manifest-src 'self'"
)


def template_folder() -> Path:
    """In a wheel the templates lie inside the package, in a checkout beside it."""
    for candidate in (HERE / "templates", HERE.parent / "templates"):
        if candidate.is_dir():
            return candidate
    raise RuntimeError("templates/ not found beside or inside the package")


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """The application, ready to serve. Raises: config.ConfigurationError: it cannot start as configured."""
    settings = config.load(overrides)
    settings["INSTANCE"].mkdir(parents=True, exist_ok=True)
    app = Flask(
        "ethics_eval",
        root_path=str(HERE),
        template_folder=str(template_folder()),
        instance_path=str(settings["INSTANCE"]),
    )
    app.config.from_mapping(settings)
    url = driver_url(settings["DATABASE_URL"])
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _prepare_extensions(app)
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.before_request(_make_nonce)
    app.before_request(auth.check_session)
    app.before_request(guard)
    app.after_request(_add_headers)
    app.after_request(_log_request)
    page.init_app(app)
    errors.init_app(app)
    for blueprint in (public.bp, auth.bp, school.bp, bureau.bp, teacher.bp):
        app.register_blueprint(blueprint)
    return app


def _prepare_extensions(app: Flask) -> None:
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the scheme's name, not a password
        SECURITY_PASSWORD_SALT=hmac.new(
            app.config["SECRET_KEY"].encode(), b"password-salt", hashlib.sha256
        ).hexdigest(),
        SECURITY_REGISTER_BLUEPRINT=False,
        SECURITY_JOIN_USER_ROLES=False,  # roles are a constant of ours, no table (accounts.models)
        SECURITY_CONFIRMABLE=False,
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
    )
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
        open_channels(db.engine, carriers(app.config))
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True, compare_type=True)
    CSRFProtect(app)
    Babel(
        app,
        default_translation_directories=str(HERE / "translations"),
        locale_selector=chosen_language,
    )
    Security(
        app,
        SQLAlchemySessionUserDatastore(db.session, Account, RoleMixin),
        register_blueprint=False,
    )
    app.extensions["vault"] = Vault(app.config["ETHICS_EVAL_MASTER_KEY"])


def _make_nonce() -> None:
    g.csp_nonce = secrets.token_urlsafe(16)


def _add_headers(response: Response) -> Response:
    """The headers of security.md §2, on every answer."""
    headers = response.headers
    headers.setdefault(
        "Content-Security-Policy", CONTENT_SECURITY_POLICY.format(nonce=g.get("csp_nonce", ""))
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(self), microphone=(self), geolocation=()"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response


_log = structlog.get_logger("ethics_eval.request")


class _StandardError(TextIOBase):
    """Standard error as it is at the moment of writing: standard output belongs to what commands answer."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure_logging() -> None:
    """JSON lines on standard error; nothing in them names a person or a visitor's address."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # no local variables: they may hold what people wrote
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _StandardError())),
        cache_logger_on_first_use=True,
    )


def _log_request(response: Response) -> Response:
    # The endpoint, not the path: paths hold mailbox codes, and queries hold what people type.
    if request.endpoint not in {"static", "public.health.live"}:
        _log.info("request", endpoint=request.endpoint, method=request.method, status=response.status_code)
    return response
