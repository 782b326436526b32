"""Who may open what: every endpoint declares it, an endpoint that does not is refused.

The declaration is read by the guard before each request, by ``ethics-eval routes`` and by the access matrix test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ethics_eval.accounts.rules import PERMISSIONS, Permission, Role
from ethics_eval.web.request import actor

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


class Audience(StrEnum):
    """For whom a page is made."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    SCHOOL = "school"
    BUREAU = "bureau"
    TEACHER = "teacher"


AUDIENCE_ROLES: Mapping[Audience, frozenset[Role]] = {
    Audience.SIGNED_IN: frozenset(Role),
    Audience.SCHOOL: frozenset({Role.SCHOOL_OFFICER, Role.SCHOOL_HEAD}),
    Audience.BUREAU: frozenset(
        {
            Role.DISTRICT_OFFICER,
            Role.BUREAU_OFFICER,
            Role.BUREAU_HEAD,
            Role.CUSTODIAN,
            Role.AUDITOR,
            Role.SYSADMIN,
        }
    ),
    Audience.TEACHER: frozenset({Role.TEACHER}),
}


@dataclass(frozen=True)
class Access:
    """What an endpoint asks of its visitor."""

    audience: Audience
    permission: Permission | None = None

    def roles(self) -> frozenset[Role]:
        """The roles let in; empty for a public page (which asks for none)."""
        if self.audience is Audience.PUBLIC:
            return frozenset()
        roles = AUDIENCE_ROLES[self.audience]
        return roles if self.permission is None else roles & PERMISSIONS[self.permission].keys()

    def scopes(self) -> dict[str, str]:
        """Role → how far it reaches here, for those let in by a permission."""
        if self.permission is None:
            return {}
        return {role.value: PERMISSIONS[self.permission][role].value for role in sorted(self.roles())}


_DECLARED: dict[Callable[..., Any], Access] = {}


def public(view: View) -> View:
    """Anyone may open it."""
    _DECLARED[view] = Access(Audience.PUBLIC)
    return view


def signed_in(view: View) -> View:
    """Anyone who is signed in may open it; it shows the person's own things only."""
    _DECLARED[view] = Access(Audience.SIGNED_IN)
    return view


def needs(audience: Audience, permission: Permission) -> Callable[[View], View]:
    """Only the audience's roles that hold the permission; the scope is in the view's query."""

    def declare(view: View) -> View:
        _DECLARED[view] = Access(audience, permission)
        return view

    return declare


def declared(app: Flask) -> dict[str, Access]:
    """Endpoint → what it asks. Raises: KeyError: an endpoint that declares nothing."""
    return {
        endpoint: Access(Audience.PUBLIC) if endpoint == "static" else _DECLARED[view]
        for endpoint, view in app.view_functions.items()
    }


def guard() -> Response | None:
    """Before each request: refuse what is not declared, ask the unknown to sign in, refuse the wrong role."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    access = _DECLARED.get(current_app.view_functions[request.endpoint])
    if access is None:
        abort(403)
    if access.audience is Audience.PUBLIC:
        return None
    who = actor()
    if who.role is None:
        target = request.full_path.rstrip("?") if request.method == "GET" else None
        answer = redirect(url_for("auth.session.login", next=target), 303)
        return answer if isinstance(answer, Response) else None
    if who.role not in access.roles():
        abort(403)
    return None
