"""The files of a case: listed, opened for a reader, known to a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ethics_eval.accounts.rules import Actor
from ethics_eval.complaints.evidence import copy_name
from ethics_eval.complaints.models import Case, Complaint, Evidence
from ethics_eval.complaints.queries.scope import content_cipher
from ethics_eval.vault.cipher import Cipher
from ethics_eval.vault.files import read_sealed
from ethics_eval.vault.service import Vault


@dataclass(frozen=True)
class Attachment:
    """A file of a complaint as a page lists it."""

    id: str
    name: str
    media_type: str
    byte_count: int
    has_copy: bool


def attachment_of(evidence: Evidence, cipher: Cipher) -> Attachment:
    """A file as a page lists it, its name opened with the case's content key."""
    label = cipher.unseal_json(evidence.label, f"evidence:label:{evidence.id}")
    return Attachment(
        evidence.id, str(label["name"]), evidence.media_type, evidence.byte_count, evidence.has_copy
    )


def evidence_stream(
    session: Session, vault: Vault, case: Case, evidence_id: str, *, folder: Path, actor: Actor | None
) -> tuple[Attachment, Iterator[bytes]] | None:
    """A file of the case for a reader: the stripped copy of a picture, the file itself of other kinds; None: none such.

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
    name = copy_name(evidence.id) if evidence.has_copy else evidence.id
    return attachment_of(evidence, cipher), read_sealed(folder, name, Cipher(raw))


def named_files(session: Session, names: list[str]) -> set[str]:
    """Of some names of sealed files, those a row stands behind."""
    ids = {name[:32] for name in names}
    known = set(session.scalars(select(Evidence.id).where(Evidence.id.in_(ids))))
    return {name for name in names if name[:32] in known}
