"""Every test that docs/developers/anchor-defects.md names is there."""

from __future__ import annotations

import re

import pytest

from tests.support.tree import ROOT

NAMED = re.findall(
    r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs/developers/anchor-defects.md").read_text("utf-8")
)


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_the_named_test_is_there(path: str, name: str) -> None:
    assert f"\ndef {name}(" in (ROOT / path).read_text("utf-8")
