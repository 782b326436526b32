"""The signed text of a certificate: what it says, without the full name; whoever holds it can have it checked.

Signed are version, number, masked name, school code, standing, purpose, day of issue and last day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ethics_eval.ethics_file.rules.need import Purpose
from ethics_eval.ethics_file.rules.standing import Standing
from ethics_eval.vault.service import Vault
from ethics_eval.vault.statement import public_key, read_statement, signed_statement

SIGNED_FOR = "certificate"
VERSION = "1"


@dataclass(frozen=True)
class Stated:
    """What a certificate's signed text says."""

    number: str
    name: str
    school_code: str
    standing: Standing
    purpose: Purpose
    issued_on: date
    expires_on: date


def make_slip(vault: Vault, stated: Stated) -> str:
    """The signed text."""
    return signed_statement(
        vault,
        SIGNED_FOR,
        (
            VERSION,
            stated.number,
            stated.name,
            stated.school_code,
            stated.standing.value,
            stated.purpose.value,
            f"{stated.issued_on:%Y%m%d}",
            f"{stated.expires_on:%Y%m%d}",
        ),
    )


def read_slip(vault: Vault, typed: str) -> Stated | None:
    """What it says; None: it was not given here, or was changed."""
    parts = read_statement(vault, SIGNED_FOR, typed)
    if parts is None or parts[0] != VERSION:
        return None
    number, name, school, standing, purpose, issued, expires = parts[1:8]
    return Stated(
        number,
        name,
        school,
        Standing(standing),
        Purpose(purpose),
        date.fromisoformat(issued),
        date.fromisoformat(expires),
    )


def slip_key(vault: Vault) -> str:
    """The public key, in hexadecimal."""
    return public_key(vault, SIGNED_FOR)
