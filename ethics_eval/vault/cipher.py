"""Sealing bytes so that they open only in their own place.

A blob is ``version ‖ algorithm ‖ nonce (12) ‖ ciphertext and tag``; the place (table:column:row) is associated
data, so a blob moved to another row does not open.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
AES_256_GCM = 1
NONCE_BYTES = 12
KEY_BYTES = 32
OVERHEAD_BYTES = 2 + NONCE_BYTES + 16


class SealBroken(Exception):
    """A blob was altered, moved, or sealed under another key."""


class _Aead(Protocol):
    def __init__(self, key: bytes) -> None: ...
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


# Algorithm number → construction; a new number joins here, old blobs stay readable.
PROVIDERS: Mapping[int, type[_Aead]] = {AES_256_GCM: AESGCM}


def new_key() -> bytes:
    """A random key of 32 bytes."""
    return secrets.token_bytes(KEY_BYTES)


class Cipher:
    """Seals and opens under one key."""

    def __init__(self, key: bytes, algorithm: int = AES_256_GCM) -> None:
        self._key = key
        self._algorithm = algorithm

    def seal(self, plain: bytes, place: str) -> bytes:
        """The blob of ``plain``, bound to ``place``."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        head = bytes((VERSION, self._algorithm))
        body = PROVIDERS[self._algorithm](self._key).encrypt(nonce, plain, head + place.encode())
        return head + nonce + body

    def unseal(self, blob: bytes, place: str) -> bytes:
        """What was sealed. Raises: SealBroken: altered, moved, or another key."""
        head, nonce, body = blob[:2], blob[2 : 2 + NONCE_BYTES], blob[2 + NONCE_BYTES :]
        if len(blob) < OVERHEAD_BYTES or head[0] != VERSION or head[1] not in PROVIDERS:
            raise SealBroken(place)
        try:
            return PROVIDERS[head[1]](self._key).decrypt(nonce, body, head + place.encode())
        except InvalidTag as error:
            raise SealBroken(place) from error

    def seal_json(self, value: Mapping[str, Any], place: str) -> bytes:
        """The blob of a JSON object."""
        return self.seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), place)

    def unseal_json(self, blob: bytes, place: str) -> dict[str, Any]:
        """The JSON object sealed. Raises: SealBroken."""
        value: dict[str, Any] = json.loads(self.unseal(blob, place))
        return value
