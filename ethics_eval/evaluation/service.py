"""Writes of schemes: the default one, an imported one, the one a semester is evaluated by."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files

from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.accounts.service import record
from ethics_eval.evaluation import queries
from ethics_eval.evaluation.bank import item_bank
from ethics_eval.evaluation.models import SchemeVersion, SemesterScheme
from ethics_eval.evaluation.rules.form import Forms, forms_text, whole_forms
from ethics_eval.evaluation.rules.scheme import Scheme, parse_scheme, scheme_text
from ethics_eval.roster.models import Semester
from ethics_eval.text import N_, RuleViolation


def import_scheme(session: Session, text: str, *, actor: Actor, at: datetime) -> Scheme:
    """Keep a scheme file; the same version with the same content again changes nothing.

    Raises: SchemeRefused: faults, each with its path; RuleViolation ``scheme.version_taken``: another scheme has
    this version (a version is never edited).
    """
    scheme = parse_scheme(text)
    document = scheme_text(scheme)
    known = session.get(SchemeVersion, scheme.version)
    if known is None:
        session.add(
            SchemeVersion(
                version=scheme.version,
                name=scheme.name,
                document=document,
                forms=forms_text(whole_forms(scheme, Forms({}, item_bank()))),
                status="adopted",
                imported_at=at,
                adopted_at=at,
            )
        )
        session.flush()
        record(session, actor, at, "scheme.imported", "scheme", scheme.version)
    elif known.status == "draft":
        raise RuleViolation(
            "scheme.is_draft",
            N_("version: 版本 %(version)s 是一份还没有批准的草案；请先批准或删除草案，或者另起版本号。"),
            version=scheme.version,
        )
    elif known.document != document:
        raise RuleViolation(
            "scheme.version_taken",
            N_("version: 版本 %(version)s 已经存在且内容不同；方案一经导入不再修改，请另起版本号。"),
            version=scheme.version,
        )
    return scheme


def load_default_scheme(session: Session, *, actor: Actor, at: datetime) -> None:
    """Keep the scheme of ranking.md, unless any is there already."""
    if queries.scheme_version(session) is None:
        text = files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8")
        import_scheme(session, text, actor=actor, at=at)


def adopt_scheme(session: Session, semester: Semester, *, actor: Actor, at: datetime) -> Scheme:
    """Fix the scheme adopted last as the semester's; one that is fixed stays.

    Raises: RuleViolation ``scheme.none``: none was ever adopted.
    """
    fixed = queries.scheme_of_semester(session, semester.code)
    if fixed is not None:
        return fixed
    newest = queries.scheme_version(session)
    if newest is None:
        raise RuleViolation("scheme.none", N_("还没有考评方案，请先导入方案。"))
    session.add(SemesterScheme(semester_code=semester.code, scheme_version=newest.version, assigned_at=at))
    session.flush()
    record(session, actor, at, "scheme.adopted", "semester", semester.code, version=newest.version)
    return parse_scheme(newest.document)
