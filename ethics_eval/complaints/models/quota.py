"""Tables against floods: quotas by keyed hashes that change every day, challenges that were used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from ethics_eval.database import Base


class QuotaCount(Base):
    """How often something came from one source in a window; the hash cannot be turned back and changes daily."""

    __tablename__ = "quota_count"
    bucket_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class SpentChallenge(Base):
    """A solved proof of work, kept until it would have expired: it counts once."""

    __tablename__ = "spent_challenge"
    signature_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
