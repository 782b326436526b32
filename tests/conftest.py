"""Fixtures of the whole suite: both databases, the application, the served instance, the browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from ethics_eval.database import allow_volatile_postgresql, driver_url, engine_options, prepare_engine
from tests.support import browser as browser_support
from tests.support.databases import DATABASES, Place
from tests.support.postgres import Server, running_server
from tests.support.server import Served, serving


def pytest_configure() -> None:
    """The suite's PostgreSQL trades durability for speed; hypothesis is not hurried by a busy machine."""
    allow_volatile_postgresql()
    # CI must answer the same twice; elsewhere each run looks for new counter-examples
    settings.register_profile(
        "suite",
        deadline=None,
        derandomize="CI" in os.environ,
        suppress_health_check=[HealthCheck.too_slow],  # it is the machine that is slow
    )
    settings.load_profile("suite")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys share one worker (and its city); tests of rules may not know a database."""
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.xdist_group("journeys"))
        is_pure = item.path.name.startswith("test_rules") or "rules" in item.path.parts
        if is_pure and "database_url" in getattr(item, "fixturenames", ()):
            raise pytest.UsageError(f"{item.nodeid}: rules are pure, their tests use no database")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test may be skipped for want of ../shared only; whatever else is missing fails the run."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and "../shared" not in str(report.longrepr):
        report.outcome = "failed"
    return report


def _application() -> ModuleType:
    """The application's side of the fixtures, imported when asked for: tests of rules start without it."""
    return import_module("tests.support.application")


# --- databases ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server for this process of the suite."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session", params=DATABASES)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Where databases are made; every test that reaches it runs on SQLite and on PostgreSQL."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    return Place(tmp_path_factory.mktemp(request.param), server)


@pytest.fixture(scope="session")
def database_url(place: Place) -> str:
    """An empty database, brought to the newest schema by Alembic. Whoever writes to it takes it back."""
    url = place.create("migrated")
    _application().migrate(url, place.folder / "migrating")
    return url


@pytest.fixture(scope="session")
def prepared_url(place: Place, database_url: str) -> str:
    """A database as ``db upgrade`` leaves it, with what every instance has from the start; to be copied."""
    url = place.create("prepared", database_url)
    _application().prepare(url, place.folder / "preparing")
    return url


@pytest.fixture(scope="session")
def engine(place: Place, database_url: str) -> Iterator[Engine]:
    """An engine as the application makes it, on a migrated, empty database."""
    url = driver_url(place.create("sessions", database_url))
    made = create_engine(url, **engine_options(url))
    prepare_engine(made)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on an empty database; its commits are savepoints, and all of it is undone at the end."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as made:
            yield made
        outer.rollback()


# --- the application ----------------------------------------------------------------------------------------


@pytest.fixture
def app(place: Place, prepared_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database and in an instance folder of its own, as ``db upgrade`` leaves them."""
    with place.copy(prepared_url) as url, _application().application(url, tmp_path / "instance") as made:
        yield made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A plain HTTP client of ``app``; it keeps cookies and must send the form's token like any browser."""
    return app.test_client()


@pytest.fixture
def served(app: Flask) -> Iterator[Served]:
    """``app`` under the real server on a port of this machine."""
    with serving(app) as made:
        yield made


@pytest.fixture(scope="session")
def city_place(place: Place, prepared_url: str) -> tuple[str, Path]:
    """A small city (``tests.support.city``): its database's URL and its instance folder; to be copied."""
    instance = place.folder / "city"
    url = place.create("city", prepared_url)
    with _application().application(url, instance) as app:
        import_module("tests.support.city").found(app)
    return url, instance


@pytest.fixture
def city(place: Place, city_place: tuple[str, Path], tmp_path: Path) -> Iterator[Flask]:
    """The application on a small city of its own: an account of every role, three schools with mailboxes."""
    template, instance = city_place
    shutil.copytree(instance, tmp_path / "instance")
    with place.copy(template) as url, _application().application(url, tmp_path / "instance") as made:
        yield made


@pytest.fixture(scope="session")
def lettered_place(place: Place, city_place: tuple[str, Path]) -> tuple[str, Path]:
    """The small city with one new letter, two decided ones and a published semester; to be copied."""
    instance = place.folder / "lettered"
    shutil.copytree(city_place[1], instance)
    url = place.create("lettered", city_place[0])
    with _application().application(url, instance) as app:
        city = import_module("tests.support.city")
        city.certify(app)
        city.publish_semester(app)
        city.decide_cases(app)
        city.file_letter(app)
        city.ask_posters(app)
        city.draft_next_scheme(app)
    return url, instance


@pytest.fixture
def lettered_city(place: Place, lettered_place: tuple[str, Path], tmp_path: Path) -> Iterator[Flask]:
    """The application on a small city with one letter, a photo with it, and a published semester."""
    template, instance = lettered_place
    shutil.copytree(instance, tmp_path / "instance")
    with place.copy(template) as url, _application().application(url, tmp_path / "instance") as made:
        yield made


# --- the browser --------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium; without one the journey fails and says what to install."""
    path = browser_support.chromium()
    if path is None:
        pytest.fail("the journeys need Chromium: run `make test`, or apt-get install chromium", pytrace=False)
    return {**browser_type_launch_args, "executable_path": path, "args": list(browser_support.ARGUMENTS)}


@pytest.fixture(params=[browser_support.PHONE, browser_support.DESK], ids=["390px", "1280px"])
def viewport(request: pytest.FixtureRequest) -> ViewportSize:
    """The window's size in CSS pixels: a phone's, then a desk's."""
    size: ViewportSize = request.param
    return size


@pytest.fixture
def context(browser: Browser, served: Served, viewport: ViewportSize) -> Iterator[BrowserContext]:
    """A visitor's browser on ``served``; at the end no page may have broken the CSP or complained."""
    phone = viewport["width"] < 600
    made = browser.new_context(
        base_url=served.url, viewport=viewport, locale="zh-CN", has_touch=phone, is_mobile=phone
    )
    with browser_support.watched(made, served.url):
        yield made
        made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """The visitor's first page; ``page.goto("/")`` opens the served instance."""
    return context.new_page()
