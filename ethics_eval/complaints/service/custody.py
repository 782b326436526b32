"""Opening what a complainant sealed: asked for, authorised, approved, told to the complainant, looked at, logged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from ethics_eval.accounts.rules import Permission
from ethics_eval.accounts.service import record
from ethics_eval.complaints.announcing import announce
from ethics_eval.complaints.models import Case, Complaint, Evidence, IdentityRequest
from ethics_eval.complaints.queries import content_cipher
from ethics_eval.complaints.queries.custody import custody_facts, has_custodian
from ethics_eval.complaints.queries.evidence import Attachment, evidence_stream
from ethics_eval.complaints.rules.announcing import Kind
from ethics_eval.complaints.rules.custody import (
    OPEN_FOR,
    CustodyState,
    check_approve,
    check_ask,
    check_authorise,
    check_open,
    check_refuse,
)
from ethics_eval.complaints.rules.finding import written
from ethics_eval.complaints.rules.wording import chinese_day
from ethics_eval.complaints.service.message import tell_complainant
from ethics_eval.complaints.service.step import Step, permit_within
from ethics_eval.database import new_id
from ethics_eval.roster.rules.calendar import local_day
from ethics_eval.text import N_, RuleViolation
from ethics_eval.vault.service import CUSTODIAN_UNIT, IDENTITY

# Documents stay Chinese, as all that is written to complainants.
_TOLD = {
    False: (
        "您封存的身份信息，经身份保管员审查、第二人批准，自{day}起24小时内允许经办人查看。"
        "理由已存档，每次查看都有记录。学校和被反映的人看不到您是谁。"
    ),
    True: (
        "您提交的一份文件的原件，经身份保管员审查、第二人批准，自{day}起24小时内允许经办人查看。"
        "理由已存档，每次查看都有记录。"
    ),
}


def ask_custody(
    step: Step, complaint: Complaint, *, reason: str, evidence: Evidence | None = None
) -> IdentityRequest:
    """Ask for the complainant's identity, or for the original of one file of the complaint.

    Raises: RuleViolation: out of reach, no custodian (never granted then), nothing sealed, asked before, no reason.
    """
    case = complaint.case
    permit_within(step, case, Permission.IDENTITY_ASK)
    text = written(reason, "reason")
    is_for_file = evidence is not None
    mine = select(IdentityRequest).where(
        IdentityRequest.complaint_id == complaint.id,
        IdentityRequest.asked_by_id == step.actor.id,
        IdentityRequest.evidence_id == (evidence.id if evidence else None),
    )
    check_ask(
        has_custodian=has_custodian(step.session),
        is_sealed=is_for_file or complaint.identity is not None,
        is_open=any(_is_running(step, row) for row in step.session.scalars(mine)),
    )
    request_id = new_id()
    request = IdentityRequest(
        id=request_id,
        complaint_id=complaint.id,
        evidence_id=evidence.id if evidence else None,
        state=CustodyState.ASKED.value,
        reason=_sealed(step, case, "reason", request_id, text),
        asked_at=step.at,
        asked_by_id=step.actor.id,
    )
    step.session.add(request)
    _leave(step, request, "asked")
    announce(step.session, case, Kind.IDENTITY_ASKED, step.at, by=step.actor.id, ref=request_id)
    return request


def authorise_custody(step: Step, request: IdentityRequest) -> None:
    """The custodian's word; a second person still has to approve. Raises: RuleViolation."""
    check_authorise(custody_facts(step.session, request), step.actor)
    request.state = CustodyState.AUTHORISED.value
    request.custodian_id, request.custodian_at = step.actor.id, step.at
    _leave(step, request, "authorised")
    case = _case(step, request)
    announce(step.session, case, Kind.IDENTITY_AUTHORISED, step.at, by=step.actor.id, ref=request.id)


def approve_custody(step: Step, request: IdentityRequest) -> None:
    """The second person's word: the asker may look for 24 hours, and the complainant is told. Raises: RuleViolation."""
    check_approve(custody_facts(step.session, request), step.actor)
    request.state = CustodyState.APPROVED.value
    request.approver_id, request.approved_at = step.actor.id, step.at
    request.open_until = step.at + OPEN_FOR
    _leave(step, request, "approved")
    complaint = step.session.get_one(Complaint, request.complaint_id)
    told = _TOLD[request.evidence_id is not None].format(day=chinese_day(local_day(step.at)))
    tell_complainant(step, complaint, told)
    _tell_asker(step, request)


def refuse_custody(step: Step, request: IdentityRequest, *, reason: str) -> None:
    """Custodian or second person says no, with a reason to the asker. Raises: RuleViolation."""
    check_refuse(custody_facts(step.session, request), step.actor)
    text = written(reason, "reason")
    request.state = CustodyState.REFUSED.value
    request.answer = _sealed(step, _case(step, request), "answer", request.id, text)
    _leave(step, request, "refused")
    _tell_asker(step, request)


def open_identity(step: Step, request: IdentityRequest) -> dict[str, str]:
    """Who the complainant is, to the asker within the 24 hours: name, phone, relation. Every look is logged.

    Raises: RuleViolation: somebody else, not approved, too late; KeyMissing: the key was shredded.
    """
    check_open(custody_facts(step.session, request), step.actor, step.at)
    complaint = step.session.get_one(Complaint, request.complaint_id)
    cipher = step.vault.open_key(step.session, f"case:{complaint.case_id}", IDENTITY, [CUSTODIAN_UNIT])
    _look(step, request)
    person: dict[str, str] = cipher.unseal_json(
        complaint.identity or b"", f"complaint:identity:{complaint.id}"
    )
    return person


def open_original(
    step: Step, request: IdentityRequest, *, folder: Path
) -> tuple[Attachment, Iterator[bytes]]:
    """The original of the file asked for, to the asker within the 24 hours. Raises: as :func:`open_identity`."""
    check_open(custody_facts(step.session, request), step.actor, step.at)
    evidence = step.session.get_one(Evidence, request.evidence_id)
    _look(step, request)
    found = evidence_stream(
        step.session, step.vault, _case(step, request), evidence.id, folder=folder, actor=None, original=True
    )
    if found is None:
        raise RuleViolation("custody.nothing_sealed", N_("这件投诉没有封存的内容。"))
    return found


def _look(step: Step, request: IdentityRequest) -> None:
    request.opened_at = request.opened_at or step.at
    _leave(step, request, "opened")


def _is_running(step: Step, request: IdentityRequest) -> bool:
    if request.state == CustodyState.APPROVED.value:
        return request.open_until is not None and request.open_until > step.at
    return request.state != CustodyState.REFUSED.value


def _case(step: Step, request: IdentityRequest) -> Case:
    return step.session.get_one(Complaint, request.complaint_id).case


def _sealed(step: Step, case: Case, column: str, request_id: str, text: str) -> bytes:
    cipher = content_cipher(step.session, step.vault, case)
    return cipher.seal_json({"text": text}, f"identity_request:{column}:{request_id}")


def _tell_asker(step: Step, request: IdentityRequest) -> None:
    announce(
        step.session,
        _case(step, request),
        Kind.IDENTITY_ANSWERED,
        step.at,
        to=[request.asked_by_id],
        ref=f"{request.id}:{request.state}",
    )


def _leave(step: Step, request: IdentityRequest, what: str) -> None:
    record(
        step.session,
        step.actor,
        step.at,
        f"identity.{what}",
        "complaint",
        request.complaint_id,
        request=request.id,
        file=request.evidence_id is not None,
    )
    step.session.flush()
