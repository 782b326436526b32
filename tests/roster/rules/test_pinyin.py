"""Readings, and how typed texts fit names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_eval.roster.rules.pinyin import (
    INITIALS_LENGTH,
    PINYIN_LENGTH,
    fold,
    person_fits,
    person_keys,
    school_fit,
    school_keys,
)

SCHOOLS = {
    "天台小学": "天元区",
    "株洲市天元区天元中学": "天元区",
    "湖南省株洲市第二中学": "芦淞区",
    "湖南醴陵第二中学": "醴陵市",
    "醴陵二中附属小学": "醴陵市",
    "湖南攸县第一中学": "攸县",
    "株洲市第十八中学": "石峰区",
    "株洲长鸿实验学校": "攸县",
    "长郡株洲云龙实验学校": "石峰区",
    "吕家坪小学": "茶陵县",
    "渌口镇中学": "渌口区",
    "601中英文小学": "荷塘区",
    "泰山学校": "天元区",
    "天乐幼儿园": "天元区",
    "音乐学校": "天元区",
}


def search(text: str) -> list[str]:
    found = []
    for name, district in SCHOOLS.items():
        pinyin, initials = school_keys(name)
        fit = school_fit(text, name=name, district=district, pinyin=pinyin, initials=initials)
        if fit is not None:
            found.append((fit, name))
    return [name for _fit, name in sorted(found)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("天台小学", "天台小学"),
        ("株洲市天台小学", "天台小学"),
        ("湖南省株洲市天元区天台小学", "天台小学"),
        ("天元区泰山学校", "泰山学校"),
        ("天元中学", "株洲市天元区天元中学"),
        ("株洲市二中", "湖南省株洲市第二中学"),
        ("株洲二中", "湖南省株洲市第二中学"),
        ("醴陵市第二中学", "湖南醴陵第二中学"),
        ("攸县一中", "湖南攸县第一中学"),
        ("18中", "株洲市第十八中学"),
        ("第十八", "株洲市第十八中学"),
        ("第18中学", "株洲市第十八中学"),
        ("tiantai", "天台小学"),
        ("TianTai xiaoxue", "天台小学"),
        ("zhuzhoushitiantaixiaoxue", "天台小学"),
        ("ttxx", "天台小学"),
        ("changhong", "株洲长鸿实验学校"),
        ("zhanghong", "株洲长鸿实验学校"),
        ("changjun", "长郡株洲云龙实验学校"),
        ("lvjiaping", "吕家坪小学"),
        ("lüjia", "吕家坪小学"),
        ("lujia", "吕家坪小学"),
        ("lvkou", "渌口镇中学"),
        ("601", "601中英文小学"),
        ("泰山 天元", "泰山学校"),
        ("tianle", "天乐幼儿园"),
        ("tianyue", "天乐幼儿园"),
        ("yinyue", "音乐学校"),
        ("天台(小学)", "天台小学"),
    ],
)
def test_what_parents_type(text: str, first: str) -> None:
    assert search(text)[0] == first


def test_exact_before_prefix_before_inside() -> None:
    assert search("二中")[:2] == ["湖南省株洲市第二中学", "湖南醴陵第二中学"]
    assert search("醴陵二中") == ["湖南醴陵第二中学", "醴陵二中附属小学"]
    assert search("天") == ["天乐幼儿园", "天台小学", "株洲市天元区天元中学"]
    assert search("天元") == ["株洲市天元区天元中学", "天乐幼儿园", "天台小学", "泰山学校", "音乐学校"]


def test_a_match_inside_pinyin_begins_with_a_syllable() -> None:
    assert search("aishan") == []
    assert search("shanxuexiao") == ["泰山学校"]


@pytest.mark.parametrize("text", ["", "  ", "()", "北京大学", "qqqq"])
def test_what_finds_nothing(text: str) -> None:
    assert search(text) == []


@given(
    st.text(
        st.sampled_from("长重乐朝行曾单解仇都大六盛查覃厦学校中第二株洲市A1 ·𬭚"), min_size=1, max_size=100
    )
)
def test_keys_fit_their_columns_and_find_their_name(name: str) -> None:
    pinyin, initials = school_keys(name)
    assert len(pinyin) <= PINYIN_LENGTH
    assert len(initials) <= INITIALS_LENGTH
    if fold(name):
        fit = school_fit(name, name=name, district="天元区", pinyin=pinyin, initials=initials)
        assert fit is not None
        assert fit[0] == 0


@pytest.mark.parametrize(
    ("text", "name", "fits"),
    [
        ("单", "单雄信", True),
        ("shan", "单雄信", True),
        ("dxx", "单雄信", True),
        ("zengguofan", "曾国藩", True),
        ("zgf", "曾国藩", True),
        ("guofan", "曾国藩", True),
        ("uofan", "曾国藩", False),
        ("lvbu", "吕布", True),
        ("lubu", "吕布", True),
        ("yuchi", "尉迟敬德", True),
        ("moqixie", "万俟卨", True),
        ("ow", "区伟", True),
        ("买买提", "阿依古丽·买买提", True),
        ("ayg", "阿依古丽·买买提", True),
        ("李", "张三", False),
        ("", "张三", True),
    ],
)
def test_people(text: str, name: str, fits: bool) -> None:
    assert person_fits(text, name) is fits


def test_the_surname_is_read_as_one() -> None:
    assert person_keys("解晓东")[0].split()[0] == "xie'xiao'dong"
    assert person_keys("仇和")[1].startswith("qh")
