"""QR posters of many schools as one PDF: set in sheaves and joined at the end, so that memory stays flat.

WeasyPrint sets the texts of a sheaf; the QR codes are drawn into its pages as rectangles, which takes a fraction of
the time it needs to read them as SVG, and is as sharp at any size.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pydyf
import segno
from pypdf import PdfWriter
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Permission, Scope, require
from ethics_eval.complaints.mailboxes import poster_address
from ethics_eval.complaints.models import Mailbox
from ethics_eval.printing import Printer, modules_drawn
from ethics_eval.roster.models import School
from ethics_eval.tasks import service as task_service
from ethics_eval.tasks.rules import TaskKind
from ethics_eval.text import N_, RuleViolation
from ethics_eval.vault.service import Vault

SHEAF = 100
QUIET_MODULES = 4


class PaperSize(StrEnum):
    """The sheet a poster is printed on."""

    A4 = "A4"
    A5 = "A5"


@dataclass(frozen=True)
class Poster:
    """What stands on one poster. ``address`` is printed, ``target`` is what the QR code leads to."""

    code: str
    school: str
    address: str
    target: str


# A sheaf of posters, and the size → the HTML of its pages.
Layout = Callable[[Sequence[Poster], PaperSize], str]


def drawing(target: str) -> Any:
    """The QR code of an address: a quarter of it may be torn or dirty and it is read all the same."""
    return segno.make(target, error="q", micro=False)


def posters(
    session: Session,
    vault: Vault,
    base_url: str,
    *,
    district: str | None = None,
    school: str | None = None,
) -> list[Poster]:
    """A poster for each open mailbox, by district and school code: of the city, a district, or one school.

    Args: base_url: where the service is reached from outside; district, school: codes, None for all.
    Raises: RuleViolation ``poster.none``: no open mailbox there.
    """
    rows = session.scalars(
        select(Mailbox)
        .join(School)
        .where(*_there(district, school))
        .order_by(School.district_code, School.code, Mailbox.id)
    )
    found = [
        Poster(
            code=mailbox.code,
            school=mailbox.school.name,
            address=f"{base_url}/m/{mailbox.code}",
            target=poster_address(vault, base_url, mailbox.code),
        )
        for mailbox in rows.unique()
    ]
    if not found:
        raise _none()
    return found


def _none() -> RuleViolation:
    return RuleViolation("poster.none", N_("这里没有启用的信箱，没有可以印的海报。"))


def _there(district: str | None, school: str | None) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [Mailbox.revoked_at.is_(None)]
    if district is not None:
        where.append(School.district_code == district)
    if school is not None:
        where.append(School.code == school)
    return where


def ask_posters(
    session: Session,
    *,
    district: str | None,
    school: str | None,
    size: PaperSize,
    actor: Actor,
    at: datetime,
) -> str:
    """Ask the worker for posters inside the actor's scope; the id of the task.

    Args: district, school: codes, None for all of the scope.
    Raises: RuleViolation: no permission, nothing there, or outside the scope (told as if it were not there).
    """
    scope = require(actor, Permission.POSTER_PRINT)
    where = _there(district, school)
    if scope is Scope.OWN_SCHOOL:
        where.append(School.id == actor.school_id)
        school = session.scalar(select(School.code).where(School.id == actor.school_id))
    elif scope is Scope.OWN_DISTRICT:
        where.append(School.district_code == actor.district_code)
        district = actor.district_code
    if session.scalar(select(Mailbox.id).join(School).where(*where).limit(1)) is None:
        raise _none()
    return task_service.ask(
        session,
        TaskKind.POSTERS,
        {"district": district, "school": school, "size": size.value},
        actor=actor,
        at=at,
    )


def write_posters(
    wanted: Sequence[Poster],
    out: Path,
    *,
    size: PaperSize,
    layout: Layout,
    styles: str,
    tell: Callable[[int, int], None],
) -> None:
    """Write the posters, a page each in their order, as one PDF to ``out``.

    Args: styles: the sheet's CSS; tell: is told after each sheaf how many of how many are set.
    Raises: RuleViolation ``printing.unavailable``; OSError; whatever ``tell`` raises to break off.
    """
    tell(0, len(wanted))
    printer = Printer(styles)
    with tempfile.TemporaryDirectory(prefix="posters") as folder, PdfWriter() as whole:
        done = 0
        for number, sheaf in enumerate(_sheaves(wanted)):
            part = Path(folder, f"{number}.pdf")
            part.write_bytes(printer.print(layout(sheaf, size), _compose(sheaf)))
            whole.append(part, import_outline=False)
            done += len(sheaf)
            tell(done, len(wanted))
        whole.metadata = {"/Title": "师德师风投诉信箱海报"}
        whole.write(out)


def _sheaves(wanted: Sequence[Poster]) -> Iterator[Sequence[Poster]]:
    for start in range(0, len(wanted), SHEAF):
        yield wanted[start : start + SHEAF]


def _compose(sheaf: Sequence[Poster]) -> Callable[[Any, Any], None]:
    """What finishes a sheaf: its first page, the same for all, becomes the ground of the others; codes are drawn.

    Each code fills the place the layout leaves for it, the element named after the mailbox.
    """

    def compose(document: Any, pdf: Any) -> None:
        pages = [item for item in pdf.objects if isinstance(item, dict) and item.get("Type") == "/Page"]
        streams = [pdf.objects[int(page["Contents"].split()[0])] for page in pages]
        resources = pdf.objects[int(pages[0]["Resources"].split()[0])]
        own = pydyf.Dictionary(dict(resources))
        pdf.add_object(own)
        ground = streams[0]
        ground.extra.update(
            Type="/XObject", Subtype="/Form", BBox=pages[0]["MediaBox"], Resources=own.reference
        )
        resources["XObject"] = pydyf.Dictionary({**resources["XObject"], "Ground": ground.reference})
        del pdf.pages["Kids"][:3]  # number, generation, "R"
        pdf.pages["Count"] -= 1
        for poster, page, stream in zip(sheaf, document.pages[1:], streams[1:], strict=True):
            # the ground lies under the page, and before WeasyPrint turns the page upside down
            stream.stream.insert(0, b"q /Ground Do Q")
            rows = [bytes(row) for row in drawing(poster.target).matrix]
            stream.stream.extend(modules_drawn(rows, page.anchors[poster.code], quiet=QUIET_MODULES))

    return compose
