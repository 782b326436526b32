"""Renew the locks: every version and hash, no address of any server."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
OPTIONS = ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header"]


def compile_lock(name: str, *arguments: str, given: str | None = None) -> None:
    """Write one lock; ``given`` is a requirement list passed on standard input."""
    subprocess.run(
        [*UV, *OPTIONS, *arguments, "-o", name],
        cwd=ROOT,
        input=given,
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    if "://" in (ROOT / name).read_text():
        sys.exit(f"{name} names the address of a server; see the registry settings of this machine")


if __name__ == "__main__":
    builder = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    compile_lock("requirements-build.lock", "-", given="\n".join(builder))
    compile_lock("requirements.lock", "setup.cfg")
    compile_lock("requirements-dev.lock", "setup.cfg", "--extra", "dev", "-c", "requirements.lock")
    compile_lock(
        "requirements-cluster.lock",
        "setup.cfg",
        "--extra",
        "dev",
        "--extra",
        "cluster",
        "-c",
        "requirements-dev.lock",
    )
