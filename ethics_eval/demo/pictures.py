"""Evidence drawn for the demonstration: a photographed page, a chat, a receipt, a scene.

Where the machine has no Chinese font, lines and shapes stand for the words: never boxes of missing glyphs.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from ethics_eval.roster.rules.calendar import CITY_TIME

_FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/System/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
_FONT_FILES = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansSC-Regular.otf",
    "NotoSerifCJK-Regular.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "SourceHanSansCN-Regular.otf",
    "PingFang.ttc",
    "msyh.ttc",
    "simsun.ttc",
)
_NOTO_SIMPLIFIED = 2  # of the faces in a Noto CJK collection
Font = ImageFont.FreeTypeFont


@cache
def _font_file() -> Path | None:
    for folder in _FONT_FOLDERS:
        for name in _FONT_FILES:
            found = next(iter(sorted(folder.rglob(name))), None) if folder.is_dir() else None
            if found is not None:
                return found
    return None


@cache
def _font(size: int) -> Font | None:
    """A Chinese font; None: the machine has none."""
    path = _font_file()
    if path is None:
        return None
    try:
        return ImageFont.truetype(path, size, index=_NOTO_SIMPLIFIED if "CJK" in path.name else 0)
    except OSError:
        return None


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=78)
    return out.getvalue()


def _write(
    draw: ImageDraw.ImageDraw, place: tuple[int, int], text: str, size: int, colour: str, chance: Random
) -> None:
    """The words, or strokes as long as they are."""
    font = _font(size)
    if font is not None:
        draw.text(place, text, font=font, fill=colour)
        return
    x, y = place
    for number in range(len(text)):
        left, height = x + number * size, chance.randint(size // 3, size * 3 // 4)
        draw.line([(left, y + size // 2), (left + size // 2, y + height)], fill=colour, width=2)
        draw.line([(left + size // 4, y + size // 5), (left + size // 3, y + size)], fill=colour, width=2)


def _lines(text: str, length: int) -> list[str]:
    return [
        line[start : start + length] for line in text.splitlines() for start in range(0, len(line), length)
    ]


def photo(at: datetime, chance: Random) -> bytes:
    """A scene out of focus, as a telephone takes it in passing, with the time in a corner."""
    wall = chance.choice(("#c9d3c4", "#d8cfc0", "#bfc9d6", "#d9d4cb"))
    picture = Image.new("RGB", (960, 720), wall)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 520, 960, 720), fill=chance.choice(("#8a7f70", "#7b8288", "#98876f")))
    draw.rectangle((180, 90, 780, 360), fill="#2f4a3d", outline="#8b6b45", width=14)
    for _stroke in range(9):
        x, y = chance.randint(220, 640), chance.randint(120, 320)
        draw.line([(x, y), (x + chance.randint(40, 110), y + chance.randint(-8, 8))], fill="#dfe6dd", width=4)
    for column in range(4):
        left = 40 + column * 230 + chance.randint(-15, 15)
        draw.polygon(
            [(left, 600), (left + 170, 600), (left + 190, 690), (left - 20, 690)],
            fill=chance.choice(("#c79f63", "#b98f57", "#cfab74")),
        )
        draw.ellipse((left + 50, 480, left + 120, 560), fill=chance.choice(("#3c3a3a", "#4a3f38", "#57473c")))
    picture = picture.filter(ImageFilter.GaussianBlur(chance.randint(3, 6)))
    stamp = at.astimezone(CITY_TIME).strftime("%Y-%m-%d %H:%M")
    ImageDraw.Draw(picture).text((690, 680), stamp, font=ImageFont.load_default(24), fill="#f4d35e")
    return _jpeg(picture)


def handwriting(text: str, chance: Random) -> bytes:
    """A page of an exercise book with words in blue ink, photographed a little askew."""
    picture = Image.new("RGB", (900, 1180), "#f7f3e6")
    draw = ImageDraw.Draw(picture)
    for y in range(150, 1120, 62):
        draw.line([(60, y), (840, y)], fill="#b8c7d9", width=2)
    draw.line([(120, 60), (120, 1140)], fill="#d9a3a3", width=2)
    for number, line in enumerate(_lines(text, 17)[:14]):
        _write(draw, (140 + chance.randint(0, 8), 104 + 62 * number), line, 38, "#27408b", chance)
    turned = picture.rotate(chance.choice((-3, -2, 2, 3)), expand=True, fillcolor="#6e6257")
    return _jpeg(turned)


def chat(words: Sequence[str], chance: Random) -> bytes:
    """A chat on a telephone: grey bubbles of others, green ones of one's own."""
    picture = Image.new("RGB", (720, 300 + 120 * len(words)), "#ededed")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 720, 96), fill="#f7f7f7")
    _write(draw, (300, 32), "聊天记录", 30, "#111111", chance)
    y = 140
    for number, text in enumerate(words):
        own = number % 2 == 1
        width = min(520, 36 + 30 * len(text))
        lines = _lines(text, 16)
        height = 28 + 40 * len(lines)
        left = 720 - 100 - width if own else 100
        face = (636, y, 700, y + 64) if own else (20, y, 84, y + 64)
        draw.rounded_rectangle(face, 8, fill=chance.choice(("#8fb3d9", "#d9a58f", "#a3c9a8", "#c3a3d9")))
        draw.rounded_rectangle((left, y, left + width, y + height), 10, fill="#95ec69" if own else "#ffffff")
        for place, line in enumerate(lines):
            _write(draw, (left + 18, y + 12 + 40 * place), line, 28, "#111111", chance)
        y += height + 34
    return _jpeg(picture.crop((0, 0, 720, y + 60)))


def receipt(payee: str, amount: int, at: datetime, chance: Random) -> bytes:
    """A slip of paper with a sum. ``amount`` in yuan."""
    picture = Image.new("RGB", (640, 820), "#5f6a72")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(70, 60), (560, 50), (575, 760), (60, 770)], fill="#fffdf6")
    _write(draw, (250, 100), "收 据", 44, "#8b1a1a", chance)
    for number, text in enumerate((f"今收到：{payee}", f"金额：{amount}元整", "事由：资料费")):
        _write(draw, (110, 220 + 90 * number), text, 32, "#333333", chance)
        draw.line([(110, 272 + 90 * number), (520, 272 + 90 * number)], fill="#c9c2b0", width=2)
    draw.ellipse((350, 520, 520, 690), outline="#c0392b", width=6)
    stamp = at.astimezone(CITY_TIME).strftime("%Y-%m-%d")
    draw.text((120, 640), stamp, font=ImageFont.load_default(28), fill="#333333")
    return _jpeg(picture)
