"""The base of all forms: texts come translated, rule violations land at their field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from flask_wtf import FlaskForm
from wtforms import MultipleFileField

from ethics_eval.complaints.evidence import Upload
from ethics_eval.text import Conflict, RuleViolation
from ethics_eval.web.page import spoken

REFUSED = 422


class Form(FlaskForm):
    """A form whose refusals, its own and the rules', are shown at the fields and answered with 422."""

    @property
    def http_status(self) -> int:
        """422 when something was refused, else 200."""
        return REFUSED if self.errors else 200

    def refuse(self, violation: RuleViolation) -> None:
        """Show a violation at its field, or above the form when it has none here."""
        field = self._fields.get(violation.field or "")
        text = spoken(violation)
        if field is None:
            self.form_errors.append(text)
        else:
            field.errors = [*field.errors, text]

    def refuse_all(self, violations: Iterable[RuleViolation]) -> bool:
        """Show every violation; whether there was any."""
        found = list(violations)
        for violation in found:
            self.refuse(violation)
        return bool(found)

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Bring a broken rule back to its field; a conflict and a denied permission stay errors."""
        try:
            yield
        except Conflict:
            raise
        except RuleViolation as violation:
            if violation.code == "permission.denied":
                raise
            self.refuse(violation)


def uploads(field: MultipleFileField) -> list[Upload]:
    """The files chosen at a field, by their own names."""
    return [
        Upload(file.filename or "", file.stream.read())
        for file in field.data or []
        if not isinstance(file, str) and file.filename
    ]
