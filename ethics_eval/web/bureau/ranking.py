"""A semester's ranking: the list, one teacher, the workbook."""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db
from ethics_eval.ranking import queries
from ethics_eval.ranking.queries import RankingView, Sight
from ethics_eval.roster import queries as roster_queries
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk import ranking as desk
from ethics_eval.web.request import actor

bp = Blueprint("ranking", __name__, url_prefix="/semesters/<semester_code>")


@bp.get("/ranking")
@needs(Audience.BUREAU, Permission.RANKING_READ)
def index(semester_code: str) -> ResponseReturnValue:
    """The list by place, 50 a page; a district its own, once published."""
    semester = roster_queries.semester(db.session(), semester_code)
    if semester is None:
        abort(404)
    sight = queries.sight_of(db.session(), actor())
    ranking = _asked(sight, semester_code)
    return desk.list_page(Audience.BUREAU, sight, ranking, semester=semester)


@bp.get("/ranking.xlsx")
@needs(Audience.BUREAU, Permission.RANKING_EXPORT)
def workbook(semester_code: str) -> ResponseReturnValue:
    """The workbook of the city, a district or a school."""
    sight = queries.sight_of(db.session(), actor(), Permission.RANKING_EXPORT)
    return desk.download(sight, _asked(sight, semester_code))


@bp.get("/ranking/<teacher_number>")
@needs(Audience.BUREAU, Permission.RANKING_READ)
def show(semester_code: str, teacher_number: str) -> ResponseReturnValue:
    """How one teacher's score came about."""
    sight = queries.sight_of(db.session(), actor())
    ranking = _asked(sight, semester_code)
    return desk.teacher_page(
        Audience.BUREAU, sight, ranking, teacher_number, suspended=_is_suspended(sight, teacher_number)
    )


def _is_suspended(sight: Sight, teacher_number: str) -> bool:
    """Whether the deduction is suspended by an appeal: the city's to know, as the appeal is."""
    teacher = roster_queries.teacher_by_number(db.session(), teacher_number)
    return (
        sight.before_publication
        and teacher is not None
        and bool(queries.open_appeals(db.session(), [teacher.id]))
    )


def _asked(sight: Sight, semester_code: str) -> RankingView | None:
    """The version that stands, or for the bureau the one that ``?version=`` asks for; 404: there is none such."""
    session = db.session()
    if "version" not in request.args:
        return queries.ranking_of(session, sight, semester_code)
    found = queries.version_numbered(session, sight, semester_code, request.args.get("version", 0, type=int))
    if found is None:
        abort(404)
    return found
