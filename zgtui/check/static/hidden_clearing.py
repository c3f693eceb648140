"""Lines that may clear gradients and are not read where they run: hooks, decorators, callbacks."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from zgtui.check.static.vocabulary import CLEARS, dotted, is_optimizer_class

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
CALLED_BY_OTHERS = {"forward"}
"""Methods that nothing in a file has to call by name; so are those with two underscores."""


def hidden_clearings(tree: ast.Module, called: Container[ast.AST]) -> list[tuple[int, str]]:
    """The line of each, and the function it stands in; ``called`` are those read where called."""
    found = dict.fromkeys(_handed_on(tree), "")
    names, overriding = _referred_to(tree), _overriding(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda) and node not in called:
            found |= dict.fromkeys(_clearing(node), "")
        elif isinstance(node, _FUNCTIONS) and (
            _yields(node)  # what it does between two turns of a loop is read before the loop
            or (node not in called and (node.name in names or node in overriding))
        ):
            found |= dict.fromkeys(_clearing(node), node.name)
    return sorted(found.items())


def _clearing(function: ast.AST) -> Iterator[int]:
    """Its lines that clear, but for those of optimizers that it has made for itself."""
    own = _optimizers_made_in(function)
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            zeros = node.func.attr == "zero_" and ".grad" in ast.unparse(node.func)
            clears = node.func.attr in CLEARS and dotted(node.func.value) not in own
            if zeros or clears:
                yield node.lineno
        elif isinstance(node, ast.Assign | ast.Delete):
            nothing = isinstance(node, ast.Delete) or (
                isinstance(node.value, ast.Constant) and node.value.value is None
            )
            if nothing and any(getattr(one, "attr", "") == "grad" for one in node.targets):
                yield node.lineno


def _optimizers_made_in(function: ast.AST) -> set[str]:
    """The variables that are given an optimizer there, new, and that no other function sees."""
    shared = {
        name
        for node in ast.walk(function)
        if isinstance(node, ast.Global | ast.Nonlocal)
        for name in node.names
    }
    made = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        if isinstance(node.value, ast.Call) and is_optimizer_class(dotted(node.value.func))
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return made - shared


def _handed_on(tree: ast.Module) -> Iterator[int]:
    """Where ``zero_grad`` is handed to a call: itself, or its name."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        for one in (*call.args, *(keyword.value for keyword in call.keywords)):
            name = one.value if isinstance(one, ast.Constant) else getattr(one, "attr", "")
            if isinstance(name, str) and name in CLEARS:
                yield call.lineno


def _referred_to(tree: ast.Module) -> set[str]:
    """The functions that are named without being called: handed on, returned, decorators."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    decorators = {
        id(one)
        for node in ast.walk(tree)
        if isinstance(node, _FUNCTIONS | ast.ClassDef)
        for decorator in node.decorator_list
        for one in ast.walk(decorator)
    }
    return {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
        and (id(node) not in called or id(node) in decorators)
    }


def _overriding(tree: ast.Module) -> set[ast.AST]:
    """Methods that stand in the place of another class's, or that torch or Python calls."""
    methods = [
        one
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for one in node.body
        if isinstance(one, _FUNCTIONS)
    ]
    names = [one.name for one in methods]
    return {
        one
        for one in methods
        if names.count(one.name) > 1 or one.name in CALLED_BY_OTHERS or one.name.startswith("__")
    }


def _yields(function: ast.AST) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function))
