"""A PDF without what it hides; runs in a process of its own: standard input to standard output (``python -m``).

Only what the pages show is carried over: no document information, no XMP, no scripts or actions, no attachments, no
authors of annotations, no outline; photos inside lose where and with what they were taken.
"""

from __future__ import annotations

import io
import logging
import sys
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from ethics_eval.complaints.evidence.damage import Damaged
from ethics_eval.complaints.evidence.picture import bare_picture

MOST_MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 15
MOST_PICTURE = 100 * 1024 * 1024

_DROPPED = frozenset(
    [
        "/Metadata",
        "/PieceInfo",
        "/LastModified",
        "/AA",
        "/A",
        "/PA",
        "/JS",
        "/AF",
        "/OPI",
        "/Measure",
        "/StructParents",
        "/StructParent",
        "/B",
        "/Thumb",
        "/Popup",
        "/IRT",
        "/CreationDate",
        "/ModDate",
        "/M",
        "/NM",
        "/Producer",
        "/Creator",
        "/Author",
    ]
)
_ANNOTATIONS_DROPPED = frozenset(
    [
        "/Link",
        "/Popup",
        "/FileAttachment",
        "/RichMedia",
        "/Screen",
        "/Movie",
        "/Sound",
        "/3D",
        "/PrinterMark",
        "/TrapNet",
    ]
)


def bare_pdf(body: bytes) -> bytes:
    """The pages of a PDF, and nothing beside them. Raises: Damaged: locked, or not to be read."""
    try:
        reader = PdfReader(io.BytesIO(body), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Damaged
        pages = list(reader.pages)
        seen: set[tuple[int, int]] = set()
        for page in pages:
            _scrub(page, seen)
        writer = PdfWriter()
        for page in pages:
            writer.add_page(page)
        writer.metadata = None
        out = io.BytesIO()
        writer.write(out)
        copy = out.getvalue()
        if not pages or len(PdfReader(io.BytesIO(copy)).pages) != len(pages):
            raise Damaged
    except Damaged:
        raise
    except Exception as error:  # whatever a broken file makes the library raise
        raise Damaged from error
    return copy


def _scrub(start: Any, seen: set[tuple[int, int]]) -> None:
    """Take out of all that is reachable from here what a viewer does not need; never towards the page's parent."""
    waiting = [start]
    while waiting:
        item = waiting.pop()
        if isinstance(item, IndirectObject):
            key = (item.idnum, item.generation)
            if key in seen:
                continue
            seen.add(key)
            item = item.get_object()
        if isinstance(item, DictionaryObject):
            _scrub_dictionary(item)
            waiting += [value for name, value in _raw_items(item) if name not in {"/Parent", "/P"}]
        elif isinstance(item, ArrayObject):
            waiting += list(item)


def _raw_items(item: DictionaryObject) -> Iterator[tuple[str, Any]]:
    for name in item:
        yield name, item.raw_get(name)


def _scrub_dictionary(item: DictionaryObject) -> None:
    for name in _DROPPED & item.keys():
        # in a graphics state or a colour these letters mean something else; there they are no texts or actions
        if name not in {"/M", "/A", "/B"} or item.get("/Type") in {"/Annot", "/Page"} or "/Subtype" in item:
            del item[name]
    if "/Rect" in item:
        # who wrote a note; the fields of forms are shown as drawn
        for name in {"/T", "/RC", "/Subj", "/P", "/Parent"} & item.keys():
            del item[name]
    if "/Annots" in item:
        annotations = item["/Annots"].get_object()
        listed = list(annotations) if isinstance(annotations, ArrayObject) else []
        kept = [one for one in listed if one.get_object().get("/Subtype") not in _ANNOTATIONS_DROPPED]
        item[NameObject("/Annots")] = ArrayObject(kept)
    if isinstance(item, StreamObject):
        filters = item.get("/Filter")
        if filters == ["/FlateDecode", "/DCTDecode"]:
            item._data = zlib.decompressobj().decompress(item._data, MOST_PICTURE)
            item[NameObject("/Filter")] = filters = NameObject("/DCTDecode")
            item.pop("/DecodeParms", None)
        if filters in ("/DCTDecode", ["/DCTDecode"]):
            item._data = bare_picture(item._data)


def _limit_process() -> None:
    try:
        import resource  # noqa: PLC0415 - not on every platform
    except ImportError:
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


def main() -> None:
    """Read standard input, write standard output; ends with 1 when no copy can be made."""
    _limit_process()
    logging.disable()
    try:
        copy = bare_pdf(sys.stdin.buffer.read())
    except (Damaged, MemoryError, RecursionError):
        sys.exit(1)
    sys.stdout.buffer.write(copy)


if __name__ == "__main__":
    main()
