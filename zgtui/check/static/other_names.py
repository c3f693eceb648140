"""Gradients that have another name: ``g = p.grad``, a list of them, a buffer that is lent to them.

Where that is filled with zeros, whose gradients it clears is not told by the text.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from zgtui.check.static.hand import GRADIENT, gradient_of, is_nothing
from zgtui.check.static.vocabulary import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 4
"""How often names are handed on: from a gradient to a list, from that to what runs over it."""
_VIEWS = frozenset({"view", "view_as", "reshape", "narrow", "squeeze", "unsqueeze", "detach"})
_KEEPS = frozenset({"append", "extend", "add", "insert"})


def filled_at(tree: ast.Module) -> int:
    """The line in which gradients are filled with zeros by another name; 0 where none are."""
    names = _names_in(tree)
    for node in ast.walk(tree):
        if any(_has_gradient(one, names) for one in _filled(node)):
            return int(getattr(node, "lineno", 0))
    return 0


def _names_in(tree: ast.Module) -> set[str]:
    """Every name that a gradient may go by."""
    names: set[str] = set()
    for _ in range(ROUNDS):
        before = len(names)
        for node in ast.walk(tree):
            for target, value in _handed_on(node):
                if _has_gradient(value, names):
                    names |= _names_of(target)
        if len(names) == before:
            break
    return names


def _handed_on(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What gets a name, and what it is then: from a value, a loop, a list that keeps it."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield target, node.value
            if gradient_of(target) is not None and not is_nothing(node.value):
                yield _seen_in(node.value), target  # a view of it becomes the gradient
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield node.target, node.value
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        yield node.target, node.iter
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _KEEPS
        and node.args
    ):
        yield node.func.value, node.args[-1]


def _seen_in(value: ast.expr) -> ast.expr:
    """``flat`` of ``flat[:4].view(2, 2)``: what it is a view of."""
    while True:
        if isinstance(value, ast.Subscript):
            value = value.value
        elif (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and value.func.attr in _VIEWS
        ):
            value = value.func.value
        else:
            return value


def _filled(node: ast.AST) -> Iterator[ast.expr]:
    """What a statement or a call fills with zeros, but for ``p.grad`` itself."""
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
        zeros = name.endswith("zero_") or (
            name.endswith(("fill_", "mul_")) and any(map(is_nothing, node.args))
        )
        if zeros:
            yield from node.args
            if isinstance(node.func, ast.Attribute) and gradient_of(node.func) is None:
                yield node.func.value
    elif isinstance(node, ast.Assign) and is_nothing(node.value):
        for target in node.targets:
            if isinstance(target, ast.Subscript) and gradient_of(target) is None:
                yield target
    elif (
        isinstance(node, ast.AugAssign)
        and isinstance(node.op, ast.Mult)
        and is_nothing(node.value)
        and gradient_of(node.target) is None
    ):
        yield node.target


def _has_gradient(value: ast.expr, names: set[str]) -> bool:
    return any(
        (isinstance(one, ast.Attribute) and one.attr in GRADIENT and gradient_of(one) is not None)
        or dotted(one) in names
        for one in ast.walk(value)
        if isinstance(one, ast.Name | ast.Attribute)
    )


def _names_of(target: ast.expr) -> set[str]:
    """The names in it, each as a whole: ``self.flat``, and not ``self``; none of a call."""
    if isinstance(target, ast.Name | ast.Attribute | ast.Call):
        known = isinstance(target, ast.Call) or gradient_of(target) is not None
        return set() if known else {dotted(target)} - {""}
    return {
        name
        for child in ast.iter_child_nodes(target)
        if isinstance(child, ast.expr)
        for name in _names_of(child)
    }
