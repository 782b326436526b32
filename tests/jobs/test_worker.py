"""The worker: leftovers are set aside, ticks go on whatever happens, and it stops when told."""

from __future__ import annotations

import os
import threading
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ethics_eval.complaints.models import Evidence
from ethics_eval.database import db, transaction
from ethics_eval.jobs import worker
from ethics_eval.vault.cipher import Cipher, new_key
from ethics_eval.vault.files import write_sealed


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_files_no_row_names_are_set_aside_when_old(lettered_city: Flask) -> None:
    instance = Path(lettered_city.config["INSTANCE"])
    folder = instance / "files"
    with lettered_city.app_context():
        kept = names(folder)
        assert kept, "the letter has a photo"
        assert set(db.session.scalars(select(Evidence.id))) <= kept
        db.session.remove()
        for name in ("a" * 32, "b" * 32 + "v"):
            write_sealed(folder, name, b"left behind", Cipher(new_key()))
        part = folder / "cc" / ("c" * 32 + ".part")
        part.parent.mkdir(exist_ok=True)  # folders go by the name's beginning: the photo may have made it
        part.write_bytes(b"half of one")
        young = write_sealed(folder, "d" * 32, b"on its way", Cipher(new_key()))
        now = datetime.now(UTC)
        long_ago = (now - timedelta(hours=2)).timestamp()
        for path in folder.rglob("*"):
            if path.is_file() and path != young:
                os.utime(path, (long_ago, long_ago))
        assert worker.set_files_aside(transaction, instance, at=now) == 3
        assert names(folder) == kept | {young.name}
        assert worker.set_files_aside(transaction, instance, at=now) == 0
        assert len(names(instance / "files.unnamed")) == 3


def test_it_outlives_a_database_that_is_away_and_stops_when_told(app: Flask) -> None:
    instance = Path(app.config["INSTANCE"])
    stop = threading.Event()
    tries = []

    def away() -> AbstractContextManager[Session]:
        tries.append(1)
        stop.set()
        raise OperationalError("SELECT 1", {}, Exception("the server is away"))

    with app.app_context():
        worker.run(away, clock=lambda: datetime.now(UTC), instance=instance, stop=stop)
    assert tries == [1]
