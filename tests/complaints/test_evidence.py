"""Files are judged by their bytes; pictures come out without what they hide."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ethics_eval.complaints.evidence import (
    COPY_SIDE,
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_NAME,
    PreparedFile,
    Upload,
    media_type,
    prepare,
    viewing_copy,
)
from ethics_eval.printing import Printer
from ethics_eval.text import RuleViolation

GPS_IFD, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def picture(
    kind: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = (60, 40), **options: object
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, **({"color": 128} if mode in {"L", "I;16"} else {})).save(out, kind, **options)
    return out.getvalue()


def photo(kind: str = "JPEG") -> bytes:
    """A phone's photo: lying on its side, with the maker and the place."""
    exif = Image.Exif()
    exif[MAKE] = "MakerOfPhones"
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS_IFD)[2] = (27.0, 49.0, 50.0)
    if kind == "HEIF":
        return picture(kind, exif=exif, quality=90, xmp=b"hidden words")
    return picture(kind, exif=exif, quality=90, comment=b"hidden words")


def archive(*members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for member in members:
            zipped.writestr(member, "<x/>")
    return out.getvalue()


def one(body: bytes, name: str = "证据.bin") -> PreparedFile:
    accepted, refused = prepare([Upload(name, body)])
    assert not refused, [str(violation) for violation in refused]
    return accepted[0]


def refusal(body: bytes, name: str = "证据.bin") -> str:
    accepted, refused = prepare([Upload(name, body)])
    assert not accepted
    assert len(refused) == 1
    assert refused[0].field == "evidence"
    assert name in str(refused[0])
    return refused[0].code


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("WEBP"), "image/webp"),
        (picture("HEIF"), "image/heic"),
        (b"\0\0\0\x18ftypisom" + bytes(40), "video/mp4"),
        (b"\0\0\0\x18ftypmp42" + bytes(40), "video/mp4"),
        (b"\0\0\0\x18ftypM4A " + bytes(40), "audio/mp4"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"ID3\x04" + bytes(40), "audio/mpeg"),
        (b"\xff\xfb\x90\x00" + bytes(40), "audio/mpeg"),
        (b"#!AMR\n" + bytes(40), "audio/amr"),
        (archive("[Content_Types].xml", "word/document.xml"), DOCX),
        (archive("[Content_Types].xml", "xl/workbook.xml"), XLSX),
    ],
)
def test_what_is_accepted(body: bytes, kind: str) -> None:
    assert media_type(body) == kind
    assert one(body).media_type == kind


@pytest.mark.parametrize(
    "body",
    [
        b"hello, this is text",
        b"<!doctype html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ\x90\x00" + bytes(60),
        b"\x7fELF" + bytes(60),
        b"GIF89a" + bytes(60),
        b"RIFF\0\0\0\0WAVE" + bytes(40),
        b"\0\0\0\x18ftypavif" + bytes(40),
        b" %PDF-1.7",
        b"\xff",
        archive("evil.exe"),
        b"PK\x03\x04 and no archive",
    ],
)
@pytest.mark.parametrize("name", ["证据.jpg", "证据.pdf"])
def test_what_is_not_accepted_whatever_its_name(body: bytes, name: str) -> None:
    assert media_type(body) is None
    assert refusal(body, name) == "evidence.kind"


def test_an_empty_file_is_told_apart() -> None:
    assert refusal(b"") == "evidence.empty"


@pytest.mark.parametrize("kind", ["JPEG", "HEIF"])
def test_a_photo_loses_place_and_maker_and_stands_upright(kind: str) -> None:
    sent = photo(kind)
    made = one(sent, "IMG_0001.jpg")
    assert made.body == sent
    assert made.copy is not None
    assert b"MakerOfPhones" in made.body
    assert b"hidden words" in made.body
    with Image.open(io.BytesIO(made.copy)) as seen:
        assert not seen.getexif()
        assert not seen.getexif().get_ifd(GPS_IFD)
        # a HEIF says how it stands in its container, which the maker of this one does not write
        assert seen.size == ((40, 60) if kind == "JPEG" else (60, 40))
        assert not {"exif", "comment", "xmp", "icc_profile"} & seen.info.keys()
    assert b"MakerOfPhones" not in made.copy
    assert b"hidden words" not in made.copy
    assert b"Exif" not in made.copy


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_every_kind_of_png_can_be_looked_at(mode: str) -> None:
    with Image.open(io.BytesIO(viewing_copy(picture("PNG", mode), "image/png"))) as seen:
        assert (seen.format, seen.mode, seen.size) == ("JPEG", "RGB", (60, 40))


@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_every_kind_of_jpeg_can_be_looked_at(mode: str) -> None:
    with Image.open(io.BytesIO(viewing_copy(picture("JPEG", mode), "image/jpeg"))) as seen:
        assert (seen.format, seen.mode) == ("JPEG", "RGB")


def test_a_moving_picture_is_looked_at_standing_still() -> None:
    frames = [Image.new("RGB", (30, 30), color) for color in ("red", "blue", "green")]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    with Image.open(io.BytesIO(viewing_copy(out.getvalue(), "image/webp"))) as seen:
        red, _green, blue = seen.convert("RGB").getpixel((15, 15))  # type: ignore[misc]
        assert red > 200
        assert blue < 60


