"""A document as a Word file, for staff to finish in WPS: the same structure, with real paragraphs, tables and fields.

GB/T 9704-2012: A4, type area 156 × 225 mm, 22 lines of 28 characters of 三号仿宋, the number of the page outside below.
A seal is never drawn; its place stays free. The same document gives the same parts whenever it is made.
"""

from __future__ import annotations

import io
import math
import unicodedata
from datetime import datetime

import docx
from docx.document import Document as WordDocument
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section as WordSection
from docx.shared import Length, Mm, Pt, RGBColor
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from ethics_eval.notices.document import Document, Table
from ethics_eval.notices.rules.standing import Mark

FANG_SONG, HEI, KAI, SONG, XIAO_BIAO_SONG = "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体", "方正小标宋简体"
LATIN = "Times New Roman"
RED, BLACK = "C00000", "000000"
THREE, FOUR, LITTLE_FOUR, TWO = Pt(16), Pt(14), Pt(12), Pt(22)  # 三号, 四号, 小四, 二号
ISSUER = 46  # points of the 发文机关标志, less where the name is long
TEXT_WIDTH, TEXT_HEIGHT = Mm(156), Mm(225)
LINES, CHARACTERS = 22, 28
EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - document properties have no zone

_TWIPS = 20  # to a point
_LINE = Pt(TEXT_HEIGHT.pt / LINES)
# Between characters, so that 28 of 三号 fill a line. Not a grid of characters: where one is a hair wider than its cell,
# LibreOffice gives it two.
_CHARACTER_SPACE = math.floor((TEXT_WIDTH.pt / CHARACTERS - THREE.pt) * _TWIPS)
_HAIR, _RULE, _RED_RULE = 6, 8, 16  # eighths of a point: 0.25 mm, 0.35 mm, 0.7 mm
_TABLE_LINE = Mm(6)
# A cell of a table in half characters: what stands in one line (a day written out), and the edges at its sides.
_SHORT, _MARGINS = 14, 3


def word_file(document: Document, mark: Mark | None = None) -> bytes:
    """The .docx of a document. ``mark``: what became of it, told on top of every page; None: it stands."""
    word = docx.Document()
    _set_properties(word, document)
    _set_page(word.sections[0], mark)
    _set_even_pages(word)
    _set_body_style(word)
    _write_head(word, document)
    _write_body(word, document)
    _write_signature(word, document)
    for note in document.annotations:
        # ragged: a checksum would tear the line apart
        _text(word, f"（{note.removesuffix('。')}）").alignment = WD_ALIGN_PARAGRAPH.LEFT
    _write_imprint(word, document)
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


# --- page ---------------------------------------------------------------------------------------------------


def _set_properties(word: WordDocument, document: Document) -> None:
    properties = word.core_properties
    properties.title = document.title
    properties.author = document.signature
    properties.last_modified_by = document.signature
    properties.subject = document.number or ""
    properties.comments = ""
    properties.language = "zh-CN"
    properties.created = properties.modified = EPOCH


