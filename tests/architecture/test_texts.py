"""Whatever people read can be translated: Chinese stands in the source only where the catalogue finds it."""

from __future__ import annotations

import ast
import re

import pytest
from jinja2 import Environment, nodes

from tests.support.tree import PACKAGE, TEMPLATES, modules

CHINESE = re.compile(r"[\u3400-\u9fff]")
MARKERS = {"_", "N_", "gettext", "lazy_gettext", "ngettext", "lazy_ngettext", "pgettext", "lazy_pgettext"}

# Official documents, and the posters of Chinese schools, are Chinese in any language.
CHINESE_ALWAYS = ("documents/",)
LANGUAGE_NAMES = {"中文", "简体中文"}
DATE_SIGNS = {"年", "月", "日"}  # written in Chinese dates only

PAGES = sorted(
    str(path.relative_to(TEMPLATES))
    for path in TEMPLATES.rglob("*.html")
    if not str(path.relative_to(TEMPLATES)).startswith(CHINESE_ALWAYS)
)
VIEWS = {str(path.relative_to(PACKAGE)): tree for path, tree in modules("web/**/*.py")}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_marks_its_texts(name: str) -> None:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    tree = environment.parse((TEMPLATES / name).read_text("utf-8"), name)
    bare = {
        line.strip()
        for data in tree.find_all(nodes.TemplateData)
        for line in re.sub(r"<[^>]*>", "\n", data.data).splitlines()
        if CHINESE.search(line)
    }
    attributes = {
        match
        for data in tree.find_all(nodes.TemplateData)
        for match in re.findall(r"""=["']([^"'<>]*)""", data.data)
        if CHINESE.search(match)
    }
    assert not (bare | attributes) - LANGUAGE_NAMES


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_marks_its_texts(name: str) -> None:
    tree = VIEWS[name]
    marked = {
        id(constant)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in MARKERS
        for constant in ast.walk(call)
    }
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    bare = [
        f"line {node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CHINESE.search(node.value)
        and node.value not in DATE_SIGNS
        and id(node) not in marked | docstrings
    ]
    assert not bare
