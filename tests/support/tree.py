"""What lies in the repository, as the architecture tests read it."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ethics_eval"
TEMPLATES = ROOT / "templates"


def tracked() -> list[Path]:
    """Every file that belongs to the project: known to git, or new and not ignored; relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return sorted(path for name in listed.split("\0") if name and (ROOT / (path := Path(name))).is_file())


def setup_cfg() -> ConfigParser:
    """The metadata and tool settings."""
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def module_name(path: Path) -> str:
    """The dotted name of a module of the package, from its absolute path."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules(pattern: str = "**/*.py") -> Iterator[tuple[Path, ast.Module]]:
    """Every module of the package that matches, parsed."""
    for path in sorted(PACKAGE.glob(pattern)):
        yield path, ast.parse(path.read_text("utf-8"), str(path))
