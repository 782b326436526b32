"""A rule's refusal, by its stable code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ethics_eval.text import RuleViolation


@contextmanager
def refused(code: str) -> Iterator[None]:
    """The block must be refused with this code."""
    with pytest.raises(RuleViolation) as caught:
        yield
    assert caught.value.code == code
