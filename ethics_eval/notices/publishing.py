"""The files of a publication: built once by the worker, then served from the disk (decision 0035).

``instance/published/<semester>-v<version>/`` holds the city's workbook, one for each district as its own officers see
it, the circular as PDF and Word, and ``manifest.json`` with the SHA-256 of each. A folder is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import CLOCK, Actor, Role
from ethics_eval.database import new_id
from ethics_eval.notices.document import from_json
from ethics_eval.notices.models import Notice
from ethics_eval.notices.paper import FileKind, Press
from ethics_eval.notices.rules.template import CIRCULAR, CORRECTION
from ethics_eval.ranking import exporting
from ethics_eval.ranking import queries as ranking_queries
from ethics_eval.ranking.models import Ranking
from ethics_eval.ranking.queries import WHOLE_CITY, RankingView, Sight
from ethics_eval.ranking.queries.versions import PUBLISHED
from ethics_eval.roster import queries as roster_queries
from ethics_eval.tasks import queries as task_queries
from ethics_eval.tasks import service as task_service
from ethics_eval.tasks.rules import TaskKind
from ethics_eval.text import N_, RuleViolation
from ethics_eval.workbooks.writing import save_workbook

FOLDER = "published"
MANIFEST = "manifest.json"
CITY_FILE = "city.xlsx"
ASK_AGAIN_AFTER = timedelta(hours=1)  # what fails is not tried every minute
BUILDER = "系统（发布时生成）"

Reading = Callable[[], AbstractContextManager[Session]]


def folder_of(instance: Path, semester_code: str, version: int) -> Path:
    """Where the files of a version lie, once they are built."""
    return instance / FOLDER / f"{semester_code}-v{version}"


def ask_files(session: Session, ranking: Ranking, *, at: datetime) -> str:
    """Ask the worker for the files of a published version; the id of the task."""
    return task_service.ask(session, TaskKind.PUBLISHED_FILES, _params(ranking), actor=CLOCK, at=at)


def _params(ranking: Ranking) -> dict[str, str | int | None]:
    return {"semester": ranking.semester_code, "version": ranking.version}


def ask_missing(session: Session, instance: Path, *, at: datetime) -> int:
    """Ask for the files of published versions that are not there, at most once an hour each; how many were asked."""
    count = 0
    for ranking in session.scalars(select(Ranking).where(Ranking.status == PUBLISHED)):
        if (folder_of(instance, ranking.semester_code, ranking.version) / MANIFEST).is_file():
            continue
        asked_at = task_queries.last_asked(session, TaskKind.PUBLISHED_FILES, _params(ranking))
        if asked_at is None or asked_at <= at - ASK_AGAIN_AFTER:
            ask_files(session, ranking, at=at)
            count += 1
    return count


def build_files(
    reading: Reading,
    instance: Path,
    press: Press,
    *,
    semester_code: str,
    version: int,
    tell: Callable[[int, int], None],
) -> Path:
    """Build the files of a published version aside, then put the folder in its place; the manifest.

    Args: reading: gives a session for each file, since telling needs the database for itself; tell: is told after
    each file how many of how many are there.
    Raises: RuleViolation ``published.gone``: that version is no longer the published one; OSError.
    """
    with reading() as session:
        ranking = ranking_queries.ranking_of(session, WHOLE_CITY, semester_code)
        if ranking is None or ranking.version != version or not ranking.is_published:
            raise RuleViolation("published.gone", N_("这个版本的榜单没有发布，或者已被新版本取代。"))
        districts = [district.code for district in roster_queries.districts(session)]
        notice = _notice_of(session, ranking.id)
        document = None if notice is None else from_json(notice.document)
    target = folder_of(instance, semester_code, version)
    aside = target.with_name(f".{target.name}.{new_id()}")
    aside.mkdir(parents=True)
    try:
        papers = () if document is None else (FileKind.PDF, FileKind.DOCX)
        total, done = 1 + len(districts) + len(papers), 0
        tell(done, total)
        for district in ("", *districts):
            with reading() as session:
                _write_workbook(session, ranking, aside, district)
            tell(done := done + 1, total)
        for kind in papers:
            if document is not None:
                (aside / paper_file(kind)).write_bytes(press.make(kind, document))
            tell(done := done + 1, total)
        _seal(aside, ranking, sorted(path.name for path in aside.iterdir()))
        if target.is_dir():  # it was incomplete, or somebody built it meanwhile
            shutil.rmtree(target)
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target / MANIFEST


def _write_workbook(session: Session, ranking: RankingView, folder: Path, district: str) -> None:
    """The workbook of a district as its officers see it, or of the city as the bureau does."""
    role = Role.DISTRICT_OFFICER if district else Role.BUREAU_OFFICER
    sight = ranking_queries.sight_of(session, Actor(None, role, district_code=district or None))
    extent = exporting.extent_of(session, sight, district=district)
    if extent is None:
        raise ValueError(f"no such district: {district}")
    at = ranking.published_at or ranking.frozen_at
    tables = exporting.workbook_tables(session, sight, ranking, extent, by=BUILDER, at=at)
    save_workbook(folder / (district_file(district) if district else CITY_FILE), tables, made_at=at)


def _seal(folder: Path, ranking: RankingView, names: Iterable[str]) -> None:
    """Write the manifest last, everything on the disk before it."""
    hashes = {}
    for name in names:
        with (folder / name).open("rb") as file:
            hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
    content = {
        "semester": ranking.semester_code,
        "version": ranking.version,
        "snapshot_sha256": ranking.snapshot_sha256,
        "sha256": hashes,
    }
    with (folder / MANIFEST).open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())


def _notice_of(session: Session, ranking_id: int) -> Notice | None:
    """The circular, or the correction, that went out with a version."""
    return session.scalars(
        select(Notice)
        .where(Notice.ranking_id == ranking_id, Notice.kind.in_([CIRCULAR, CORRECTION]))
        .order_by(Notice.issued_at)
        .limit(1)
    ).first()


# --- serving ------------------------------------------------------------------------------------------------


def district_file(code: str) -> str:
    """The name of a district's workbook."""
    return f"district-{code}.xlsx"


def paper_file(kind: FileKind) -> str:
    """The name of the circular as PDF or Word."""
    return f"notice.{kind.value}"


def _built(instance: Path, semester_code: str, version: int, name: str) -> Path | None:
    folder = folder_of(instance, semester_code, version)
    path = folder / name
    return path if (folder / MANIFEST).is_file() and path.is_file() else None


def workbook_file(
    instance: Path, sight: Sight, ranking: RankingView, extent: exporting.Extent
) -> Path | None:
    """The built workbook that holds exactly what is asked; None: it has to be made.

    The whole city for those who see all of it; a district for its own officers (what the city sees of a district
    holds the bottom list as well).
    """
    if not ranking.is_published or extent.school_id is not None or sight.school_id is not None:
        return None
    if extent.district_code is None and sight.bottom_list:
        return _built(instance, ranking.semester_code, ranking.version, CITY_FILE)
    if extent.district_code is not None and extent.district_code == sight.district_code:
        return _built(instance, ranking.semester_code, ranking.version, district_file(extent.district_code))
    return None


def circular_file(session: Session, instance: Path, notice: Notice, kind: FileKind) -> Path | None:
    """The built file of a circular as it was issued; None: it has to be made."""
    if notice.kind not in {CIRCULAR, CORRECTION}:
        return None
    first = _notice_of(session, notice.ranking_id)
    if first is None or first.id != notice.id:
        return None
    version = session.get_one(Ranking, notice.ranking_id).version
    return _built(instance, notice.semester_code, version, paper_file(kind))
