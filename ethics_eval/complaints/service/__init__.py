"""The steps of a case: one function a use case. Rule, then change, then event; the caller commits."""

from __future__ import annotations

from ethics_eval.complaints.service.clearance import answer_clearance, issue_clearance, offer_clearance
from ethics_eval.complaints.service.closing import answer, close, reply
from ethics_eval.complaints.service.decision import decide, draft_of
from ethics_eval.complaints.service.disclosure import Person, disclose
from ethics_eval.complaints.service.dispute import answer_dispute, dispute
from ethics_eval.complaints.service.hearing import (
    ask_hearing,
    hold_hearing,
    notify,
    record_statement,
    state,
)
from ethics_eval.complaints.service.intake import (
    DECLINE_REASONS,
    PETITION_TYPES,
    TRANSFER_TARGETS,
    accept,
    assign,
    decline,
    object_to,
    recuse,
    refer,
    register,
    reopen,
    transfer,
)
from ethics_eval.complaints.service.investigation import investigate, propose, send_back, start
from ethics_eval.complaints.service.linking import link, unlink
from ethics_eval.complaints.service.measure import (
    decide_measure,
    expire_measures,
    extend_measure,
    lift_measure,
    record_filing,
    revoke_measures,
)
from ethics_eval.complaints.service.merging import merge
from ethics_eval.complaints.service.message import (
    mark_read,
    note,
    write_from_complainant,
    write_to_complainant,
)
from ethics_eval.complaints.service.owning import own
from ethics_eval.complaints.service.pausing import extend, resume, suspend
from ethics_eval.complaints.service.rating import rate
from ethics_eval.complaints.service.remedy import ask_remedy, decide_remedy, extend_remedy
from ethics_eval.complaints.service.review import ask_final_review, ask_review, finish, quash, uphold
from ethics_eval.complaints.service.step import Step, expect_version
from ethics_eval.complaints.service.viewing import open_file
from ethics_eval.complaints.service.withdrawal import carry_on, withdraw

__all__ = [
    "DECLINE_REASONS",
    "PETITION_TYPES",
    "Person",
    "Step",
    "TRANSFER_TARGETS",
    "accept",
    "answer",
    "answer_clearance",
    "answer_dispute",
    "ask_final_review",
    "ask_hearing",
    "ask_remedy",
    "ask_review",
    "assign",
    "carry_on",
    "close",
    "decide",
    "decide_measure",
    "decide_remedy",
    "decline",
    "disclose",
    "dispute",
    "draft_of",
    "expect_version",
    "expire_measures",
    "extend",
    "extend_measure",
    "extend_remedy",
    "finish",
    "hold_hearing",
    "investigate",
    "issue_clearance",
    "lift_measure",
    "link",
    "mark_read",
    "merge",
    "note",
    "notify",
    "object_to",
    "offer_clearance",
    "open_file",
    "own",
    "propose",
    "quash",
    "rate",
    "record_filing",
    "record_statement",
    "recuse",
    "refer",
    "register",
    "reopen",
    "reply",
    "resume",
    "revoke_measures",
    "send_back",
    "start",
    "state",
    "suspend",
    "transfer",
    "unlink",
    "uphold",
    "withdraw",
    "write_from_complainant",
    "write_to_complainant",
]
