"""Make ``.venv`` from the locks, and bring what the tests need of the system. Standard library only.

``run``: what serving needs; ``dev``: what checking and testing need as well; ``cluster``: that and Spark, which needs
``java``; ``printing``: what PDFs are set with, Pango and Chinese fonts; ``tools``: that and a browser. Installing is
done once: a stamp in ``.venv`` holds the digest of what it was made from.
"""

from __future__ import annotations

import ctypes
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
LOCKS = {
    "run": ROOT / "requirements.lock",
    "dev": ROOT / "requirements-dev.lock",
    "cluster": ROOT / "requirements-cluster.lock",
}
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
    for contained in list(LOCKS)[: list(LOCKS).index(kind)]:  # each lock contains those before it
        (VENV / f"{contained}.sha256").write_text(digest(LOCKS[contained]))


# Debian's package → the library WeasyPrint loads; without the last one it works, but several times slower.
LIBRARIES = {
    "libpango-1.0-0": "libpango-1.0.so.0",
    "libpangoft2-1.0-0": "libpangoft2-1.0.so.0",
    "libharfbuzz-subset0": "libharfbuzz-subset.so.0",
}


def is_loadable(library: str) -> bool:
    """Whether the system has this shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_chinese_font() -> bool:
    """Whether this system can draw Chinese; without, posters and screenshots are boxes."""
    if shutil.which("fc-list") is None:
        return any(Path("/usr/share/fonts").rglob("*CJK*"))
    found = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip())


def printing_packages() -> list[str]:
    """What is missing to set PDFs; elsewhere than on Linux the libraries have other names and are not looked for."""
    if not sys.platform.startswith("linux"):
        return []
    missing = [package for package, library in LIBRARIES.items() if not is_loadable(library)]
    return missing if has_chinese_font() else [*missing, "fonts-noto-cjk"]


def find_printing() -> None:
    """What PDFs are set with: found, or installed as root, or asked for in one line; serving goes on without."""
    missing = printing_packages()
    if missing and may_use_apt():
        apt(*missing)
    elif missing:
        print(
            f"Posters as PDF need {' and '.join(missing)}: apt-get install {' '.join(missing)}",
            file=sys.stderr,
        )


def find_tools() -> None:
    """What tests need beside Python: found, or installed as root, or asked for in one line."""
    sys.path.insert(0, str(ROOT))
    from tests.support.browser import chromium  # noqa: PLC0415 - needs the development lock

    missing = printing_packages() if chromium() is not None else ["chromium", *printing_packages()]
    if not missing:
        return
    if not may_use_apt():
        stop(f"The tests need {' and '.join(missing)}: apt-get install {' '.join(missing)}")
    apt(*missing)


def find_java() -> None:
    """What Spark runs on: found, or installed as root, or asked for in one line."""
    if shutil.which("java") is not None:
        return
    if not may_use_apt():
        stop("Spark needs Java 17: apt-get install openjdk-17-jre-headless")
    apt("openjdk-17-jre-headless")


if __name__ == "__main__":
    os.chdir(ROOT)
    task = sys.argv[1]
    if task == "tools":
        find_tools()
    elif task == "printing":
        find_printing()
    elif task == "java":
        find_java()
    else:
        install(task)
