"""证据: what a file really is, what is accepted, and the copy that handlers are shown."""

from __future__ import annotations

from ethics_eval.complaints.evidence.accepting import (
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_NAME,
    MAX_TOTAL_BYTES,
    PreparedFile,
    Upload,
    media_type,
    prepare,
)
from ethics_eval.complaints.evidence.copying import CLEAN_TYPES, copy_name, copy_type, make_copy
from ethics_eval.complaints.evidence.picture import COPY_SIDE, PICTURES, viewing_copy

__all__ = [
    "CLEAN_TYPES",
    "COPY_SIDE",
    "MAX_FILES",
    "MAX_FILE_BYTES",
    "MAX_NAME",
    "MAX_TOTAL_BYTES",
    "PICTURES",
    "PreparedFile",
    "Upload",
    "copy_name",
    "copy_type",
    "make_copy",
    "media_type",
    "prepare",
    "viewing_copy",
]
