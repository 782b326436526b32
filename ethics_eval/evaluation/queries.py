"""Reads of schemes: the one that holds, and the list of all with who made and who adopted them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from ethics_eval.accounts.models import Account
from ethics_eval.evaluation.bank import item_bank
from ethics_eval.evaluation.models import SchemeVersion, SemesterScheme
from ethics_eval.evaluation.rules.form import Forms, fingerprint, parse_forms
from ethics_eval.evaluation.rules.scheme import Scheme, parse_scheme
from ethics_eval.roster.models import Semester


def scheme_version(session: Session, version: str | None = None) -> SchemeVersion | None:
    """The scheme of a version; the one adopted last where none is named. None: there is none."""
    if version is not None:
        return session.get(SchemeVersion, version)
    return session.scalars(
        select(SchemeVersion)
        .where(SchemeVersion.adopted_at.is_not(None))
        .order_by(SchemeVersion.adopted_at.desc(), SchemeVersion.version.desc())
        .limit(1)
    ).first()


def scheme_of_semester(session: Session, semester_code: str) -> Scheme | None:
    """The scheme a semester is evaluated by; None until it is opened."""
    found = session.scalar(
        select(SchemeVersion.document)
        .join(SemesterScheme, SemesterScheme.scheme_version == SchemeVersion.version)
        .where(SemesterScheme.semester_code == semester_code)
    )
    return None if found is None else parse_scheme(found)


def forms_of_semester(session: Session, semester_code: str) -> Forms:
    """The words of the items a semester is evaluated by; the built-in ones alone until it is opened."""
    found = session.scalar(
        select(SchemeVersion.forms)
        .join(SemesterScheme, SemesterScheme.scheme_version == SchemeVersion.version)
        .where(SemesterScheme.semester_code == semester_code)
    )
    return parse_forms(found or "{}", item_bank())


@dataclass(frozen=True)
class SchemeLine:
    """A version in the list. ``semesters``: names of those evaluated by it, the latest first."""

    version: str
    name: str
    is_draft: bool
    base_version: str | None
    made_at: datetime
    changed_at: datetime | None
    drafted_by: str
    adopted_at: datetime | None
    adopted_by: str
    approval_number: str
    semesters: tuple[str, ...]


@dataclass(frozen=True)
class SchemeView:
    """A version with its content; ``fingerprint``: of what is shown, for who changes it."""

    line: SchemeLine
    scheme: Scheme
    forms: Forms
    fingerprint: str


def schemes(session: Session, *, drafts: bool) -> list[SchemeLine]:
    """All versions, drafts first, then the one adopted last. ``drafts``: whether the reader sees them."""
    return [line for line, _row in _lines(session, drafts=drafts)]


def scheme_view(session: Session, version: str, *, drafts: bool) -> SchemeView | None:
    """One version; None: unknown, or a draft the reader does not see."""
    found = next(iter(_lines(session, drafts=drafts, version=version)), None)
    if found is None:
        return None
    line, row = found
    return SchemeView(
        line,
        parse_scheme(row.document),
        parse_forms(row.forms, item_bank()),
        fingerprint(row.document, row.forms),
    )


def _lines(
    session: Session, *, drafts: bool, version: str | None = None
) -> list[tuple[SchemeLine, SchemeVersion]]:
    drafter, adopter = aliased(Account), aliased(Account)
    query = (
        select(SchemeVersion, drafter.display_name, adopter.display_name)
        .outerjoin(drafter, drafter.id == SchemeVersion.drafted_by_id)
        .outerjoin(adopter, adopter.id == SchemeVersion.adopted_by_id)
        .order_by(
            SchemeVersion.adopted_at.is_not(None),
            SchemeVersion.adopted_at.desc(),
            SchemeVersion.version.desc(),
        )
    )
    if not drafts:
        query = query.where(SchemeVersion.status == "adopted")
    if version is not None:
        query = query.where(SchemeVersion.version == version)
    used: dict[str, list[str]] = {}
    for scheme, semester in session.execute(
        select(SemesterScheme.scheme_version, Semester.name)
        .join(Semester, Semester.code == SemesterScheme.semester_code)
        .order_by(Semester.starts_on.desc())
    ):
        used.setdefault(scheme, []).append(semester)
    return [
        (
            SchemeLine(
                row.version,
                row.name,
                row.status == "draft",
                row.base_version,
                row.imported_at,
                row.changed_at,
                drafted_by or "",
                row.adopted_at,
                adopted_by or "",
                row.approval_number,
                tuple(used.get(row.version, ())),
            ),
            row,
        )
        for row, drafted_by, adopted_by in session.execute(query)
    ]
