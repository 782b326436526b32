"""The filing slip: signed proof that a complaint came in, without a word of what it says.

Anyone can check it, here or elsewhere with the public key; nothing is looked up, so it tells nobody else anything.
A slip is Ed25519 over version, school code, day and case number, in upper-case base 32 (RFC 4648).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import date

from cryptography.exceptions import InvalidSignature

from ethics_eval.vault.service import Vault

PURPOSE = "filing-slip"
VERSION = b"1"
SEPARATOR = b"|"
SIGNATURE_BYTES = 64
MAX_LENGTH = 400


@dataclass(frozen=True)
class Slip:
    """What a slip says: that school's mailbox got a complaint on that day of the city, under that number."""

    school_code: str
    received_on: date
    number: str


def make_slip(vault: Vault, slip: Slip) -> str:
    """The slip's text: capital letters and digits only, as QR codes like them."""
    stated = SEPARATOR.join(
        (VERSION, slip.school_code.encode(), f"{slip.received_on:%Y%m%d}".encode(), slip.number.encode())
    )
    stated += SEPARATOR * (
        -(len(stated) + SIGNATURE_BYTES) % 5
    )  # whole groups: no bit is left that says nothing
    signed = stated + vault.signing_key(PURPOSE).sign(stated)
    return base64.b32encode(signed).decode("ascii")


def read_slip(vault: Vault, typed: str) -> Slip | None:
    """What a slip says, blanks and hyphens aside; None: it did not come from here, or was changed."""
    text = re.sub(r"[\s-]", "", typed)
    if len(text) > MAX_LENGTH or not text.isascii():
        return None
    try:
        signed = base64.b32decode(text)
    except binascii.Error:
        return None
    stated, signature = signed[:-SIGNATURE_BYTES], signed[-SIGNATURE_BYTES:]
    try:
        vault.signing_key(PURPOSE).public_key().verify(signature, stated)
    except InvalidSignature:
        return None
    version, school, day, number, *_filling = stated.split(SEPARATOR)
    if version != VERSION:
        return None
    return Slip(school.decode(), date.fromisoformat(day.decode()), number.decode())


def public_key(vault: Vault) -> str:
    """The key with which a slip can be checked elsewhere: Ed25519, 32 bytes in hexadecimal."""
    return vault.signing_key(PURPOSE).public_key().public_bytes_raw().hex()
