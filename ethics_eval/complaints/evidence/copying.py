"""The copy handlers are shown in place of the original: same content, nothing of where, by whom, with what.

The original stays sealed (anchors: stripped copy and sealed original). Where no copy can be made, because the file is
damaged or locked, handlers are shown none, and never the original.
"""

from __future__ import annotations

from collections.abc import Callable

from ethics_eval.complaints.evidence import movie, office, sound
from ethics_eval.complaints.evidence.apart import pdf_apart
from ethics_eval.complaints.evidence.damage import Damaged
from ethics_eval.complaints.evidence.picture import COPY_TYPE, PICTURES, viewing_copy

# What holds nothing but sound: the original is its own copy.
CLEAN_TYPES = frozenset({"audio/amr"})

_STRIPPERS: dict[str, Callable[[bytes], bytes]] = {
    "application/pdf": pdf_apart,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": office.bare_office,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": office.bare_office,
    "video/mp4": movie.bare_movie,
    "audio/mp4": movie.bare_movie,
    "audio/mpeg": sound.bare_sound,
}


def make_copy(body: bytes, media_type: str) -> bytes | None:
    """The viewing copy; None: nothing is hidden (:data:`CLEAN_TYPES`), or none can be made of a damaged file.

    Raises: RuleViolation: a picture that is broken or too large, which its sender can do something about.
    """
    if media_type in PICTURES:
        return viewing_copy(body, media_type)
    if media_type in CLEAN_TYPES:
        return None
    try:
        return _STRIPPERS[media_type](body)
    except Damaged:
        return None


def copy_type(media_type: str) -> str:
    """The media type of the viewing copy of a file of this type."""
    return COPY_TYPE if media_type in PICTURES else media_type


def copy_name(evidence_id: str) -> str:
    """The sealed file of an evidence's viewing copy."""
    return f"{evidence_id}v"
