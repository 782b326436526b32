"""Reads of the ethics file, a file a noun. Out of the reader's scope, or not opened, is as if absent."""

from __future__ import annotations

from ethics_eval.ethics_file.queries.certificates import (
    CertificateView,
    certificate_of,
    certificates_of,
    recent_certificates,
    shown_to_anyone,
)
from ethics_eval.ethics_file.queries.contents import EthicsFile, contents
from ethics_eval.ethics_file.queries.reach import (
    MOST_PEOPLE,
    Opening,
    Person,
    find_people,
    is_open,
    open_now,
    openings_of_teacher,
    own_openings,
    person_of,
    staff_of_school,
)
from ethics_eval.ethics_file.queries.standing import standing_facts

__all__ = [
    "CertificateView",
    "EthicsFile",
    "MOST_PEOPLE",
    "Opening",
    "Person",
    "certificate_of",
    "certificates_of",
    "contents",
    "find_people",
    "is_open",
    "open_now",
    "openings_of_teacher",
    "own_openings",
    "person_of",
    "recent_certificates",
    "shown_to_anyone",
    "staff_of_school",
    "standing_facts",
]
