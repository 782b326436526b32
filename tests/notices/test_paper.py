"""Documents on paper, read back: the page, the type area, what stands where, what is embedded, Word's own structure."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from pypdf import PageObject, PdfReader

from ethics_eval.notices.paper import FileKind, file_name
from ethics_eval.notices.rules.standing import CORRECTED, mark_of
from ethics_eval.printing import font_faces
from tests.notices.samples import document_of, letter_to_many, press

MARK = mark_of(CORRECTED, by_number="株教通〔2026〕9号", by_day="2026年4月1日")
Printed = Callable[..., PdfReader]


@pytest.fixture
def printed(tmp_path: Path) -> Printed:
    """A document as PDF, read back."""

    def make(*arguments: object) -> PdfReader:
        return PdfReader(io.BytesIO(press(tmp_path).make(FileKind.PDF, *arguments)))  # type: ignore[arg-type]

    return make


def text_of(page: PageObject) -> str:
    """What a page says, without blanks and without places where a line may break."""
    return "".join(page.extract_text().replace("\u200b", "").split())


def whole(reader: PdfReader) -> str:
    return "".join(text_of(page) for page in reader.pages)


def fonts(reader: PdfReader) -> dict[str, bool]:
    """Name → whether it is embedded."""
    found: dict[str, bool] = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = descendant["/FontDescriptor"].get_object()
            found[descendant["/BaseFont"]] = any(key in descriptor for key in ("/FontFile2", "/FontFile3"))
    return found


def test_the_circular_has_the_pages_of_an_official_document(printed: Printed) -> None:
    document = document_of("circular")
    reader = printed(document)
    for number, page in enumerate(reader.pages, start=1):
        assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [210, 297]
        assert f"—{number}—" in text_of(page)
    first, last = text_of(reader.pages[0]), text_of(reader.pages[-1])
    assert "株洲市教育局文件" in first
    assert "株教通〔2026〕__号" in first
    for said in ("株洲市教育局2026年2月2日", "抄送：", "2026年2月2日印发"):
        assert said in last
    said = whole(reader)
    for line in document.text().splitlines():
        expected = "".join(line.removesuffix("。").split())
        if expected in said:
            continue
        # over the foot of a page the number of the page stands between
        assert "".join(expected[:12]) in said, line
    assert document.annotations[-1].rpartition("：")[2] in said
    assert reader.metadata is not None
    assert reader.metadata.title == f"{document.title} {document.number}"


def test_a_page_has_22_lines_of_28_characters(printed: Printed) -> None:
    lines: dict[int, list[float]] = {}

    def visit(text: str, _matrix: object, place: list[float], _font: object, _size: object) -> None:
        if text.strip():
            lines.setdefault(round(place[5]), []).append(place[4])

    reader = printed(document_of("circular"))
    page = reader.pages[2]
    page.extract_text(visitor_text=visit)
    rows = sorted(lines)[:-1]  # from above, without the number of the page
    gaps = [upper - lower for lower, upper in zip(rows, rows[1:], strict=False)]
    assert 20 <= len(rows) <= 22
    assert all(abs(gap / 96 * 25.4 - 225 / 22) < 0.5 for gap in gaps), gaps
    longest = max(len("".join(line.split())) for line in page.extract_text().splitlines())
    assert longest == 28


def test_every_font_is_embedded(printed: Printed) -> None:
    found = fonts(printed(document_of("correction")))
    assert found
    assert all(found.values()), found


def test_a_corrected_notice_says_so_on_every_page(printed: Printed) -> None:
    reader = printed(document_of("circular"), MARK)
    assert len(reader.pages) > 2
    for page in reader.pages:
        assert "本件已由株教通〔2026〕9号（2026年4月1日）更正" in text_of(page)
        assert "已更正" in text_of(page)
    assert "本件已由" not in whole(printed(document_of("circular")))


def test_a_letter_carries_its_tables_over_pages(printed: Printed) -> None:
    reader = printed(letter_to_many())
    said = whole(reader)
    assert said.count("体罚或变相体罚") == 9
    assert said.count("认定日期") >= 2  # the heads come again
    assert "名次区间" in said
    assert "不可区分" in said


def test_the_bureaus_own_fonts_come_first(tmp_path: Path, printed: Printed) -> None:
    folder = tmp_path / "fonts"
    folder.mkdir()
    (folder / "broken.ttf").write_bytes(b"no font")
    (folder / "readme.txt").write_text("not for us")
    assert font_faces(folder).rules == ()
    source = Path("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf")
    if not source.is_file():
        pytest.skip("no DejaVu on this system")
    with TTFont(source) as font:
        for record in font["name"].names:
            if record.nameID in {1, 16}:
                record.string = "FangSong_GB2312"
        font.save(folder / "fangsong.ttf")
    shutil.copy(source, folder / "other.ttf")
    found = font_faces(folder)
    assert any('"FangSong_GB2312"' in rule for rule in found.rules)
    assert sorted(path.name for path in found.files.values()) == ["fangsong.ttf", "other.ttf"]
    assert any("FangSong" in name for name in fonts(printed(document_of("prior")))), fonts(
        printed(document_of("prior"))
    )


# --- Word ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["circular", "prior", "individual", "correction", "withdrawal"])
def test_word_says_the_same_in_real_paragraphs_and_tables(tmp_path: Path, kind: str) -> None:
    document = document_of(kind)
    word = docx.Document(io.BytesIO(press(tmp_path).make(FileKind.DOCX, document)))
    paragraphs = [line.text for line in word.paragraphs]
    for said in (document.issuer, document.title, document.addressee, *document.opening, *document.closing):
        assert said in paragraphs
    for section in document.sections:
        assert section.heading in paragraphs
        assert all(paragraph in paragraphs for paragraph in section.paragraphs)
        assert all("".join(item) in paragraphs for item in section.numbered_items)
    tables = [section.table for section in document.sections if section.table is not None]
    for given, made in zip(tables, word.tables, strict=False):
        assert [[cell.text for cell in row.cells] for row in made.rows] == [
            list(given.heads),
            *map(list, given.rows),
        ]
    if document.copies:
        imprint = word.tables[-1]
        assert imprint.rows[0].cells[0].text == f"抄送：{document.copies}"
        assert imprint.rows[1].cells[0].text.endswith("\t2026年2月2日印发")
        names = [child.tag for child in imprint._tbl.tblPr]
        assert names[:2] == [qn("w:tblpPr"), qn("w:tblW")]  # Word minds the order
    assert word.core_properties.title == document.title


def test_word_has_the_grid_the_rule_and_the_fonts_of_an_official_document(tmp_path: Path) -> None:
    word = docx.Document(io.BytesIO(press(tmp_path).make(FileKind.DOCX, document_of("circular"), MARK)))
    (section,) = word.sections
    assert [round((side or 0) / Mm(1)) for side in (section.page_width, section.page_height)] == [210, 297]
    margins = (section.top_margin, section.right_margin, section.bottom_margin, section.left_margin)
    assert [round((side or 0) / Mm(1)) for side in margins] == [37, 26, 35, 28]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid is not None
    # not of characters: LibreOffice gives one that is a hair wider than its cell two cells
    assert grid.get(qn("w:type")) == "lines"
    assert round(225 / 25.4 * 1440 / int(grid.get(qn("w:linePitch"))), 1) == 22.0
    space = word.styles["Normal"].element.rPr.find(qn("w:spacing"))
    width = (16 + int(space.get(qn("w:val"))) / 20) / 72 * 25.4
    assert width * 28 < 156 < width * 29
    number = next(line for line in word.paragraphs if "号" in line.text)
    (rule,) = number._p.iter(qn("w:bottom"))
    assert rule.get(qn("w:color")) == "C00000"
    fonts_used = {
        found.get(qn("w:eastAsia")) for found in word.element.body.iter(qn("w:rFonts")) if found is not None
    }
    assert fonts_used == {"方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"}
    assert word.settings.odd_and_even_pages_header_footer
    for footer in (section.footer, section.even_page_footer):
        (instruction,) = footer._element.iter(qn("w:instrText"))
        assert instruction.text == "PAGE"
        assert footer.paragraphs[0].text == "—  —"
    for header in (section.header, section.even_page_header):
        assert header.paragraphs[0].text.startswith("本件已由株教通〔2026〕9号")


def test_columns_of_a_word_table_are_as_wide_as_their_words_and_the_signature_has_company(
    tmp_path: Path,
) -> None:
    document = letter_to_many()
    word = docx.Document(io.BytesIO(press(tmp_path).make(FileKind.DOCX, document)))
    for table in word.tables:
        widths = [column.width or 0 for column in table.columns]
        assert abs(sum(widths) / Mm(1) - 156) < 1
        assert min(widths) > Mm(10)
    heads = [cell.text for cell in word.tables[-1].rows[0].cells]
    assert heads[widths.index(max(widths))] == "依据"
    lines = [line.text for line in word.paragraphs]
    closing = word.paragraphs[lines.index(document.issued_on) - 2]
    assert (closing.text, closing.paragraph_format.keep_with_next) == (document.closing[-1], True)


def test_a_file_is_named_after_its_number_and_title() -> None:
    document = document_of("circular")
    assert file_name(document, FileKind.PDF) == f"株教通〔2026〕__号{document.title}.pdf"
