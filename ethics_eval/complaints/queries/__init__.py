"""Reads of mailboxes and cases. The reader's scope is always a parameter; out of scope is as if absent."""

from __future__ import annotations

from ethics_eval.complaints.queries.event import EventView, timeline
from ethics_eval.complaints.queries.evidence import Attachment, evidence_stream, named_files
from ethics_eval.complaints.queries.facts import case_facts
from ethics_eval.complaints.queries.finding import FindingView, findings, open_finding
from ethics_eval.complaints.queries.hearing import fact_sheets, hearings_of
from ethics_eval.complaints.queries.letter import Letter, letters
from ethics_eval.complaints.queries.listing import CaseFilter, CaseRow, due_of, queue, status_counts
from ethics_eval.complaints.queries.mailbox import mailbox_by_code, mailbox_codes, mailbox_in_scope, mailboxes
from ethics_eval.complaints.queries.paging import PAGE_SIZE
from ethics_eval.complaints.queries.scope import content_cipher, find_case, in_scope, units_of

__all__ = [
    "Attachment",
    "CaseFilter",
    "CaseRow",
    "EventView",
    "FindingView",
    "Letter",
    "PAGE_SIZE",
    "case_facts",
    "content_cipher",
    "due_of",
    "evidence_stream",
    "fact_sheets",
    "find_case",
    "findings",
    "hearings_of",
    "in_scope",
    "letters",
    "mailbox_by_code",
    "mailbox_codes",
    "mailbox_in_scope",
    "mailboxes",
    "named_files",
    "open_finding",
    "queue",
    "status_counts",
    "timeline",
    "units_of",
]
