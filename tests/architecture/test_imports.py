"""What import-linter does not see: a module importing its own package, rules that read a clock."""

from __future__ import annotations

import ast
import sys

import grimp
import pytest

from tests.support.tree import module_name, modules

LIBRARIES = {"numpy", "pypinyin", "rapidfuzz"}  # whole columns; readings of characters; likeness of texts
OUTSIDE_WORLD = {"os", "socket", "sqlite3", "subprocess", "time", "urllib", "http", "tempfile", "threading"}
CLOCKS = {"now", "utcnow", "today"}

EXACT = {"complaints", "evaluation", "ranking", "notices"}
MODULES = {module_name(path): tree for path, tree in modules()}
RULES = [name for name in MODULES if "rules" in name.split(".")]


def test_no_module_imports_the_package_it_lives_in() -> None:
    graph = grimp.build_graph("ethics_eval")
    upward = [
        f"{module} imports {imported}"
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
        if module.startswith(f"{imported}.")
    ]
    assert not upward


@pytest.mark.parametrize("name", RULES)
def test_rules_rest_on_pure_modules_alone(name: str) -> None:
    """Whatever a rule imports, and whatever that imports, is our own and pure, or of the standard library."""
    seen: set[str] = set()
    waiting = [name]
    wrong = []
    while waiting:
        module = waiting.pop()
        seen.add(module)
        for imported in imported_names(MODULES[module]):
            top = imported.partition(".")[0]
            if top == "ethics_eval":
                waiting += {owner(imported)} - seen
            elif top in OUTSIDE_WORLD or (top not in sys.stdlib_module_names and top not in LIBRARIES):
                wrong.append(f"{module} imports {imported}")
    assert not wrong


@pytest.mark.parametrize("name", RULES)
def test_rules_read_no_clock_and_no_file(name: str) -> None:
    wrong = [
        f"line {node.lineno}: {ast.unparse(node.func)}()"
        for node in ast.walk(MODULES[name])
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS | {"read_text", "read_bytes"})
            or (isinstance(node.func, ast.Name) and node.func.id == "open")
        )
    ]
    assert not wrong


# How sure a place is (R13) is reckoned in floats; whatever makes a score, a place or a list knows nothing of it.
UNSURE = {f"ethics_eval.ranking.rules.{name}" for name in ("bands", "certainty", "exact_sets")}
# These tell people how sure it is, or try a scheme out; they make nothing that is kept.
TELL_OF_IT = {f"ethics_eval.ranking.rules.{name}" for name in ("readiness", "what_if")}
MADE_EXACTLY = sorted(
    {name for name in RULES if name.startswith("ethics_eval.ranking.rules")} - UNSURE - TELL_OF_IT
)


@pytest.mark.parametrize("name", MADE_EXACTLY)
def test_no_score_place_or_list_rests_on_how_sure_it_is(name: str) -> None:
    """Neither by its own imports nor by those of what it imports."""
    seen: set[str] = set()
    waiting = {name}
    while waiting:
        module = waiting.pop()
        seen.add(module)
        imported = {owner(one) for one in imported_names(MODULES[module]) if one.startswith("ethics_eval")}
        waiting |= imported - seen
    assert not seen & (UNSURE | TELL_OF_IT)


def test_what_is_excepted_is_there() -> None:
    assert set(RULES) >= UNSURE | TELL_OF_IT


@pytest.mark.parametrize(
    "name", [name for name in MODULES if EXACT.intersection(name.split(".")) and name not in UNSURE]
)
def test_scores_ranks_and_lists_are_exact(name: str) -> None:
    """No float where points are counted: sums of floats depend on the order they are added in."""
    wrong = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(MODULES[name])
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]
    assert not wrong


def test_only_the_database_room_and_the_edges_end_a_transaction() -> None:
    """Services never commit: the caller's transaction() does, once."""
    allowed = {"ethics_eval.database"}
    wrong = [
        f"{module_name(path)} line {node.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
        and module_name(path) not in allowed
    ]
    assert not wrong


def owner(name: str) -> str:
    """The module that holds a name: itself, or the one it is imported from."""
    return name if name in MODULES else name.rpartition(".")[0]


def imported_names(tree: ast.Module) -> set[str]:
    """The modules a module names in its imports, wherever they stand."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "imports are absolute"
            inside = node.module.startswith("ethics_eval")
            names.update(f"{node.module}.{alias.name}" if inside else node.module for alias in node.names)
    return names
