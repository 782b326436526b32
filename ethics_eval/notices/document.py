"""An official document as plain data: what is said and where it stands, without layout (GB/T 9704 order).

Stored as JSON with the notice when it is issued and never composed again, so that it reads the same for ever.
Texts are Chinese: an official document has one language.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from ethics_eval.notices.rules.numbering import chinese_number

_BREAKABLE = re.compile("([0-9a-f]{8})")


@dataclass(frozen=True)
class Table:
    """A table inside a section: its heads, and rows of as many cells."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A headed part: paragraphs, then numbered items, then a table."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    table: Table | None = None

    @property
    def numbered_items(self) -> tuple[tuple[str, str, str], ...]:
        """(（一）, the first sentence, the rest) of each item; a single item has no number."""
        parts = (item.partition("。") for item in self.items)
        return tuple(
            (f"（{chinese_number(place)}）" if len(self.items) > 1 else "", lead + stop, rest)
            for place, (lead, stop, rest) in enumerate(parts, start=1)
        )


@dataclass(frozen=True)
class Document:
    """One document. ``number`` is the 发文字号, absent on letters to one person.

    ``annotations`` stand in the 附注, ``copies`` after 抄送 in the 版记; dates are written out.
    """

    issuer: str
    number: str | None
    title: str
    addressee: str
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
    closing: tuple[str, ...]
    signature: str
    issued_on: str
    annotations: tuple[str, ...]
    copies: str = ""
    printed_by: str = ""

    @property
    def notes(self) -> tuple[tuple[str, ...], ...]:
        """The 附注, each in pieces between which a line may break: a checksum has no blanks."""
        return tuple(
            tuple(filter(None, _BREAKABLE.split(f"（{note.removesuffix('。')}）")))
            for note in self.annotations
        )

    def to_json(self) -> str:
        """The document as one JSON object with keys in the order of the fields."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def text(self) -> str:
        """All that is said, line by line: for searching and for tests."""
        lines = [self.issuer, self.number or "", self.title, self.addressee, *self.opening]
        for section in self.sections:
            lines += [section.heading, *section.paragraphs, *map("".join, section.numbered_items)]
            if section.table is not None:
                lines += ["\t".join(row) for row in (section.table.heads, *section.table.rows)]
        lines += [
            *self.closing,
            self.signature,
            self.issued_on,
            *self.annotations,
            self.copies,
            self.printed_by,
        ]
        return "\n".join(line for line in lines if line)


def _section(raw: dict[str, Any]) -> Section:
    table = raw["table"]
    return Section(
        heading=raw["heading"],
        paragraphs=tuple(raw["paragraphs"]),
        items=tuple(raw["items"]),
        table=table and Table(tuple(table["heads"]), tuple(tuple(row) for row in table["rows"])),
    )


def from_json(text: str) -> Document:
    """The document :meth:`Document.to_json` wrote."""
    raw: dict[str, Any] = json.loads(text)
    raw["sections"] = tuple(_section(section) for section in raw["sections"])
    for key in ("opening", "closing", "annotations"):
        raw[key] = tuple(raw[key])
    return Document(**raw)
