"""The pages of the application, and addresses under which they are there in the small city."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from ethics_eval.complaints.models import Case, Clearance, Complaint, Evidence, Finding, Remedy
from ethics_eval.database import db
from ethics_eval.ethics_file.models import Certificate
from ethics_eval.evaluation.models import SchemeVersion
from ethics_eval.notices.models import Notice
from ethics_eval.ranking.models import Objection, Ranking
from ethics_eval.roster.models import Teacher
from ethics_eval.tasks.models import Task
from tests.support.city import SCHOOLS, mailbox_code


def _letter(session: Session) -> object:
    """The letter to the first teacher: open to the teacher, the head of the first school, and the city."""
    return session.scalars(
        select(Notice.id).join(Teacher, Teacher.id == Notice.teacher_id).order_by(Teacher.number, Notice.kind)
    ).first()


def _decided(session: Session) -> object:
    """The case with most to show: decided on the first teacher, with a measure and an open 复核."""
    return session.scalars(select(Case.number).join(Finding).join(Remedy)).first()


# A value that is there, for each parameter of a path.
PARAMETERS: Mapping[str, Callable[[Session], object]] = {
    "mailbox_code": mailbox_code,
    "semester_code": lambda session: session.scalars(select(Ranking.semester_code)).first(),
    # a draft, where there is one: its pages show most
    "scheme_version": lambda session: session.scalars(
        select(SchemeVersion.version).order_by(SchemeVersion.status.desc())
    ).first(),
    "teacher_number": lambda session: session.scalars(
        select(Teacher.number).order_by(Teacher.number)
    ).first(),
    "notice_id": _letter,
    "template_kind": lambda _session: "circular",
    "number": _decided,
    "viewer": lambda _session: "complainant",
    "task_id": lambda session: session.scalars(
        select(Task.id).where(Task.requested_by_id.is_not(None))
    ).first(),
    "redaction_id": lambda _session: "0" * 32,
    "request_id": lambda _session: "0" * 32,
    "evidence_id": lambda session: session.scalars(
        select(Evidence.id).join(Complaint).join(Case).where(Case.number == _decided(session))
    ).first(),
    "remedy_id": lambda session: session.scalars(select(Remedy.id)).first(),
    "code": lambda _session: "0" * 12,
    "group_id": lambda _session: "0" * 32,
    "component": lambda _session: "peer",
    "objection_id": lambda session: session.scalars(select(Objection.id)).first(),
    "certificate_number": lambda session: session.scalars(select(Certificate.number)).first(),
    "clearance_id": lambda session: session.scalars(select(Clearance.id)).first(),
}

# Pages that are about something their query names.
QUERIES: Mapping[str, Mapping[str, str]] = {"bureau.filing.new": {"school": SCHOOLS[0][0]}}


def pages(app: Flask) -> Iterator[Rule]:
    """Every route that can be looked at, static files aside."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static" and "GET" in (rule.methods or ()):
            yield rule


def path_of(app: Flask, rule: Rule) -> str:
    """A path of the route with parameters that are there."""
    with app.app_context():
        values = {name: PARAMETERS[name](db.session()) for name in rule.arguments}
        db.session.remove()
    values |= QUERIES.get(rule.endpoint, {})
    return str(app.url_map.bind("localhost").build(rule.endpoint, values))
