"""A Word or Excel file without what it hides: who wrote it, with what, when, and where else it reaches.

The archive is written anew. Left out: properties, custom data, people, printers, macros. Emptied: authors' names and
initials, revision marks, paths, embedded files of other kinds. Links out of the file lead nowhere; photos inside lose
where and with what they were taken.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath
from typing import Any

from lxml import etree

from ethics_eval.complaints.evidence.damage import Damaged
from ethics_eval.complaints.evidence.picture import bare_picture

MOST_MEMBERS = 3000
MOST_BYTES = 150 * 1024 * 1024  # of all members together, unpacked
MOST_XML_BYTES = 30 * 1024 * 1024  # of a part that is read as XML
_DEEPEST = 2  # a document in a document in a document

_LEFT_OUT = re.compile(
    r"(?:docProps|customXml|_xmlsignatures|customUI|userCustomization)/.*"
    r"|(?:word|xl)/(?:printerSettings|customProperty|vbaProject|vbaData|revisions|activeX|webextensions)\b.*"
    r"|(?:word|xl)/(?:people|attachedToolbars|commentsIds|commentsExtensible)\.xml",
    re.IGNORECASE,
)
_MADE_ANEW = re.compile(
    r"\[Content_Types\]\.xml|.*\.rels"
    r"|word/(?:document|settings|footnotes|endnotes|comments\w*|header\d*|footer\d*|styles|glossary/.*)\.xml"
    r"|xl/(?:workbook|comments.*|persons/.*|threadedComments/.*)\.xml",
    re.IGNORECASE,
)
_SHEETS = re.compile(r"xl/(?:work|chart|dialog)sheets/[^/]*\.xml", re.IGNORECASE)
_PAGE_SETUP = re.compile(rb"(<(?:\w+:)?pageSetup\b[^>]*?)\s\w+:id=(?:\"[^\"]*\"|'[^']*')")
_EMPTIED = frozenset({"author", "initials", "displayName", "userId", "providerId", "userName", "lastEdited"})
_REMOVED = frozenset({"dT", "date", "dateUtc", "codeName", "reservationPassword"})
_REVISION = re.compile(r"rsid\w*", re.IGNORECASE)
_ELEMENTS_REMOVED = frozenset(
    {
        "rsids",
        "attachedTemplate",
        "absPath",
        "fileSharing",
        "fileVersion",
        "documentProtection",
        "revisionPtr",
    }
)
_NOWHERE = "about:blank"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)


def bare_office(body: bytes, depth: int = 0) -> bytes:
    """The document alone. Raises: Damaged: no archive, locked, or larger than it should be."""
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_BYTES:
                raise Damaged
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
                for member in members:
                    if _LEFT_OUT.fullmatch(member.filename):
                        continue
                    made = _bare_part(member.filename, archive.read(member), depth)
                    fresh = zipfile.ZipInfo(member.filename, _FIRST_DAY)
                    fresh.compress_type = zipfile.ZIP_DEFLATED
                    copy.writestr(fresh, made)
    except (
        zipfile.BadZipFile,
        ValueError,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        etree.XMLSyntaxError,
    ) as error:
        raise Damaged from error
    return out.getvalue()


def _bare_part(name: str, body: bytes, depth: int) -> bytes:
    if _MADE_ANEW.fullmatch(name):
        return _bare_xml(name, body)
    if _SHEETS.fullmatch(name):
        return _PAGE_SETUP.sub(rb"\1", body)
    folder = PurePosixPath(name).parent.name
    if folder == "embeddings":
        # a document is stripped like the one it lies in; what is not one stays as its picture on the page
        return bare_office(body, depth + 1) if body.startswith(b"PK\x03\x04") and depth < _DEEPEST else b""
    return bare_picture(body) if folder == "media" else body


def _bare_xml(name: str, body: bytes) -> bytes:
    if len(body) > MOST_XML_BYTES or b"<!DOCTYPE" in body:
        raise Damaged
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(body, parser)
    if name.endswith(".rels"):
        _cut_relations(root)
    elif name == "[Content_Types].xml":
        for part in list(root):
            if _LEFT_OUT.fullmatch(str(part.get("PartName", "")).lstrip("/")):
                root.remove(part)
    else:
        _forget_people(root)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return made


def _cut_relations(root: Any) -> None:
    for relation in list(root):
        target = str(relation.get("Target", ""))
        if relation.get("TargetMode") == "External":
            relation.set("Target", _NOWHERE)
        elif _points_left_out(target):
            root.remove(relation)


def _points_left_out(target: str) -> bool:
    """Whether a relation's target, whatever it is relative to, is a part that is left out."""
    path = target.lstrip("./")
    return any(_LEFT_OUT.fullmatch(f"{folder}{path}") for folder in ("", "word/", "xl/"))


def _forget_people(root: Any) -> None:
    for element in list(root.iter()):
        local = etree.QName(element).localname
        if local in _ELEMENTS_REMOVED:
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
            continue
        if local == "author":  # of a workbook's comments
            element.text = ""
        for attribute in list(element.attrib):
            word = etree.QName(attribute).localname
            if word in _EMPTIED:
                element.set(attribute, "")
            elif _REVISION.fullmatch(word) or word in _REMOVED:
                del element.attrib[attribute]
