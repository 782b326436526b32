"""Forms: the canonical text, every fault with its path, and words for any item."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ethics_eval.evaluation.bank import item_bank
from ethics_eval.evaluation.rules.form import (
    LABEL_LENGTH,
    QUESTION_LENGTH,
    TITLE_LENGTH,
    Forms,
    FormsRefused,
    Question,
    Variant,
    forms_text,
    misfits,
    parse_forms,
    variant_of,
)
from ethics_eval.evaluation.rules.scheme import Component, Item, parse_scheme

BANK = item_bank()
DEFAULT = parse_scheme(files("ethics_eval.evaluation").joinpath("default_scheme.json").read_text("utf-8"))
FIVE = (100, 85, 70, 55, 0)


def words(longest: int) -> some.SearchStrategy[str]:
    return some.text(some.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=longest)


QUESTIONS = some.builds(
    Question,
    words(TITLE_LENGTH),
    words(QUESTION_LENGTH),
    some.lists(words(LABEL_LENGTH), min_size=2, max_size=10, unique=True).map(tuple),
)
PLACES = some.tuples(some.sampled_from(Component), some.sampled_from(Variant), words(10))


@given(some.dictionaries(PLACES, QUESTIONS, max_size=8))
def test_the_canonical_text_reads_back_the_same(own: dict[Any, Question]) -> None:
    forms = Forms(own, BANK)
    assert parse_forms(forms_text(forms), BANK) == forms
    assert forms_text(parse_forms(forms_text(forms), BANK)) == forms_text(forms)


@given(
    some.dictionaries(PLACES, QUESTIONS, max_size=4),
    PLACES,
    some.lists(some.integers(0, 100), min_size=2, max_size=10).map(tuple),
)
def test_any_item_has_words_and_a_label_for_each_option(
    own: dict[Any, Question], place: tuple[Component, Variant, str], points: tuple[int, ...]
) -> None:
    component, variant, code = place
    question = Forms(own, BANK).question(component, variant, Item(code, 10_000, points))
    assert question.title
    assert question.question
    assert len(set(question.options)) == len(points)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "(file): not JSON"),
        ("[]", "(file): [] must be an object"),
        ('{"dean": {}}', "dean: unknown key"),
        ('{"peer": 3}', "peer: 3 must be an object"),
        ('{"peer": {"crib": {}}}', "peer.crib: unknown key"),
        ('{"peer": {"school": []}}', "peer.school: [] must be an object"),
        ('{"peer": {"school": {"E1": 1}}}', "peer.school.E1: 1 must be an object"),
        ('{"peer": {"school": {"E1": {}}}}', "peer.school.E1.title: missing"),
        (
            '{"peer": {"school": {"12345678901": {}}}}',
            'peer.school.12345678901: "12345678901" must be a text of 1 to 10 characters',
        ),
    ],
)
def test_what_is_no_form_is_refused_with_its_path(text: str, fault: str) -> None:
    with pytest.raises(FormsRefused) as refused:
        parse_forms(text, BANK)
    assert any(found.startswith(fault) for found in refused.value.faults)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"title": " "}, 'peer.school.E1.title: " " must be a text of 1 to 20 characters'),
        ({"title": "a\nb"}, 'peer.school.E1.title: "a\\nb" must be a text of 1 to 20 characters'),
        ({"question": 5}, "peer.school.E1.question: 5 must be a text of 1 to 150 characters"),
        ({"options": ["a"]}, "peer.school.E1.options: must be a list of 2 to 10 options"),
        ({"options": ["a", "a"]}, 'peer.school.E1.options[1]: "a" stands twice'),
        ({"options": ["a", ""]}, 'peer.school.E1.options[1]: "" must be a text of 1 to 20 characters'),
        ({"help": "?"}, "peer.school.E1.help: unknown key"),
    ],
)
def test_every_fault_of_a_question_is_told_with_its_path(change: dict[str, Any], fault: str) -> None:
    whole = {"title": "t", "question": "q", "options": ["a", "b"]} | change
    with pytest.raises(FormsRefused) as refused:
        parse_forms(json.dumps({"peer": {"school": {"E1": whole}}}), BANK)
    assert refused.value.faults == (fault,)


def test_words_must_fit_the_items_of_the_scheme() -> None:
    question = Question("t", "q", ("a", "b"))
    own = {
        (Component.PEER, Variant.SCHOOL, "E1"): question,
        (Component.PEER, Variant.SCHOOL, "E9"): question,
        (Component.SCHOOL, Variant.SCHOOL, "N01"): question,
    }
    assert [str(fault) for fault in misfits(Forms(own, BANK), DEFAULT)] == [
        "peer.school.E1.options: 2 labels, the item has 5 options",
        "peer.school.E9: the scheme has no such item",
        "school.school.N01: the scheme has no such item",
    ]
    with pytest.raises(FormsRefused):
        parse_forms(forms_text(Forms(own, BANK)), BANK, DEFAULT)


def test_own_words_come_before_the_bank_and_serve_the_other_variant_too() -> None:
    own = Question("自己的", "自己的问题？", ("一", "二", "三", "四", "五"))
    forms = Forms({(Component.PARENT, Variant.SCHOOL, "P1"): own}, BANK)
    item = Item("P1", 10_000, FIVE)
    assert forms.question(Component.PARENT, Variant.SCHOOL, item) == own
    assert forms.question(Component.PARENT, Variant.KINDERGARTEN, item) == own
    two = forms.question(Component.PARENT, Variant.SCHOOL, Item("P1", 10_000, (100, 0)))
    assert (two.title, two.options) == ("自己的", ("满意", "不满意"))


def test_labels_follow_the_points_wherever_the_best_option_stands() -> None:
    question = Forms({}, BANK).question(
        Component.PEER, Variant.SCHOOL, Item("E1", 10_000, (0, 55, 70, 85, 100))
    )
    assert question.options == ("不满意", "不太满意", "基本满意", "满意", "很满意")
    many = Forms({}, BANK).question(Component.PEER, Variant.SCHOOL, Item("E1", 10_000, (0, 1, 2, 3, 4, 5)))
    assert many.options[-1] == "第1档"


@pytest.mark.parametrize("component", [Component.SELF, Component.PEER, Component.SCHOOL])
def test_the_ten_norms_are_told_by_set_and_number(component: Component) -> None:
    titles: dict[Variant, list[str]] = {}
    for variant in Variant:
        asked = [
            BANK.question(component, variant, Item(f"N{number:02d}", 1000, FIVE)) for number in range(1, 11)
        ]
        assert [found.norm and found.norm.number for found in asked] == list(range(1, 11))
        assert len({found.norm and found.norm.set_name for found in asked}) == 1
        titles[variant] = [found.title for found in asked]
    assert titles[Variant.SCHOOL][4] == "关心爱护学生"
    assert titles[Variant.KINDERGARTEN][4] == "加强安全防范"


def test_the_bank_fits_what_may_be_written_by_hand() -> None:
    own = {place: BANK.question(place[0], place[1], Item(place[2], 10_000, FIVE)) for place in BANK.items}
    assert len(own) == 60 + 5 * 2 + 5 * 3
    forms = Forms(own, BANK)
    assert parse_forms(forms_text(forms), BANK) == forms


def test_only_kindergartens_have_their_own_variant() -> None:
    assert {stage: variant_of(stage) for stage in ("KG", "PRI", "SPE")} == {
        "KG": Variant.KINDERGARTEN,
        "PRI": Variant.SCHOOL,
        "SPE": Variant.SCHOOL,
    }
