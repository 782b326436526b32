"""The files every page loads: the vendored as they were fetched, colours that can be read, nothing from outside."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from tests.support.tree import PACKAGE

STATIC = PACKAGE / "static"
STYLES = (STATIC / "app.css").read_text("utf-8")
OWN = sorted(path for path in STATIC.iterdir() if path.suffix in {".css", ".js", ".svg"})
VENDORED: dict[str, dict[str, str]] = json.loads((STATIC / "vendor" / "vendor.json").read_text("utf-8"))

TEXT = 4.5  # WCAG 2.2, 1.4.3
GRAPHIC = 3.0  # 1.4.11: the edges of controls, the parts of a bar

# text on ground: every pair the style sheet uses
PAIRS = [
    *((text, ground) for text in ("ink", "ink-soft", "primary", "red") for ground in ("paper", "ground")),
    *(("ink", f"{colour}-tint") for colour in ("primary", "red", "green", "amber")),
    *((colour, f"{colour}-tint") for colour in ("primary", "red", "green", "amber")),
    *((colour, "paper") for colour in ("green", "amber", "primary-deep", "red-deep")),
    ("primary-deep", "primary-tint"),
    ("ink", "line"),
    ("on-primary", "primary"),
    ("on-primary", "primary-deep"),
    ("on-red", "red"),
    ("on-red", "red-deep"),
    ("on-band", "band"),
]
PARTS = ("self", "peer", "pupil", "parent", "school", "deduction")


def tokens(selector: str) -> dict[str, str]:
    """The colours of the first block of a selector."""
    block = re.search(rf"{re.escape(selector)} \{{(.*?)\}}", STYLES, re.DOTALL)
    assert block
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1]))


LIGHT = tokens(":root")
THEMES = {"light": LIGHT, "dark": LIGHT | tokens('[data-bs-theme="dark"]')}


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, as WCAG defines it."""
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """1 (the same) to 21 (black on white)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_the_standard_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), PAIRS, ids="-on-".join)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    colours = THEMES[theme]
    assert contrast(colours[text], colours[ground]) >= TEXT


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["edge", *(f"part-{part}" for part in PARTS)])
def test_what_is_drawn_can_be_seen(theme: str, name: str) -> None:
    colours = THEMES[theme]
    assert contrast(colours[name], colours["paper"]) >= GRAPHIC


def test_the_dark_theme_names_every_colour_again() -> None:
    assert tokens('[data-bs-theme="dark"]').keys() == LIGHT.keys()


def test_every_token_that_is_used_is_given() -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", STYLES))
    given = set(re.findall(r"--([\w-]+):", STYLES))
    assert used <= given


@pytest.mark.parametrize("name", VENDORED)
def test_vendored_files_are_those_of_the_manifest(name: str) -> None:
    digest = hashlib.sha384((STATIC / "vendor" / name).read_bytes()).digest()
    entry = VENDORED[name]
    assert entry["sha384"] == base64.b64encode(digest).decode()
    assert entry["version"] in name
    assert entry["licence"]


def test_the_manifest_names_every_vendored_file() -> None:
    present = {path.name for path in (STATIC / "vendor").iterdir()}
    assert present == {*VENDORED, "vendor.json"}


def test_the_versions_are_those_the_build_asks_for() -> None:
    asked = json.loads((STATIC / "src" / "package.json").read_text("utf-8"))["dependencies"]
    assert {entry["name"]: entry["version"] for entry in VENDORED.values()} == asked


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_nothing_comes_from_outside_and_nothing_is_evaluated(path: Path) -> None:
    text = re.sub(r'xmlns="[^"]*"', "", path.read_text("utf-8"))
    assert not re.search(r"https?://|url\(|@import", text)
    assert not re.search(r"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write", text)
