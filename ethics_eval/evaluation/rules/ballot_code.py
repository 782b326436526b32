"""评议码: 12 Crockford base-32 characters (60 bits) in three groups, read back however they were typed.

Source: security.md §1; domain.md §7.3 (one token a rater).
"""

from __future__ import annotations

import re
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
GROUP = 4

_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_BETWEEN = re.compile(r"[\s\-—–_.·]")


def encode(raw: bytes) -> str:
    """The first twelve characters of ``raw``, five bits each. Raises: ValueError: too few bytes."""
    bits = LENGTH * 5
    if len(raw) * 8 < bits:
        raise ValueError("too few bytes for a code")
    number = int.from_bytes(raw, "big") >> (len(raw) * 8 - bits)
    return "".join(ALPHABET[number >> (5 * place) & 31] for place in reversed(range(LENGTH)))


def grouped(code: str) -> str:
    """As printed: ``7K3M-Q9TZ-2ABC``."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def normalise(typed: str) -> str | None:
    """The code meant by what was typed (case, blanks, hyphens, full width, O/0, I/L/1); None: not a code.

    >>> normalise("7k3m q9tz–2abo")
    '7K3MQ9TZ2AB0'
    """
    text = _BETWEEN.sub("", unicodedata.normalize("NFKC", typed[:80])).upper().translate(_LOOKALIKES)
    return text if len(text) == LENGTH and all(char in ALPHABET for char in text) else None
