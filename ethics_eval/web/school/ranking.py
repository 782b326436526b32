"""The school's own part of published rankings: the list, one teacher, the workbook."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db
from ethics_eval.ranking import queries
from ethics_eval.ranking.queries import RankingView, Sight
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.desk import ranking as desk
from ethics_eval.web.request import actor

bp = Blueprint("ranking", __name__)


def _chosen(sight: Sight) -> tuple[RankingView | None, list[RankingView]]:
    """The ranking of ``?semester=``, the newest without; and all that are published."""
    published = queries.rankings(db.session(), sight)
    code = request.args.get("semester", "")
    wanted = [ranking for ranking in published if code in {"", ranking.semester_code}]
    return (wanted[0] if wanted else None), published


@bp.get("/ranking")
@needs(Audience.SCHOOL, Permission.RANKING_READ)
def index() -> ResponseReturnValue:
    """The school's teachers by place."""
    sight = queries.sight_of(db.session(), actor())
    ranking, published = _chosen(sight)
    return desk.list_page(Audience.SCHOOL, sight, ranking, published=published)


@bp.get("/ranking.xlsx")
@needs(Audience.SCHOOL, Permission.RANKING_EXPORT)
def workbook() -> ResponseReturnValue:
    """The workbook of the school's own teachers."""
    sight = queries.sight_of(db.session(), actor(), Permission.RANKING_EXPORT)
    return desk.download(sight, _chosen(sight)[0])


@bp.get("/ranking/<teacher_number>")
@needs(Audience.SCHOOL, Permission.RANKING_READ)
def show(teacher_number: str) -> ResponseReturnValue:
    """How the score of one of the school's teachers came about."""
    sight = queries.sight_of(db.session(), actor())
    return desk.teacher_page(Audience.SCHOOL, sight, _chosen(sight)[0], teacher_number)
