"""For operators: is the process alive, can it serve."""

from __future__ import annotations

import shutil

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from ethics_eval.database import db, is_reachable
from ethics_eval.web.access import public

bp = Blueprint("health", __name__)

LEAST_FREE_BYTES = 200 * 1024 * 1024


@bp.get("/healthz")
@public
def live() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "ok"}


@bp.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Database reachable and migrated, disk not full; 503 names what is not."""
    checks = {"database": False, "migrated": False, "disk": False}
    try:
        checks["database"] = is_reachable(db.session())
        folder = Config()
        folder.set_main_option("script_location", current_app.extensions["migrate"].directory)
        heads = set(ScriptDirectory.from_config(folder).get_heads())
        with db.engine.connect() as connection:
            checks["migrated"] = set(MigrationContext.configure(connection).get_current_heads()) == heads
    except SQLAlchemyError:
        current_app.logger.warning("database not reachable")
    checks["disk"] = shutil.disk_usage(current_app.config["INSTANCE"]).free > LEAST_FREE_BYTES
    well = all(checks.values())
    return {"status": "ok" if well else "unready", **checks}, 200 if well else 503
