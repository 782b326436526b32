"""The viewing copy of a picture, and pictures inside documents without what they hide."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from ethics_eval.text import N_, RuleViolation

MAX_PIXELS = 25_000_000
COPY_SIDE = 2048
COPY_TYPE = "image/jpeg"
PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF"}

# Our own cap is stricter, and comes before anything is decoded.
Image.MAX_IMAGE_PIXELS = None
pillow_heif.register_heif_opener(thumbnails=False)

_JPEG_KEPT = frozenset({0xE0, 0xEE})  # JFIF, and Adobe's: how colours are meant
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"bKGD"}
)


def viewing_copy(body: bytes, kind: str) -> bytes:
    """A JPEG without metadata, turned upright, at most 2048 pixels a side.

    Raises: RuleViolation: broken, or more than 25 megapixels.
    """
    try:
        with Image.open(io.BytesIO(body), formats=[PICTURES[kind]]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise RuleViolation(
                    "evidence.pixels", N_("“%(name)s”尺寸太大，请用手机截图或压缩后再传。"), field="evidence"
                )
            if getattr(picture, "n_frames", 1) > 1:
                picture.seek(0)
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((COPY_SIDE, COPY_SIDE))
            flat = Image.new("RGB", upright.size, "white")
            rgba = upright.convert("RGBA")
            flat.paste(rgba, mask=rgba.getchannel("A"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise RuleViolation(
            "evidence.broken", N_("“%(name)s”打不开，可能已损坏，请重新选择。"), field="evidence"
        ) from error
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


def bare_picture(body: bytes) -> bytes:
    """A JPEG or PNG inside a document, its pixels untouched, its metadata left out; anything else as it is."""
    if body.startswith(b"\xff\xd8"):
        return b"".join(_jpeg_parts(body))
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return body[:8] + b"".join(_png_chunks(body))
    return body


def _jpeg_parts(body: bytes) -> Iterator[bytes]:
    yield body[:2]
    at = 2
    while at + 4 <= len(body) and body[at] == 0xFF:
        kind = body[at + 1]
        if kind == 0xDA:  # the picture itself; what may stand after its end is cut off
            end = body.rfind(b"\xff\xd9")
            yield body[at : end + 2] if end > at else body[at:]
            return
        end = at + 2 + int.from_bytes(body[at + 2 : at + 4], "big")
        is_application = 0xE0 <= kind <= 0xEF or kind == 0xFE
        if not is_application or kind in _JPEG_KEPT:
            yield body[at:end]
        at = end


def _png_chunks(body: bytes) -> Iterator[bytes]:
    at = 8
    while at + 12 <= len(body):
        end = at + 12 + int.from_bytes(body[at : at + 4], "big")
        if body[at + 4 : at + 8] in _PNG_KEPT:
            yield body[at:end]
        at = end
