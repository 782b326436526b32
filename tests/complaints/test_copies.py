"""The copy handlers see: it opens, and holds nothing of place, person or device; the original stays as it was."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link, Text
from pypdf.generic import DictionaryObject, NameObject, StreamObject, TextStringObject

from ethics_eval.complaints.evidence import Upload, make_copy, prepare
from ethics_eval.complaints.evidence.damage import Damaged
from ethics_eval.complaints.evidence.movie import bare_movie
from ethics_eval.complaints.evidence.office import bare_office
from ethics_eval.complaints.evidence.pdf import bare_pdf
from ethics_eval.complaints.evidence.picture import bare_picture
from ethics_eval.complaints.evidence.sound import bare_sound

SECRET = "HiddenPersonOrPlace"
HIDDEN = SECRET.encode()


def photo() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = SECRET
    exif.get_ifd(0x8825)[2] = (27.0, 49.0, 50.0)
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=exif, comment=HIDDEN)
    return out.getvalue()


def png() -> bytes:
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415

    info = PngInfo()
    info.add_text("Author", SECRET)
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG", pnginfo=info)
    return out.getvalue()


@pytest.mark.parametrize("make", [photo, png])
def test_pictures_inside_documents_keep_their_pixels_alone(make: Any) -> None:
    body = make()
    assert HIDDEN in body
    bare = bare_picture(body)
    assert HIDDEN not in bare
    assert b"Exif" not in bare
    with Image.open(io.BytesIO(body)) as before, Image.open(io.BytesIO(bare)) as after:
        assert before.tobytes() == after.tobytes()


# --- PDF ----------------------------------------------------------------------------------------------------


def pdf(*, password: str | None = None) -> bytes:
    """One page with a photo and all that a PDF can hide."""
    drawn = io.BytesIO()
    with Image.open(io.BytesIO(photo())) as picture:
        picture.save(drawn, "PDF", author=SECRET, title=SECRET)
    writer = PdfWriter(clone_from=io.BytesIO(drawn.getvalue()))
    page = writer.pages[0]
    image = page["/Resources"]["/XObject"]["/image"].get_object()  # type: ignore[index]
    image._data = photo()
    writer.add_metadata({"/Author": SECRET, "/Producer": SECRET, "/Custom": SECRET})
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(SECRET)}
    )
    writer.add_attachment(f"{SECRET}.txt", HIDDEN)
    note = Text(text="看这里", rect=(10, 10, 20, 20))
    note[NameObject("/T")] = TextStringObject(SECRET)
    writer.add_annotation(0, note)
    writer.add_annotation(0, Link(rect=(0, 0, 9, 9), url=f"https://example.org/{SECRET}"))
    page[NameObject("/AA")] = DictionaryObject(
        {
            NameObject("/O"): DictionaryObject(
                {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(SECRET)}
            )
        }
    )
    xmp = StreamObject()
    xmp.set_data(f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode())
    page[NameObject("/Metadata")] = writer._add_object(xmp)
    writer.add_outline_item(title=SECRET, page_number=0)
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def everything(body: bytes) -> bytes:
    """All of a PDF with its streams unpacked."""
    reader = PdfReader(io.BytesIO(body))
    parts = [body]
    for number in range(1, len(reader.xref[0]) + 1) if reader.xref else ():
        item = reader.get_object(number)
        parts.append(repr(item).encode())
        if isinstance(item, StreamObject):
            parts.append(item._data)
    return b"".join(parts)


def test_a_pdf_keeps_its_pages_and_nothing_beside() -> None:
    sent = pdf()
    assert HIDDEN in everything(sent)
    copy = make_copy(sent, "application/pdf")  # in its own process, as when it is sent
    assert copy is not None
    reader = PdfReader(io.BytesIO(copy))
    said = everything(copy)
    assert HIDDEN not in said
    for word in (b"/JavaScript", b"/EmbeddedFile", b"/Metadata", b"/OpenAction", b"/URI", b"Exif"):
        assert word not in said, word
    assert reader.metadata is None or not dict(reader.metadata)
    (page,) = reader.pages
    annotations: Any = page["/Annots"]
    (annotation,) = annotations
    assert annotation.get_object()["/Contents"] == "看这里"
    (picture,) = page.images
    assert picture.image is not None
    assert picture.image.size == (40, 30)


def test_a_pdf_that_only_says_it_is_locked_is_opened_and_a_locked_one_is_not() -> None:
    open_one = bare_pdf(pdf(password=""))
    assert len(PdfReader(io.BytesIO(open_one)).pages) == 1
    with pytest.raises(Damaged):
        bare_pdf(pdf(password="secret"))


@pytest.mark.parametrize("body", [b"%PDF-1.7\n", b"%PDF-1.7" + bytes(900), pdf()[:300]])
def test_a_damaged_pdf_has_no_copy_and_is_taken_all_the_same(body: bytes) -> None:
    (made,), refused = prepare([Upload("录取通知书.pdf", body)])
    assert not refused
    assert (made.body, made.copy) == (body, None)


# --- Word and Excel -----------------------------------------------------------------------------------------

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def word() -> bytes:
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Override PartName="/word/document.xml" ContentType="x"/>'
            '<Override PartName="/docProps/core.xml" ContentType="y"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="t" Target="word/document.xml"/>'
            '<Relationship Id="rId2" Type="t" Target="docProps/core.xml"/></Relationships>'
        ),
        "word/_rels/document.xml.rels": (
            f'<Relationships xmlns="{RELATIONS}">'
            f'<Relationship Id="rId1" Type="t" Target="https://{SECRET}/" TargetMode="External"/>'
            '<Relationship Id="rId2" Type="t" Target="people.xml"/>'
            '<Relationship Id="rId3" Type="t" Target="media/image1.jpeg"/></Relationships>'
        ),
        "word/document.xml": (
            f'<w:document xmlns:w="{W}"><w:body><w:p w:rsidR="00AB12CD"><w:ins w:author="{SECRET}" '
            f'w:date="2026-01-01T00:00:00Z"><w:r><w:t>老师收了补课费🙂</w:t></w:r></w:ins></w:p></w:body></w:document>'
        ),
        "word/comments.xml": (
            f'<w:comments xmlns:w="{W}"><w:comment w:author="{SECRET}" w:initials="{SECRET}"><w:p/></w:comment>'
            "</w:comments>"
        ),
        "word/settings.xml": f'<w:settings xmlns:w="{W}"><w:rsids><w:rsid w:val="00AB12CD"/></w:rsids></w:settings>',
        "word/people.xml": SECRET,
        "docProps/core.xml": SECRET,
        "docProps/app.xml": SECRET,
        "docProps/custom.xml": SECRET,
        "customXml/item1.xml": SECRET,
        "word/media/image1.jpeg": photo(),
        "word/embeddings/oleObject1.bin": SECRET,
        "word/embeddings/Microsoft_Excel_Sheet1.xlsx": excel(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.comment = HIDDEN
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def excel() -> bytes:
    workbook = openpyxl.Workbook()
    workbook.properties.creator = SECRET
    workbook.properties.lastModifiedBy = SECRET
    sheet = workbook.active
    assert sheet is not None
    sheet["A1"] = "补课费"
    sheet["B1"] = 1200
    sheet["A1"].comment = Comment("请看这一行", SECRET)
    sheet["A2"] = "收费单"
    sheet["A2"].hyperlink = f"https://{SECRET}.example.org/"
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def members(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.comment == b""
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_word_file_keeps_its_text_and_no_author() -> None:
    copy = bare_office(word())
    parts = members(copy)
    inner = members(parts["word/embeddings/Microsoft_Excel_Sheet1.xlsx"])
    assert not [name for name, part in {**parts, **inner}.items() if HIDDEN in part]
    assert HIDDEN not in copy
    assert "老师收了补课费🙂" in parts["word/document.xml"].decode()
    assert b"rsid" not in parts["word/document.xml"] + parts["word/settings.xml"]
    assert b"2026-01-01" not in parts["word/document.xml"]
    assert not [name for name in parts if name.startswith(("docProps", "customXml"))]
    assert b"docProps" not in parts["[Content_Types].xml"] + parts["_rels/.rels"]
    assert b"people.xml" not in parts["word/_rels/document.xml.rels"]
    assert b"media/image1.jpeg" in parts["word/_rels/document.xml.rels"]
    assert parts["word/embeddings/oleObject1.bin"] == b""


def test_an_excel_file_still_opens_with_its_cells() -> None:
    sent = excel()
    assert HIDDEN in b"".join(members(sent).values())
    copy = bare_office(sent)
    assert not [name for name, part in members(copy).items() if HIDDEN in part]
    workbook = openpyxl.load_workbook(io.BytesIO(copy))
    sheet = workbook.active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == ["补课费", 1200]
    assert sheet["A1"].comment is not None
    assert sheet["A1"].comment.text == "请看这一行"
    assert workbook.properties.creator in {None, "openpyxl"}


@pytest.mark.parametrize(
    "body",
    [word()[:400], word().replace(b"word/document.xml", b"word/documen\xff.xml"), b"PK\x03\x04" + bytes(50)],
)
def test_a_damaged_archive_has_no_copy(body: bytes) -> None:
    with pytest.raises(Damaged):
        bare_office(body)


def test_an_archive_that_unpacks_to_too_much_has_no_copy() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(151 * 1024 * 1024))
    with pytest.raises(Damaged):
        bare_office(out.getvalue())


# --- film and sound -----------------------------------------------------------------------------------------


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def handler(kind: bytes) -> bytes:
    return box(b"hdlr", bytes(8) + kind + bytes(12) + HIDDEN + b"\0")


def track(kind: bytes, offset: int, size: int, place: str) -> bytes:
    table = (
        box(b"stsc", struct.pack(">IIIII", 0, 1, 1, 1, 1))
        + box(b"stsz", struct.pack(">IIII", 0, 0, 1, size))
        + (
            box(b"co64", struct.pack(">IIQ", 0, 1, offset))
            if place == "co64"
            else box(b"stco", struct.pack(">III", 0, 1, offset))
        )
    )
    media = (
        box(b"mdhd", bytes(4) + b"\x99" * 8 + bytes(12)) + handler(kind) + box(b"minf", box(b"stbl", table))
    )
    return box(b"trak", box(b"tkhd", bytes(4) + b"\x99" * 8 + bytes(72)) + box(b"mdia", media))


def film(place: str = "stco", brand: bytes = b"isom") -> bytes:
    """A tiny film: picture samples, and a track of places beside them, as phones write it."""
    start = box(b"ftyp", brand + bytes(8))
    picture, where = b"the picture's own bytes", HIDDEN + b"+27.82+113.13/"
    first = len(start) + 8
    data = box(b"mdat", picture + where)
    moov = box(
        b"moov",
        box(b"mvhd", bytes(4) + b"\x99" * 8 + bytes(88))
        + track(b"vide", first, len(picture), place)
        + track(b"meta", first + len(picture), len(where), place)
        + box(b"udta", box(b"\xa9xyz", HIDDEN) + box(b"meta", bytes(4) + HIDDEN))
        + box(b"meta", HIDDEN),
    )
    return start + data + moov + box(b"uuid", HIDDEN) + box(b"sefd", HIDDEN) + b"trailer " + HIDDEN


@pytest.mark.parametrize("place", ["stco", "co64"])
@pytest.mark.parametrize("brand", [b"isom", b"M4A "])
def test_a_film_keeps_picture_and_sound_where_they_are(place: str, brand: bytes) -> None:
    sent = film(place, brand)
    copy = bare_movie(sent)
    assert HIDDEN not in copy
    assert b"113.13" not in copy
    assert b"\x99" not in copy, "the times of recording"
    assert copy.index(b"the picture's own bytes") == sent.index(b"the picture's own bytes")
    assert copy.count(b"trak") == 1
    assert sent.startswith(copy[:40])
    assert bare_movie(copy) == copy


@pytest.mark.parametrize(
    "body",
    [
        b"\0\0\0\x18ftypisom" + bytes(40),
        film()[:60],
        film().replace(b"moov", b"moox"),
        film().replace(b"hdlr", b"hdlx"),
    ],
)
def test_a_film_cut_off_has_no_copy(body: bytes) -> None:
    with pytest.raises(Damaged):
        bare_movie(body)


@given(st.lists(st.tuples(st.integers(0, 900), st.binary(min_size=1, max_size=4)), max_size=6))
def test_a_damaged_film_is_copied_or_not_never_more(damage: list[tuple[int, bytes]]) -> None:
    body = bytearray(film())
    for at, there in damage:
        body[at : at + len(there)] = there[: max(0, len(body) - at)]
    try:
        copy = bare_movie(bytes(body))
    except Damaged:
        return
    assert len(copy) <= len(body)


FRAMES = b"".join(b"\xff\xfb\x90\x00" + bytes([at]) * 413 for at in range(1, 6))


def id3(content: bytes) -> bytes:
    size = len(content)
    return b"ID3\x03\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + content


def ape(content: bytes) -> bytes:
    def tag(flag: int) -> bytes:
        return b"APETAGEX" + struct.pack("<IIII", 2000, len(content) + 32, 1, flag) + bytes(8)

    return tag(0xA0000000) + content + tag(0x80000000)


@pytest.mark.parametrize(
    "sent",
    [
        id3(HIDDEN * 20) + FRAMES,
        id3(HIDDEN) + id3(HIDDEN) + bytes(300) + FRAMES + b"TAG" + HIDDEN.ljust(125, b"\0"),
        FRAMES + ape(HIDDEN) + b"TAG" + HIDDEN.ljust(125, b"\0"),
        FRAMES + b"LYRICSBEGIN" + HIDDEN + b"%06d" % (11 + len(HIDDEN)) + b"LYRICS200",
        FRAMES,
    ],
)
def test_an_mp3_keeps_its_frames_alone(sent: bytes) -> None:
    assert bare_sound(sent) == FRAMES


@pytest.mark.parametrize("body", [b"ID3\x04" + bytes(40), id3(HIDDEN), b"\xff\xfb"])
def test_an_mp3_without_sound_has_no_copy(body: bytes) -> None:
    with pytest.raises(Damaged):
        bare_sound(body)


def test_amr_is_its_own_copy() -> None:
    assert make_copy(b"#!AMR\n" + bytes(40), "audio/amr") is None


@pytest.mark.parametrize(
    "name",
    ["聊天记录 截图.pdf", "👨‍👩‍👧 证据.pdf", "مستند.pdf", "长" * 85 + ".pdf", "a" * 251 + ".pdf"],
)
def test_names_come_through_whole(name: str) -> None:
    (made,), _refused = prepare([Upload(name, pdf())])
    assert made.name == name
    assert made.copy is not None
    assert re.search(HIDDEN, made.body)
