"""The query code: 16 Crockford base-32 characters (80 bits) in four groups; 6 select, 10 verify.

Source: security.md §1. The mailbox code uses the same alphabet in lower case.
"""

from __future__ import annotations

import re
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
SELECTOR = 6
HALF = 8
MAILBOX_LENGTH = 12
GROUP = 4
MAX_MISSES = 5
REST_MINUTES = 15

_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})


def encode(raw: bytes, length: int = LENGTH) -> str:
    """The first ``length`` characters of ``raw``, five bits each. Raises: ValueError: too few bytes."""
    if len(raw) * 8 < length * 5:
        raise ValueError("too few bytes for a code")
    number = int.from_bytes(raw, "big") >> (len(raw) * 8 - length * 5)
    return "".join(ALPHABET[number >> (5 * place) & 31] for place in reversed(range(length)))


def grouped(code: str) -> str:
    """As shown: ``7K3M-Q9TZ-…``."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def _plain(typed: str) -> str:
    text = re.sub(r"[\s\-—–_.·]", "", unicodedata.normalize("NFKC", typed))
    return text.upper().translate(_LOOKALIKES)


def is_last_group(code: str, typed: str) -> bool:
    """Whether what was typed is the code's last four characters (or all of it), read as :func:`normalise` reads."""
    text = _plain(typed)
    return text in {code[-GROUP:], code}


def normalise(typed: str) -> str | None:
    """The code meant by what was typed (case, blanks, hyphens, full width, O/0, I/L/1); None: not a code."""
    text = _plain(typed)
    return text if len(text) == LENGTH and all(char in ALPHABET for char in text) else None


def normalise_half(typed: str) -> str | None:
    """The first half of a code, read as :func:`normalise` reads; None: not one."""
    text = _plain(typed)
    return text if len(text) == HALF and all(char in ALPHABET for char in text) else None
