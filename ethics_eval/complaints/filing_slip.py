"""The filing slip: signed proof that a complaint came in, without a word of what it says.

Anyone can check it, here or elsewhere with the public key; nothing is looked up, so it tells nobody else anything.
A slip is Ed25519 over version, school code, day and case number, in upper-case base 32 (RFC 4648).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ethics_eval.vault import statement
from ethics_eval.vault.service import Vault

PURPOSE = "filing-slip"
VERSION = "1"


@dataclass(frozen=True)
class Slip:
    """What a slip says: that school's mailbox got a complaint on that day of the city, under that number."""

    school_code: str
    received_on: date
    number: str


def make_slip(vault: Vault, slip: Slip) -> str:
    """The slip's text: capital letters and digits only, as QR codes like them."""
    parts = (VERSION, slip.school_code, f"{slip.received_on:%Y%m%d}", slip.number)
    return statement.signed_statement(vault, PURPOSE, parts)


def read_slip(vault: Vault, typed: str) -> Slip | None:
    """What a slip says, blanks and hyphens aside; None: it did not come from here, or was changed."""
    parts = statement.read_statement(vault, PURPOSE, typed)
    if parts is None or parts[0] != VERSION:
        return None
    school, day, number = parts[1:4]
    return Slip(school, date.fromisoformat(day), number)


def public_key(vault: Vault) -> str:
    """The key with which a slip can be checked elsewhere: Ed25519, 32 bytes in hexadecimal."""
    return statement.public_key(vault, PURPOSE)
