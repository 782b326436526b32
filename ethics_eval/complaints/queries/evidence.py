"""The files of a case: listed, opened for a reader, known to a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.evidence import CLEAN_TYPES, PICTURES, copy_name, copy_type
from ethics_eval.complaints.models import Case, Complaint, Evidence
from ethics_eval.complaints.queries.scope import content_cipher
from ethics_eval.vault.cipher import Cipher
from ethics_eval.vault.files import read_sealed
from ethics_eval.vault.service import Vault


@dataclass(frozen=True)
class Attachment:
    """A file of a complaint as a page lists it.

    ``is_viewable``: handlers have something to look at, of the type ``view_type``; of a damaged file they have nothing.
    ``sha256``: of the original, in hex; None for files taken in before it was recorded.
    """

    id: str
    name: str
    media_type: str
    byte_count: int
    has_copy: bool
    is_viewable: bool
    sha256: str | None

    @property
    def is_picture(self) -> bool:
        """Whether a page can show the copy."""
        return self.has_copy and self.media_type in PICTURES

    @property
    def view_type(self) -> str:
        """The media type of what handlers are given."""
        return copy_type(self.media_type) if self.has_copy else self.media_type


def attachment_of(evidence: Evidence, cipher: Cipher) -> Attachment:
    """A file as a page lists it, its name opened with the case's content key."""
    label = cipher.unseal_json(evidence.label, f"evidence:label:{evidence.id}")
    sha256 = label.get("sha256")
    return Attachment(
        id=evidence.id,
        name=str(label["name"]),
        media_type=evidence.media_type,
        byte_count=evidence.byte_count,
        has_copy=evidence.has_copy,
        # files of before have a copy only if they are pictures; they stay readable as they were
        is_viewable=evidence.has_copy or evidence.media_type in CLEAN_TYPES or sha256 is None,
        sha256=sha256,
    )


def evidence_stream(
    session: Session,
    vault: Vault,
    case: Case,
    evidence_id: str,
    *,
    folder: Path,
    actor: Actor | None,
    original: bool = False,
) -> tuple[Attachment, Iterator[bytes]] | None:
    """A file of the case for a reader: its stripped copy; None: there is none such, or no copy could be made.

    Args: original: the sealed original instead, for whoever two persons have let in (service/custody.py) and no other.

    Raises: KeyMissing: the reader's unit holds no key of the case.
    """
    evidence = session.scalars(
        select(Evidence)
        .join(Complaint, Complaint.id == Evidence.complaint_id)
        .join(Case, Case.id == Complaint.case_id)
        .where(Evidence.id == evidence_id, or_(Case.id == case.id, Case.merged_into_id == case.id))
    ).first()
    if evidence is None:
        return None
    cipher = content_cipher(session, vault, evidence.complaint.case, actor)
    raw = cipher.unseal(evidence.wrapped_key, f"evidence:wrapped_key:{evidence.id}")
    attachment = attachment_of(evidence, cipher)
    if not original and not attachment.is_viewable:
        return None
    name = copy_name(evidence.id) if evidence.has_copy and not original else evidence.id
    return attachment, read_sealed(folder, name, Cipher(raw))


def named_files(session: Session, names: list[str]) -> set[str]:
    """Of some names of sealed files, those a row stands behind."""
    ids = {name[:32] for name in names}
    known = set(session.scalars(select(Evidence.id).where(Evidence.id.in_(ids))))
    return {name for name in names if name[:32] in known}
