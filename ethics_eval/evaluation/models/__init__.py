"""Tables of scheme, imported component scores, ballots and their tallies, and honours."""

from __future__ import annotations

from ethics_eval.evaluation.models.assessment import Assessment, FlaggedTally, Honour, Tally
from ethics_eval.evaluation.models.ballot import (
    BallotCode,
    BallotDraft,
    BallotFlag,
    BallotGroup,
    BallotGroupTeacher,
    BallotReason,
    BallotRound,
)
from ethics_eval.evaluation.models.scheme import SchemeVersion, SemesterScheme

__all__ = [
    "Assessment",
    "BallotCode",
    "BallotDraft",
    "BallotFlag",
    "BallotGroup",
    "BallotGroupTeacher",
    "BallotReason",
    "BallotRound",
    "FlaggedTally",
    "Honour",
    "SchemeVersion",
    "SemesterScheme",
    "Tally",
]
