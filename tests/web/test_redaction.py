"""Masking by page: the school's page has blocks, the search is not fooled, and only the bureau masks."""

from __future__ import annotations

import pytest
from flask import Flask
from lxml import html

from tests.support.forms import form_at, submit, values
from tests.web.road import base, desk, errors_at, filed

PHRASE = "罚站"


@pytest.fixture
def number(city: Flask) -> str:
    """A case of a letter to the first school."""
    return filed(city)[1]


def test_masked_lifted_masked_again_and_burnt(city: Flask, number: str) -> None:
    district, school = desk(city, "district_officer"), desk(city, "school_officer")
    page, read = f"/bureau/redactions/{number}", f"{base('school_officer')}/{number}"
    assert PHRASE in school.get(read).text
    for ending, shown in (("/lift", True), ("/burn", False)):
        assert submit(district, page, {"phrases": PHRASE}).status_code == 303
        assert PHRASE not in school.get(read).text
        (action, *_) = html.fromstring(district.get(page).text).xpath(
            f"//form[contains(@action,'{ending}')]/@action"
        )
        answer = district.post(action, data=values(form_at(district.get(page).text, action)))
        assert answer.status_code == 303
        assert (PHRASE in school.get(read).text) is shown
    assert PHRASE not in district.get(f"{base('district_officer')}/{number}").text


def test_words_that_do_not_stand_there_are_refused_at_the_field(city: Flask, number: str) -> None:
    answer = submit(desk(city, "bureau_officer"), f"/bureau/redactions/{number}", {"phrases": "不在信里的话"})
    assert answer.status_code == 422
    assert "phrases" in errors_at(answer.text)


@pytest.mark.parametrize("who", ["school_officer", "school_head", "bureau_head", "teacher", "auditor"])
def test_who_masks_nothing(city: Flask, number: str, who: str) -> None:
    assert desk(city, who).get(f"/bureau/redactions/{number}").status_code == 403


def test_another_districts_case_is_not_there(city: Flask) -> None:
    elsewhere = filed(city, school=2)[1]
    assert desk(city, "district_officer").get(f"/bureau/redactions/{elsewhere}").status_code == 404
