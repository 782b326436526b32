"""A city whose list was announced or published, and people of the bureau who had no hand in it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor, Role
from ethics_eval.accounts.service import actor_of, create_account
from ethics_eval.ranking.models import BottomEntry, Ranking, RankingRow
from ethics_eval.ranking.queries.standing import standing
from ethics_eval.ranking.rules.correction import Change, ChangeKind
from ethics_eval.ranking.rules.steps import Step
from ethics_eval.roster.models import Teacher
from ethics_eval.vault.service import Vault
from tests.support.ranked import FOUNDED_AT, FOUNDER, SEMESTER, RankedCity, step_at

GROUNDS = "家长评的得分登记错了：应为九十二点五分，学校的汇总表上写得很清楚。"
DECISION = "经核对学校的原始汇总表，登记的分数确实有误，予以改正。"


class AppealedCity(RankedCity):
    """The last teacher is charged; ``reviewer`` and ``second`` are officers of the bureau besides those who step."""

    def __init__(
        self,
        session: Session,
        vault: Vault,
        instance: Path,
        last: Step,
        password_hash: str = "-",  # noqa: S107 - nobody signs in with it
    ) -> None:
        super().__init__(session, vault, instance, password_hash=password_hash)
        self.give_all()
        self.finding = self.charge(self.teachers[35])
        self.reviewer, self.second = (self._officer(name, password_hash) for name in ("reviewer", "second"))
        self.lead_to(last)

    def _officer(self, name: str, password_hash: str) -> Actor:
        made = create_account(
            self.session,
            username=name,
            display_name=f"测试{name}",
            password_hash=password_hash,
            role=Role.BUREAU_OFFICER,
            actor=FOUNDER,
            at=FOUNDED_AT,
        )
        return actor_of(made)

    def who(self, number: int) -> Actor:
        """The account of a teacher."""
        return self.account(Role.TEACHER, teacher=self.teachers[number])

    def at(self, step: Step) -> datetime:
        """When a step is taken."""
        return step_at(self.session, step)

    @property
    def ranking(self) -> Ranking:
        """The version that stands."""
        return standing(self.session, SEMESTER)

    def row(self, number: int, ranking: Ranking | None = None) -> RankingRow:
        """A teacher's row of a version."""
        kept = ranking or self.ranking
        return self.session.get_one(RankingRow, (kept.id, self.teachers[number].id))

    def listed(self, ranking: Ranking | None = None) -> list[str]:
        """Numbers of the list, worst first."""
        kept = ranking or self.ranking
        return list(
            self.session.scalars(
                select(Teacher.number)
                .join(BottomEntry, BottomEntry.teacher_id == Teacher.id)
                .where(BottomEntry.ranking_id == kept.id)
                .order_by(BottomEntry.position)
            )
        )

    def raised(self, number: int, component: str = "parent", score_e4: int = 925_000) -> Change:
        """A part of a teacher's score put right."""
        teacher = self.teachers[number]
        school = self.schools[self.school_of(teacher)].code
        return Change(
            ChangeKind.COMPONENT_SET,
            (teacher.number, school, component),
            {"score_e4": score_e4, "raters": 30},
        )