def test_a_large_picture_is_made_smaller() -> None:
    copy = viewing_copy(picture("JPEG", size=(5000, 4000)), "image/jpeg")
    with Image.open(io.BytesIO(copy)) as seen:
        assert max(seen.size) == COPY_SIDE


def bomb(width: int, height: int) -> bytes:
    """A PNG of so many pixels that says little of it in bytes."""
    whole = picture("PNG", "1", (8, 8))
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + whole[24:29]
    chunk = b"IHDR" + head
    return whole[:12] + chunk + zlib.crc32(chunk).to_bytes(4, "big") + whole[33:]


@pytest.mark.parametrize("side", [5001, 20_000, 60_000])
def test_too_many_pixels_are_refused_before_they_are_decoded(side: int) -> None:
    assert refusal(bomb(side, side)) == "evidence.pixels"


@pytest.mark.parametrize(
    "broken",
    [
        picture("JPEG")[:-200],
        picture("PNG")[:60],
        picture("WEBP")[:30],
        b"\xff\xd8\xff" + bytes(100),
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"RIFF\0\0\0\0WEBP" + bytes(100),
    ],
)
def test_broken_pictures_are_told(broken: bytes) -> None:
    assert refusal(broken, "断了.jpg") == "evidence.broken"


def test_broken_pictures_are_told_where_pages_are_printed_too() -> None:
    Printer("")
    assert refusal(picture("PNG")[:60], "断了.jpg") == "evidence.broken"


PICTURES: list[Callable[[], bytes]] = [photo, lambda: picture("PNG", "P"), lambda: picture("WEBP", "RGBA")]


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow tells of tags it cannot read
@given(
    st.sampled_from(PICTURES),
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), max_size=8),
)
def test_damaged_pictures_are_shown_or_refused_never_more(
    make: Callable[[], bytes], damage: list[tuple[float, bytes]]
) -> None:
    body = bytearray(make())
    for where, bytes_there in damage:
        place = int(where * (len(body) - 1))
        body[place : place + len(bytes_there)] = bytes_there
    accepted, refused = prepare([Upload("a.jpg", bytes(body))])
    assert len(accepted) + len(refused) == 1
    assert b"MakerOfPhones" not in b"".join(file.copy or b"" for file in accepted)


def test_a_polyglot_is_seen_as_a_picture_only() -> None:
    script = b"<script>alert(document.cookie)</script>"
    made = one(photo() + archive("word/document.xml") + script, "照片.jpg")
    assert made.media_type == "image/jpeg"
    assert made.copy is not None
    assert script not in made.copy
    assert b"word/document.xml" not in made.copy


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("聊天记录 截图.jpg", "聊天记录 截图.jpg"),
        ("../../etc/passwd", "../../etc/passwd"),  # data, never a path
        ('a"b;c=d.pdf', 'a"b;c=d.pdf'),
        ("两\r\n行\0.pdf", "两  行 .pdf"),
        ("gpj.\u202excod.pdf", "gpj. xcod.pdf"),
        ("", "file"),
        ("\n", "file"),
        ("长" * 300, "长" * MAX_NAME),
    ],
)
def test_names_are_kept_as_data(name: str, kept: str) -> None:
    assert one(b"%PDF-1.7", name).name == kept


def test_nine_files_and_no_more() -> None:
    nine = [Upload(f"{at}.pdf", b"%PDF-1.7") for at in range(MAX_FILES)]
    accepted, refused = prepare(nine)
    assert len(accepted) == MAX_FILES
    assert not refused
    accepted, refused = prepare([*nine, Upload("十.pdf", b"%PDF-1.7")])
    assert not accepted
    assert [violation.code for violation in refused] == ["evidence.count"]


def test_twenty_megabytes_each() -> None:
    largest = b"%PDF-".ljust(MAX_FILE_BYTES, b"\0")
    assert one(largest).media_type == "application/pdf"
    assert refusal(largest + b"\0") == "evidence.size"


def test_sixty_megabytes_together() -> None:
    largest = b"%PDF-".ljust(MAX_FILE_BYTES, b"\0")
    three = [Upload(f"{at}.pdf", largest) for at in range(3)]
    assert len(prepare(three)[0]) == 3
    accepted, refused = prepare([*three, Upload("四.pdf", b"%PDF-1.7")])
    assert not accepted
    assert [violation.code for violation in refused] == ["evidence.total"]


def test_the_good_ones_are_kept_beside_the_bad() -> None:
    accepted, refused = prepare(
        [Upload("好.pdf", b"%PDF-1.7"), Upload("坏.exe", b"MZ"), Upload("照片.png", picture("PNG"))]
    )
    assert [file.name for file in accepted] == ["好.pdf", "照片.png"]
    assert [violation.values["name"] for violation in refused] == ["坏.exe"]


def test_the_cap_is_ours() -> None:
    with pytest.raises(RuleViolation) as refused:
        viewing_copy(bomb(5001, 5001), "image/png")
    assert refused.value.code == "evidence.pixels"
