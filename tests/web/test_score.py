"""A teacher's own page: own score, place and ledger, nobody else's, nothing before its time."""

from __future__ import annotations

from flask import Flask

from ethics_eval.ranking.rules.steps import Step
from tests.web.ranked_pages import settle, signed_in, words


def test_own_score_place_parts_and_ledger(app: Flask) -> None:
    settle(app, Step.PUBLISH)
    text = words(signed_in(app, "teacher-T0035").get("/teacher").text)
    for part in ("70.25", "第36名", "共36名", "−8.00", "体罚或变相体罚", "合格", "您的权利", "30日内"):
        assert part in text
    assert "T0034" not in text
    gap = words(signed_in(app, "teacher-T0005").get("/teacher").text)
    assert "学生、家长的有效评价不足" in gap
    assert "没有认定，一分未扣" in gap
    absent = words(signed_in(app, "teacher-T8000").get("/teacher").text)
    assert "产假" in absent
    assert "不参加排名不等于排在最后" in absent
    assert "第1名" not in absent


def test_a_case_the_teacher_was_not_told_of_does_not_show(app: Flask) -> None:
    settle(app, Step.PUBLISH)
    text = words(signed_in(app, "teacher-T0033").get("/teacher").text)
    assert "79.25" in text
    assert "暂定" not in text


def test_nothing_before_publication(app: Flask) -> None:
    settle(app, Step.ANNOUNCE)
    text = words(signed_in(app, "teacher-T0035").get("/teacher").text)
    assert "还没有发布的得分" in text
    assert "70.25" not in text
