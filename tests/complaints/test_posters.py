"""Posters: every school's name and address on its own page, and the very QR code of its signed address."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from flask import Flask, current_app
from pypdf import PdfReader
from sqlalchemy.orm import Session

from ethics_eval.complaints import posters as subject
from ethics_eval.complaints.posters import (
    QUIET_MODULES,
    SHEAF,
    PaperSize,
    Poster,
    drawing,
    posters,
    write_posters,
)
from ethics_eval.database import db
from ethics_eval.jobs.kinds import Means, poster_layout, poster_styles
from ethics_eval.printing import Printer
from ethics_eval.text import RuleViolation
from ethics_eval.vault.service import Vault
from tests.support.city import SCHOOLS

BASE = "https://sdsf.example.org"
POINTS = {PaperSize.A4: (595, 842), PaperSize.A5: (420, 595)}
LONGEST = "株洲师范高等专科学校附属湖南工业大学实验九年一贯制学校(原株洲市第二十三中学)东校区&<幼儿园>"


def poster(number: int, school: str = "") -> Poster:
    code = f"m{number:011}"
    address = f"{BASE}/m/{code}"
    return Poster(code, school or f"荷塘区第{number}小学", address, f"{address}?via=qr&s={'a' * 26}")


def written(
    app: Flask, wanted: list[Poster], size: PaperSize = PaperSize.A4
) -> tuple[PdfReader, list[tuple[int, int]]]:
    out = Path(app.config["INSTANCE"]) / "posters.pdf"
    told: list[tuple[int, int]] = []
    with app.app_context():
        means = Means(app.extensions["vault"], current_app.config, current_app.jinja_env)
        write_posters(
            wanted,
            out,
            size=size,
            layout=poster_layout(means),
            styles=poster_styles(),
            tell=lambda done, total: told.append((done, total)),
        )
    return PdfReader(io.BytesIO(out.read_bytes())), told


def modules(page: object, target: str) -> set[tuple[int, int]]:
    """The dark modules drawn on a page, (column, row) from above, without the quiet zone."""
    found = re.findall(
        rb"([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re",
        page.get_contents().get_data().split(b"q 0 g")[1],  # type: ignore[attr-defined]
    )
    runs = [tuple(map(float, run)) for run in found]
    side = runs[0][3]
    left, top = min(run[0] for run in runs), min(run[1] for run in runs)
    return {
        (round((x - left) / side) + step, round((y - top) / side))
        for x, y, width, _height in runs
        for step in range(round(width / side))
    }


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize("size", list(PaperSize))
def test_each_school_has_its_page_in_order(app: Flask, size: PaperSize) -> None:
    wanted = [poster(number) for number in range(1, SHEAF + 3)] + [poster(0, LONGEST)]
    reader, told = written(app, wanted, size)
    assert len(reader.pages) == len(wanted)
    assert told == [(0, len(wanted)), (SHEAF, len(wanted)), (len(wanted), len(wanted))]
    for page, one in zip(reader.pages, wanted, strict=True):
        said = page.extract_text().replace("\n", "")
        assert one.school in said
        assert one.address in said
        for words in ("师德师风投诉信箱", "扫一扫", "可以匿名", "110", "株洲市教育局"):
            assert words in said, words
        assert (round(page.mediabox.width), round(page.mediabox.height)) == POINTS[size]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_code_drawn_is_the_code_of_the_address(app: Flask) -> None:
    wanted = [poster(1), poster(2)]
    reader, _told = written(app, wanted)
    for page, one in zip(reader.pages, wanted, strict=True):
        matrix = drawing(one.target).matrix
        dark = {(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
        assert modules(page, one.target) == dark
    assert modules(reader.pages[0], "") != modules(reader.pages[1], "")
    assert QUIET_MODULES == 4  # ISO/IEC 18004


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_breaks_off_breaks_off(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "SHEAF", 2)

    class Stop(Exception):
        pass

    def tell(done: int, _total: int) -> None:
        if done:
            raise Stop

    out = Path(app.config["INSTANCE"]) / "posters.pdf"
    wanted = [poster(number) for number in range(6)]
    with app.app_context():
        means = Means(app.extensions["vault"], current_app.config, current_app.jinja_env)
        layout, styles = poster_layout(means), poster_styles()
        with pytest.raises(Stop):
            write_posters(wanted, out, size=PaperSize.A5, layout=layout, styles=styles, tell=tell)
    assert not out.exists()


def test_whose_posters(city: Flask) -> None:
    with city.app_context():
        session, vault = db.session(), city.extensions["vault"]
        every = posters(session, vault, BASE)
        assert [one.school for one in every] == [name for _code, name, *_rest in SCHOOLS]
        assert all(one.target.startswith(f"{one.address}?via=qr&s=") for one in every)
        assert posters(session, vault, BASE, district="430202") == every[:2]
        assert posters(session, vault, BASE, school=SCHOOLS[2][0]) == every[2:]
        with pytest.raises(RuleViolation) as refused:
            posters(session, vault, BASE, district="430281", school=SCHOOLS[0][0])
        assert refused.value.code == "poster.none"


def test_an_empty_city_has_none(session: Session) -> None:
    with pytest.raises(RuleViolation):
        posters(session, Vault(bytes(32)), BASE)


def test_nothing_is_fetched_for_a_page(tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("p::after { content: 'SECRET' }")
    page = (
        f'<link rel="stylesheet" href="{secret.as_uri()}"><img src="http://127.0.0.1:9/x.png">'
        f'<object data="{secret.as_uri()}"></object><p>Plain</p>'
    )
    reader = PdfReader(io.BytesIO(Printer("").print(page)))
    assert reader.pages[0].extract_text().strip() == "Plain"
