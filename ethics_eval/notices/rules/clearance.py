"""澄清正名 as an official document: what was found, for whom it is meant, and that nobody looks for the sender."""

from __future__ import annotations

from datetime import date

from ethics_eval.complaints.rules.clearance import Audience
from ethics_eval.notices.document import Document


def compose_clearance(
    *, text: str, teacher: str, school: str, issuer: str, audience: Audience, issued_on: date | None
) -> Document:
    """The document; before it is issued, its date is open. Nothing of the complainant stands in it."""
    addressees = {
        Audience.PERSON: f"{teacher}同志：",
        Audience.SCHOOL: f"{school}：",
        Audience.SYSTEM: "各区县教育局，各学校、幼儿园：",
    }
    return Document(
        issuer=issuer,
        number=None,
        title=f"关于为{teacher}同志澄清正名的通知",
        addressee=addressees[audience],
        opening=tuple(line.strip() for line in text.splitlines() if line.strip()),
        sections=(),
        closing=(
            f"经{teacher}同志本人同意，现予以澄清正名。",
            "任何单位和个人不得打听、追查反映问题的人，不得打击报复。",
        ),
        signature=issuer,
        issued_on="　　　　年　　月　　日"
        if issued_on is None
        else f"{issued_on.year}年{issued_on.month}月{issued_on.day}日",
        annotations=(),
    )
