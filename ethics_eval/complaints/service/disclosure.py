"""Late disclosure: a complainant steps out of anonymity, one way, and nothing else of the complaint changes."""

from __future__ import annotations

from dataclasses import dataclass

from ethics_eval.complaints.models import Case, Complaint
from ethics_eval.complaints.queries import lead_of
from ethics_eval.complaints.rules.correspondence import WordEvent, check_disclosure
from ethics_eval.complaints.rules.machine import Desk
from ethics_eval.complaints.rules.submission import IdentityMode, person_problems
from ethics_eval.complaints.service.step import Step, remark
from ethics_eval.text import N_, RuleViolation
from ethics_eval.vault.cipher import Cipher
from ethics_eval.vault.service import (
    CITY_UNIT,
    CUSTODIAN_UNIT,
    IDENTITY,
    KeyMissing,
    district_unit,
    school_unit,
)


@dataclass(frozen=True)
class Person:
    """Who the complainant says to be."""

    name: str
    phone: str
    relation: str = ""


def disclose(
    step: Step, complaint: Complaint, *, identity: IdentityMode, person: Person | None = None
) -> None:
    """Make known who complains: sealed for the custodian alone, or to the handlers as well.

    Args: person: needed from a complainant who was anonymous, passed over otherwise (the name given before stays).
    Raises: RuleViolation: it would take back what was disclosed; the name or the number is missing.
    """
    before = IdentityMode(complaint.identity_mode)
    check_disclosure(before, identity)
    case = lead_of(step.session, complaint.case)
    subject = f"case:{complaint.case_id}"
    if before is IdentityMode.ANONYMOUS:
        given = person or Person("", "")
        for violation in person_problems(given.name, given.phone):
            raise violation
        cipher = _identity_cipher(step, subject)
        complaint.identity = cipher.seal_json(
            {"name": given.name.strip(), "phone": given.phone.strip(), "relation": given.relation.strip()},
            f"complaint:identity:{complaint.id}",
        )
    if identity is IdentityMode.REAL_NAME:
        _check_alone(complaint)
        for unit in _handlers(case):
            step.vault.share_key(step.session, subject, IDENTITY, unit)
    complaint.identity_mode = identity.value
    complaint.disclosed_at = step.at
    remark(step, case, WordEvent.DISCLOSE, {"identity": identity.value, "complaint": complaint.id})


def _identity_cipher(step: Step, subject: str) -> Cipher:
    try:
        return step.vault.open_key(step.session, subject, IDENTITY)
    except KeyMissing:
        return step.vault.make_key(step.session, subject, IDENTITY, [CUSTODIAN_UNIT])


def _check_alone(complaint: Complaint) -> None:
    # One key opens all the names of a case: it is not given away over the head of another who stays hidden.
    hidden = IdentityMode.REAL_NAME_HIDDEN.value
    if any(other.identity_mode == hidden for other in complaint.case.complaints if other is not complaint):
        raise RuleViolation(
            "disclosure.shared", N_("同案还有不愿公开身份的投诉人，请通过留言告诉经办人您的姓名。")
        )


def _handlers(case: Case) -> list[str]:
    units = [district_unit(case.district_code), CITY_UNIT]
    if case.desk == Desk.SCHOOL.value and not case.recused:
        units.append(school_unit(case.school_id))
    return units
