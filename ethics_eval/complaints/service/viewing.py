"""Opening a file of a case: it is shown only after it is written down who opened it."""

from __future__ import annotations

from ethics_eval.accounts.rules import Permission
from ethics_eval.accounts.service import record
from ethics_eval.complaints.models import Case
from ethics_eval.complaints.queries.viewing import VIEWED, files_of
from ethics_eval.complaints.service.step import Step, permit_within


def open_file(step: Step, case: Case, evidence_id: str) -> bool:
    """Record that the actor opens a file of the case; False: the case has none such for this reader.

    Raises: RuleViolation ``permission.denied``: the case is out of reach.
    """
    permit_within(step, case, Permission.CASE_READ)
    if all(file.id != evidence_id for file in files_of(step.session, step.vault, case, step.actor)):
        return False
    record(step.session, step.actor, step.at, VIEWED, "evidence", evidence_id, case=case.id)
    return True
