"""Reads of mailboxes and cases. The reader's scope is always a parameter; out of scope is as if absent."""

from __future__ import annotations

from ethics_eval.complaints.queries.clearance import (
    ClearanceView,
    clearable_finding,
    clearances_of,
    issued_clearances,
    own_clearance,
    own_clearances,
)
from ethics_eval.complaints.queries.event import EventView, detail_of, timeline
from ethics_eval.complaints.queries.evidence import Attachment, evidence_stream, named_files
from ethics_eval.complaints.queries.facts import (
    case_facts,
    complainant_choices,
    reply_day,
    withdrawn_ids,
)
from ethics_eval.complaints.queries.finding import FindingView, findings, open_finding
from ethics_eval.complaints.queries.hearing import fact_sheets, hearings_of
from ethics_eval.complaints.queries.letter import Letter, letters
from ethics_eval.complaints.queries.listing import (
    COUNT_CAP,
    GROUP_LABELS,
    CaseFilter,
    CaseRow,
    Group,
    due_of,
    group_counts,
    queue,
    status_counts,
)
from ethics_eval.complaints.queries.mailbox import mailbox_by_code, mailbox_codes, mailbox_in_scope, mailboxes
from ethics_eval.complaints.queries.measure import (
    MeasureView,
    decided_desk,
    find_measure,
    measures_of,
    position_of,
    standing_finding,
)
from ethics_eval.complaints.queries.merged import complaint_in, complaints_of, lead_of
from ethics_eval.complaints.queries.message import (
    FROM_COMPLAINANT,
    TO_COMPLAINANT,
    MessageView,
    Thread,
    own_messages,
    threads,
    unread_counts,
)
from ethics_eval.complaints.queries.paging import PAGE_SIZE
from ethics_eval.complaints.queries.remedy import (
    RemedyRow,
    RemedyView,
    find_remedy,
    involved_in,
    next_remedy,
    open_remedy,
    own_finding,
    remedies_of,
    remedy_facts,
    remedy_queue,
)
from ethics_eval.complaints.queries.scope import content_cipher, desk_of, find_case, in_scope, units_of
from ethics_eval.complaints.queries.searching import Found, Search, search
from ethics_eval.complaints.queries.similar import (
    RelatedCase,
    SimilarCase,
    case_to_link,
    linked_cases,
    other_cases_of_teachers,
    similar_cases,
)
from ethics_eval.complaints.queries.wording import word_facts

__all__ = [
    "Attachment",
    "COUNT_CAP",
    "CaseFilter",
    "CaseRow",
    "ClearanceView",
    "EventView",
    "FROM_COMPLAINANT",
    "FindingView",
    "Found",
    "GROUP_LABELS",
    "Group",
    "Letter",
    "MeasureView",
    "MessageView",
    "PAGE_SIZE",
    "RelatedCase",
    "RemedyRow",
    "RemedyView",
    "Search",
    "SimilarCase",
    "TO_COMPLAINANT",
    "Thread",
    "case_facts",
    "case_to_link",
    "clearable_finding",
    "clearances_of",
    "complainant_choices",
    "complaint_in",
    "complaints_of",
    "content_cipher",
    "decided_desk",
    "desk_of",
    "detail_of",
    "due_of",
    "evidence_stream",
    "fact_sheets",
    "find_case",
    "find_measure",
    "find_remedy",
    "findings",
    "group_counts",
    "hearings_of",
    "in_scope",
    "involved_in",
    "issued_clearances",
    "lead_of",
    "letters",
    "linked_cases",
    "mailbox_by_code",
    "mailbox_codes",
    "mailbox_in_scope",
    "mailboxes",
    "measures_of",
    "named_files",
    "next_remedy",
    "open_finding",
    "open_remedy",
    "other_cases_of_teachers",
    "own_clearance",
    "own_clearances",
    "own_finding",
    "own_messages",
    "position_of",
    "queue",
    "remedies_of",
    "remedy_facts",
    "remedy_queue",
    "reply_day",
    "search",
    "similar_cases",
    "standing_finding",
    "status_counts",
    "threads",
    "timeline",
    "units_of",
    "unread_counts",
    "withdrawn_ids",
    "word_facts",
]
