"""The town of these tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from ethics_eval.vault.service import Vault
from tests.complaints.town import Town


@pytest.fixture
def town(session: Session, tmp_path: Path) -> Town:
    """Three schools in two districts, nobody has complained yet."""
    return Town(session, tmp_path / "files", Vault(bytes(range(32))))
