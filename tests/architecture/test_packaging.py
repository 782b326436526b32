"""Wheel and sdist: both build, hold everything, and the application renders from what was installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.support.tree import ROOT, tracked

pytestmark = [pytest.mark.packaging, pytest.mark.xdist_group("packaging")]

RENDER = """
import sys
from pathlib import Path
from ethics_eval.app import create_app
import ethics_eval
assert Path(ethics_eval.__file__).is_relative_to(sys.argv[1]), ethics_eval.__file__
app = create_app()
client = app.test_client()
page = client.get("/login")
assert page.status_code == 200, page.status_code
assert "csrf_token" in page.text
for name in ("ethics_eval/migrations/env.py", "ethics_eval/migrations/alembic.ini"):
    assert (Path(sys.argv[1]) / name).is_file(), name
english = client.get("/login", headers={"Accept-Language": "en"})
assert english.status_code == 200
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked files alone, so that no leftover of a build gets in."""
    folder = tmp_path_factory.mktemp("source")
    for path in tracked():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / path).read_bytes())
    return folder


@pytest.fixture(scope="module")
def distributions(source: Path) -> tuple[Path, Path]:
    """The wheel, built from the sdist, and the sdist."""
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", source / "dist", source)
    (wheel,) = (source / "dist").glob("*.whl")
    (sdist,) = (source / "dist").glob("*.tar.gz")
    return wheel, sdist


def run(*command: str | Path, **environment: str) -> str:
    """Run to success; its output."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "PYTHONPATH"}}
    done = subprocess.run(
        command, env={**kept, **environment}, cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def test_the_wheel_holds_every_file_of_the_package(distributions: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(distributions[0]).namelist())
    wanted = {
        f"ethics_eval/{path}" if path.parts[0] == "templates" else str(path)
        for path in tracked()
        if path.parts[0] in {"ethics_eval", "templates"} and path.suffix != ".po"
    }
    assert not {name for name in wanted - names if "/static/src/" not in name}
    assert not [name for name in names if name.startswith(("tests/", "instance/", "build/"))]


def test_the_sdist_holds_what_builds_it(distributions: tuple[Path, Path]) -> None:
    with tarfile.open(distributions[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"setup.cfg", "pyproject.toml", "LICENSE", "README.md", "ethics_eval/app.py"} <= names
    templates = {str(path) for path in tracked() if path.parts[0] == "templates"}
    assert templates <= names


def test_the_application_renders_from_the_installed_wheel(
    distributions: tuple[Path, Path], tmp_path: Path
) -> None:
    site = tmp_path / "site"
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site)
    run(*pip, distributions[0])
    # -P -S-like: neither the checkout nor its editable link may be found first
    script = f"import sys; sys.path.insert(0, {str(site)!r}); sys.argv = ['', {str(site)!r}]\n{RENDER}"
    run(sys.executable, "-P", "-c", script, ETHICS_EVAL_INSTANCE=str(tmp_path / "instance"))


def test_the_command_works_from_the_installed_wheel(distributions: tuple[Path, Path], tmp_path: Path) -> None:
    site = tmp_path / "site"
    run(
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        site,
        distributions[0],
    )
    environment = {"ETHICS_EVAL_INSTANCE": str(tmp_path / "instance"), "PYTHONPATH": str(site)}
    run(sys.executable, "-P", "-m", "ethics_eval", "db", "upgrade", **environment)
    run(sys.executable, "-P", "-m", "ethics_eval", "db", "check", **environment)
