"""What a notice says: masking, numbers, articles, the circular and the two letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ethics_eval.complaints.categories import CATEGORIES, Severity
from ethics_eval.complaints.rules.clearance import Audience
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.complaints.rules.machine import Outcome
from ethics_eval.notices.document import Section, from_json
from ethics_eval.notices.rules.articles import articles
from ethics_eval.notices.rules.circular import compose_circular
from ethics_eval.notices.rules.clearance import compose_clearance
from ethics_eval.notices.rules.facts import Charge, ListedPerson, RankingFacts, written_points, written_time
from ethics_eval.notices.rules.individual import compose_individual, compose_prior
from ethics_eval.notices.rules.masking import masked_name
from ethics_eval.notices.rules.numbering import (
    chinese_number,
    document_number,
    next_serial,
    number_to_come,
)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张某"),
        ("张三丰", "张某某"),
        ("欧阳修", "欧阳某"),
        ("欧阳娜娜", "欧阳某某"),
        ("欧阳", "欧某"),
        ("买买提·艾力", "买某某"),
        (" 王 芳 ", "王某"),
        ("𠮷田", "𠮷某"),
        ("", "某某"),
    ],
)
def test_names_are_masked_as_official_notices_do(name: str, masked: str) -> None:
    assert masked_name(name) == masked


def test_document_numbers_have_no_ordinal_and_no_leading_zero() -> None:
    assert document_number("株教通", 2026, 8) == "株教通〔2026〕8号"
    assert next_serial(None) == 1
    assert next_serial(8) == 9
    assert number_to_come("株教通", 2026) == "株教通〔2026〕__号"
    with pytest.raises(ValueError, match="begins at 1"):
        document_number("株教通", 2026, 0)


def test_every_category_of_either_set_of_norms_is_written_out() -> None:
    for code, line in CATEGORIES.items():
        for kindergarten, basis in ((False, line.basis_school), (True, line.basis_kindergarten)):
            assert bool(articles(code, kindergarten=kindergarten)) == bool(basis)
    assert articles("C06")[0] == "《新时代中小学教师职业行为十项准则》第五项"
    assert articles("C06", kindergarten=True)[0] == "《新时代幼儿园教师职业行为十项准则》第六项"
    assert articles("C09") == ("《中小学教育惩戒规则（试行）》第十二条第（四）至（八）项",)
    assert [chinese_number(n) for n in (1, 10, 11, 20, 46)] == ["一", "十", "十一", "二十", "四十六"]


def charge(category: str = "C15", **changes: object) -> Charge:
    made = Charge(
        category=category,
        severity=Severity.ORDINARY,
        outcome=Outcome.SUBSTANTIATED,
        repeat=False,
        measure=Measure.CIRCULATED,
        line_e4=80_000,
        decided_on=date(2025, 12, 3),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def person(
    name: str = "陈思远", *, treatment: str = "named", charges: tuple[Charge, ...] = ()
) -> ListedPerson:
    return ListedPerson(
        number="T1",
        name=name,
        school="天元区白鹤小学",
        district="天元区",
        stage="PRI",
        score=5_999,
        place=39_998,
        grade="不合格",
        veto=True,
        base_e4=893_000,
        deduct_e4=80_000,
        bonus_e4=0,
        components=(("自评", 950_000), ("学生", None)),
        treatment=treatment,
        basis="veto",
        charges=charges,
    )


def facts(*listed: ListedPerson, **changes: object) -> RankingFacts:
    made = RankingFacts(
        city="株洲市",
        bureau="株洲市教育局",
        semester="2025—2026学年度第一学期",
        scheme_version="2025-1",
        scheme_name="默认方案",
        snapshot_sha256="ab" * 32,
        frozen_at=datetime(2026, 1, 9, 16, 5, tzinfo=UTC),
        rated_count=39_999,
        provisional_count=2,
        not_rated=(("任教不足半学期", 7),),
        list_size=5,
        min_list=30,
        tie_rule="none",
        dropped_count=2,
        passed_over_count=1,
        naming="evidence",
        naming_min_deduct=3,
        listed=listed,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def circular_text(given: RankingFacts) -> str:
    return compose_circular(given, number="株教通〔2026〕8号", issued_on=date(2026, 2, 2)).text()


def test_the_circular_names_masked_with_what_was_found_and_on_what_article() -> None:
    text = circular_text(facts(person(charges=(charge(),)), person("刘洋", treatment="private")))
    assert "天元区白鹤小学教师陈某某。经查,该教师有偿补课、校外任教问题属实".replace(",", "，") in text
    assert "《新时代中小学教师职业行为十项准则》第十项" in text
    assert "《中小学教师违反职业道德行为处理办法》第四条第（十）项" in text
    assert "扣8.00分" in text
    assert "综合得分59.99分，在39999名参评教师中列第39998名" in text
    assert "处理结果：通报批评。" in text
    assert "株教通〔2026〕8号" in text
    assert "ab" * 32 in text
    assert "2026年2月2日" in text
    for secret in ("陈思远", "刘洋", "刘某", "T1"):
        assert secret not in text


def test_a_finding_without_points_is_told_without_points() -> None:
    grave = charge("C11", severity=Severity.GRAVE, line_e4=0)
    text = circular_text(facts(replace(person(charges=(grave,)), deduct_e4=0)))
    assert "程度严重" in text
    assert "师德一票否决" in text
    assert "扣0.00分" not in text


def test_a_list_of_nobody_says_why() -> None:
    few = circular_text(facts(rated_count=29))
    assert "本学期没有教师列入名单，无点名通报对象。" in few
    assert "本学期参评教师29名，不足30名，不产生名单。" in few
    assert "单独告知本人和所在学校，不予点名" not in few
    tied = circular_text(facts(dropped_count=6))
    assert "因得分完全相同未列入6名" in tied
    assert "不产生名单。本学期" not in tied


@pytest.mark.parametrize(("tie_rule", "words"), [("none", "整组不列入"), ("all", "整组列入")])
def test_the_rule_of_ties_is_told_as_the_scheme_has_it(tie_rule: str, words: str) -> None:
    assert f"跨越界线的{words}。" in circular_text(facts(tie_rule=tie_rule))


def test_items_are_numbered_where_there_are_several() -> None:
    several = Section("二、", items=("甲。乙。", "丙"))
    assert several.numbered_items == (("（一）", "甲。", "乙。"), ("（二）", "丙", ""))
    assert Section("二、", items=("甲。乙",)).numbered_items == (("", "甲。", "乙"),)


def test_the_circular_counts_who_was_listed_told_dropped_and_passed_over() -> None:
    text = circular_text(facts(person(charges=(charge(),)), person("刘洋", treatment="private")))
    assert "列入名单2名，其中点名通报1名，单独告知1名" in text
    assert "因得分完全相同未列入2名" in text
    assert "得分暂定而不列入1名" in text
    assert "任教不足半学期7人" in text


def test_a_circular_that_names_nobody_says_so_plainly() -> None:
    text = circular_text(facts(person(treatment="private"), dropped_count=0, passed_over_count=0))
    assert "本学期无点名通报对象。" in text
    assert "陈某某" not in text
    assert "没有因得分完全相同而未列入的教师" in text
    assert "没有因得分暂定而不列入的教师" in text


def test_naming_by_rank_says_that_nothing_was_found() -> None:
    text = circular_text(facts(person(), naming="rank"))
    assert "没有经查实的违反职业道德行为" in text
    assert "的，予以点名" not in text


def test_the_school_is_not_told_where_a_child_could_be_known_by_it() -> None:
    text = circular_text(facts(person(charges=(charge("C11", severity=Severity.GRAVE, line_e4=0),))))
    assert "天元区某学校教师陈某某" in text
    assert "白鹤小学" not in text


def test_repeats_and_half_points_are_told() -> None:
    text = circular_text(
        facts(person(charges=(charge(repeat=True, outcome=Outcome.PARTLY, line_e4=75_000),)))
    )
    assert "部分属实，程度一般，二十四个月内再次发生" in text
    assert "扣7.50分" in text


def test_the_prior_letter_tells_until_when_to_object() -> None:
    text = compose_prior(
        facts(person()),
        person(charges=(charge(),)),
        issued_on=date(2026, 1, 12),
        objection_ends_on=date(2026, 1, 19),
    ).text()
    assert "陈思远老师" in text
    assert "请在2026年1月19日（含当日）前" in text
    assert "第二十四条" in text
    assert "学生\t有效评价不足" in text
    assert "自评\t95.00" in text


@pytest.mark.parametrize("treatment", ["named", "private"])
def test_the_letter_with_the_publication_tells_rights_and_days(treatment: str) -> None:
    given = person(treatment=treatment)
    text = compose_individual(
        facts(given), given, issued_on=date(2026, 2, 2), circular_number="株教通〔2026〕8号"
    ).text()
    assert "三十日内" in text
    assert "《中华人民共和国教师法》第三十九条" in text
    assert ("点名对象（隐去名字）" in text) == (treatment == "named")
    assert "本学期没有计入扣分的认定。" in text


def test_a_document_comes_back_from_json_as_it_was() -> None:
    given = facts(person(charges=(charge(),)))
    for document in (
        compose_circular(given, number="株教通〔2026〕8号", issued_on=date(2026, 2, 2)),
        compose_prior(
            given, given.listed[0], issued_on=date(2026, 1, 12), objection_ends_on=date(2026, 1, 19)
        ),
    ):
        assert from_json(document.to_json()) == document


def test_times_and_points_are_written_out() -> None:
    assert written_time(datetime(2026, 1, 9, 16, 5, tzinfo=UTC)) == "2026年1月10日0时05分"
    assert written_points(893_049) == "89.30"
    assert written_points(893_050) == "89.31"


@pytest.mark.parametrize(
    ("audience", "addressee"),
    [
        (Audience.PERSON, "陈思远同志："),
        (Audience.SCHOOL, "明德小学："),
        (Audience.SYSTEM, "各区县教育局，各学校、幼儿园："),
    ],
)
def test_a_clearance_says_for_whom_and_protects_the_sender(audience: Audience, addressee: str) -> None:
    document = compose_clearance(
        text="经查，有关情况不属实。\n\n 特此说明。",
        teacher="陈思远",
        school="明德小学",
        issuer="荷塘区教育局",
        audience=audience,
        issued_on=date(2026, 4, 1),
    )
    assert document.addressee == addressee
    assert document.opening == ("经查，有关情况不属实。", "特此说明。")
    assert document.issued_on == "2026年4月1日"
    assert "不得打击报复" in document.text()
    assert from_json(document.to_json()) == document


def test_a_clearance_not_issued_has_no_date() -> None:
    document = compose_clearance(
        text="不属实。",
        teacher="陈思远",
        school="明德小学",
        issuer="荷塘区教育局",
        audience=Audience.SCHOOL,
        issued_on=None,
    )
    assert "年" in document.issued_on
    assert not any(sign.isdigit() for sign in document.issued_on)
