"""Templates compile, import nothing in vain, and hold nothing the Content-Security-Policy would refuse."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, nodes

from tests.support.tree import PACKAGE, ROOT, TEMPLATES

NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file())
HTML = [name for name in NAMES if name.endswith(".html")]
DRAWN = {"qr"}  # pictures we draw ourselves from our own addresses
AUDIENCES = ("auth", "bureau", "public", "school", "teacher")

environment = Environment(loader=FileSystemLoader(TEMPLATES), extensions=["jinja2.ext.i18n"], autoescape=True)


def parsed(name: str) -> nodes.Template:
    return environment.parse((TEMPLATES / name).read_text("utf-8"), name)


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles_and_finds_what_it_names(name: str) -> None:
    tree = parsed(name)
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        assert isinstance(node, (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport))
        if isinstance(node.template, nodes.Const):
            assert node.template.value in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_uses_every_macro_it_imports(name: str) -> None:
    tree = parsed(name)
    imported: set[str] = set()
    for node in tree.find_all((nodes.Import, nodes.FromImport)):
        if isinstance(node, nodes.Import):
            imported.add(node.target)
        elif isinstance(node, nodes.FromImport):
            imported.update(part[1] if isinstance(part, tuple) else part for part in node.names)
    used = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}
    assert imported <= used


@pytest.mark.parametrize("name", HTML)
def test_it_holds_nothing_the_policy_refuses(name: str) -> None:
    text = (TEMPLATES / name).read_text("utf-8")
    assert not re.search(r"\sstyle\s*=", text), "styles belong into the style sheet"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "behaviour belongs into a script"
    assert "javascript:" not in text
    assert not re.search(r"<style\b", text) or name.startswith("documents/")
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "nonce=" in script or "src=" in script or "application/json" in script, script
    assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", text), (
        "nothing is loaded from outside"
    )


@pytest.mark.parametrize("name", HTML)
def test_it_escapes_everything(name: str) -> None:
    tree = parsed(name)
    filters = [node for node in tree.find_all(nodes.Filter) if node.name == "safe"]
    assert not [node.lineno for node in filters if getattr(node.node, "name", None) not in DRAWN]
    assert not list(tree.find_all((nodes.MarkSafe, nodes.ScopedEvalContextModifier)))


@pytest.mark.parametrize("name", [name for name in HTML if "<form" in (TEMPLATES / name).read_text("utf-8")])
def test_every_form_that_writes_carries_the_token(name: str) -> None:
    text = (TEMPLATES / name).read_text("utf-8")
    for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL):
        if re.search(r"""method\s*=\s*["']post["']""", form, re.IGNORECASE):
            assert re.search(r"csrf_token|hidden_fields", form), form[:120]


def test_every_page_is_rendered_by_someone() -> None:
    """No template lies about that no view, job or other template names."""
    sources = [path.read_text("utf-8") for path in PACKAGE.rglob("*.py")]
    sources += [(TEMPLATES / name).read_text("utf-8") for name in NAMES]
    text = "\n".join(sources)
    # a page of several audiences is named by its noun and view: f"{audience}/case/show.html"
    unnamed = [name for name in NAMES if name not in text and name.partition("/")[2] not in text]
    assert not [name for name in unnamed if not name.startswith("errors/")]


@pytest.mark.parametrize(
    "path",
    sorted(path for audience in AUDIENCES for path in (PACKAGE / "web" / audience).glob("*.py")),
    ids=lambda path: str(Path(*path.parts[-2:])),
)
def test_a_view_renders_templates_of_its_own_name(path: Path) -> None:
    """The module web/school/case.py renders school/case/….html."""
    home = f"{path.parent.name}/{path.stem}/"
    named = [
        str(node.args[0].value)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "render_template"
        and isinstance(node.args[0], ast.Constant)
    ]
    assert not [name for name in named if not name.startswith((home, "documents/"))]
    assert path.is_relative_to(ROOT)
