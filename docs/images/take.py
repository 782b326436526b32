"""The pictures of the README: ``.venv/bin/python docs/images/take.py`` after ``make test`` has brought what it needs.

A demonstration city is made in a temporary folder and served by the program's own commands; a browser then looks at it
as its people do. Nothing of this machine and nobody real is in the pictures. ``take.py vote why`` takes those two.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.support.browser import ARGUMENTS, DESK, PHONE, chromium  # noqa: E402 - a script beside the package

COMMAND = (sys.executable, "-m", "ethics_eval")
COLOURS = 256
REPORT_HEIGHT = 530  # the figures; the charts below have gaps where a small city hides them
SEMESTER = "2025-2026-1"  # the one the demonstration publishes
HIGH: ViewportSize = {"width": 1280, "height": 2400}
Made = dict[str, Any]


@contextmanager
def city() -> Iterator[tuple[str, Made]]:
    """The address of a served demonstration city, and what is in it."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "ETHICS_EVAL_INSTANCE": folder}
        made = subprocess.run(  # noqa: S603 - our own commands
            [*COMMAND, "demo", "--json"], env=environment, stdout=subprocess.PIPE, check=True
        )
        server = subprocess.Popen(  # noqa: S603 - our own commands
            [*COMMAND, "serve", "--port", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            # accounts and mailboxes are told first; the address alone on a line is the last of it
            lines = (line.strip() for line in server.stdout or ())
            address = next(line for line in lines if line.startswith("http://") and " " not in line)
            yield address, json.loads(made.stdout)
        finally:
            server.terminate()
            server.wait()


def page_of(browser: Browser, size: ViewportSize) -> Page:
    """A page in Chinese, in daylight, on which nothing moves."""
    context = browser.new_context(
        viewport=size, locale="zh-CN", color_scheme="light", reduced_motion="reduce"
    )
    return context.new_page()


def few_colours(picture: Image.Image) -> Image.Image:
    """The picture in its 256 commonest colours: grounds and lines as they are, edges of letters nearly so."""
    points = picture.tobytes()
    counted = Counter(zip(points[::3], points[1::3], points[2::3], strict=True))
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour, _count in counted.most_common(COLOURS) for part in colour])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def keep(page: Page, name: str, clip: FloatRect | None = None) -> None:
    """The visible part of a page, or a part of that, as a small PNG."""
    page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(page.screenshot(clip=clip)))
    few_colours(picture.convert("RGB")).save(HERE / f"{name}.png", optimize=True)


def sign_in(page: Page, address: str, account: Mapping[str, Any]) -> None:
    """Sign in as one of the demonstration's people."""
    page.goto(f"{address}/login")
    page.get_by_label("账号").fill(account["username"])
    page.get_by_label("密码").fill(account["password"])
    page.locator("main").get_by_role("button").click()
    page.locator("nav").first.wait_for()
    page.wait_for_url(lambda url: not url.endswith("/login"))


def signed_in(browser: Browser, address: str, made: Made, role: str, size: ViewportSize = DESK) -> Page:
    """A page of the first of the demonstration's people with a role."""
    page = page_of(browser, size)
    sign_in(page, address, next(row for row in made["accounts"] if row["role"] == role))
    return page


def desk(browser: Browser, address: str, made: Made, size: ViewportSize = DESK) -> Page:
    """A page of the bureau's officer."""
    return signed_in(browser, address, made, "bureau_officer", size)


def keep_from(page: Page, name: str, selector: str, height: float, margin: float = 0) -> None:
    """So much of a page as begins at an element, as wide as that with a margin on both sides."""
    page.wait_for_load_state("networkidle")
    box = page.locator(selector).first.bounding_box()
    if box is not None:
        clip: FloatRect = {
            "x": box["x"] - margin,
            "y": box["y"],
            "width": box["width"] + 2 * margin,
            "height": height,
        }
        keep(page, name, clip)


# --- the pictures -------------------------------------------------------------------------------------------


def form(browser: Browser, address: str, made: Made) -> None:
    """A mailbox on a phone."""
    page = page_of(browser, PHONE)
    primary = next(row for row in made["schools"] if row["name"].endswith("小学"))
    page.goto(f"{address}/m/{primary['mailbox']}")
    page.locator("[data-next]").wait_for()  # the script has made the steps
    keep(page, "form")


def vote(browser: Browser, address: str, made: Made) -> None:
    """A parent's ballot on a phone, at its first question."""
    page = page_of(browser, PHONE)
    codes = made["ballot_codes"]
    one = next((row for row in codes if row["component"] == "parent"), codes[0])
    page.goto(f"{address}/vote/{one['code']}")
    page.locator("section.vote-teacher label").nth(1).click()
    page.evaluate("() => scrollTo(0, 0)")
    keep(page, "vote")


def queue(browser: Browser, address: str, made: Made) -> None:
    """The queue of the city."""
    page = desk(browser, address, made)
    page.goto(f"{address}/bureau/cases")
    keep(page, "queue")


def report(browser: Browser, address: str, made: Made) -> None:
    """The figures of the work report."""
    page = desk(browser, address, made)
    page.goto(f"{address}/bureau/report")
    keep(page, "report", {"x": 0, "y": 0, "width": DESK["width"], "height": REPORT_HEIGHT})


def case(browser: Browser, address: str, made: Made) -> None:
    """A case that waits for its decision."""
    page = desk(browser, address, made)
    page.goto(f"{address}/bureau/cases?status=finding_draft")
    page.locator("table a").first.click()
    keep(page, "case")


def ranking(browser: Browser, address: str, made: Made) -> None:
    """The ranking with the band of each place."""
    page = desk(browser, address, made)
    page.goto(f"{address}/bureau/semesters/{SEMESTER}/ranking")
    keep(page, "ranking")


def certainty(browser: Browser, address: str, made: Made) -> None:
    """How sure the places are."""
    page = desk(browser, address, made)
    page.goto(f"{address}/bureau/semesters/{SEMESTER}/certainty")
    keep(page, "certainty")


def dashboard(browser: Browser, address: str, made: Made) -> None:
    """A semester at a glance."""
    page = desk(browser, address, made)
    page.goto(f"{address}/bureau/semesters/{SEMESTER}/dashboard")
    page.locator(".chart svg").first.wait_for()
    keep(page, "dashboard")


def why(browser: Browser, address: str, made: Made) -> None:
    """A teacher's own score step by step: from the base on."""
    page = signed_in(browser, address, made, "teacher", HIGH)
    page.goto(f"{address}/teacher/scores/{SEMESTER}")
    keep_from(page, "why", "main", DESK["height"], margin=24)


def circular(browser: Browser, address: str, made: Made) -> None:
    """The circular as it went out."""
    page = desk(browser, address, made, HIGH)
    page.goto(f"{address}/bureau/semesters/{SEMESTER}/notice")
    keep_from(page, "circular", "article.document", 1000)


PICTURES: tuple[Callable[[Browser, str, Made], None], ...] = (
    form,
    vote,
    case,
    queue,
    report,
    ranking,
    certainty,
    dashboard,
    why,
    circular,
)


def main() -> None:
    """Make the city, look at it."""
    wanted = sys.argv[1:] or [picture.__name__ for picture in PICTURES]
    with city() as (address, made), sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        for picture in PICTURES:
            if picture.__name__ in wanted:
                picture(browser, address, made)
        browser.close()


if __name__ == "__main__":
    main()
