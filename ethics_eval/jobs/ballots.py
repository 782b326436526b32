"""The worker's part of ballots: sheets of codes as PDF, and their list as a workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment

from ethics_eval.evaluation.ballot_sheets import Layout, SlipPage, write_code_list, write_sheets
from ethics_eval.evaluation.issuing import SlipGroup, slips
from ethics_eval.jobs.working import Job
from ethics_eval.vault.service import Vault


def sheet_layout(templates: Environment, school: str, base_url: str) -> Layout:
    """The pages of a sheaf of slips as HTML."""
    template = templates.get_template("documents/ballot_sheets.html")

    def lay_out(sheaf: Sequence[SlipPage]) -> str:
        return template.render(pages=sheaf, school=school, address=f"{base_url}/vote")

    return lay_out


def sheet_styles() -> str:
    """The style sheet of the slips."""
    return (Path(__file__).resolve().parent.parent / "static" / "ballot_sheets.css").read_text("utf-8")


def _slips(job: Job, vault: Vault) -> tuple[str, list[SlipGroup]]:
    with job.transaction() as session:
        return slips(session, vault, job.params["semester"], job.params["school"], job.params["group"])


def print_sheets(vault: Vault, settings: Mapping[str, Any], templates: Environment) -> Callable[[Job], None]:
    """The work of ``BALLOT_SHEETS``."""

    def work(job: Job) -> None:
        school, groups = _slips(job, vault)
        base_url = settings["PUBLIC_BASE_URL"]
        write_sheets(
            groups,
            job.out,
            base_url=base_url,
            layout=sheet_layout(templates, school, base_url),
            styles=sheet_styles(),
            tell=job.tell,
        )

    return work


def list_codes(vault: Vault, settings: Mapping[str, Any]) -> Callable[[Job], None]:
    """The work of ``BALLOT_CODES``."""

    def work(job: Job) -> None:
        school, groups = _slips(job, vault)
        write_code_list(groups, job.out, school=school, base_url=settings["PUBLIC_BASE_URL"])

    return work
