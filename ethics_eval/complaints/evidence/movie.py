"""An MP4 or M4A without its metadata; every byte that is kept stays in its place, so that no offset changes.

What tells of place, device, maker or time is overwritten with zeros and becomes ``free`` (ISO/IEC 14496-12 §8.1.2).
Tracks that are neither picture nor sound (a phone writes its place into them) go with their samples.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ethics_eval.complaints.evidence.damage import Damaged

_TOP_KEPT = frozenset({b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"styp", b"wide", b"pdin"})
_CONTAINERS = frozenset(
    {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"moof", b"traf", b"mvex"}
)
_CLEARED = frozenset(
    {b"udta", b"meta", b"uuid", b"Xtra", b"free", b"skip", b"iods", b"cprt", b"loci", b"tref"}
)
_SHOWN = frozenset({b"vide", b"soun", b"text", b"sbtl", b"subt", b"clcp"})
_MOST_SAMPLES = 10_000_000


@dataclass(frozen=True)
class _Box:
    kind: bytes
    start: int
    content: int
    end: int


def bare_movie(body: bytes) -> bytes:
    """The film or sound alone. Raises: Damaged: cut off, or without what plays."""
    film = bytearray(body)
    last = 0
    kinds = set()
    try:
        for box in _boxes(film, 0, len(film), lenient=True):
            last = box.end
            kinds.add(box.kind)
            if box.kind not in _TOP_KEPT:
                _clear(film, box)
            elif box.kind in _CONTAINERS:
                _scrub(film, box)
    except (IndexError, ValueError) as error:
        raise Damaged from error
    if not {b"moov", b"mdat"} <= kinds:
        raise Damaged
    return bytes(film[:last])  # what stands behind the last box is no part of the film


def _boxes(film: bytearray, start: int, end: int, *, lenient: bool = False) -> Iterator[_Box]:
    at = start
    while at + 8 <= end:
        size, kind, head = int.from_bytes(film[at : at + 4], "big"), bytes(film[at + 4 : at + 8]), 8
        if size == 1:
            size, head = int.from_bytes(film[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            if lenient and at > start:
                return  # not a box: something was hung on
            raise Damaged
        yield _Box(kind, at, at + head, at + size)
        at += size


def _clear(film: bytearray, box: _Box) -> None:
    film[box.start + 4 : box.start + 8] = b"free"
    film[box.content : box.end] = bytes(box.end - box.content)


def _scrub(film: bytearray, parent: _Box) -> None:
    for box in list(_boxes(film, parent.content, parent.end)):
        if box.kind in _CLEARED:
            _clear(film, box)
        elif box.kind == b"trak" and _handler(film, box) not in _SHOWN:
            for start, end in _samples(film, box):
                film[start:end] = bytes(end - start)
            _clear(film, box)
        elif box.kind in {b"mvhd", b"tkhd", b"mdhd"}:
            _forget_times(film, box)
        elif box.kind == b"hdlr":  # its last part is a name, often the device's
            film[box.content + 24 : box.end] = bytes(max(0, box.end - box.content - 24))
        elif box.kind in _CONTAINERS:
            _scrub(film, box)


def _forget_times(film: bytearray, box: _Box) -> None:
    width = 16 if film[box.content] == 1 else 8
    film[box.content + 4 : box.content + 4 + width] = bytes(width)


def _find(film: bytearray, parent: _Box, *path: bytes) -> _Box | None:
    found: _Box | None = parent
    for kind in path:
        if found is None:
            return None
        found = next((box for box in _boxes(film, found.content, found.end) if box.kind == kind), None)
    return found


def _handler(film: bytearray, track: _Box) -> bytes:
    box = _find(film, track, b"mdia", b"hdlr")
    if box is None:
        raise Damaged
    return bytes(film[box.content + 8 : box.content + 12])


def _samples(film: bytearray, track: _Box) -> Iterator[tuple[int, int]]:
    """Where the samples of a track lie, chunk by chunk (stco or co64, stsc, stsz)."""
    table = _find(film, track, b"mdia", b"minf", b"stbl")
    if table is None:
        return
    boxes = {box.kind: box for box in _boxes(film, table.content, table.end)}
    if not {b"stsc", b"stsz"} <= boxes.keys():
        return
    width = 8 if b"co64" in boxes else 4
    place = boxes.get(b"co64") or boxes.get(b"stco")
    if place is None:
        return
    offsets = _numbers(film, place.content + 4, width)
    fixed = _number(film, boxes[b"stsz"].content + 4)
    count = _number(film, boxes[b"stsz"].content + 8)
    if count > _MOST_SAMPLES:
        raise Damaged
    sizes = [fixed] * count if fixed else _numbers(film, boxes[b"stsz"].content + 8, 4)
    runs = _numbers(film, boxes[b"stsc"].content + 4, 4, per_entry=3)
    firsts = [*runs[::3], len(offsets) + 1]
    sample = 0
    for (first, following), in_chunk in zip(pairwise(firsts), runs[1::3], strict=True):
        for offset in offsets[first - 1 : following - 1]:
            length = sum(sizes[sample : sample + in_chunk])
            sample += in_chunk
            if offset + length > len(film):
                raise Damaged
            yield offset, offset + length


def _number(film: bytearray, at: int) -> int:
    return int.from_bytes(film[at : at + 4], "big")


def _numbers(film: bytearray, at: int, width: int, *, per_entry: int = 1) -> list[int]:
    """The numbers of a table that begins with how many entries it has."""
    count = _number(film, at) * per_entry
    if count > _MOST_SAMPLES or at + 4 + count * width > len(film):
        raise Damaged
    return [
        int.from_bytes(film[start : start + width], "big")
        for start in range(at + 4, at + 4 + count * width, width)
    ]
