"""Reads of schemes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.evaluation.bank import item_bank
from ethics_eval.evaluation.models import SchemeVersion, SemesterScheme
from ethics_eval.evaluation.rules.form import Forms, parse_forms
from ethics_eval.evaluation.rules.scheme import Scheme, parse_scheme


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
