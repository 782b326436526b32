"""Pages for everyone: find a school, complain, keep the code, track."""

from __future__ import annotations

from flask import Blueprint

from ethics_eval.web.public import (
    claim,
    health,
    home,
    language,
    mailbox,
    receipt,
    suggestion,
    track,
    verify,
    vote,
)

bp = Blueprint("public", __name__)
for part in (
    home.bp,
    mailbox.bp,
    suggestion.bp,
    receipt.bp,
    verify.bp,
    track.bp,
    vote.bp,
    claim.bp,
    language.bp,
    health.bp,
):
    bp.register_blueprint(part)
