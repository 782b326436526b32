"""The city of these tests: 36 rated teachers, findings in every state at the bottom of the list."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from ethics_eval.complaints.categories import Severity
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.complaints.rules.machine import CaseStatus
from ethics_eval.vault.service import Vault
from tests.support.ranked import RankedCity


@pytest.fixture
def vault() -> Vault:
    """A vault of its own."""
    return Vault(bytes(range(32)))


@pytest.fixture
def city(session: Session, tmp_path: Path, vault: Vault) -> RankedCity:
    """Scores are given, findings decided; the semester is not yet opened.

    From below: 35 is charged with eight points, 34 has a veto that shields the school, 33 is provisional, 32 to 30
    have nothing against them.
    """
    made = RankedCity(session, vault, tmp_path)
    made.give_all()
    made.charge(made.teachers[35])
    made.charge(made.teachers[34], "C11", Severity.GRAVE, measure=Measure.DEMERIT)
    made.charge(made.teachers[33], until=CaseStatus.FINDING_DRAFT)
    session.commit()
    return made
