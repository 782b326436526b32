"""The material beside the repository, where it is: real letters, ratings, worked examples."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared"


def shared(name: str) -> Path:
    """The path of ../shared/``name``; the test is skipped, with the reason, where it is absent."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"../shared/{name} is not here")
    return path
