"""What passes between handlers and a complainant beside the steps of the machine: messages, notes, rating, dispute,
late disclosure.

Source: 信访工作条例 art. 21 (the complainant may query and rate), security.md §3 (files), domain.md §7.2 (satisfaction
survey after the reply; no forced withdrawal); anchors.md §2 rows 16 and 18.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from ethics_eval.complaints.rules.machine import CaseStatus
from ethics_eval.complaints.rules.submission import IdentityMode, body_length
from ethics_eval.text import N_, RuleViolation

MAX_MESSAGE = 2000
# So many messages may wait unread: one code cannot bury a desk.
MAX_WAITING = 20
DISPUTE_DAYS = 30
RATING_DAYS = 30


class WordEvent(StrEnum):
    """Events of a case that move it nowhere."""

    NOTE = "note"
    RATE = "rate"
    DISPUTE = "dispute"
    ANSWER_DISPUTE = "dispute_answer"
    DISCLOSE = "disclose"


EVENT_LABELS: Mapping[WordEvent, str] = {
    WordEvent.NOTE: N_("内部备注"),
    WordEvent.RATE: N_("投诉人评价"),
    WordEvent.DISPUTE: N_("投诉人提出异议"),
    WordEvent.ANSWER_DISPUTE: N_("答复异议"),
    WordEvent.DISCLOSE: N_("投诉人公开身份"),
}

SATISFACTION_LABELS: Mapping[int, str] = {3: N_("满意"), 2: N_("基本满意"), 1: N_("不满意")}

# An answer was given, whatever came after it.
ANSWERED = frozenset(
    {
        CaseStatus.REPLIED,
        CaseStatus.CLOSED,
        CaseStatus.REVIEW,
        CaseStatus.FINAL_REVIEW,
        CaseStatus.FINAL,
    }
)
# While a review runs, or after it, the review is the way to object.
_DISPUTABLE = frozenset({CaseStatus.REPLIED, CaseStatus.CLOSED})

# From least to most known; a complainant goes on in this order and never back.
DISCLOSURE_ORDER = (IdentityMode.ANONYMOUS, IdentityMode.REAL_NAME_HIDDEN, IdentityMode.REAL_NAME)


def message_text(text: str, field: str = "text") -> str:
    """A message of 1 to 2000 characters, without blanks around it. Raises: RuleViolation at ``field``."""
    trimmed = text.strip()
    if not trimmed:
        raise RuleViolation("message.empty", N_("请写下您要说的话。"), field=field)
    length = body_length(trimmed)
    if length > MAX_MESSAGE:
        raise RuleViolation(
            "message.long",
            N_("最多%(limit)s个字，现在是%(count)s个字。"),
            field=field,
            limit=MAX_MESSAGE,
            count=length,
        )
    return trimmed


def check_waiting(waiting: int) -> None:
    """Refuse one more message while 20 wait to be read. Raises: RuleViolation."""
    if waiting >= MAX_WAITING:
        raise RuleViolation(
            "message.waiting",
            N_("您已有%(count)s条留言等待经办人阅读，请等对方看过之后再写。"),
            field="text",
            count=waiting,
        )


def rating_ends(rated_on: date) -> date:
    """The last day on which a rating can be changed."""
    return rated_on + timedelta(days=RATING_DAYS)


def rating_refusal(status: CaseStatus, rated_on: date | None, today: date) -> RuleViolation | None:
    """Why the handling cannot be rated now; None: it can.

    Args: rated_on: the day of the first rating, if there was one.
    """
    if status not in ANSWERED:
        return RuleViolation("rating.early", N_("答复之后才能评价。"))
    if rated_on is not None and today > rating_ends(rated_on):
        return RuleViolation("rating.late", N_("评价30天后不能再改。"))
    return None


def dispute_ends(replied_on: date) -> date:
    """The last day on which the reply can be disputed."""
    return replied_on + timedelta(days=DISPUTE_DAYS)


def dispute_refusal(
    status: CaseStatus, replied_on: date | None, disputed_on: date | None, today: date
) -> RuleViolation | None:
    """Why no dispute can be raised now; None: it can. One a case (the reviews of the law stand beside it)."""
    if disputed_on is not None:
        return RuleViolation("dispute.once", N_("每件投诉只能提一次异议，这件已经提过。"))
    if status not in _DISPUTABLE or replied_on is None:
        return RuleViolation(
            "dispute.not_replied", N_("收到答复之后才能提异议；已请求复查的，由复查机关审查。")
        )
    if today > dispute_ends(replied_on):
        return RuleViolation("dispute.late", N_("收到答复已超过30天，不能再提异议。"))
    return None


def disclosure_choices(mode: IdentityMode) -> tuple[IdentityMode, ...]:
    """What a complainant may still disclose: more than now, never less."""
    return DISCLOSURE_ORDER[DISCLOSURE_ORDER.index(mode) + 1 :]


def check_disclosure(before: IdentityMode, after: IdentityMode) -> None:
    """Raises: RuleViolation at ``identity``: it would take back what was disclosed, or change nothing."""
    if after not in disclosure_choices(before):
        raise RuleViolation(
            "disclosure.one_way", N_("身份公开后不能收回，只能再多公开一步。"), field="identity"
        )
