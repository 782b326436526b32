"""Tables of mailbox, complaint, case and finding. What names a person or tells the story is sealed."""

from __future__ import annotations

from ethics_eval.complaints.models.case import Case, CaseEvent, CaseLink, Clearance, Reminder
from ethics_eval.complaints.models.complaint import (
    Complaint,
    Evidence,
    IdentityRequest,
    Message,
    QueryMiss,
    Redaction,
)
from ethics_eval.complaints.models.finding import Finding, MeasureDecision, Remedy
from ethics_eval.complaints.models.mailbox import Mailbox, MailboxCount
from ethics_eval.complaints.models.quota import QuotaCount, SpentChallenge

__all__ = [
    "Case",
    "CaseEvent",
    "CaseLink",
    "Clearance",
    "Complaint",
    "Evidence",
    "Finding",
    "IdentityRequest",
    "Mailbox",
    "MailboxCount",
    "MeasureDecision",
    "Message",
    "QueryMiss",
    "QuotaCount",
    "Redaction",
    "Reminder",
    "Remedy",
    "SpentChallenge",
]
