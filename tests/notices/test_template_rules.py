"""Templates: what may stand in them, what must, how they are filled; the documents of corrections and withdrawals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ethics_eval.notices.rules.correction import compose_correction, compose_withdrawal, corrections
from ethics_eval.notices.rules.facts import Cited, RankingFacts, Standing, certainty_rows
from ethics_eval.notices.rules.individual import compose_corrected, compose_individual, compose_prior
from ethics_eval.notices.rules.reminding import Level, level_on
from ethics_eval.notices.rules.standing import WITHDRAWN, mark_of
from ethics_eval.notices.rules.takedown import take_down_on
from ethics_eval.notices.rules.template import BLOCKS, Words, default_texts, faults, places_of
from ethics_eval.roster.rules.calendar import Calendar
from tests.notices.samples import FACTS, document_of

DAY = date(2026, 4, 2)
CITED = Cited("株教通〔2026〕1号", "关于考评情况的通报", date(2026, 2, 2))


# --- templates ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BLOCKS)
def test_the_default_words_have_no_fault_and_leave_no_place_open(kind: str) -> None:
    assert faults(kind, default_texts(kind)) == []
    assert "{" not in document_of(kind).text()
    for block in BLOCKS[kind]:
        assert set(places_of(block.default)) <= block.places
        assert block.needed <= block.places
    assert any(block.is_legal for block in BLOCKS[kind])


@pytest.mark.parametrize(
    ("kind", "key", "text", "code"),
    [
        ("circular", "rights", "  \n", "template.legal"),
        ("prior", "rights", "您可以提出异议。", "template.missing"),
        ("individual", "rights", "", "template.legal"),
        ("individual", "apology", "", "template.legal"),
        ("correction", "apology", " ", "template.legal"),
        ("correction", "opening", "现予更正。", "template.missing"),
        ("circular", "opening", "", "template.empty"),
        ("circular", "opening", "{学期}{姓名}", "template.place"),
        ("circular", "opening", "{学期}{", "template.brace"),
        ("circular", "title", "{学期}的\n通报", "template.line"),
        ("circular", "title", "{学期}" + "长" * 200, "template.long"),
        ("circular", "requirements", "及时签收。", "template.missing"),
    ],
)
def test_a_fault_is_told_at_its_block(kind: str, key: str, text: str, code: str) -> None:
    found = faults(kind, default_texts(kind) | {key: text})
    assert [(fault.code, fault.field) for fault in found] == [(code, key)]


def test_what_may_be_left_out_may_be_empty() -> None:
    assert faults("circular", default_texts("circular") | {"copies": ""}) == []


def test_words_are_filled_line_by_line() -> None:
    words = Words(
        "circular", {"requirements": "甲。{签收工作日}日\n\n 乙。"}, {"签收工作日": "5", "学期": "本"}
    )
    assert words.lines("requirements") == ("甲。5日", "乙。")
    assert "特此通报。" in words.line("closing")  # a block that the saved words did not have yet


def test_a_place_in_a_value_is_not_filled_again() -> None:
    assert Words("circular", {"title": "{学期}"}, {"学期": "{机关}", "机关": "局"}).line("title") == "{机关}"


# --- corrections --------------------------------------------------------------------------------------------


def without(number: int) -> RankingFacts:
    return replace(FACTS, listed=FACTS.listed[:number] + FACTS.listed[number + 1 :])


def test_nothing_is_corrected_where_nothing_stated_has_changed() -> None:
    moved = replace(FACTS.listed[1], place=39_000, score=7_300)  # told privately: the circular only counts
    new = replace(FACTS, listed=(FACTS.listed[0], moved), snapshot_sha256="f" * 64)
    assert corrections(FACTS, new) == ()
    with pytest.raises(ValueError, match="nothing"):
        compose_correction(FACTS, new, CITED, number="2号", issued_on=DAY, clears_name=False)


def test_who_is_off_the_list_is_cleared_and_nobody_moves_up() -> None:
    text = compose_correction(
        FACTS, without(0), CITED, number="株教通〔2026〕2号", issued_on=DAY, clears_name=True
    ).text()
    for said in (
        "株教通〔2026〕1号",
        "撤销对示例小学教师示某某的点名通报。该教师不应列入名单",
        "列入名单1名，其中点名通报0名，单独告知1名",
        "更正后本学期无点名通报对象。名单不递补。",
        "致歉",
        "《事业单位人事管理条例》第四十二条",
        "5个工作日内在系统中签收",
    ):
        assert said in text
    assert "示例甲" not in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"treatment": "private"}, "撤销对示例小学教师示某某的点名通报。原通报中关于该教师的内容作废。"),
        ({"place": 39_990}, "更正关于示例小学教师示某某的内容。更正为：示例小学教师示某某。"),
    ],
)
def test_what_is_said_of_the_named_is_put_right(change: dict[str, object], said: str) -> None:
    new = replace(FACTS, listed=(replace(FACTS.listed[0], **change), FACTS.listed[1]))  # type: ignore[arg-type]
    assert said in corrections(FACTS, new)[0]


def test_figures_are_put_right_and_without_a_wrong_nobody_is_asked_pardon() -> None:
    new = replace(FACTS, rated_count=39_999)
    items = corrections(FACTS, new)
    assert any(item.startswith("更正参评人数。更正为：本学期参评教师39999名") for item in items)
    text = compose_correction(FACTS, new, CITED, number="2号", issued_on=DAY, clears_name=False).text()
    assert "恢复名誉" not in text
    assert "四、权利救济" in text
    assert "仍予点名通报1名" in text


def test_a_withdrawal_gives_its_reason_and_clears_names() -> None:
    text = compose_withdrawal(
        FACTS, CITED, reason="依据的认定已撤销。\n\n程序有误。", number="株教通〔2026〕2号", issued_on=DAY
    ).text()
    assert "撤销该文件" in text
    assert "一、撤销理由\n依据的认定已撤销。\n程序有误。\n" in text
    assert "二、恢复名誉" in text


STOOD = Standing("T1", "陈思远", "白鹤小学", 6_950, 36, 36, "基本合格", "", "named")


@pytest.mark.parametrize(
    ("change", "improves"),
    [
        ({"treatment": ""}, True),
        ({"treatment": "private"}, True),
        ({"score": 7_000}, True),
        ({"score": None, "place": None}, True),
        ({"place": 30}, False),
        ({"score": 6_000}, False),
    ],
)
def test_whose_name_has_to_be_cleared(change: dict[str, object], improves: bool) -> None:
    after = replace(STOOD, **change)  # type: ignore[arg-type]
    assert after.improves_on(STOOD) is improves
    text = compose_corrected(FACTS, STOOD, after, issued_on=DAY, appeal_ends_on=date(2026, 5, 6)).text()
    assert ("向您致歉" in text) is improves
    assert "最后一日为2026年5月6日" in text
    assert "本次更正不涉及通报的内容" in text


def test_a_corrected_letter_compares_before_and_after() -> None:
    gone = replace(STOOD, score=None, place=None, grade="", reason="产假", treatment="")
    document = compose_corrected(
        FACTS, STOOD, gone, issued_on=DAY, correction_number="株教通〔2026〕2号", appeal_ends_on=None
    )
    table = document.sections[0].table
    assert table is not None
    assert table.rows[0] == ("综合得分", "69.50分", "不参评（产假）")
    assert table.rows[3] == ("名单", "列入名单，通报点名", "不在名单")
    assert "您不再列入名单" in document.text()
    assert "已由株教通〔2026〕2号更正" in document.text()
    assert "最后一日为知道之日起第三十日" in document.text()
    before = compose_corrected(FACTS, STOOD, gone, issued_on=DAY, objection_ends_on=date(2026, 4, 9)).text()
    assert "请在2026年4月9日（含当日）前登录系统" in before
    assert "通报尚未发布" in before


# --- letters ------------------------------------------------------------------------------------------------


def test_letters_say_how_sure_the_place_is_and_what_naming_rests_on() -> None:
    named, private = FACTS.listed
    assert certainty_rows(named) == [
        ("名次区间", "大致在第39940名至第40000名之间"),
        ("进入最后名单", "若换一批同样多的评价者，100次里约28次"),
        ("与名单外教师", "不可区分"),
    ]
    assert certainty_rows(replace(named, chance_permille=4, separable=True, band=(7, 7))) == [
        ("名次区间", "第7名"),
        ("进入最后名单", "若换一批同样多的评价者，100次里不到1次"),
        ("与名单外教师", "可以区分"),
    ]
    assert certainty_rows(replace(named, chance_permille=None, separable=None, band=None)) == []
    told = compose_prior(FACTS, named, issued_on=DAY, objection_ends_on=DAY).text()
    assert "点名的依据是已认定的行为，不是名次。" in told
    assert "在线提出" in told
    withheld = compose_individual(
        FACTS, replace(private, withheld=True), issued_on=DAY, circular_number="1号", appeal_ends_on=DAY
    ).text()
    assert "您的名次与名单外教师不可区分，不予点名。" in withheld


def test_the_circular_counts_whom_it_withholds() -> None:
    named, private = FACTS.listed
    facts = replace(FACTS, listed=(replace(named, treatment="private", withheld=True), private))
    text = document_of("circular", facts).text()
    assert "单独告知2名（其中1名因名次不可区分且没有较重认定，不予点名）" in text
    assert "名次不可区分。点名依据是上述已认定的行为，不是名次。" in document_of("circular").text()


# --- terms --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ([], date(2026, 8, 13)),
        ([date(2026, 5, 10)], date(2026, 5, 10)),
        ([date(2026, 5, 10), date(2026, 7, 1)], date(2026, 7, 1)),
        ([date(2026, 5, 10), date(2027, 7, 1)], date(2026, 8, 13)),
        ([date(2026, 2, 13)], date(2026, 8, 13)),  # it had ended by then
    ],
)
def test_a_notice_is_taken_down_after_six_months_or_the_longest_measure(
    ends: list[date], expected: date
) -> None:
    assert take_down_on(date(2026, 2, 13), ends) == expected
    assert take_down_on(date(2025, 8, 31), []) == date(2026, 2, 28)  # which has no 31st


def test_levels_rise_every_three_working_days() -> None:
    calendar = Calendar(covered_until=date(2026, 4, 30))
    due = date(2026, 4, 3)  # a Friday
    reached = {day: level_on(due, date(2026, 4, day), calendar) for day in (3, 4, 8, 9, 13, 14)}
    assert list(reached.values()) == [
        Level.NOBODY,
        Level.SCHOOL,
        Level.SCHOOL,
        Level.DISTRICT,
        Level.DISTRICT,
        Level.CITY,
    ]
    assert level_on(due, date(2026, 6, 1), Calendar(covered_until=date(2026, 4, 9))) is Level.DISTRICT


def test_a_withdrawn_notice_says_by_what() -> None:
    mark = mark_of(WITHDRAWN, by_number="", by_day="2026年4月2日")
    assert mark is not None
    assert mark == ("已撤销", "本件已由2026年4月2日的告知撤销，不再作为工作依据。")
    assert mark_of("in_force", by_number="", by_day="") is None
