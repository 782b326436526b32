"""The vault: unit key pairs under the master key, and case keys sealed to units by HPKE (RFC 9180)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ethics_eval.database import new_id
from ethics_eval.vault.cipher import Cipher, SealBroken, new_key
from ethics_eval.vault.models import DataKey, UnitKey

CITY_UNIT = "city"
CUSTODIAN_UNIT = "custodian"
CONTENT = "content"
IDENTITY = "identity"

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class KeyMissing(Exception):
    """No key of this case is sealed to a unit the reader may use (or it was shredded)."""


def school_unit(school_id: int) -> str:
    """The unit name of a school's mailbox."""
    return f"school:{school_id}"


def district_unit(code: str) -> str:
    """The unit name of a district bureau."""
    return f"district:{code}"


class Vault:
    """Holds the master key; every other key lies wrapped in the database.

    Args: master_key: 32 bytes, or their URL-safe base64 text. Raises: ValueError: another length.
    """

    def __init__(self, master_key: bytes | str) -> None:
        raw = base64.urlsafe_b64decode(master_key) if isinstance(master_key, str) else master_key
        if len(raw) != 32:
            raise ValueError("the master key must be 32 bytes (URL-safe base64)")
        self._master = raw
        self._subkeys: dict[str, bytes] = {}  # a handful of purposes
        self._wrapping = Cipher(self._subkey("wrap"))

    def _subkey(self, purpose: str) -> bytes:
        if purpose not in self._subkeys:
            derivation = HKDF(hashes.SHA256(), 32, salt=None, info=f"ethics-eval/{purpose}".encode())
            self._subkeys[purpose] = derivation.derive(self._master)
        return self._subkeys[purpose]

    def digest(self, purpose: str, *parts: str | bytes) -> bytes:
        """A keyed SHA-256 of the parts: equal parts, equal digest; without the master key it tells nothing."""
        mac = hmac.new(self._subkey(f"digest/{purpose}"), digestmod=hashlib.sha256)
        for part in parts:
            raw = part.encode() if isinstance(part, str) else part
            mac.update(len(raw).to_bytes(8, "big") + raw)
        return mac.digest()

    def signing_key(self, purpose: str) -> Ed25519PrivateKey:
        """The key that signs what leaves the house for ``purpose``; its public half may be shown to anyone."""
        return Ed25519PrivateKey.from_private_bytes(self._subkey(f"signing/{purpose}"))

    # --- unit pairs -----------------------------------------------------------------------------------------

    def open_units(self, session: Session, units: Iterable[str], *, at: datetime) -> None:
        """Make the key pair of each unit that has none yet."""
        wanted = dict.fromkeys(units)
        have = set(session.scalars(select(UnitKey.unit)))
        rows = []
        for unit in wanted:
            if unit in have:
                continue
            private = X25519PrivateKey.generate()
            rows.append(
                {
                    "unit": unit,
                    "public_key": private.public_key().public_bytes_raw(),
                    "wrapped_private_key": self._wrapping.seal(
                        private.private_bytes_raw(), f"unit_key:private:{unit}"
                    ),
                    "created_at": at,
                }
            )
        if rows:
            session.execute(insert(UnitKey), rows)

    # --- case keys ------------------------------------------------------------------------------------------

    def make_key(self, session: Session, subject: str, purpose: str, units: Iterable[str]) -> Cipher:
        """A new data key for ``subject`` and ``purpose``, sealed to each unit; needs public keys only.

        Raises: KeyMissing: a unit has no pair.
        """
        names = list(dict.fromkeys(units))
        pairs = session.scalars(select(UnitKey).where(UnitKey.unit.in_(names))).all()
        if len(pairs) != len(names):
            raise KeyMissing(", ".join(sorted(set(names) - {pair.unit for pair in pairs})))
        key = new_key()
        session.add_all(self._sealed_to(subject, purpose, key, pair) for pair in pairs)
        return Cipher(key)

    def share_key(self, session: Session, subject: str, purpose: str, unit: str) -> None:
        """Seal an existing data key to one more unit. Raises: KeyMissing."""
        pair = session.scalars(select(UnitKey).where(UnitKey.unit == unit)).one_or_none()
        if pair is None:
            raise KeyMissing(unit)
        taken = session.scalars(
            select(DataKey.id).where(
                DataKey.subject == subject, DataKey.purpose == purpose, DataKey.unit_key_id == pair.id
            )
        ).first()
        if taken is None:
            session.add(
                self._sealed_to(subject, purpose, self._raw_key(session, subject, purpose, None), pair)
            )

    def withdraw_key(self, session: Session, subject: str, purpose: str, unit: str) -> None:
        """Take a data key from a unit again (a case that leaves the school)."""
        for row in session.scalars(
            select(DataKey)
            .join(UnitKey, UnitKey.id == DataKey.unit_key_id)
            .where(DataKey.subject == subject, DataKey.purpose == purpose, UnitKey.unit == unit)
        ):
            session.delete(row)

    def open_key(
        self, session: Session, subject: str, purpose: str, units: Iterable[str] | None = None
    ) -> Cipher:
        """The data key as one of ``units`` holds it (None: any; for the complainant's own view and for scans).

        Raises: KeyMissing: none of them holds it; SealBroken: its row was altered or moved.
        """
        return Cipher(self._raw_key(session, subject, purpose, units))

    def open_keys(
        self, session: Session, subjects: Iterable[str], purpose: str, units: Iterable[str]
    ) -> dict[str, Cipher]:
        """Subject → its data key, for those of which one of ``units`` holds one; others are left out.

        For scans: the private half of a unit is opened once. Raises: SealBroken: a row was altered or moved.
        """
        rows = session.execute(
            select(DataKey.subject, DataKey.sealed_key, UnitKey.unit, UnitKey.wrapped_private_key)
            .join(UnitKey, UnitKey.id == DataKey.unit_key_id)
            .where(
                DataKey.subject.in_(list(subjects)),
                DataKey.purpose == purpose,
                UnitKey.unit.in_(list(units)),
            )
        )
        privates: dict[str, X25519PrivateKey] = {}
        found: dict[str, Cipher] = {}
        for subject, sealed_key, unit, wrapped in rows:
            if unit not in privates:
                privates[unit] = self._private_half(unit, wrapped)
            found[subject] = Cipher(_opened(sealed_key, privates[unit], f"{subject}:{purpose}", unit))
        return found

    def _private_half(self, unit: str, wrapped: bytes) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(self._wrapping.unseal(wrapped, f"unit_key:private:{unit}"))

    def _sealed_to(self, subject: str, purpose: str, key: bytes, pair: UnitKey) -> DataKey:
        info = f"{subject}:{purpose}:{pair.unit}".encode()
        sealed = _SUITE.encrypt(key, X25519PublicKey.from_public_bytes(pair.public_key), info=info)
        return DataKey(id=new_id(), subject=subject, purpose=purpose, unit_key_id=pair.id, sealed_key=sealed)

    def _raw_key(self, session: Session, subject: str, purpose: str, units: Iterable[str] | None) -> bytes:
        query = (
            select(DataKey.sealed_key, UnitKey.unit, UnitKey.wrapped_private_key)
            .join(UnitKey, UnitKey.id == DataKey.unit_key_id)
            .where(DataKey.subject == subject, DataKey.purpose == purpose)
        )
        if units is not None:
            query = query.where(UnitKey.unit.in_(list(units)))
        row = session.execute(query.limit(1)).one_or_none()
        if row is None:
            raise KeyMissing(f"{subject}:{purpose}")
        private = self._private_half(row.unit, row.wrapped_private_key)
        return _opened(row.sealed_key, private, f"{subject}:{purpose}", row.unit)


def _opened(sealed: bytes, private: X25519PrivateKey, place: str, unit: str) -> bytes:
    try:
        return _SUITE.decrypt(sealed, private, info=f"{place}:{unit}".encode())
    except InvalidTag as error:
        raise SealBroken(place) from error
