"""Corrections with their notices: the worked example of domain.md §7.7, 11; and all of it or nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.models import StaffNotice
from ethics_eval.accounts.rules import CLOCK
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.notices import correcting, service
from ethics_eval.notices.correcting import correct_by_clock, uphold_objection
from ethics_eval.notices.document import from_json
from ethics_eval.notices.models import Delivery, Notice
from ethics_eval.notices.queries import number_of
from ethics_eval.ranking import objecting
from ethics_eval.ranking.models import Objection, Ranking
from ethics_eval.ranking.proof import verify
from ethics_eval.ranking.rules.objection import ObjectionKind, Topic
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.vault.service import Vault
from tests.ranking.appealing import DECISION, GROUNDS, AppealedCity
from tests.support.ranked import SEMESTER, RankedCity

DAY = timedelta(days=1)


def numbered(session: Session) -> list[Notice]:
    return list(session.scalars(select(Notice).where(Notice.serial.is_not(None)).order_by(Notice.serial)))


def recipients(session: Session, notice: Notice) -> int:
    return session.scalar(select(func.count()).where(Delivery.notice_id == notice.id)) or 0


def test_a_warning_revoked_on_appeal(session: Session, tmp_path: Path, vault: Vault) -> None:
    """§7.7, 11: A out, the list not refilled, the old circular 已更正, the new one cites it and goes to everyone."""
    city = RankedCity(session, vault, tmp_path)
    city.give_all()
    finding = city.charge(city.teachers[35], measure=Measure.WARNING)
    city.lead_to(Step.PUBLISH)
    (circular,) = numbered(session)
    at = circular.issued_at + 20 * DAY
    finding.revoked_at, finding.effective_at = at, None
    session.flush()
    (made,) = correct_by_clock(session, SEMESTER, actor=CLOCK, at=at, instance=tmp_path)
    assert (made.old.status, made.new.status, made.new.cause) == ("superseded", "published", "finding")
    old, new = numbered(session)
    assert (old.status, new.kind, new.cites_id, new.status) == ("corrected", "correction", old.id, "in_force")
    assert number_of(old) in from_json(new.document).text()
    assert recipients(session, new) == recipients(session, old)
    # with its deduction gone the score is still the lowest but one: listed privately, never named; nobody moved up
    before, after = json.loads(made.old.counts), json.loads(made.new.counts)
    assert (before["named"], after["named"]) == (1, 0)
    assert after["listed"] <= before["listed"]
    letters = session.scalars(
        select(Notice).where(Notice.ranking_id == made.new.id, Notice.kind == "individual")
    )
    assert city.teachers[35].id in {letter.teacher_id for letter in letters}
    assert verify(session, SEMESTER, instance=tmp_path).faults == ()
    told = session.scalars(select(StaffNotice.account_id).where(StaffNotice.kind == "ranking.corrected"))
    assert set(told) == {city.bureau.id, city.chief.id}
    assert correct_by_clock(session, SEMESTER, actor=CLOCK, at=at + DAY, instance=tmp_path) == []


@pytest.fixture
def announced(session: Session, tmp_path: Path, vault: Vault) -> AppealedCity:
    """A list its people have been told of."""
    return AppealedCity(session, vault, tmp_path, Step.ANNOUNCE)


def objected(city: AppealedCity) -> Objection:
    return objecting.file_objection(
        city.session,
        city.vault,
        SEMESTER,
        kind=ObjectionKind.OBJECTION,
        topic=Topic.SCORE,
        grounds=GROUNDS,
        actor=city.who(35),
        at=city.at(Step.ANNOUNCE) + DAY,
    )


def upheld(city: AppealedCity, objection: Objection) -> Ranking:
    return uphold_objection(
        city.session,
        city.vault,
        objection,
        decision=DECISION,
        changes=[city.raised(35)],
        actor=city.reviewer,
        at=objection.filed_at + DAY,
        instance=city.instance,
    )


def test_an_objection_upheld_before_publication_is_published_as_put_right(
    session: Session, announced: AppealedCity
) -> None:
    objection = objected(announced)
    new = upheld(announced, objection)
    assert (objection.status, objection.corrected_id, new.status) == ("upheld", new.id, "announced")
    assert json.loads(objection.changes) == [announced.raised(35).to_plain()]
    assert numbered(session) == []
    letter = session.scalars(
        select(Notice).where(Notice.ranking_id == new.id, Notice.teacher_id == announced.teachers[35].id)
    ).one()
    assert letter.kind == "prior"
    assert announced.take(Step.PUBLISH)
    (circular,) = numbered(session)
    assert (circular.ranking_id, circular.status) == (new.id, "in_force")


def test_where_people_cannot_be_told_nothing_is_put_right(
    session: Session, announced: AppealedCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    objection = objected(announced)

    def broken(*_args: object, **_more: object) -> None:
        raise OSError("a defect")

    monkeypatch.setattr(correcting, "issue_correction", broken)
    before = session.begin_nested()
    with pytest.raises(OSError, match="a defect"):
        upheld(announced, objection)
    before.rollback()
    session.expire_all()
    assert objection.status == "open"
    assert (announced.ranking.version, announced.ranking.status) == (1, "announced")


def test_where_the_notices_cannot_be_issued_nothing_is_published(
    session: Session, announced: AppealedCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise OSError("a defect")

    monkeypatch.setattr(service, "issue", broken)
    before = session.begin_nested()
    with pytest.raises(OSError, match="a defect"):
        announced.take(Step.PUBLISH)
    before.rollback()
    session.expire_all()
    assert announced.ranking.status == "announced"
    assert numbered(session) == []
    assert announced.finding.scored_semester is None
