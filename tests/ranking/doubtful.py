"""A city whose pupils voted, so that places are doubtful: one of the lowest would be named for a small deduction."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.rules.machine import Outcome
from ethics_eval.evaluation.models import Tally
from ethics_eval.roster.models import Teacher
from ethics_eval.vault.service import Vault
from tests.support.ranked import SEMESTER, RankedCity

CHARGED, COUNT, BALLOTS = 18, 40, 40


class DoubtfulCity(RankedCity):
    """40 rated teachers, each a little below the one before by pupils' ballots alone; one loses 4 points for a finding
    that is partly true and ordinary, and so stands among the last, no surer than the others there.
    """

    def __init__(self, session: Session, vault: Vault, instance: Path, password_hash: str = "") -> None:
        super().__init__(session, vault, instance, teacher_count=COUNT, password_hash=password_hash)
        for number, teacher in enumerate(self.teachers):
            self.give(teacher, "85.00", parts="self peer school")
            session.execute(
                insert(Tally),
                [
                    {
                        "semester_code": SEMESTER,
                        "teacher_id": teacher.id,
                        "school_id": teacher.postings[0].school_id,
                        "component": "pupil",
                        "item": "S1",
                        "eligible_count": BALLOTS,
                        "option_1": BALLOTS - number,
                        "option_3": number,
                    }
                ],
            )
        self.charge(self.charged, "C06", Severity.ORDINARY, Outcome.PARTLY)

    @property
    def charged(self) -> Teacher:
        """The one with a finding, whose name asks for a reason."""
        return self.teachers[CHARGED]
