"""Chromium for the journeys: where it is, how it is started, what is held against a page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, ViewportSize

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 900}

# No talk with the browser's maker: a journey's only traffic is its own.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # a microphone that hums, so that a voice can be recorded where there is none
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)

_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", event =>
    console.error(`CSP: ${event.effectiveDirective} refused ${event.blockedURI} ${event.sourceFile}`));
"""


def chromium() -> str | None:
    """The browser's path: ``EE_CHROMIUM``, else one of the system's."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("EE_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


class Complaints(list[str]):
    """What a context's pages did wrong: CSP violations, errors on the console, failed or foreign requests."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._host = urlsplit(base_url).netloc

    def watch(self, context: BrowserContext) -> None:
        """Listen to every page the context opens."""
        context.add_init_script(_REPORT_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.append(f"uncaught: {error.error}"))
        context.on("request", lambda request: self._request(request.url))
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # "Failed to load resource" repeats what _response judges better: a 422 page is no error
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.append(f"console: {message.text} at {message.location.get('url', '')}")

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob", "about"} and parts.netloc != self._host:
            self.append(f"foreign request: {url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type not in {"document", "xhr", "fetch"}:
            self.append(f"{response.status} for {response.url}")


@contextmanager
def watched(context: BrowserContext, base_url: str) -> Iterator[BrowserContext]:
    """A context whose pages must stay blameless. Raises: AssertionError: at the end, with what went wrong."""
    complaints = Complaints(base_url)
    complaints.watch(context)
    yield context
    assert not complaints, "\n".join(complaints)


def assert_accessible(page: Page, **options: Any) -> None:
    """No finding of axe-core (WCAG A and AA, best practices). ``options`` go to ``axe.run``."""
    page.wait_for_load_state()  # a page that is just being opened is not whole
    page.locator("h1").first.wait_for(state="attached")
    page.emulate_media(reduced_motion="reduce")  # a colour on its way to another is nobody's colour
    results = Axe().run(page, options=options or None)
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"
