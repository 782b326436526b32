"""The house is in order: packages listed, services tested, named in the field's words, free of traces."""

from __future__ import annotations

import ast
import re

import pytest

from tests.support.tree import PACKAGE, ROOT, modules, setup_cfg, tracked

FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager", "data", "info", "base_view", "main"}

# Folders of a machine, and addresses of package servers: none of them belongs into a repository.
TRACES = re.compile(
    r"(?<![\w.])/(?:home|root|Users|work)/"
    r'|https?://[^ "]*(?:pypi|npmjs|debian)\.org[^ "]*/(?:simple|pool|packages|dists)'
    r"|[a-z0-9.-]*(?:artifact|mirror|proxy)[a-z0-9.-]*\.(?:internal|local|corp)"
    r"|--(?:extra-)?index-url"
    r'|"resolved": *"http'
)


def test_the_package_list_equals_the_tree() -> None:
    listed = set(setup_cfg()["options"]["packages"].split())
    folders = {path.parent for path in PACKAGE.rglob("*.py")}
    present = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert listed == present | {"ethics_eval.templates"}


def test_every_folder_of_code_is_a_package() -> None:
    assert not [
        path
        for path in {path.parent for path in PACKAGE.rglob("*.py")}
        if not (path / "__init__.py").is_file()
    ]


@pytest.mark.parametrize(
    "feature",
    sorted(path.parent.name for path in [*PACKAGE.glob("*/service.py"), *PACKAGE.glob("*/service")]),
)
def test_every_service_has_its_tests(feature: str) -> None:
    tests = [
        *(ROOT / "tests" / feature).glob("test_service*.py"),
        *(ROOT / "tests" / feature).glob("service/test_*.py"),
    ]
    assert tests, f"tests/{feature}/test_service.py is missing"


def test_modules_are_named_after_the_field() -> None:
    wrong = [
        path
        for path in tracked()
        if path.suffix in {".py", ".html"} and path.name != "__main__.py" and path.stem in FORBIDDEN_NAMES
    ]
    assert not wrong


def test_nothing_tells_of_a_machine_or_a_package_server() -> None:
    found = []
    for path in tracked():
        if path == ROOT.joinpath("tests/architecture/test_tree.py").relative_to(ROOT):
            continue
        try:
            text = (ROOT / path).read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path}: {match[0]}" for match in TRACES.finditer(text)]
    assert not found


@pytest.mark.parametrize("name", ["requirements-build.lock", "requirements.lock", "requirements-dev.lock"])
def test_locks_hold_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    pins = re.findall(r"^([\w.-]+(?:\[[\w,]+\])?==[^ \\]+)[^\n]*\\\n    --hash=sha256:", text, re.MULTILINE)
    names = re.findall(r"^[\w.-]+", text, re.MULTILINE)
    assert len(pins) == len(names) > 0, "every requirement is pinned and hashed"


def test_no_stubs_and_no_leftovers() -> None:
    found = []
    for path, tree in modules():
        lines = path.read_text("utf-8").splitlines()
        found += [
            f"{path.relative_to(ROOT)}:{number}"
            for number, line in enumerate(lines, 1)
            if re.search(r"\b(?:TODO|FIXME|XXX)\b|raise NotImplementedError", line)
        ]
        found += [
            f"{path.relative_to(ROOT)}:{function.lineno} does nothing"
            for owner in ast.walk(tree)
            if not isinstance(owner, ast.ClassDef) or "Protocol" not in map(ast.unparse, owner.bases)
            for function in ast.iter_child_nodes(owner)
            if isinstance(function, ast.FunctionDef) and is_stub(function)
        ]
    assert not found


def is_stub(function: ast.FunctionDef) -> bool:
    """Whether a function is a docstring, ``...`` or ``pass`` and nothing else (a command group may be)."""
    return not function.decorator_list and all(
        isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in function.body
    )
