"""Reads of rankings, a file a noun. Out of the reader's scope, or not yet published, is as if absent."""

from __future__ import annotations

from ethics_eval.ranking.queries.bottom import Candidate, bottom_lines, lowest
from ethics_eval.ranking.queries.certainty import CertaintyView, certainty_view
from ethics_eval.ranking.queries.corrections import (
    Difference,
    OwnVersion,
    VersionView,
    all_versions,
    checked_because,
    difference,
    own_versions,
    school_names,
    version_numbered,
)
from ethics_eval.ranking.queries.ledger import LedgerView, ledger_lines
from ethics_eval.ranking.queries.objections import open_appeals
from ethics_eval.ranking.queries.overview import Overview, overview
from ethics_eval.ranking.queries.rows import PAGE_SIZE, RankingFilter, ranking_lines, ranking_page
from ethics_eval.ranking.queries.scores import Around, TeacherScore, own_scores, teacher_score
from ethics_eval.ranking.queries.semester import Figures, Group, StepTaken, figures, steps_taken
from ethics_eval.ranking.queries.sight import WHOLE_CITY, Sight, school_in_sight, sight_of
from ethics_eval.ranking.queries.versions import RankingView, ranking_of, rankings, version_of
from ethics_eval.ranking.queries.why import Why, why

__all__ = [
    "Around",
    "Candidate",
    "CertaintyView",
    "Difference",
    "Figures",
    "Group",
    "LedgerView",
    "Overview",
    "OwnVersion",
    "PAGE_SIZE",
    "RankingFilter",
    "RankingView",
    "Sight",
    "StepTaken",
    "TeacherScore",
    "VersionView",
    "WHOLE_CITY",
    "Why",
    "bottom_lines",
    "certainty_view",
    "checked_because",
    "difference",
    "figures",
    "ledger_lines",
    "lowest",
    "open_appeals",
    "overview",
    "own_scores",
    "own_versions",
    "ranking_lines",
    "ranking_of",
    "ranking_page",
    "rankings",
    "school_in_sight",
    "school_names",
    "sight_of",
    "steps_taken",
    "teacher_score",
    "version_numbered",
    "version_of",
    "all_versions",
    "why",
]
