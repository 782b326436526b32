"""Error pages: what happened, what to do next; never a trace, never a name."""

from __future__ import annotations

import structlog
from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, TimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from ethics_eval.text import N_, Conflict, RuleViolation
from ethics_eval.vault.service import KeyMissing
from ethics_eval.web.page import spoken

PAGES = frozenset({403, 404, 409, 413, 422, 429, 500, 503})
RETRY_SECONDS = 30
# Database locked or down, disk full.
UNAVAILABLE = (OperationalError, TimeoutError, OSError)
_log = structlog.get_logger("ethics_eval.error")


def answer(status: int, reason: str = "", retry_after: int | None = None) -> ResponseReturnValue:
    """The page of a status; ``reason`` in the reader's language is shown when there is one."""
    page = render_template(f"errors/{status}.html", reason=reason, retry_after=retry_after)
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return page, status, headers


def init_app(app: Flask) -> None:
    """Turn exceptions into pages."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(RuleViolation, _rule)
    app.register_error_handler(KeyMissing, _sealed)
    app.register_error_handler(StaleDataError, _raced)
    app.register_error_handler(IntegrityError, _raced)
    app.register_error_handler(DataError, _unstorable)
    for kind in UNAVAILABLE:
        app.register_error_handler(kind, _unavailable)
    app.register_error_handler(Exception, _broken)


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if isinstance(error, CSRFError):
        return answer(422, spoken(_EXPIRED))
    if isinstance(
        error, MethodNotAllowed
    ):  # an address that a form posts to, opened by hand: there is no such page
        return (
            render_template("errors/404.html"),
            status,
            {"Allow": ", ".join(sorted(error.valid_methods or ()))},
        )
    if status not in PAGES:
        return error.get_response() if status < 400 else answer(422)
    return answer(status, retry_after=RETRY_SECONDS if status in {429, 503} else None)


def _rule(error: RuleViolation) -> ResponseReturnValue:
    if error.code == "permission.denied":
        return answer(403)
    return answer(409 if isinstance(error, Conflict) else 422, spoken(error))


def _sealed(_error: KeyMissing) -> ResponseReturnValue:
    # The reader's unit holds no key of this case (any more): as if it were not there.
    return answer(404)


def _raced(error: Exception) -> ResponseReturnValue:
    _log.warning("raced", kind=type(error).__name__)
    return answer(409)


def _unstorable(_error: Exception) -> ResponseReturnValue:
    # What no form sends: a zero character, a number beyond all bounds.
    return answer(422)


def _unavailable(error: Exception) -> ResponseReturnValue:
    # Nothing was stored; the page says to send again.
    _log.error("unavailable", kind=type(error).__name__)
    return answer(503, retry_after=RETRY_SECONDS)


def _broken(error: Exception) -> ResponseReturnValue:
    _log.error("broken", kind=type(error).__name__, exc_info=error)
    return answer(500)


_EXPIRED = RuleViolation("csrf", N_("页面已过期或来源不明。请返回上一页，刷新后重新提交。"))
