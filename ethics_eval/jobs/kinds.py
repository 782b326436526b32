"""What the worker can do for people: each kind of task and its work."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment
from sqlalchemy.orm import Session

from ethics_eval.complaints.posters import Layout, PaperSize, Poster, posters, write_posters
from ethics_eval.exports.service import make_export
from ethics_eval.jobs.ballots import list_codes, print_sheets
from ethics_eval.jobs.working import Job, Kind
from ethics_eval.notices.paper import Press
from ethics_eval.notices.publishing import build_files
from ethics_eval.tasks.rules import TaskKind
from ethics_eval.vault.service import Vault


@dataclass(frozen=True)
class Means:
    """What the work needs of the application. ``templates``: as the pages use them."""

    vault: Vault
    settings: Mapping[str, Any]
    templates: Environment


def kinds(means: Means) -> Mapping[str, Kind]:
    """Kind → how it is done and what its file is."""
    return {
        TaskKind.POSTERS.value: Kind(_print_posters(means), "pdf"),
        TaskKind.BALLOT_SHEETS.value: Kind(print_sheets(means.vault, means.settings, means.templates), "pdf"),
        TaskKind.BALLOT_CODES.value: Kind(list_codes(means.vault, means.settings), "xlsx"),
        TaskKind.WORKBOOK.value: Kind(_write_workbook, "xlsx"),
        TaskKind.PUBLISHED_FILES.value: Kind(_build_files(means), "json"),
    }


def poster_layout(means: Means) -> Layout:
    """The pages of a sheaf of posters as HTML."""
    template = means.templates.get_template("documents/posters.html")

    def lay_out(sheaf: Sequence[Poster], size: PaperSize) -> str:
        return template.render(posters=sheaf, size=size.value, bureau=means.settings["BUREAU_NAME"])

    return lay_out


def poster_styles() -> str:
    """The style sheet of the posters' pages."""
    return (Path(__file__).resolve().parent.parent / "static" / "poster.css").read_text("utf-8")


def _print_posters(means: Means) -> Callable[[Job], None]:
    def work(job: Job) -> None:
        with job.transaction() as session:
            wanted = posters(
                session,
                means.vault,
                means.settings["PUBLIC_BASE_URL"],
                district=job.params["district"],
                school=job.params["school"],
            )
        write_posters(
            wanted,
            job.out,
            size=PaperSize(job.params["size"]),
            layout=poster_layout(means),
            styles=poster_styles(),
            tell=job.tell,
        )

    return work


def _reading(job: Job) -> Callable[[], Session]:
    """Makes sessions that read without the lock that writers wait for."""
    with job.transaction() as session:
        engine = session.get_bind()
    return lambda: Session(engine)


def _write_workbook(job: Job) -> None:
    with _reading(job)() as session:
        make_export(session, job.params, job.out, at=datetime.now(UTC), tell=job.tell)


def _build_files(means: Means) -> Callable[[Job], None]:
    instance = Path(means.settings["INSTANCE"])

    def work(job: Job) -> None:
        manifest = build_files(
            _reading(job),
            instance,
            Press(means.templates, instance),
            semester_code=job.params["semester"],
            version=job.params["version"],
            tell=job.tell,
        )
        shutil.copyfile(manifest, job.out)

    return work
