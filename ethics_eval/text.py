"""Marking and carrying texts that people will read, in rules that know nothing of languages.

A rule raises :class:`RuleViolation` with a Chinese source text; the web and the command line translate it.
"""

from __future__ import annotations


def N_(message: str) -> str:
    """Give the text back unchanged; marks it for the catalogue (``pybabel extract -k N_``)."""
    return message


class RuleViolation(Exception):
    """A refusal a person must understand: nothing was changed.

    Args: code: stable, lower-case, dotted (``case.reason_missing``); message: Chinese source text with
          ``%(name)s`` places, marked with :func:`N_`; field: the form field it belongs to, if any;
          values: fill the places of ``message``.
    """

    def __init__(self, code: str, message: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        self.values = values

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


class Conflict(RuleViolation):
    """The thing changed under the reader's hands (stale version): answered with 409."""
