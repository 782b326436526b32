"""What a form must bring beside its words: a proof of work done by the browser, or the answer to a plain question.

The proof is ALTCHA's (PBKDF2/SHA-256 with a known counter, so that checking it is one HMAC); it is bound to the
mailbox and counts once. The question is bound to the form's idempotency key, which itself counts once.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from altcha import Payload, create_challenge, verify_solution
from sqlalchemy.orm import Session

from ethics_eval.complaints.models import SpentChallenge
from ethics_eval.complaints.rules.question import addends, number_of
from ethics_eval.text import N_, RuleViolation
from ethics_eval.vault.service import Vault

ALGORITHM = "PBKDF2/SHA-256"
ITERATIONS = 5000
LIFE = timedelta(hours=2)  # a letter takes an evening; the browser asks for a new one by itself
MAX_PAYLOAD = 4000
FIELD = "answer"

_EXPIRED = N_("确认已经过期。请回答下面的问题，再提交一次；您写的都还在。")
_UNPROVEN = N_("请回答这个问题，再提交一次；您写的都还在。")
_WRONG = N_("答案不对。请用数字写出得数，例如 9。")


def give(vault: Vault, mailbox_code: str, *, steps: int, at: datetime) -> dict[str, Any]:
    """A new piece of work for the browser, of about three quarters of ``steps``; valid two hours."""
    challenge = create_challenge(
        ALGORITHM,
        ITERATIONS,
        counter=steps // 2 + secrets.randbelow(steps // 2),
        expires_at=at + LIFE,
        data={"mailbox": mailbox_code.lower()},
        hmac_secret=vault.digest("challenge"),
        hmac_key_secret=vault.digest("challenge-solution"),
    )
    given: dict[str, Any] = challenge.to_dict()
    return given


@dataclass(frozen=True)
class Work:
    """A piece of work that was done: its signature, and until when it would count again."""

    signature: str
    expires_at: datetime


def done_work(vault: Vault, mailbox_code: str, typed: str, *, at: datetime) -> Work:
    """The work in the form's field. Raises: RuleViolation: none, not ours, another mailbox's, wrong or too old."""
    try:
        payload = Payload.from_base64(typed[:MAX_PAYLOAD])
        result = verify_solution(
            payload, vault.digest("challenge"), hmac_key_secret=vault.digest("challenge-solution")
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise RuleViolation("challenge.unproven", _UNPROVEN, field=FIELD) from error
    if result.expired:
        raise RuleViolation("challenge.expired", _EXPIRED, field=FIELD)
    given = payload.challenge
    if not result.verified or given.parameters.data != {"mailbox": mailbox_code.lower()}:
        raise RuleViolation("challenge.unproven", _UNPROVEN, field=FIELD)
    work = Work(str(given.signature), datetime.fromtimestamp(given.parameters.expires_at or 0, UTC))
    if work.expires_at <= at:
        raise RuleViolation("challenge.expired", _EXPIRED, field=FIELD)
    return work


def spend(session: Session, vault: Vault, work: Work) -> None:
    """Let a piece of work count, once; in the submission's transaction.

    Raises: RuleViolation: it counted before; IntegrityError: it counts elsewhere at this very moment.
    """
    signature_hash = vault.digest("challenge-spent", work.signature)
    if session.get(SpentChallenge, signature_hash) is not None:
        raise RuleViolation("challenge.spent", _EXPIRED, field=FIELD)
    session.add(SpentChallenge(signature_hash=signature_hash, expires_at=work.expires_at))
    session.flush()


# --- the question ---------------------------------------------------------------------------------------------


def ask(vault: Vault, idempotency_key: str, *, at: datetime) -> str:
    """The hidden value that goes with a question to this form: until when it is good, signed."""
    return _signed(vault, idempotency_key, int((at + LIFE).timestamp()))


def question(vault: Vault, idempotency_key: str, token: str, *, at: datetime) -> tuple[int, int] | None:
    """The two numbers to be added; None: the token is not ours, another form's, or too old."""
    until = token.partition(".")[0]
    if not until.isascii() or not until.isdecimal() or len(until) > 12 or int(until) <= at.timestamp():
        return None
    if not hmac.compare_digest(_signed(vault, idempotency_key, int(until)).encode(), token.encode()):
        return None
    return addends(vault.digest("question-numbers", idempotency_key, until))


def check_answer(vault: Vault, idempotency_key: str, token: str, typed: str, *, at: datetime) -> None:
    """Nothing when the question is answered rightly. Raises: RuleViolation, at the answer's field."""
    numbers = question(vault, idempotency_key, token, at=at)
    if not typed.strip():
        raise RuleViolation("challenge.unproven", _UNPROVEN, field=FIELD)
    if numbers is None:
        raise RuleViolation("challenge.expired", _EXPIRED, field=FIELD)
    if number_of(typed) != sum(numbers):
        raise RuleViolation("challenge.wrong", _WRONG, field=FIELD)


def _signed(vault: Vault, idempotency_key: str, until: int) -> str:
    return f"{until}.{vault.digest('question', idempotency_key, str(until)).hex()[:32]}"
