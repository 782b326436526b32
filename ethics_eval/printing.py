"""Pages to PDF: WeasyPrint with every door shut, its start explained when the system lacks Pango."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from ethics_eval.text import N_, RuleViolation


class Printer:
    """Sets pages of one style; the fonts are looked up once.

    Raises: RuleViolation ``printing.unavailable``: the system has no Pango.
    """

    def __init__(self, styles: str) -> None:
        try:
            import weasyprint  # noqa: PLC0415 - loads Pango, which a server that prints nothing need not have
            from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
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
