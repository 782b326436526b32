"""The pictures of the README: ``.venv/bin/python docs/images/take.py`` after ``make test`` has brought what it needs.

A demonstration city is made in a temporary folder and served by the program's own commands; a browser then looks at it
as its people do. Nothing of this machine and nobody real is in the pictures.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
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


@contextmanager
def city() -> Iterator[tuple[str, dict[str, Any]]]:
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
    """A page in Chinese, in daylight."""
    context = browser.new_context(viewport=size, locale="zh-CN", color_scheme="light")
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


def sign_in(page: Page, address: str, made: dict[str, Any], username: str) -> None:
    """Sign in as one of the demonstration's people."""
    account = next(row for row in made["accounts"] if row["username"] == username)
    page.goto(f"{address}/login")
    page.get_by_label("账号").fill(account["username"])
    page.get_by_label("密码").fill(account["password"])
    page.locator("main").get_by_role("button").click()
    page.wait_for_url("**/bureau/**")


def take(browser: Browser, address: str, made: dict[str, Any]) -> None:
    """All pictures, in the order of the README."""
    phone = page_of(browser, PHONE)
    primary = next(row for row in made["schools"] if row["name"].endswith("小学"))
    phone.goto(f"{address}/m/{primary['mailbox']}")
    phone.locator("[data-next]").wait_for()  # the script has made the steps
    keep(phone, "form")
    desk = page_of(browser, DESK)
    sign_in(desk, address, made, "bureau")
    desk.goto(f"{address}/bureau/cases")
    keep(desk, "queue")
    desk.goto(f"{address}/bureau/report")
    keep(desk, "report", {"x": 0, "y": 0, "width": DESK["width"], "height": REPORT_HEIGHT})
    desk.goto(f"{address}/bureau/cases?status=finding_draft")
    desk.locator("table a").first.click()
    keep(desk, "case")
    desk.goto(f"{address}/bureau/semesters/{SEMESTER}/ranking")
    keep(desk, "ranking")
    desk.set_viewport_size({"width": 1280, "height": 2400})
    desk.goto(f"{address}/bureau/semesters/{SEMESTER}/notice")
    box = desk.locator("article.document").bounding_box()
    if box is not None:
        keep(desk, "circular", {"x": box["x"], "y": box["y"], "width": box["width"], "height": 1000})


def main() -> None:
    """Make the city, look at it."""
    with city() as (address, made), sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        take(browser, address, made)
        browser.close()


if __name__ == "__main__":
    main()
