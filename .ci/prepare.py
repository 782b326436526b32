"""Make ``.venv`` from the locks, and bring what the tests need of the system. Standard library only.

``run``: what serving needs; ``dev``: what checking and testing need as well; ``tools``: a browser and Chinese
fonts. Each is done once: a stamp in ``.venv`` holds the digest of what it was made from.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BUILD_LOCK = ROOT / "requirements-build.lock"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
METADATA = (ROOT / "setup.cfg", ROOT / "pyproject.toml")


def stop(reason: str) -> None:
    """End with one clear line."""
    sys.exit(reason)


def may_use_apt() -> bool:
    """Whether this process may install packages of the system."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt(*packages: str) -> None:
    """Install packages of the system. Ends: apt could not."""
    print("apt-get install", *packages, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", *command], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            stop(f"apt-get {' '.join(command)} failed: {done.stderr.strip()[-400:]}")


def digest(lock: Path) -> str:
    """What an installation was made from, as one digest."""
    content = b"\0".join(path.read_bytes() for path in (BUILD_LOCK, lock, *METADATA))
    return hashlib.sha256(content).hexdigest()


def works(python: Path) -> bool:
    """Whether the environment's interpreter still starts and has pip."""
    return (
        python.is_file()
        and subprocess.run([python, "-c", "import pip"], capture_output=True, check=False).returncode == 0
    )


def make_environment() -> None:
    """An empty ``.venv``; Debian keeps what that needs in a package of its own."""
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python3.{sys.version_info.minor}-venv"
        if not may_use_apt():
            stop(f"Python has no venv module here. Install it first: apt-get install {package}")
        apt(package)
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


def install(kind: str) -> None:
    """Bring ``.venv`` in line with the lock of the kind, unless it already is."""
    stamp = VENV / f"{kind}.sha256"
    wanted = digest(LOCKS[kind])
    if works(PYTHON):
        if stamp.is_file() and stamp.read_text() == wanted:
            return
    else:
        make_environment()
    print(f"Installing from {LOCKS[kind].name} …", flush=True)
    pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    steps: tuple[list[str | Path], ...] = (
        # first the builder itself, by hash, so that nothing is built with what a server happens to offer
        ["--require-hashes", "-r", BUILD_LOCK],
        ["--require-hashes", "--no-build-isolation", "--use-pep517", "-r", LOCKS[kind]],
        ["--no-deps", "--no-build-isolation", "-e", ROOT],
    )
    for arguments in steps:
        if subprocess.run([*pip, *arguments], check=False).returncode:
            stop(f"pip could not install from {LOCKS[kind].name}; see the lines above")
    stamp.write_text(wanted)
    if kind == "dev":  # the development lock contains the other
        (VENV / "run.sha256").write_text(digest(LOCKS["run"]))


def find_tools() -> None:
    """A browser and Chinese fonts for the journeys: found, or installed as root, or asked for in one line."""
    sys.path.insert(0, str(ROOT))
    from tests.support.browser import chromium, has_chinese_font  # noqa: PLC0415 - needs the development lock

    missing = [
        package
        for package, present in (("chromium", chromium() is not None), ("fonts-noto-cjk", has_chinese_font()))
        if not present
    ]
    if not missing:
        return
    if not may_use_apt():
        stop(f"The browser journeys need {' and '.join(missing)}: apt-get install {' '.join(missing)}")
    apt(*missing)


if __name__ == "__main__":
    os.chdir(ROOT)
    task = sys.argv[1]
    if task == "tools":
        find_tools()
    else:
        install(task)
