"""A document as files: one page of HTML that prints, the PDF, the Word file (GB/T 9704-2012; decision 0035)."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from ethics_eval.notices.document import Document
from ethics_eval.notices.rules.standing import Mark
from ethics_eval.notices.word import word_file
from ethics_eval.printing import Printer

FONTS = "fonts"  # the folder of the instance where the bureau lays its own fonts


class FileKind(StrEnum):
    """The files a document can be had as; the suffix is the value."""

    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"


MEDIA_TYPES = {
    FileKind.HTML: "text/html; charset=utf-8",
    FileKind.PDF: "application/pdf",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def document_styles() -> str:
    """The style sheet of official documents."""
    return (Path(__file__).resolve().parent.parent / "static" / "document.css").read_text("utf-8")


class Press:
    """Makes files of documents. ``templates``: as the pages use them; ``instance``: where the bureau's fonts lie."""

    def __init__(self, templates: Environment, instance: Path) -> None:
        self._templates = templates
        self._instance = instance

    def make(self, kind: FileKind, document: Document, mark: Mark | None = None) -> bytes:
        """The file of a document.

        Args: mark: what became of it, told on every page; None: it stands.
        Raises: RuleViolation ``printing.unavailable``: a PDF is asked for, and the system has no Pango.
        """
        makers: dict[FileKind, Callable[[Document, Mark | None], bytes]] = {
            FileKind.HTML: self._html,
            FileKind.PDF: self._pdf,
            FileKind.DOCX: word_file,
        }
        return makers[kind](document, mark)

    def _page(self, document: Document, mark: Mark | None, styles: str) -> str:
        template = self._templates.get_template("documents/notice_file.html")
        # the page's own style sheet, not what anybody wrote; escaped, its quotes would be lost
        return template.render(document=document, mark=mark, styles=Markup(styles))  # noqa: S704

    def _html(self, document: Document, mark: Mark | None) -> bytes:
        return self._page(document, mark, document_styles()).encode()

    def _pdf(self, document: Document, mark: Mark | None) -> bytes:
        printer = Printer(document_styles(), fonts=self._instance / FONTS)
        return printer.print(self._page(document, mark, ""), tagged=True)


def file_name(document: Document, kind: FileKind) -> str:
    """The file's name: 发文字号 and title, without what file systems refuse."""
    name = f"{document.number or ''}{document.title}"
    return f"{''.join('_' if sign in _REFUSED else sign for sign in name)[:100]}.{kind.value}"


_REFUSED = frozenset('/\\:*?"<>|\r\n\t')
