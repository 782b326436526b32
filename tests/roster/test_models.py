"""Every code of the rules fits into the column that keeps it: PostgreSQL refuses what SQLite lets pass."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy.orm import InstrumentedAttribute

from ethics_eval.accounts.models import Account
from ethics_eval.accounts.rules import Role
from ethics_eval.complaints.categories import EVERY_CODE, Severity
from ethics_eval.complaints.models import Case, CaseEvent, Complaint, Finding
from ethics_eval.complaints.rules.finding import Measure
from ethics_eval.complaints.rules.machine import CaseAction, CaseStatus, Desk, Outcome
from ethics_eval.complaints.rules.submission import IdentityMode, RespondentRole
from ethics_eval.evaluation.models import Assessment, Honour
from ethics_eval.evaluation.rules.assessment import Level
from ethics_eval.evaluation.rules.scheme import Component
from ethics_eval.ranking.models import LedgerLine, RankingRow
from ethics_eval.ranking.rules.reasons import LEDGER_REASON_LABELS, NOT_RATED_LABELS
from ethics_eval.ranking.rules.steps import SemesterStatus
from ethics_eval.roster.models import Posting, School, Semester, Teacher
from ethics_eval.roster.rules.school import Ownership, SchoolKind, Stage
from ethics_eval.roster.rules.teacher import Position, PostingStatus, Title


@pytest.mark.parametrize(
    ("column", "codes"),
    [
        (School.kind, SchoolKind),
        (School.ownership, Ownership),
        (Teacher.title, Title),
        (Posting.stage, Stage),
        (Posting.position, Position),
        (Posting.status, PostingStatus),
        (Semester.status, SemesterStatus),
        (Account.role, Role),
        (Case.status, CaseStatus),
        (Case.desk, Desk),
        (Case.outcome, Outcome),
        (Case.category, EVERY_CODE),
        (CaseEvent.action, CaseAction),
        (CaseEvent.actor_kind, Role),
        (Complaint.identity_mode, IdentityMode),
        (Complaint.respondent_role, RespondentRole),
        (Finding.severity, Severity),
        (Finding.measure, Measure),
        (Assessment.component, Component),
        (Honour.level, Level),
        (RankingRow.reason, NOT_RATED_LABELS),
        (LedgerLine.reason, LEDGER_REASON_LABELS),
    ],
    ids=lambda value: str(value) if isinstance(value, InstrumentedAttribute) else "",
)
def test_every_code_fits_its_column(column: Any, codes: Any) -> None:
    values = [code.value if isinstance(code, StrEnum) else code for code in codes]
    assert [value for value in values if len(value) > column.type.length] == []
