"""A small demonstration city, built once per database at a fixed working day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask_security.utils import hash_password

from ethics_eval.database import transaction
from ethics_eval.demo.city import City, build
from tests.support.application import application
from tests.support.databases import Place

AT = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)  # a Tuesday afternoon in the city
SCHOOLS, TEACHERS, SEMESTER = 60, 900, "2025-2026-1"


@dataclass(frozen=True)
class Founded:
    """A database with the city, and what its builder told of it."""

    url: str
    instance: Path
    city: City
    statuses: dict[str, str]  # query code → status


def found(place: Place, prepared_url: str, name: str, *, seed: int = 1) -> Founded:
    url, instance = place.create(name, prepared_url), place.folder / name
    with application(url, instance) as app, app.app_context(), transaction() as session:
        city = build(
            session,
            app.extensions["vault"],
            school_count=SCHOOLS,
            teacher_count=TEACHERS,
            semester_code=SEMESTER,
            seed=seed,
            at=AT,
            instance=instance,
            hash_password=hash_password,
        )
        statuses = {one.query_code: one.case.status for one in city.sent}
    return Founded(url, instance, city, statuses)


@pytest.fixture(scope="session")
def founded(place: Place, prepared_url: str) -> Founded:
    """The small city; tests read it, and write to copies only."""
    return found(place, prepared_url, "demonstration")
