"""Tables of keys: a pair for each unit, and the data keys of each case sealed to units."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ethics_eval.database import Base


class UnitKey(Base):
    """An X25519 pair of a mailbox or unit (``school:12``, ``district:430211``, ``city``, ``custodian``)."""

    __tablename__ = "unit_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(40), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    wrapped_private_key: Mapped[bytes] = mapped_column(LargeBinary(128))
    created_at: Mapped[datetime]


class DataKey(Base):
    """A case's key for one purpose, sealed to one unit; deleting a case's rows shreds the case."""

    __tablename__ = "data_key"
    __table_args__ = (
        UniqueConstraint("subject", "purpose", "unit_key_id"),
        CheckConstraint("purpose IN ('content','identity')", name="purpose"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    subject: Mapped[str] = mapped_column(String(40), index=True)
    purpose: Mapped[str] = mapped_column(String(8))
    unit_key_id: Mapped[int] = mapped_column(ForeignKey("unit_key.id"))
    sealed_key: Mapped[bytes] = mapped_column(LargeBinary(160))
