"""Whose parameters an expression stands for: what an optimizer was given, what a loop runs over."""

from __future__ import annotations

import ast
from collections.abc import Callable

from zgtui.check.static.vocabulary import dotted

MAX_STEPS = 6
"""Names that stand for names that stand for names …"""
Values = Callable[[str], list[ast.expr]]
"""What a name is assigned anywhere."""


def holders_of(  # noqa: PLR0911 - one a form of expression
    node: ast.expr | None, values: Values, depth: int = 0
) -> frozenset[str] | None:
    """Whose parameters ``node`` stands for, as ``{"net", "head"}``; None where it does not tell."""
    if node is None or depth > MAX_STEPS:
        return None
    if isinstance(node, ast.Call):
        return _called(node, values, depth)
    if isinstance(node, ast.GeneratorExp | ast.ListComp):
        return holders_of(node.generators[0].iter, values, depth + 1)
    if isinstance(node, ast.Dict):
        params = [
            value
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant) and key.value == "params"
        ]
        return _union(params, values, depth)
    if isinstance(node, ast.List | ast.Tuple):
        return _elements(node, values, depth)
    if isinstance(node, ast.BinOp):
        return _union([node.left, node.right], values, depth)
    if isinstance(node, ast.Starred):
        return holders_of(node.value, values, depth + 1)
    name = dotted(node)
    known = values(name) if name else []
    return _union(known, values, depth) if len(known) == 1 else None


def _called(node: ast.Call, values: Values, depth: int) -> frozenset[str] | None:
    function = node.func
    if isinstance(function, ast.Attribute) and function.attr in {"parameters", "named_parameters"}:
        name = dotted(function.value)
        return frozenset({name.removesuffix(".module")}) if name else None
    name = dotted(function).rpartition(".")[2]
    if name in {"list", "tuple", "iter", "set", "chain", "dict"}:
        return _union(node.args, values, depth)
    if name == "filter":
        return _union(node.args[1:], values, depth)
    return None


def _elements(node: ast.List | ast.Tuple, values: Values, depth: int) -> frozenset[str] | None:
    """A list may hold tensors themselves, each its own holder."""
    found: set[str] = set()
    for one in node.elts:
        inner = holders_of(one, values, depth + 1)
        name = dotted(one)
        if inner is None and not name:
            return None
        found |= inner if inner is not None else {name}
    return frozenset(found)


def _union(nodes: list[ast.expr], values: Values, depth: int) -> frozenset[str] | None:
    found = [holders_of(one, values, depth + 1) for one in nodes]
    if not found or any(one is None for one in found):
        return None
    return frozenset().union(*(one for one in found if one is not None))
