"""What became of a notice, and how it says so itself on top wherever it is read, printed or filed."""

from __future__ import annotations

from typing import NamedTuple

IN_FORCE, CORRECTED, WITHDRAWN = "in_force", "corrected", "withdrawn"


class Mark(NamedTuple):
    """What a notice that no longer stands says of itself: the word across its pages, the line above them."""

    word: str
    line: str


def mark_of(status: str, *, by_number: str, by_day: str) -> Mark | None:
    """The mark of a notice; None: it is in force.

    Args: by_number: 发文字号 of what corrected or withdrew it, empty for a letter; by_day: the day of that.

    >>> mark_of(CORRECTED, by_number="株教通〔2026〕9号", by_day="2026年4月1日").line
    '本件已由株教通〔2026〕9号（2026年4月1日）更正，以更正后的为准。'
    """
    by = f"{by_number}（{by_day}）" if by_number else f"{by_day}的告知"
    if status == CORRECTED:
        return Mark("已更正", f"本件已由{by}更正，以更正后的为准。")
    if status == WITHDRAWN:
        return Mark("已撤销", f"本件已由{by}撤销，不再作为工作依据。")
    return None
