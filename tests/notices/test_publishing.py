"""The files of a publication: built whole, with their checksums; served when they hold what is asked; never missed."""

from __future__ import annotations

import hashlib
import json
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.notices import publishing
from ethics_eval.notices.models import Notice
from ethics_eval.notices.paper import FileKind
from ethics_eval.notices.publishing import ask_missing, build_files, folder_of, workbook_file
from ethics_eval.ranking import exporting
from ethics_eval.ranking.models import Ranking
from ethics_eval.ranking.queries import RankingView, ranking_of, sight_of
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.tasks.models import Task
from tests.notices.samples import press
from tests.support.ranked import SEMESTER, RankedCity, step_at
from tests.support.refusals import refused

HOUR = timedelta(hours=1)


@pytest.fixture
def published(city: RankedCity) -> RankedCity:
    """The city with its semester published."""
    city.lead_to(Step.PUBLISH)
    return city


def build(city: RankedCity, tmp_path: Path, version: int = 1) -> list[tuple[int, int]]:
    """Build the files; what was told meanwhile."""
    said: list[tuple[int, int]] = []
    build_files(
        lambda: nullcontext(city.session),
        tmp_path,
        press(tmp_path),
        semester_code=SEMESTER,
        version=version,
        tell=lambda done, total: said.append((done, total)),
    )
    return said


def view(city: RankedCity, actor: Actor) -> RankingView:
    found = ranking_of(city.session, sight_of(city.session, actor), SEMESTER)
    assert found is not None
    return found


def asked(session: Session) -> list[Task]:
    return list(session.scalars(select(Task).where(Task.kind == "published_files")))


def test_publication_asks_for_its_files(session: Session, published: RankedCity) -> None:
    (task,) = asked(session)
    assert json.loads(task.params) == {"semester": SEMESTER, "version": 1}
    assert (task.state, task.requested_by_id) == ("waiting", None)


def test_the_files_are_there_whole_with_their_checksums(published: RankedCity, tmp_path: Path) -> None:
    said = build(published, tmp_path)
    assert said == [(done, 12) for done in range(13)]
    folder = folder_of(tmp_path, SEMESTER, 1)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert set(manifest["sha256"]) == {path.name for path in folder.iterdir()} - {"manifest.json"}
    assert len(manifest["sha256"]) == 12
    for name, sha256 in manifest["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    first = {path.name: path.read_bytes() for path in folder.glob("*.xlsx")}
    build(published, tmp_path)  # once more, over what is there: the same workbooks
    assert {path.name: path.read_bytes() for path in folder.glob("*.xlsx")} == first
    city = load_workbook(folder / "city.xlsx", read_only=True)
    assert published.teachers[0].name in str(list(city.worksheets[0].values))
    (circular,) = published.session.scalars(select(Notice).where(Notice.kind == "circular"))
    made = publishing.circular_file(published.session, tmp_path, circular, FileKind.PDF)
    assert made is not None
    assert "株教通" in PdfReader(made).pages[0].extract_text()


def test_what_is_served_is_exactly_what_is_asked(published: RankedCity, tmp_path: Path) -> None:
    city = published
    build(city, tmp_path)
    session = city.session

    def file_for(actor: Actor, district: str = "", school: str = "") -> str:
        sight = sight_of(session, actor)
        extent = exporting.extent_of(session, sight, district=district, school=school)
        assert extent is not None
        found = workbook_file(tmp_path, sight, view(city, actor), extent)
        return "" if found is None else found.name

    assert file_for(city.bureau) == "city.xlsx"
    assert file_for(city.bureau, district="430211") == ""  # with the bottom list: made when asked
    assert file_for(city.district) == "district-430211.xlsx"
    assert file_for(city.district, school=city.schools[0].code) == ""
    assert file_for(city.head) == ""
    live = list(
        exporting.workbook_tables(
            session,
            sight_of(session, city.district),
            view(city, city.district),
            exporting.Extent("天元区", district_code="430211"),
            by="",
            at=step_at(session, Step.PUBLISH),
        )
    )
    book = load_workbook(folder_of(tmp_path, SEMESTER, 1) / "district-430211.xlsx")
    assert [sheet.title for sheet in book.worksheets] == [table.title for table in live]
    assert city.teachers[0].name in str(list(book.worksheets[0].values))
    assert city.teachers[1].name not in str([list(sheet.values) for sheet in book.worksheets])


def test_an_unpublished_or_older_version_has_no_files(
    session: Session, city: RankedCity, tmp_path: Path
) -> None:
    city.lead_to(Step.FREEZE)
    with refused("published.gone"):
        build(city, tmp_path)
    city.lead_to(Step.PUBLISH)
    with refused("published.gone"):
        build(city, tmp_path, version=2)
    assert not folder_of(tmp_path, SEMESTER, 1).exists()
    ranking = view(city, city.bureau)
    assert workbook_file(tmp_path, sight_of(session, city.bureau), ranking, exporting.CITY) is None


def test_what_is_missing_is_asked_for_again_but_not_every_minute(
    session: Session, published: RankedCity, tmp_path: Path
) -> None:
    at = step_at(session, Step.PUBLISH)
    assert ask_missing(session, tmp_path, at=at) == 0  # it was asked for just now
    session.execute(update(Task).values(state="failed", finished_at=at))
    assert ask_missing(session, tmp_path, at=at + HOUR / 2) == 0
    assert ask_missing(session, tmp_path, at=at + HOUR) == 1
    assert len(asked(session)) == 2
    build(published, tmp_path)
    assert ask_missing(session, tmp_path, at=at + 3 * HOUR) == 0
    (folder_of(tmp_path, SEMESTER, 1) / "manifest.json").unlink()
    assert ask_missing(session, tmp_path, at=at + 3 * HOUR) == 1
    session.execute(update(Ranking).values(status="superseded"))
    session.execute(update(Task).values(state="failed", finished_at=at))
    assert ask_missing(session, tmp_path, at=at + 9 * HOUR) == 0
