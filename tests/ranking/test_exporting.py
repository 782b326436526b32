"""The workbook people download: read back whole, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.ranking import exporting, queries
from ethics_eval.ranking.queries import WHOLE_CITY, Sight, sight_of
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.text import RuleViolation
from ethics_eval.vault.service import Vault
from ethics_eval.workbooks.writing import write_workbook
from tests.ranking.published import CHARGED, FORMULA, FORMULA_NAME, GAP, PENDING, PublishedCity
from tests.support.ranked import SCHOOLS, SEMESTER

NOW = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)
HEAD_ROW = 4
# ranking.md, the sheet 排名
CONTRACT = [
    *("名次", "参评人数", "教师编码", "姓名", "学校标识码", "学段", "自评", "互评", "学生", "家长", "学校"),
    *(
        "基础分",
        "扣分",
        "加分",
        "综合得分",
        "等次",
        "一票否决",
        "学段名次",
        "校内名次",
        "名次下限",
        "名次上限",
    ),
    *("状态", "原因", "标记"),
]


@pytest.fixture
def town(session: Session, tmp_path: Path) -> PublishedCity:
    """Published."""
    made = PublishedCity(session, Vault(bytes(range(32))), tmp_path)
    made.lead_to(Step.PUBLISH)
    return made


def exported(town: PublishedCity, **extent: str) -> Workbook:
    """What the command writes."""
    path = town.instance / "榜单.xlsx"
    exporting.export_ranking(town.session, SEMESTER, path, at=NOW, **extent)
    return load_workbook(path)


def downloaded(town: PublishedCity, sight: Sight, **extent: str) -> Workbook | None:
    """What a reader of this sight gets; None: nothing there for the reader."""
    ranking = queries.ranking_of(town.session, sight, SEMESTER)
    found = exporting.extent_of(town.session, sight, **extent)
    if ranking is None or found is None:
        return None
    file = BytesIO()
    tables = exporting.workbook_tables(town.session, sight, ranking, found, by="测试（1）", at=NOW)
    write_workbook(file, tables)
    return load_workbook(file)


def records(workbook: Workbook, title: str = "排名", head_row: int = HEAD_ROW) -> list[dict[str, Any]]:
    """The rows below the headings."""
    head, *rows = list(workbook[title].iter_rows(min_row=head_row, values_only=True))
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def test_it_has_the_columns_of_the_contract_and_the_rosters(town: PublishedCity) -> None:
    rows = records(exported(town))
    headings = list(rows[0])
    assert [heading for heading in headings if heading in CONTRACT] == CONTRACT
    assert [heading for heading in headings if heading not in CONTRACT] == [
        "县市区",
        "学校名称",
        "学科",
        "查实件数",
        "暂定",
    ]


def test_it_says_what_the_ranking_says(town: PublishedCity) -> None:
    rows = records(exported(town))
    lines = list(queries.ranking_lines(town.session, WHOLE_CITY, _ranking(town).id))
    assert len(rows) == len(lines) == 38
    for row, line in zip(rows, lines, strict=True):
        assert row["教师编码"] == line.row.teacher
        assert row["名次"] == line.row.place
        score = None if line.row.score is None else round(row["综合得分"] * 100)
        assert score == line.row.score
        for name, part in zip(("自评", "互评", "学生", "家长", "学校"), line.row.components, strict=True):
            assert row[name] == (None if part is None else (part + 50) // 100 / 100)
    by_number = {row["教师编码"]: row for row in rows}
    charged = by_number[f"T{CHARGED:04}"]
    assert (charged["扣分"], charged["查实件数"], charged["状态"]) == (8, 1, "参加排名")
    assert by_number[f"T{PENDING:04}"]["状态"] == "暂定"
    assert by_number[f"T{GAP:04}"]["学生"] is None
    assert by_number[f"T{GAP:04}"]["标记"] == "有缺项，已按平均水平补足"
    assert by_number["T8000"]["原因"] == "产假"
    assert by_number["T9000"]["学段"] == "幼儿园"
    assert {row["参评人数"] for row in rows} == {36}


def test_it_is_dressed_for_reading_and_printing(town: PublishedCity) -> None:
    sheet = exported(town)["排名"]
    last = HEAD_ROW + 38
    assert sheet.freeze_panes == f"E{HEAD_ROW + 1}"
    assert sheet.auto_filter.ref == f"A{HEAD_ROW}:AC{last}"
    assert sheet.print_title_rows == f"${HEAD_ROW}:${HEAD_ROW}"
    assert sheet.page_setup.orientation == "landscape"
    places = {cell.value: place for place, cell in enumerate(sheet[HEAD_ROW])}
    first = sheet[HEAD_ROW + 1]
    for name in ("自评", "基础分", "扣分", "综合得分"):
        assert first[places[name]].number_format == "0.00"
        assert first[places[name]].data_type == "n"
    for name in ("教师编码", "学校标识码"):
        assert first[places[name]].data_type == "s"
        assert first[places[name]].number_format == "@"


def test_its_head_tells_where_it_comes_from(town: PublishedCity) -> None:
    workbook = exported(town)
    ranking = _ranking(town)
    head = [str(row[0]) for row in workbook["排名"].iter_rows(max_row=HEAD_ROW - 1, values_only=True)]
    assert head[0].startswith(ranking.semester)
    assert "未发布" not in head[0]
    assert ranking.scheme_name in head[1]
    assert "冻结" in head[1]
    assert ranking.snapshot_sha256 in head[2]
    notes = {row["项目"]: row["内容"] for row in records(workbook, "说明", 1)}
    assert notes["数据快照 SHA-256"] == ranking.snapshot_sha256
    assert notes["方案版本"] == "tests-1"
    assert notes["范围"] == "全市"
    assert notes["参评人数"] == 36
    assert notes["因暂定越过人数"] == ranking.counts["passed_over"] == 1
    assert notes["下载时间"] == "2026-03-05 10:30"


def test_no_name_becomes_a_formula(town: PublishedCity) -> None:
    sheet = exported(town)["排名"]
    (cell,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == FORMULA_NAME]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert town.teachers[FORMULA].name == FORMULA_NAME


def test_the_bottom_list_is_the_bureaus(town: PublishedCity) -> None:
    rows = records(exported(town), "后五名")
    assert [row["教师编码"] for row in rows][:2] == [f"T{CHARGED:04}", f"T{CHARGED - 1:04}"]
    assert rows[0]["处理"] == "点名通报"
    assert list(rows[0]) == ["教师编码", "姓名", "综合得分", "名次", "处理", "依据"]
    for actor in (town.district, town.officer, town.head):
        workbook = downloaded(town, sight_of(town.session, actor))
        assert workbook is not None
        assert workbook.sheetnames == ["排名", "说明"]


def test_every_rated_row_says_where_the_place_lies(town: PublishedCity) -> None:
    workbook = exported(town)
    for row in records(workbook):
        if row["名次"]:
            assert 1 <= row["名次下限"] <= row["名次"] <= row["名次上限"] <= row["参评人数"]
        else:
            assert (row["名次下限"], row["名次上限"]) == (None, None)
    notes = {row[0]: row[1] for row in workbook["说明"].iter_rows(min_row=2, max_col=2, values_only=True)}
    assert "100次里约90次" in str(notes["名次下限、名次上限"])
    charged = next(words for name, words in notes.items() if f"T{CHARGED:04}" in str(name))
    assert "100次里约" in str(charged)
    for actor in (town.district, town.officer, town.head):
        other = downloaded(town, sight_of(town.session, actor))
        assert other is not None
        assert not any(f"T{CHARGED:04}" in str(row[0]) for row in other["说明"].iter_rows(values_only=True))


def test_each_gets_the_own_part_and_no_more(town: PublishedCity) -> None:
    session = town.session
    school, other = SCHOOLS[0][0], SCHOOLS[1][0]
    cases: tuple[tuple[Actor, dict[str, str], set[str] | None], ...] = (
        (town.officer, {}, {school}),
        (town.officer, {"school": school}, {school}),
        (town.officer, {"school": other}, None),
        (town.officer, {"district": SCHOOLS[1][2]}, {school}),
        (town.district, {}, {school}),
        (town.district, {"district": SCHOOLS[1][2]}, None),
        (town.district, {"school": other}, None),
        (town.bureau, {}, {row[0] for row in SCHOOLS}),
        (town.bureau, {"school": other}, {other}),
        (town.bureau, {"district": SCHOOLS[1][2]}, {other}),
        (town.bureau, {"district": "110101"}, None),
        (town.bureau, {"school": "0000000000"}, None),
    )
    for actor, extent, schools in cases:
        workbook = downloaded(town, sight_of(session, actor), **extent)
        if schools is None:
            assert workbook is None, (actor.role, extent)
        else:
            assert workbook is not None
            assert {row["学校标识码"] for row in records(workbook)} == schools, (actor.role, extent)


def test_before_publication_it_is_the_bureaus_and_says_so(session: Session, tmp_path: Path) -> None:
    town = PublishedCity(session, Vault(bytes(range(32))), tmp_path)
    with pytest.raises(RuleViolation) as refusal:
        exported(town)
    assert refusal.value.code == "ranking.none"
    town.lead_to(Step.FREEZE)
    assert "未发布" in str(exported(town)["排名"]["A1"].value)
    assert downloaded(town, sight_of(session, town.district)) is None
    assert downloaded(town, sight_of(session, town.officer)) is None


def test_an_unknown_part_is_refused(town: PublishedCity) -> None:
    with pytest.raises(RuleViolation) as refusal:
        exported(town, school="0000000000")
    assert refusal.value.code == "ranking.extent"


def _ranking(town: PublishedCity) -> queries.RankingView:
    found = queries.ranking_of(town.session, WHOLE_CITY, SEMESTER)
    assert found is not None
    return found
