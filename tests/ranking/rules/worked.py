"""The worked example beside the repository, read through the rules of ``ranking try``."""

from __future__ import annotations

import json
from typing import Any

from ethics_eval.evaluation.rules.scheme import parse_scheme
from ethics_eval.ranking.rules.inputs import Inputs
from ethics_eval.ranking.rules.trial import plan_trial
from ethics_eval.roster.rules.sheet import SheetRows
from ethics_eval.workbooks.reading import read_workbook
from tests.support.shared import shared


def worked_inputs() -> Inputs:
    """The inputs of ../shared/examples/ranking; skips where it is absent."""
    scheme = parse_scheme(shared("examples/ranking/scheme.json").read_text("utf-8"))
    sheets = read_workbook(shared("examples/ranking/inputs.xlsx"))
    trial = plan_trial([SheetRows(sheet.title, sheet.headings, sheet.rows) for sheet in sheets], scheme)
    assert trial.problems == ()
    return trial.inputs


def expected() -> Any:
    """What an independent program computed from it."""
    return json.loads(shared("examples/ranking/expected.json").read_text("utf-8"))
