"""Writes of schemes in the browser: drafts that are made, changed, deleted, and adopted by a head.

A draft is changed with the fingerprint of what its editor saw; of two editors the second is refused. An adopted
version is never written again: every write here asks the database for a draft.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import AuditEvent
from ethics_eval.accounts.rules import Actor, Permission, require
from ethics_eval.accounts.service import record
from ethics_eval.evaluation import queries
from ethics_eval.evaluation.bank import item_bank
from ethics_eval.evaluation.models import SchemeVersion
from ethics_eval.evaluation.rules.document import DocumentRefused, Fault
from ethics_eval.evaluation.rules.editing import FORMS
from ethics_eval.evaluation.rules.form import (
    Forms,
    FormsRefused,
    fingerprint,
    forms_text,
    parse_forms,
    whole_forms,
)
from ethics_eval.evaluation.rules.scheme import Scheme, SchemeRefused, parse_scheme, scheme_text
from ethics_eval.text import N_, Conflict, RuleViolation

TEN_NORMS = "ten-norms"
"""The base that is the built-in scheme of the ten norms."""
NO_FORMS = "{}"
APPROVAL_LENGTH = 60


def read_documents(text: str, forms: str = NO_FORMS) -> tuple[Scheme, Forms]:
    """A scheme and the words of its items.

    Raises: DocumentRefused: every fault of both files, those of the forms with ``forms.`` before their path.
    """
    found: list[Fault] = []
    scheme: Scheme | None = None
    words: Forms | None = None
    try:
        scheme = parse_scheme(text)
    except SchemeRefused as refused:
        found += refused.found
    try:
        words = parse_forms(forms, item_bank(), scheme)
    except FormsRefused as refused:
        found += [replace(fault, path=f"{FORMS}{fault.path}") for fault in refused.found]
    if scheme is None or words is None:
        raise DocumentRefused("scheme.refused", N_("方案有误：%(faults)s"), found)
    return scheme, words


def template_text() -> str:
    """The scheme file of the ten norms, as shipped."""
    return files("ethics_eval.evaluation").joinpath("ten_norms_scheme.json").read_text("utf-8")


def draft_scheme(
    session: Session, *, version: str, name: str, base: str, actor: Actor, at: datetime
) -> Scheme:
    """A new draft: a copy of an adopted version, or of the built-in scheme (``TEN_NORMS``).

    Raises: RuleViolation ``scheme.base``, ``scheme.taken``; DocumentRefused: version or name cannot be used.
    """
    require(actor, Permission.SCHEME_DRAFT)
    known = session.get(SchemeVersion, base)
    if base != TEN_NORMS and (known is None or known.status != "adopted"):
        raise RuleViolation("scheme.base", N_("请选择一个已批准的方案，或者十项准则方案。"), field="base")
    copied = parse_scheme(template_text() if base == TEN_NORMS or known is None else known.document)
    forms = NO_FORMS if base == TEN_NORMS or known is None else known.forms
    text = scheme_text(replace(copied, version=version, name=name))
    base_version = None if base == TEN_NORMS else base
    return _keep_draft(session, text, forms, base_version, actor=actor, at=at)


def import_draft(session: Session, text: str, forms: str = NO_FORMS, *, actor: Actor, at: datetime) -> Scheme:
    """A new draft from a scheme file and, if there is one, the file of its words; its base: the one adopted last.

    Raises: DocumentRefused: every fault with its path; RuleViolation ``scheme.taken``.
    """
    require(actor, Permission.SCHEME_DRAFT)
    newest = queries.scheme_version(session)
    base = None if newest is None else newest.version
    return _keep_draft(session, text, forms, base, actor=actor, at=at)


def _keep_draft(
    session: Session, text: str, forms: str, base: str | None, *, actor: Actor, at: datetime
) -> Scheme:
    scheme, words = read_documents(text, forms)
    if session.get(SchemeVersion, scheme.version) is not None:
        raise RuleViolation(
            "scheme.taken",
            N_("版本 %(version)s 已经存在，请另起版本号。"),
            field="version",
            version=scheme.version,
        )
    session.add(
        SchemeVersion(
            version=scheme.version,
            name=scheme.name,
            document=scheme_text(scheme),
            forms=forms_text(words),
            status="draft",
            base_version=base,
            imported_at=at,
            drafted_by_id=actor.id,
        )
    )
    session.flush()
    record(session, actor, at, "scheme.drafted", "scheme", scheme.version, base=base)
    return scheme


def change_draft(
    session: Session, version: str, text: str, forms: str, *, seen: str, actor: Actor, at: datetime
) -> Scheme:
    """Put what was typed in place of a draft; ``seen``: the fingerprint of what its editor started from.

    Raises: DocumentRefused: every fault with its path; RuleViolation ``scheme.adopted``, ``scheme.version``;
    Conflict: somebody else changed it meanwhile.
    """
    require(actor, Permission.SCHEME_DRAFT)
    known = _draft(session, version)
    scheme, words = read_documents(text, forms)
    if scheme.version != version:
        raise RuleViolation("scheme.version", N_("草案的版本号不能改，请另起草案。"))
    _write(
        session,
        known,
        seen,
        {
            "name": scheme.name,
            "document": scheme_text(scheme),
            "forms": forms_text(words),
            "changed_at": at,
        },
    )
    record(session, actor, at, "scheme.changed", "scheme", version)
    return scheme


def delete_draft(session: Session, version: str, *, seen: str, actor: Actor, at: datetime) -> None:
    """Take a draft away. Raises: RuleViolation ``scheme.adopted``; Conflict: it was changed meanwhile."""
    require(actor, Permission.SCHEME_DRAFT)
    known = _draft(session, version)
    _expect(known, seen)
    gone = session.execute(delete(SchemeVersion).where(*_still(known)).returning(SchemeVersion.version))
    if gone.first() is None:
        raise _changed()
    session.expunge(known)
    record(session, actor, at, "scheme.deleted", "scheme", version)


def adopt_draft(
    session: Session, version: str, approval_number: str, *, seen: str, actor: Actor, at: datetime
) -> None:
    """Make a draft the scheme of the semesters to come; from now on it cannot be changed.

    The words of every item are written out, so that the built-in ones may change later.

    Raises: RuleViolation ``scheme.approval`` (no number), ``scheme.own_draft`` (who wrote at it does not adopt it),
    ``scheme.adopted``; Conflict: it was changed meanwhile.
    """
    require(actor, Permission.SCHEME_ADOPT)
    known = _draft(session, version)
    number = " ".join(approval_number.split())
    if not 0 < len(number) <= APPROVAL_LENGTH:
        raise RuleViolation(
            "scheme.approval",
            N_("请填写批准文号或会议纪要编号，不超过%(length)s个字。"),
            field="approval_number",
            length=APPROVAL_LENGTH,
        )
    if actor.id is not None and actor.id in authors(session, version):
        raise RuleViolation("scheme.own_draft", N_("您起草或修改过这份草案，请由另一位领导批准。"))
    scheme, forms = read_documents(known.document, known.forms)
    _write(
        session,
        known,
        seen,
        {
            "forms": forms_text(whole_forms(scheme, forms)),
            "status": "adopted",
            "adopted_at": _after_the_last(session, at),
            "adopted_by_id": actor.id,
            "approval_number": number,
        },
    )
    record(session, actor, at, "scheme.approved", "scheme", version, number=number)


def authors(session: Session, version: str) -> set[int]:
    """The accounts that drafted a version or changed it."""
    made_at = session.scalar(select(SchemeVersion.imported_at).where(SchemeVersion.version == version))
    found = session.scalars(
        select(AuditEvent.actor_id).where(
            AuditEvent.subject_kind == "scheme",
            AuditEvent.subject_id == version,
            AuditEvent.action.in_(("scheme.drafted", "scheme.changed")),
            AuditEvent.actor_id.is_not(None),
            AuditEvent.at >= made_at,
        )
    )
    return {account for account in found if account is not None}


def _after_the_last(session: Session, at: datetime) -> datetime:
    """The instant of adoption; never before an earlier adoption, so that the last adopted is the last."""
    last = session.scalar(select(func.max(SchemeVersion.adopted_at)))
    return at if last is None else max(at, last + timedelta(microseconds=1))


def _draft(session: Session, version: str) -> SchemeVersion:
    known = session.get(SchemeVersion, version)
    if known is None:
        raise RuleViolation("scheme.unknown", N_("没有版本 %(version)s。"), version=version)
    if known.status != "draft":
        raise RuleViolation(
            "scheme.adopted", N_("版本 %(version)s 已经批准，不能再改；请从它另起草案。"), version=version
        )
    return known


def _expect(known: SchemeVersion, seen: str) -> None:
    if fingerprint(known.document, known.forms) != seen:
        raise _changed()


def _changed() -> Conflict:
    return Conflict(
        "scheme.changed", N_("您打开页面之后，这份草案被别人改过或者批准了。请看过新的内容再办理。")
    )


def _still(known: SchemeVersion) -> tuple[ColumnElement[bool], ...]:
    """That the row is the draft as it was read: whoever writes in between wins."""
    return (
        SchemeVersion.version == known.version,
        SchemeVersion.status == "draft",
        SchemeVersion.document == known.document,
        SchemeVersion.forms == known.forms,
    )


def _write(session: Session, known: SchemeVersion, seen: str, values: dict[str, Any]) -> None:
    _expect(known, seen)
    done = session.execute(
        update(SchemeVersion)
        .where(*_still(known))
        .values(**values)
        .returning(SchemeVersion.version)
        .execution_options(synchronize_session=False)
    )
    if done.first() is None:
        raise _changed()
    session.refresh(known)