def _set_page(section: WordSection, mark: Mark | None) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.right_margin = Mm(37), Mm(26)
    section.bottom_margin, section.left_margin = Mm(35), Mm(28)
    section.header_distance, section.footer_distance = Mm(18), Mm(22)
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    section._sectPr.append(_element("w:docGrid", type="lines", linePitch=int(_LINE.pt * _TWIPS)))
    for header, footer, side in (
        (section.header, section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_header, section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        _write_page_number(footer.paragraphs[0], side)
        if mark:
            line = header.paragraphs[0]
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _run(line, mark.line, HEI, LITTLE_FOUR, color=RED)


def _set_even_pages(word: WordDocument) -> None:
    word.settings.odd_and_even_pages_header_footer = True


def _write_page_number(line: Paragraph, side: WD_ALIGN_PARAGRAPH) -> None:
    line.alignment = side
    where = line.paragraph_format
    if side == WD_ALIGN_PARAGRAPH.RIGHT:
        where.right_indent = FOUR
    else:
        where.left_indent = FOUR
    _run(line, "— ", SONG, FOUR)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = _run(line, "", SONG, FOUR)
        if kind:
            run._r.append(_element("w:fldChar", fldCharType=kind))
        else:
            instruction = OxmlElement("w:instrText")
            instruction.text = text
            run._r.append(instruction)
    _run(line, " —", SONG, FOUR)


def _set_body_style(word: WordDocument) -> None:
    normal = word.styles["Normal"]
    normal.font.size = THREE
    properties = normal.element.get_or_add_rPr()
    _set_fonts(properties, FANG_SONG)
    properties.insert_element_before(_element("w:spacing", val=_CHARACTER_SPACE), "w:sz", "w:szCs", "w:lang")
    layout = normal.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    layout.line_spacing = _LINE


# --- parts --------------------------------------------------------------------------------------------------


def _write_head(word: WordDocument, document: Document) -> None:
    """版头 and title: a circular's with its number between the red name and the red rule, a letter's without."""
    size = Pt(min(ISSUER, int(TEXT_WIDTH.pt / max(len(document.issuer), 1))))
    name = word.add_paragraph()
    name.alignment = WD_ALIGN_PARAGRAPH.CENTER
    name.paragraph_format.line_spacing = Pt(size.pt * 6 / 5)
    if document.number:
        name.paragraph_format.space_before = Mm(35)
    _run(name, document.issuer, XIAO_BIAO_SONG, size, color=RED)
    last = name
    if document.number:
        last = word.add_paragraph()
        last.alignment = WD_ALIGN_PARAGRAPH.CENTER
        last.paragraph_format.space_before = Pt(_LINE.pt * 2)
        _run(last, document.number, FANG_SONG, THREE)
    _add_borders(last, bottom=(_RED_RULE, RED))
    title = word.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_before = Pt(_LINE.pt * (2 if document.number else 1))
    title.paragraph_format.space_after = _LINE
    title.paragraph_format.line_spacing = Mm(12)
    _set_outline(title, 0)
    _run(title, document.title, XIAO_BIAO_SONG, TWO)
    addressee = word.add_paragraph()
    _run(addressee, document.addressee, FANG_SONG, THREE)


def _write_body(word: WordDocument, document: Document) -> None:
    for paragraph in document.opening:
        _text(word, paragraph)
    for section in document.sections:
        heading = _text(word, section.heading, HEI)
        heading.paragraph_format.keep_with_next = True
        _set_outline(heading, 1)
        for paragraph in section.paragraphs:
            _text(word, paragraph)
        for number, lead, rest in section.numbered_items:
            item = _text(word, f"{number}{lead}", KAI)
            _run(item, rest, FANG_SONG, THREE)
        if section.table is not None:
            _write_table(word, section.table)
    for paragraph in document.closing:
        _text(word, paragraph)


def _write_table(word: WordDocument, table: Table) -> None:
    made = word.add_table(rows=0, cols=len(table.heads))
    made.autofit = False
    made.alignment = WD_TABLE_ALIGNMENT.CENTER  # else it begins a cell's edge left of the text
    _set_table_borders(made, "top", "left", "bottom", "right", "insideH", "insideV", width=4)
    widths = _column_widths(table)
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    for place, cells in enumerate((table.heads, *table.rows)):
        row = made.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(_element("w:cantSplit"))
        if place == 0:
            properties.append(_element("w:tblHeader"))
        for cell, text, width in zip(row.cells, cells, widths, strict=True):
            cell.width = width
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            line = cell.paragraphs[0]
            is_long = place > 0 and len(table.heads) > 2 and _half_characters(text) > _SHORT
            line.alignment = WD_ALIGN_PARAGRAPH.LEFT if is_long else WD_ALIGN_PARAGRAPH.CENTER
            line.paragraph_format.line_spacing = _TABLE_LINE
            layout = line._p.get_or_add_pPr()
            for name in ("w:autoSpaceDE", "w:autoSpaceDN", "w:snapToGrid"):  # smaller, closer than the body
                layout.insert_element_before(
                    _element(name, val=0), "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
                )
            _run(line, text, HEI if place == 0 else FANG_SONG, LITTLE_FOUR)


def _column_widths(table: Table) -> list[Length]:
    """Of the type area: short columns stand in one line, the longest takes what they leave."""
    longest = [max(map(_half_characters, column)) for column in zip(table.heads, *table.rows, strict=True)]
    widths: list[Length] = [Pt((min(width, _SHORT) + _MARGINS) * LITTLE_FOUR.pt / 2) for width in longest]
    last_of_longest = max(range(len(longest)), key=lambda place: (longest[place], place))
    widths[last_of_longest] = Length(TEXT_WIDTH - sum(widths) + widths[last_of_longest])
    return widths


def _write_signature(word: WordDocument, document: Document) -> None:
    """署名 over the middle of the 成文日期, which ends four characters from the right; above, room for the seal."""
    word.paragraphs[-1].paragraph_format.keep_with_next = True  # a signature never stands alone on a page
    beyond = _half_characters(document.issued_on) - _half_characters(document.signature)
    quarters = ((document.signature, 16 + beyond), (document.issued_on, 16))  # of a character, from the right
    for place, (text, indent) in enumerate(quarters):
        line = word.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        line.paragraph_format.right_indent = Pt(max(indent, 0) * THREE.pt / 4)
        line.paragraph_format.keep_together = True
        if place == 0:
            line.paragraph_format.space_before = Pt(_LINE.pt * 2)
            line.paragraph_format.keep_with_next = True
        _run(line, text, FANG_SONG, THREE)


def _write_imprint(word: WordDocument, document: Document) -> None:
    """版记: at the foot of the last page, between rules."""
    lines = [f"抄送：{document.copies}"] if document.copies else []
    issuer, _gap, printed_on = document.printed_by.partition("  ")
    if document.printed_by:
        lines.append(f"{issuer}\t{printed_on}")
    if not lines:
        return
    made = word.add_table(rows=0, cols=1)
    _set_table_borders(made, "top", "bottom", width=_RULE)
    _set_table_borders(made, "insideH", width=_HAIR)
    made._tbl.tblPr.insert(
        0,
        _element(
            "w:tblpPr", vertAnchor="margin", horzAnchor="margin", tblpXSpec="center", tblpYSpec="bottom"
        ),
    )
    for text in lines:
        row = made.add_row()
        row._tr.get_or_add_trPr().append(_element("w:cantSplit"))
        cell = row.cells[0]
        cell.width = TEXT_WIDTH
        line = cell.paragraphs[0]
        layout = line.paragraph_format
        layout.left_indent = layout.right_indent = FOUR
        if text.startswith("抄送："):
            layout.left_indent, layout.first_line_indent = Pt(FOUR.pt * 4), Pt(-FOUR.pt * 3)
        layout.tab_stops.add_tab_stop(Length(TEXT_WIDTH - FOUR * 2), WD_TAB_ALIGNMENT.RIGHT)
        _run(line, text, FANG_SONG, FOUR)
    word.add_paragraph().paragraph_format.line_spacing = Pt(1)


# --- pieces -------------------------------------------------------------------------------------------------


def _text(word: WordDocument, text: str, font: str = FANG_SONG) -> Paragraph:
    """A paragraph of the body: two characters in, both edges even."""
    line = word.add_paragraph()
    line.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    line.paragraph_format.first_line_indent = Pt(THREE.pt * 2)
    line._p.get_or_add_pPr().get_or_add_ind().set(qn("w:firstLineChars"), "200")
    _run(line, text, font, THREE)
    return line


def _run(line: Paragraph, text: str, font: str, size: Length, *, color: str = "") -> Run:
    run = line.add_run(text)
    run.font.size = size
    if color:
        run.font.color.rgb = RGBColor.from_string(color)
    _set_fonts(run._r.get_or_add_rPr(), font)
    return run


def _set_fonts(properties: BaseOxmlElement, font: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    for name, value in (("ascii", LATIN), ("hAnsi", LATIN), ("eastAsia", font), ("hint", "eastAsia")):
        fonts.set(qn(f"w:{name}"), value)


def _set_outline(line: Paragraph, level: int) -> None:
    line._p.get_or_add_pPr().append(_element("w:outlineLvl", val=level))


def _add_borders(line: Paragraph, **sides: tuple[int, str]) -> None:
    borders = OxmlElement("w:pBdr")
    for side, (width, color) in sides.items():
        borders.append(_element(f"w:{side}", val="single", sz=width, space=11, color=color))
    properties = line._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )


def _set_table_borders(table: WordTable, *sides: str, width: int) -> None:
    properties = table._tbl.tblPr
    borders = properties.find(qn("w:tblBorders"))
    if borders is None:
        borders = OxmlElement("w:tblBorders")
        properties.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")
    order = ("top", "left", "bottom", "right", "insideH", "insideV")
    found = {child.tag: child for child in borders}
    for side in sides:
        found[qn(f"w:{side}")] = _element(f"w:{side}", val="single", sz=width, space=0, color=BLACK)
    for child in list(borders):
        borders.remove(child)
    for side in order:
        if qn(f"w:{side}") in found:
            borders.append(found[qn(f"w:{side}")])


def _element(tag: str, **attributes: str | int) -> BaseOxmlElement:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


def _half_characters(text: str) -> int:
    """How wide a line is: two for each Chinese character, one for a Latin letter or a figure."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)
