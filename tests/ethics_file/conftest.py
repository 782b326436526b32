"""A small city whose first teacher has a finding at the first school, decided in November and effective in December."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.ethics_file import queries, service
from ethics_eval.ethics_file.models import Certificate
from ethics_eval.ethics_file.queries import Person
from ethics_eval.roster.models import Teacher
from ethics_eval.vault.service import Vault
from tests.support.ranked import RankedCity

AT = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
NEED = "本年度中小学教师职称评审材料审核"
ISSUER = "株洲市教育局"


class FileCity(RankedCity):
    """The city, and what readers of files do there."""

    def person(self, teacher: Teacher, actor: Actor | None = None, at: datetime = AT) -> Person:
        """The teacher as a reader finds them."""
        found = queries.person_of(self.session, actor or self.bureau, teacher.number, at=at)
        assert found is not None
        return found

    def open(
        self, teacher: Teacher, *, purpose: str = "title", actor: Actor | None = None, at: datetime = AT
    ) -> Person:
        """Open the file for a purpose."""
        who = actor or self.bureau
        person = self.person(teacher, who, at)
        service.open_file(self.session, person, purpose=purpose, reason=NEED, actor=who, at=at)
        return person

    def certify(
        self, teacher: Teacher, *, purpose: str = "title", actor: Actor | None = None, at: datetime = AT
    ) -> Certificate:
        """Open the file and give a certificate."""
        who = actor or self.bureau
        person = self.open(teacher, purpose=purpose, actor=who, at=at)
        return service.issue_certificate(self.session, self.vault, person, issuer=ISSUER, actor=who, at=at)


@pytest.fixture
def city(session: Session, tmp_path: Path) -> FileCity:
    """Six teachers in three schools."""
    return FileCity(session, Vault(bytes(range(32))), tmp_path, teacher_count=6)
