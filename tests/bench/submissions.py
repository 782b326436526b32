"""Complaints a second, each with a photo, on both databases, beside what none can leave out: hash, picture, disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from flask import current_app
from PIL import Image
from sqlalchemy import select, text

from ethics_eval.accounts.rules import PUBLIC
from ethics_eval.complaints.evidence import Upload, prepare
from ethics_eval.complaints.models import Mailbox
from ethics_eval.complaints.rules.submission import IdentityMode, RespondentRole, Submission
from ethics_eval.complaints.submitting import HASHER, submit
from ethics_eval.database import allow_volatile_postgresql, db, transaction
from tests.bench.measuring import Measured, median_of
from tests.bench.queue import cased_city
from tests.support.databases import Place
from tests.support.postgres import running_server

LETTERS = 40
AT = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
LETTER = Submission(
    category="C06",
    respondent="王老师",
    respondent_role=RespondentRole.TEACHER,
    subject_class="三年级2班 语文",
    happened_on=None,
    place="教室",
    body="孩子说上课回答错了,被罚站在教室后面整整一节课,已经不是第一次了。" * 6,
    identity=IdentityMode.ANONYMOUS,
    pledge=True,
)


def _photo() -> bytes:
    picture = BytesIO()
    Image.effect_noise((1600, 1200), 60).convert("RGB").save(picture, "JPEG", quality=80)
    return picture.getvalue()


def _ours(photo: bytes, rounds: list[int]) -> None:
    rounds.append(len(rounds))
    folder = Path(current_app.config["INSTANCE"]) / "files"
    for number in range(LETTERS):
        files, refused = prepare([Upload("照片.jpg", photo)])
        assert not refused
        with transaction() as session:
            mailbox = session.scalars(select(Mailbox)).first()
            assert mailbox is not None
            submit(
                session,
                current_app.extensions["vault"],
                mailbox,
                LETTER,
                files,
                idempotency_key=f"bench {len(rounds)} {number} of characters",
                source="WEB",
                folder=folder,
                actor=PUBLIC,
                at=AT,
            )


def _floor(photo: bytes) -> None:
    """The verifier's hash, one decoding and encoding of the picture, two files on the disk, one durable row."""
    folder = Path(current_app.config["INSTANCE"])
    for number in range(LETTERS):
        HASHER.hash(str(number))
        copy = BytesIO()
        Image.open(BytesIO(photo)).save(copy, "JPEG", quality=85)
        for body in (photo, copy.getvalue()):
            with (folder / "floor").open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
        with db.engine.begin() as connection:
            connection.execute(text("INSERT INTO floor (body) VALUES (:body)"), {"body": LETTER.body})


def measure_submissions() -> Iterator[Measured]:
    """Forty complaints with a photo, stored durably one after the other; both databases."""
    photo = _photo()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for place in (Place(Path(folder)), Place(Path(folder), stack.enter_context(running_server()))):
            app = stack.enter_context(cased_city(place, "letters", 0))
            with app.app_context():
                with db.engine.begin() as connection:
                    connection.execute(text("CREATE TABLE floor (body TEXT)"))
                rounds: list[int] = []
                floor = median_of(lambda: _floor(photo))
                ours = median_of(_bound(photo, rounds))
                name = f"{place.kind}: {LETTERS} complaints with a photo ({LETTERS / ours:.1f} a second)"
                yield Measured(name, ours, floor, "hash, picture, disk, row")


def _bound(photo: bytes, rounds: list[int]) -> Callable[[], None]:
    return lambda: _ours(photo, rounds)


def main() -> None:
    """Print a line a measurement of submissions alone."""
    allow_volatile_postgresql()
    for measured in measure_submissions():
        print(measured, flush=True)


if __name__ == "__main__":
    main()
