"""The front page: find a school by name, pinyin or initials; track; how it works."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ethics_eval.complaints import queries
from ethics_eval.database import db
from ethics_eval.roster import queries as roster_queries
from ethics_eval.web.access import public

bp = Blueprint("home", __name__)

LIMIT = 20


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    """Search results link to the mailboxes."""
    text = request.args.get("q", "").strip()[:60]
    district = request.args.get("district", "")
    session = db.session()
    schools = (
        roster_queries.find_schools(session, text, district or None, limit=LIMIT) if text or district else []
    )
    codes = queries.mailbox_codes(session, [school.id for school in schools])
    return render_template(
        "public/home/index.html",
        text=text,
        district=district,
        districts=roster_queries.districts(session),
        results=[(school, codes[school.id]) for school in schools if school.id in codes],
        searched=bool(text or district),
        limit=LIMIT,
        carrying="carry" in request.args,
    )


@bp.get("/how")
@public
def how() -> ResponseReturnValue:
    """What happens to a complaint, and which other ways there are."""
    return render_template("public/home/how.html")


@bp.get("/privacy")
@public
def privacy() -> ResponseReturnValue:
    """Who processes personal data, what for, how long, and whose rights (个人信息保护法 arts. 17, 30)."""
    return render_template("public/home/privacy.html")
