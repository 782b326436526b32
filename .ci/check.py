"""`make check`: what a machine can judge without running the suite. All is run, then comes the verdict."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS: dict[str, tuple[str, ...]] = {
    "format": ("ruff", "format", "--check", "--output-format=concise", "."),
    "lint": ("ruff", "check", "--output-format=concise", "."),
    "types": ("mypy",),
    "imports": ("lint-imports", "--no-logo"),
    "templates": ("djlint", "templates", "--lint", "--quiet"),
    "translations": ("python", ".ci/messages.py", "--check"),
    "migrate": ("ethics-eval", "db", "upgrade"),
    "migrations equal models": ("ethics-eval", "db", "check"),
}


def main() -> int:
    """Run every check; the exit code."""
    failed = []
    with tempfile.TemporaryDirectory() as instance:
        environment = {**os.environ, "ETHICS_EVAL_INSTANCE": instance, "NO_COLOR": "1"}
        environment.pop("DATABASE_URL", None)
        for name, (tool, *arguments) in CHECKS.items():
            started = time.monotonic()
            done = subprocess.run(
                [BIN / tool, *arguments],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            verdict = "FAILED" if done.returncode else "ok"
            print(f"{name:24} {verdict} ({time.monotonic() - started:.1f} s)", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout, flush=True)
    if failed:
        print(f"check: {', '.join(failed)} failed", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
