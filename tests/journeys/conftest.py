"""Fixtures of the journeys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.support.people import WAIT, People
from tests.support.server import Served

expect.set_options(timeout=WAIT)  # a busy machine is slow, not wrong


@pytest.fixture
def people(browser: Browser, served: Served, viewport: ViewportSize) -> Iterator[People]:
    """Everyone of a journey; when it ends, every page they opened must have been blameless."""
    found = People(browser, served, viewport)
    yield found
    found.leave()
