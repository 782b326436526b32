"""Sheets of ballot codes to cut up: slips with a QR code each, as one PDF, set in sheaves so that memory stays flat.

WeasyPrint sets the texts; the QR codes are drawn into its pages as rectangles (as the posters' are).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import segno
from pypdf import PdfWriter

from ethics_eval.evaluation.issuing import Slip, SlipGroup
from ethics_eval.evaluation.rules.ballot_code import grouped
from ethics_eval.evaluation.rules.scheme import COMPONENT_LABELS, Component
from ethics_eval.printing import Printer, modules_drawn
from ethics_eval.workbooks.writing import Column, Kind, Table, save_workbook

A_PAGE = 12  # two beside each other, six below
SHEAF = 12  # pages
QUIET_MODULES = 2
MASK = 4

Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class SlipPage:
    """A page of slips, all of one group. ``number`` of ``count`` of the group's pages."""

    component: Component
    label: str
    slips: Sequence[Slip]
    number: int
    count: int


# A sheaf of pages → their HTML.
Layout = Callable[[Sequence[SlipPage]], str]


def pages(groups: Sequence[SlipGroup]) -> list[SlipPage]:
    """The slips on pages; each group begins a new one."""
    found = []
    for group in groups:
        count = -(-len(group.slips) // A_PAGE)
        found += [
            SlipPage(
                group.component,
                group.label,
                group.slips[A_PAGE * number : A_PAGE * (number + 1)],
                number + 1,
                count,
            )
            for number in range(count)
        ]
    return found


def vote_address(base_url: str, code: str) -> str:
    """Where a code's QR leads."""
    return f"{base_url}/vote/{code}"


def write_sheets(
    groups: Sequence[SlipGroup], out: Path, *, base_url: str, layout: Layout, styles: str, tell: Tell
) -> None:
    """Write the sheets of the groups, in their order, as one PDF to ``out``.

    Args: styles: the sheets' CSS; tell: is told after each sheaf how many of how many slips are set.
    Raises: RuleViolation ``printing.unavailable``; OSError; whatever ``tell`` raises to break off.
    """
    wanted = pages(groups)
    total = sum(len(page.slips) for page in wanted)
    tell(0, total)
    printer = Printer(styles)
    with tempfile.TemporaryDirectory(prefix="ballots") as folder, PdfWriter() as whole:
        done = 0
        for number, sheaf in enumerate(_sheaves(wanted)):
            part = Path(folder, f"{number}.pdf")
            part.write_bytes(printer.print(layout(sheaf), _compose(base_url)))
            whole.append(part, import_outline=False)
            done += sum(len(page.slips) for page in sheaf)
            tell(done, total)
        whole.metadata = {"/Title": "师德评议码"}
        whole.write(out)


def _sheaves(wanted: Sequence[SlipPage]) -> Iterator[Sequence[SlipPage]]:
    for start in range(0, len(wanted), SHEAF):
        yield wanted[start : start + SHEAF]


def _compose(base_url: str) -> Callable[[Any, Any], None]:
    """Draw each slip's QR code into the place named after its code."""

    def compose(document: Any, pdf: Any) -> None:
        found = [item for item in pdf.objects if isinstance(item, dict) and item.get("Type") == "/Page"]
        for page, item in zip(document.pages, found, strict=True):
            stream = pdf.objects[int(item["Contents"].split()[0])]
            for code, place in page.anchors.items():
                # a fixed mask: trying all eight takes most of the time, and any of them is read
                drawn = segno.make(vote_address(base_url, code), error="m", mask=MASK, micro=False)
                rows = [bytes(row) for row in drawn.matrix]
                stream.stream.extend(modules_drawn(rows, place, quiet=QUIET_MODULES))

    return compose


def write_code_list(groups: Sequence[SlipGroup], out: Path, *, school: str, base_url: str) -> None:
    """Write the codes as a workbook, a row a code, for a school that sends them in its own way. Raises: OSError."""
    rows = [
        (
            group.label,
            COMPONENT_LABELS[group.component],
            slip.serial,
            slip.name,
            grouped(slip.code),
            vote_address(base_url, slip.code),
        )
        for group in groups
        for slip in group.slips
    ]
    columns = [
        Column("班级或小组", width=20),
        Column("部分", width=8),
        Column("编号", Kind.WHOLE, width=8),
        Column("发给", width=12),
        Column("评议码", width=18),
        Column("网址", width=50),
    ]
    lines = (f"{school} 师德评议码", "谁拿到码谁就能评：只发给本人，用完删除本文件。")
    save_workbook(out, [Table("评议码", columns, rows, lines=lines, frozen_columns=1)])
