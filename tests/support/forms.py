"""Filling in a page's form as a plain browser does: all that is hidden is sent back, the token included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse


def forms(page: str) -> list[html.FormElement]:
    """The forms of a page, in order."""
    return list(html.fromstring(page).forms)


def form_at(page: str, action: str | None = None) -> html.FormElement:
    """The form that posts to ``action`` (by the end of its address), else the one with the most fields.

    Raises: LookupError: the page has no such form.
    """
    posting = [form for form in forms(page) if (form.method or "").upper() == "POST"]
    if action is not None:
        posting = [form for form in posting if (form.action or "").endswith(action)]
    if not posting:
        raise LookupError(f"no form for {action or 'posting'} on the page")
    return max(posting, key=lambda form: len(form.inputs.keys()))


def values(form: html.FormElement) -> dict[str, Any]:
    """What a browser would send without touching anything."""
    sent: dict[str, Any] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return {name: given[0] if len(given) == 1 else given for name, given in sent.items()}


def submit(
    client: FlaskClient, path: str, fields: Mapping[str, Any] | None = None, *, action: str | None = None
) -> TestResponse:
    """Open a page, fill in its form, send it; the answer is not followed. Files are (stream, name) pairs."""
    page = client.get(path)
    assert page.status_code == 200, f"GET {path} answered {page.status_code}"
    form = form_at(page.text, action)
    data = {**values(form), **(fields or {})}
    return client.post(form.action or path, data=data, content_type=form.get("enctype"))


def sign_in(client: FlaskClient, username: str, password: str) -> None:
    """Sign in through the page."""
    answer = submit(client, "/login", {"username": username, "password": password})
    assert answer.status_code == 303, f"{username} was not let in"


def token_of(client: FlaskClient) -> str:
    """The token of one who has signed in: what a forged form carries."""
    return str(form_at(client.get("/account").text).fields["csrf_token"])
