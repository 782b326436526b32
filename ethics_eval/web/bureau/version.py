"""The versions of a semester's ranking: what each put right, why and by whom, and what differs between two."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from ethics_eval.accounts.rules import Permission
from ethics_eval.database import db
from ethics_eval.ranking import queries
from ethics_eval.ranking.queries import VersionView
from ethics_eval.roster import queries as roster_queries
from ethics_eval.web.access import Audience, needs
from ethics_eval.web.request import actor

bp = Blueprint("version", __name__, url_prefix="/semesters/<semester_code>/versions")


@bp.get("")
@needs(Audience.BUREAU, Permission.RANKING_VERIFY)
def index(semester_code: str) -> ResponseReturnValue:
    """All versions, the newest first; two of them compared: the newest with the one before, unless asked otherwise."""
    session = db.session()
    semester = roster_queries.semester(session, semester_code)
    sight = queries.sight_of(session, actor())
    versions = queries.all_versions(session, sight, semester_code)
    if semester is None or not versions:
        abort(404)
    after = _asked(versions, "after", versions[0])
    earlier = [version for version in versions if version.version < after.version]
    before = _asked(versions, "before", earlier[0]) if earlier else None
    return render_template(
        "bureau/version/index.html",
        semester=semester,
        versions=versions,
        before=before,
        after=after,
        difference=None if before is None else queries.difference(session, sight, before.id, after.id),
    )


def _asked(versions: list[VersionView], name: str, usual: VersionView) -> VersionView:
    wanted = request.args.get(name, type=int)
    return next((version for version in versions if version.version == wanted), usual)
