"""The steps of a case: one function a use case. Rule, then change, then event; the caller commits."""

from __future__ import annotations

from ethics_eval.complaints.service.closing import answer, close, reply
from ethics_eval.complaints.service.decision import decide, draft_of
from ethics_eval.complaints.service.hearing import notify, record_statement, state
from ethics_eval.complaints.service.intake import (
    DECLINE_REASONS,
    TRANSFER_TARGETS,
    accept,
    assign,
    decline,
    object_to,
    recuse,
    register,
    transfer,
)
from ethics_eval.complaints.service.investigation import investigate, propose, send_back, start
from ethics_eval.complaints.service.step import Step, expect_version

__all__ = [
    "DECLINE_REASONS",
    "Step",
    "TRANSFER_TARGETS",
    "accept",
    "answer",
    "assign",
    "close",
    "decide",
    "decline",
    "draft_of",
    "expect_version",
    "investigate",
    "notify",
    "object_to",
    "propose",
    "record_statement",
    "recuse",
    "register",
    "reply",
    "send_back",
    "start",
    "state",
    "transfer",
]
