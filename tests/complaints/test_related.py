"""Suggestions, links and other cases of a teacher: in the reader's scope, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints import queries, service
from ethics_eval.complaints.models import Case
from ethics_eval.complaints.rules.machine import CaseStatus
from ethics_eval.complaints.rules.submission import RespondentRole
from ethics_eval.text import RuleViolation
from tests.complaints.town import LETTER, Town

AGAIN = replace(
    LETTER, body="我的孩子说上课回答错了,被罚站在教室后面整整一节课,已经不是第一次了。请学校查一查。"
)
ELSE = replace(LETTER, body="食堂最近的饭菜是凉的,价格又涨了三元,很多家长都有意见,请公布每天的菜价。")


def suggested(town: Town, case: Case, actor: Actor) -> list[str]:
    return [one.case.number for one in queries.similar_cases(town.session, town.vault, case, actor)]


def test_letters_much_alike_of_one_school_are_suggested(town: Town) -> None:
    first = town.case()
    again = town.case(AGAIN, key="the same matter once more")
    town.case(ELSE, key="quite another matter")
    town.send(AGAIN, key="the same words at another school", school=1)
    (one,) = queries.similar_cases(town.session, town.vault, first, town.officer)
    assert one.case.number == again.number
    assert one.likeness.same_respondent
    assert any("罚站在教室后面" in phrase for phrase in one.likeness.phrases)
    assert suggested(town, again, town.bureau) == [first.number]
    assert suggested(town, first, town.neighbour) == []


def test_letters_far_apart_in_time_are_not_compared(town: Town) -> None:
    first = town.case()
    town.later(days=91)
    late = town.case(AGAIN, key="the same matter in summer")
    assert suggested(town, first, town.officer) == suggested(town, late, town.officer) == []
    late.received_at = first.received_at
    town.session.flush()
    assert suggested(town, first, town.officer) == [late.number]


def test_the_school_is_suggested_nothing_that_is_kept_from_it(town: Town) -> None:
    case = town.case()
    town.lead(case, CaseStatus.DECIDED)
    hidden = town.case(
        replace(AGAIN, respondent_role=RespondentRole.HEAD), key="about the head of the school"
    )
    for actor in (town.officer, town.head):
        assert suggested(town, case, actor) == []
        assert queries.case_to_link(town.session, actor, hidden.number) is None
        with pytest.raises(RuleViolation):
            service.link(town.by(actor), case, hidden)
    assert suggested(town, case, town.district) == [hidden.number]
    service.link(town.by(town.district), case, hidden)
    assert [other.number for other in queries.linked_cases(town.session, case, town.district)] == [
        hidden.number
    ]
    for actor in (town.officer, town.head):
        assert queries.linked_cases(town.session, case, actor) == []
    assert suggested(town, case, town.district) == [], "linked already"


def test_a_link_is_one_either_way_and_can_be_taken_back(town: Town) -> None:
    first, second = town.case(), town.case(AGAIN, key="the same matter once more")
    made = service.link(town.by(town.officer), first, second)
    assert service.link(town.by(town.officer), second, first) is made
    for one, other in ((first, second), (second, first)):
        assert [row.number for row in queries.linked_cases(town.session, one, town.officer)] == [other.number]
    assert service.unlink(town.by(town.officer), second, first)
    assert not service.unlink(town.by(town.officer), first, second)
    assert queries.linked_cases(town.session, first, town.officer) == []
    with pytest.raises(RuleViolation) as refused:
        service.link(town.by(town.officer), first, first)
    assert refused.value.field == "other"


@pytest.mark.parametrize("actor", ["head", "neighbour", "other_district", "chief", "custodian", "teacher"])
def test_who_may_not_link_does_not(town: Town, actor: str) -> None:
    first, second = town.case(), town.case(AGAIN, key="the same matter once more")
    for act in (service.link, service.unlink):
        with pytest.raises(RuleViolation) as refused:
            act(town.by(getattr(town, actor)), first, second)
        assert refused.value.code == "permission.denied"


def test_other_cases_on_the_same_teacher(town: Town) -> None:
    first, second = town.case(), town.case(ELSE, key="another matter on the teacher")
    other = town.case(ELSE, key="another matter, another teacher")
    for case in (first, second):
        town.lead(case, CaseStatus.DECIDED)
    town.lead(other, CaseStatus.DECIDED, draft=town.draft("周正"))
    for reader, numbers in (
        (town.officer, [second.number]),
        (town.bureau, [second.number]),
        (town.neighbour, []),
    ):
        found = queries.other_cases_of_teachers(town.session, first, reader)
        assert [row.number for row in found] == numbers
    second.desk, second.recused = "district", True
    town.session.flush()
    assert queries.other_cases_of_teachers(town.session, first, town.officer) == []
