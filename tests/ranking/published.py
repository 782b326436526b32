"""A city with everything a ranking can show: findings whole, half and grave, a pending case, gaps, the not rated."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.rules.machine import CaseStatus, Outcome
from ethics_eval.roster.models import Teacher
from ethics_eval.vault.service import Vault
from tests.support.ranked import RankedCity

CHARGED, HALF, PENDING, GAP, FORMULA = 35, 34, 33, 5, 6
FORMULA_NAME = "=1+1"  # nobody's name, but a spreadsheet must not reckon it


class PublishedCity(RankedCity):
    """36 rated teachers and one on leave: the last is charged, the one before half, the next has an open case."""

    def __init__(self, session: Session, vault: Vault, instance: Path, password_hash: str = "") -> None:
        super().__init__(session, vault, instance, password_hash=password_hash)
        self.absent = self.add_teacher("T8000", "贺子墨", self.schools[0], status="maternity")
        self.teachers[FORMULA].name = FORMULA_NAME
        for number, teacher in enumerate(self.teachers):
            gap = "self peer school" if number == GAP else None
            self.give(teacher, f"{95 - number // 2}.{50 if number % 2 == 0 else 25}", parts=gap)
        self.give(self.absent, "90.00")
        self.charge(self.teachers[CHARGED], "C06", Severity.ORDINARY)
        self.charge(self.teachers[HALF], "C13", Severity.ORDINARY, Outcome.PARTLY)
        self.charge(self.teachers[PENDING], "C07", until=CaseStatus.FINDING_DRAFT)

    @property
    def charged(self) -> Teacher:
        """The one with a whole finding."""
        return self.teachers[CHARGED]

    @property
    def half(self) -> Teacher:
        """The one with a finding partly true."""
        return self.teachers[HALF]

    @property
    def pending(self) -> Teacher:
        """The one on whom a finding is proposed, of which nobody outside has told."""
        return self.teachers[PENDING]
