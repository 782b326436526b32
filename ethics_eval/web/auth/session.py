"""Sign in, sign out, and the check of every request that its session is still open."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from flask_security.utils import hash_password, login_user, logout_user, verify_password
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from ethics_eval import accounts
from ethics_eval.accounts import queries, service
from ethics_eval.accounts.rules import PUBLIC, Role
from ethics_eval.database import db, transaction
from ethics_eval.web.access import public, signed_in
from ethics_eval.web.forms import Form
from ethics_eval.web.page import home_of
from ethics_eval.web.request import actor, now, vault

bp = Blueprint("session", __name__)

TOKEN, SEEN = "sid", "seen"


class LoginForm(Form):
    """Name and password."""

    username = StringField(lazy_gettext("账号"), [InputRequired(lazy_gettext("请输入账号"))])
    password = PasswordField(lazy_gettext("密码"), [InputRequired(lazy_gettext("请输入密码"))])


@cache
def common_passwords() -> frozenset[str]:
    """Passwords that everyone tries first."""
    path = Path(accounts.__file__).with_name("common_passwords.txt")
    return frozenset(path.read_text("utf-8").split())


@bp.route("/login", methods=["GET", "POST"])
@public
def login() -> ResponseReturnValue:
    """Sign in; a wrong name, a wrong password and a locked account get the same answer."""
    form = LoginForm()
    if form.validate_on_submit():
        target = _sign_in(form.username.data or "", form.password.data or "")
        if target is not None:
            return redirect(local_target(request.args.get("next")) or target, 303)
        form.form_errors.append(
            gettext("账号或密码不对，或因多次输错已暂停登录15分钟。忘记密码请联系上级管理员重置。")
        )
    return render_template("auth/session/login.html", form=form), form.http_status


@bp.post("/logout")
@signed_in
def logout() -> ResponseReturnValue:
    """Sign out: the session is ended on the server, a copied cookie is worth nothing."""
    with transaction() as store:
        service.end_session(store, session.get(TOKEN, ""), actor=actor(), at=now())
    logout_user()
    _start_over()
    flash(gettext("您已退出登录。"))
    return redirect(url_for(".login"), 303)


def _sign_in(username: str, password: str) -> str | None:
    """The page to go to, or None when refused. Time and answer do not tell which part was wrong."""
    at = now()
    name_hash = vault().digest("login-name", username.strip().casefold()).hex()
    source_hash = vault().digest("login-source", at.date().isoformat(), request.remote_addr or "").hex()
    account = queries.account_named(db.session(), username)
    # checked before the write lock is taken: guessing must not keep complaints waiting
    right = verify_password(password, account.password if account else _dummy())
    with transaction() as store:
        locked = service.lock_end(store, name_hash, source_hash, at) is not None
        if locked or account is None or not account.active or not right:
            if not locked:
                service.fail_login(store, name_hash, source_hash, PUBLIC, at)
            return None
        token = secrets.token_urlsafe(32)
        service.begin_session(
            store,
            account,
            token_hash=_token_hash(token),
            name_hash=name_hash,
            at=at,
            absolute=current_app.config["SESSION_ABSOLUTE"],
        )
        role = Role(account.role)
    _start_over()
    login_user(account)
    session[TOKEN] = _token_hash(token)
    session[SEEN] = at.isoformat()
    return url_for(home_of(role))


def _start_over() -> None:
    """A new session on a change of rights; the language stays."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language


def _token_hash(token: str) -> str:
    return vault().digest("login-session", token).hex()


_DUMMY: dict[str, str] = {}


def _dummy() -> str:
    """A hash to check unknown names against, so that they take as long."""
    if "hash" not in _DUMMY:
        _DUMMY["hash"] = hash_password(secrets.token_hex(16))
    return _DUMMY["hash"]


def local_target(target: str | None) -> str | None:
    """The path to return to, if it is one of ours."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    parts = urlsplit(target)
    return None if parts.netloc or parts.scheme else target


def check_session() -> ResponseReturnValue | None:
    """Before each request: a signed-in session that idled, aged out, was ended or locked is signed out."""
    if request.endpoint in {None, "static"} or not current_user.is_authenticated:
        return None
    at = now()
    seen = session.get(SEEN)
    fresh = seen is not None and at - datetime.fromisoformat(seen) <= current_app.config["SESSION_IDLE"]
    known = fresh and queries.is_session_open(
        db.session(),
        session.get(TOKEN, ""),
        current_user.id,
        at=at,
        absolute=current_app.config["SESSION_ABSOLUTE"],
    )
    if known and current_user.is_active:
        session[SEEN] = at.isoformat()
        return None
    logout_user()
    _start_over()
    flash(gettext("您已较长时间没有操作或在别处退出，请重新登录。"))
    return redirect(url_for("auth.session.login"), 303)
