"""Documents whose parser is large are taken apart in a process of their own, with an end to its memory and time."""

from __future__ import annotations

import subprocess
import sys

from ethics_eval.complaints.evidence.damage import Damaged

SECONDS = 20


def pdf_apart(body: bytes) -> bytes:
    """The copy of a PDF (:mod:`ethics_eval.complaints.evidence.pdf`). Raises: Damaged: also when it takes too much."""
    command = [sys.executable, "-m", "ethics_eval.complaints.evidence.pdf"]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=body, capture_output=True, timeout=SECONDS, check=False
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise Damaged from error
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        raise Damaged
    return done.stdout
