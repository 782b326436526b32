"""澄清正名, as all three audiences read it: the document of a clearance."""

from __future__ import annotations

from ethics_eval.complaints.queries import ClearanceView
from ethics_eval.notices.document import Document
from ethics_eval.notices.rules.clearance import compose_clearance


def document_of(view: ClearanceView) -> Document:
    """The document as it was issued, or will be."""
    return compose_clearance(
        text=view.text,
        teacher=view.teacher,
        school=view.school,
        issuer=view.issuer,
        audience=view.audience,
        issued_on=view.issued_on,
    )
