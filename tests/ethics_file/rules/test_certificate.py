"""The words and the life of a certificate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.ethics_file.rules.certificate import (
    CertificateFacts,
    CertificateState,
    check_withdrawal,
    compose,
    last_day,
    outlived,
    state_on,
)
from ethics_eval.ethics_file.rules.need import Purpose
from ethics_eval.ethics_file.rules.standing import Ground, Standing, Verdict
from tests.support.refusals import refused

DAY = date(2026, 3, 10)
FACTS = CertificateFacts(
    number="师证〔2026〕1号",
    issuer="株洲市教育局",
    teacher="陈思远",
    teacher_number="T0001",
    school="荷塘区明德小学",
    purpose=Purpose.TITLE,
    verdict=Verdict(Standing.CLEAR),
    issued_on=DAY,
    expires_on=date(2026, 6, 8),
)


def words(facts: CertificateFacts) -> str:
    text = compose(facts)
    return "\n".join([text.opening, text.finding, *text.items, text.closing])


def test_each_standing_has_its_words() -> None:
    clear = words(FACTS)
    for part in (
        "因职称评审需要",
        "陈思远",
        "近24个月内没有生效的师德一票否决认定",
        "2026年6月8日",
        "仅用于职称评审",
    ):
        assert part in clear
    warned = Ground(
        "measure", date(2026, 1, 5), date(2026, 7, 5), measure=Measure.WARNING.value, finding_id="f"
    )
    barred = replace(warned, measure=Measure.DISQUALIFY.value, disqualifies="title")
    restricted = words(replace(FACTS, verdict=Verdict(Standing.RESTRICTED, (warned, barred))))
    assert "警告，自2026年1月5日起，至2026年7月5日止" in restricted
    assert "取消资格（职称评定）" in restricted
    vetoed = Verdict(
        Standing.VETOED, (Ground("veto", DAY, finding_id="f"), Ground("grade", DAY, semester="第一学期"))
    )
    text = words(replace(FACTS, verdict=vetoed, purpose=Purpose.OTHER))
    assert "有一票否决的认定，2026年3月10日生效" in text
    assert "第一学期师德考评等次为不合格" in text
    assert "其他" not in text


@pytest.mark.parametrize(
    ("today", "withdrawn", "state"),
    [
        (date(2026, 6, 8), False, CertificateState.VALID),
        (date(2026, 6, 9), False, CertificateState.EXPIRED),
        (date(2026, 6, 1), True, CertificateState.WITHDRAWN),
        (date(2026, 7, 1), True, CertificateState.WITHDRAWN),
    ],
)
def test_it_ends_by_itself_or_by_hand(today: date, withdrawn: bool, state: CertificateState) -> None:
    assert state_on(FACTS.expires_on, withdrawn=withdrawn, today=today) is state


def test_its_term_and_its_withdrawal_have_bounds() -> None:
    assert last_day(DAY, 90) == FACTS.expires_on
    for days in (6, 366, -1):
        with refused("certificate.days"):
            last_day(DAY, days)
    with refused("certificate.over"):
        check_withdrawal(CertificateState.EXPIRED, "开具时把学校名称写错了")
    with refused("reason.short"):
        check_withdrawal(CertificateState.VALID, "写错")
    assert check_withdrawal(CertificateState.VALID, "开具时把学校名称写错了") == "开具时把学校名称写错了"


@pytest.mark.parametrize(
    ("certified", "basis", "now", "keys", "is_outlived"),
    [
        (Standing.CLEAR, set(), Standing.CLEAR, set(), False),
        (Standing.CLEAR, set(), Standing.RESTRICTED, {"f"}, True),
        (Standing.RESTRICTED, {"f"}, Standing.VETOED, {"f", "g"}, True),
        (Standing.RESTRICTED, {"f"}, Standing.CLEAR, {"f"}, False),  # the term it states ran out
        (Standing.RESTRICTED, {"f"}, Standing.CLEAR, set(), True),  # revoked
        (Standing.VETOED, {"grade:x"}, Standing.CLEAR, {"f"}, True),  # the ranking was corrected
    ],
)
def test_it_is_taken_back_when_it_says_what_is_no_longer_so(
    certified: Standing, basis: set[str], now: Standing, keys: set[str], is_outlived: bool
) -> None:
    assert outlived(certified, frozenset(basis), Verdict(now), frozenset(keys)) is is_outlived
