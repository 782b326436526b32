"""Pages to PDF: WeasyPrint with every door shut, its start explained when the system lacks Pango."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import structlog
from PIL import ImageFile

from ethics_eval.text import N_, RuleViolation

_POINTS_PER_PIXEL = 0.75  # 72 an inch to 96
_log = structlog.get_logger("ethics_eval.printing")


class Printer:
    """Sets pages of one style; the fonts are looked up once.

    Args: fonts: a folder of fonts to use before those of the system, under the names they give themselves.
    Raises: RuleViolation ``printing.unavailable``: the system has no Pango.
    """

    def __init__(self, styles: str, *, fonts: Path | None = None) -> None:
        try:
            import weasyprint  # noqa: PLC0415 - loads Pango, which a server that prints nothing need not have
            from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

            # WeasyPrint lets Pillow read broken pictures, for the whole process: evidence would pass as whole.
            ImageFile.LOAD_TRUNCATED_IMAGES = False
        except OSError as error:
            raise RuleViolation(
                "printing.unavailable",
                N_(
                    "服务器缺少生成 PDF 的组件，请系统管理员安装：apt-get install libpangoft2-1.0-0 fonts-noto-cjk"
                ),
            ) from error
        self._weasyprint = weasyprint
        self._fonts = FontConfiguration()
        own = font_faces(fonts)
        self._styles = weasyprint.CSS(
            string="".join(own.rules) + styles, font_config=self._fonts, url_fetcher=_closed(own.files)
        )

    def print(
        self, page: str, finish: Callable[[Any, Any], None] | None = None, *, tagged: bool = False
    ) -> bytes:
        """The PDF of an HTML text. Nothing is fetched, neither from the net nor from the disk.

        Args: finish: may add to the PDF before it is written; gets WeasyPrint's document and the pydyf.PDF; tagged:
        whether headings, paragraphs and tables are told to those who have it read aloud.
        """
        document = self._weasyprint.HTML(string=page, url_fetcher=_closed()).render(
            stylesheets=[self._styles], font_config=self._fonts
        )
        out = io.BytesIO()
        document.write_pdf(out, finisher=finish, pdf_tags=tagged)
        return out.getvalue()


def _closed(files: Mapping[str, Path] = MappingProxyType({})) -> Any:
    """A fetcher that gives these files, by addresses of our own, and nothing else."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415 - as above

    class Closed(URLFetcher):
        def fetch(self, url: str, headers: object = None) -> Any:
            if url not in files:
                raise ValueError(f"nothing is fetched: {url}")
            return URLFetcherResponse(url, files[url].read_bytes())

    return Closed(allowed_protocols=())


class FontFaces(NamedTuple):
    """Fonts of a folder: their rules in CSS, and the files those name."""

    rules: tuple[str, ...]
    files: Mapping[str, Path]


FONT_SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".woff", ".woff2"})
_FAMILY_NAMES = frozenset({1, 16})  # in a font's table of names
_UNQUOTABLE = re.compile(r'["\\\x00-\x1f]')


def font_faces(folder: Path | None) -> FontFaces:
    """The fonts of a folder, each under every name it gives itself (仿宋_GB2312, FangSong_GB2312 …).

    A file that is no font is left out and told in the log: a document is printed all the same.
    """
    rules: list[str] = []
    files: dict[str, Path] = {}
    for path in sorted(folder.iterdir()) if folder is not None and folder.is_dir() else ():
        if path.suffix.lower() not in FONT_SUFFIXES:
            continue
        try:
            names = _family_names(path)
        except Exception as error:  # whatever lies there, fontTools says it in many ways
            _log.warning("font not readable", file=path.name, kind=type(error).__name__)
            continue
        address = f"font:{len(files)}"
        files[address] = path
        rules += [f'@font-face {{ font-family: "{name}"; src: url("{address}"); }}\n' for name in names]
    return FontFaces(tuple(rules), files)


def _family_names(path: Path) -> list[str]:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # noqa: PLC0415 - with WeasyPrint

    with TTFont(io.BytesIO(path.read_bytes()), fontNumber=0, lazy=True) as font:
        found = {str(name.toUnicode()) for name in font["name"].names if name.nameID in _FAMILY_NAMES}
    return sorted(_UNQUOTABLE.sub("", name) for name in found)


def modules_drawn(
    rows: Sequence[bytes], place: tuple[float, float, float, float], *, quiet: int
) -> Iterator[bytes]:
    """PDF operators that fill the dark modules of a code, a rectangle for each run of a row.

    Args: rows: from above, 1 for dark; place: left, top, right, bottom in CSS pixels, as WeasyPrint's anchors are;
    quiet: modules left white on each side of the place.
    """
    left, top, right, _bottom = (value * _POINTS_PER_PIXEL for value in place)
    module = (right - left) / (len(rows) + 2 * quiet)
    yield b"q 0 g"
    for y, row in enumerate(rows):
        row_top = top + (y + quiet) * module
        x = 0
        for run in row.replace(b"\0", b" ").split(b" "):
            if run:
                yield b"%.3f %.3f %.3f %.3f re" % (
                    left + (x + quiet) * module,
                    row_top,
                    len(run) * module,
                    module,
                )
            x += len(run) + 1
    yield b"f Q"
