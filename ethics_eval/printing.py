"""Pages to PDF: WeasyPrint with every door shut, its start explained when the system lacks Pango."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from PIL import ImageFile

from ethics_eval.text import N_, RuleViolation

_POINTS_PER_PIXEL = 0.75  # 72 an inch to 96


class Printer:
    """Sets pages of one style; the fonts are looked up once.

    Raises: RuleViolation ``printing.unavailable``: the system has no Pango.
    """

    def __init__(self, styles: str) -> None:
        try:
            import weasyprint  # noqa: PLC0415 - loads Pango, which a server that prints nothing need not have
            from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

            # WeasyPrint lets Pillow read broken pictures, for the whole process: evidence would pass as whole.
            ImageFile.LOAD_TRUNCATED_IMAGES = False
        except OSError as error:
            raise RuleViolation(
                "printing.unavailable",
                N_(
                    "服务器缺少生成 PDF 的组件,请系统管理员安装:apt-get install libpangoft2-1.0-0 fonts-noto-cjk"
                ),
            ) from error
        self._weasyprint = weasyprint
        self._fonts = FontConfiguration()
        self._styles = weasyprint.CSS(string=styles, font_config=self._fonts, url_fetcher=_closed())

    def print(self, page: str, finish: Callable[[Any, Any], None] | None = None) -> bytes:
        """The PDF of an HTML text. Nothing is fetched, neither from the net nor from the disk.

        Args: finish: may add to the PDF before it is written; gets WeasyPrint's document and the pydyf.PDF.
        """
        document = self._weasyprint.HTML(string=page, url_fetcher=_closed()).render(
            stylesheets=[self._styles], font_config=self._fonts
        )
        out = io.BytesIO()
        document.write_pdf(out, finisher=finish)
        return out.getvalue()


def _closed() -> Any:
    from weasyprint.urls import URLFetcher  # noqa: PLC0415 - as above

    return URLFetcher(allowed_protocols=())


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
