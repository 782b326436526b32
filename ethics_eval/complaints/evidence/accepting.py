"""What a file really is, judged by its bytes and never by name or header, and what is accepted.

Source: security.md §3.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from ethics_eval.complaints.evidence.copying import make_copy
from ethics_eval.text import N_, RuleViolation

MAX_FILES = 9
MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_TOTAL_BYTES = 60 * 1024 * 1024
MAX_NAME = 255

_OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"M4A ": "audio/mp4",
    b"isom": "video/mp4",
    b"iso2": "video/mp4",
    b"mp41": "video/mp4",
    b"mp42": "video/mp4",
    b"M4V ": "video/mp4",
    b"iso4": "video/mp4",
    b"iso5": "video/mp4",
    b"iso6": "video/mp4",
    b"avc1": "video/mp4",
    b"3gp4": "video/mp4",
    b"3gp5": "video/mp4",
}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Upload:
    """A file as it came: its name is data, never a path."""

    name: str
    body: bytes


@dataclass(frozen=True)
class PreparedFile:
    """A file that was accepted. ``copy``: without what it hides; None: nothing is hidden, or none could be made."""

    name: str
    body: bytes
    media_type: str
    copy: bytes | None


def media_type(body: bytes) -> str | None:  # noqa: PLR0911 - one line a signature
    """The media type by signature; None: not one of the accepted kinds."""
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if body[4:8] == b"ftyp":
        return _BRANDS.get(body[8:12])
    if body.startswith(b"%PDF-"):
        return "application/pdf"
    if body.startswith(b"ID3") or (len(body) > 1 and body[0] == 0xFF and body[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    if body.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "audio/amr"
    if body.startswith(b"PK\x03\x04"):
        return _office_type(body)
    return None


def _office_type(body: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    return next((kind for member, kind in _OFFICE.items() if member in names), None)


def prepare(uploads: Sequence[Upload]) -> tuple[list[PreparedFile], list[RuleViolation]]:
    """The accepted files, and a refusal for each other with its name and reason."""
    accepted: list[PreparedFile] = []
    refused: list[RuleViolation] = []
    if len(uploads) > MAX_FILES:
        refused.append(
            RuleViolation(
                "evidence.count", N_("最多上传%(limit)s个文件。"), field="evidence", limit=MAX_FILES
            )
        )
        return accepted, refused
    if sum(len(upload.body) for upload in uploads) > MAX_TOTAL_BYTES:
        refused.append(
            RuleViolation("evidence.total", N_("文件总共不能超过60 MB，请减少或压缩。"), field="evidence")
        )
        return accepted, refused
    for upload in uploads:
        name = _CONTROLS.sub(" ", upload.name).strip()[:MAX_NAME] or "file"
        try:
            accepted.append(_prepare_one(name, upload.body))
        except RuleViolation as violation:
            violation.values["name"] = name
            refused.append(violation)
    return accepted, refused


def _prepare_one(name: str, body: bytes) -> PreparedFile:
    if not body:
        raise RuleViolation("evidence.empty", N_("“%(name)s”是空文件。"), field="evidence")
    if len(body) > MAX_FILE_BYTES:
        raise RuleViolation("evidence.size", N_("“%(name)s”超过20 MB，请压缩后再传。"), field="evidence")
    kind = media_type(body)
    if kind is None:
        raise RuleViolation(
            "evidence.kind",
            N_("“%(name)s”不是可接受的格式。可上传照片、截图、PDF、录音、视频、Word 或 Excel 文件。"),
            field="evidence",
        )
    return PreparedFile(name, body, kind, make_copy(body, kind))
