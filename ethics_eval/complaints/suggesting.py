"""The words of the categories, as shipped, and the suggestion they make."""

from __future__ import annotations

import json
from pathlib import Path

from ethics_eval.complaints.rules.suggestion import Suggestion, lexicon_of, suggest

LEXICON = lexicon_of(json.loads(Path(__file__).with_name("suggestion.json").read_text("utf-8")))


def suggestions(text: str) -> list[Suggestion]:
    """The categories the words of a letter speak for; nothing of the text is kept."""
    return suggest(text, LEXICON)
