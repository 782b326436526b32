"""Signed statements that anyone can check, here or elsewhere with the public key: Ed25519, in base 32 (RFC 4648)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature

from ethics_eval.vault.service import Vault

SEPARATOR = b"|"
SIGNATURE_BYTES = 64
MAX_LENGTH = 400


def signed_statement(vault: Vault, purpose: str, parts: Sequence[str]) -> str:
    """The parts, signed for ``purpose``: capital letters and digits only, as QR codes like them.

    Parts hold no separator: one in a name becomes a blank.
    """
    stated = SEPARATOR.join(part.replace("|", " ").encode() for part in parts)
    # whole groups: no bit is left that says nothing
    stated += SEPARATOR * (-(len(stated) + SIGNATURE_BYTES) % 5)
    return base64.b32encode(stated + vault.signing_key(purpose).sign(stated)).decode("ascii")


def read_statement(vault: Vault, purpose: str, typed: str) -> list[str] | None:
    """The parts, blanks and hyphens aside, then empty ones; None: it was not signed here for this, or was changed."""
    text = re.sub(r"[\s-]", "", typed)
    if len(text) > MAX_LENGTH or not text.isascii():
        return None
    try:
        signed = base64.b32decode(text)
    except binascii.Error:
        return None
    stated, signature = signed[:-SIGNATURE_BYTES], signed[-SIGNATURE_BYTES:]
    try:
        vault.signing_key(purpose).public_key().verify(signature, stated)
    except InvalidSignature:
        return None
    return [part.decode() for part in stated.split(SEPARATOR)]


def public_key(vault: Vault, purpose: str) -> str:
    """The key with which statements for ``purpose`` can be checked elsewhere: 32 bytes in hexadecimal."""
    return vault.signing_key(purpose).public_key().public_bytes_raw().hex()
