"""Loops that are no training loops: over optimizers, over parameters, over a few named things."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from zgtui.check.static.holders import holders_of
from zgtui.check.static.vocabulary import dotted, is_optimizer

if TYPE_CHECKING:
    from zgtui.check.static.facts import Facts
    from zgtui.check.static.vocabulary import Scope

MAX_TURNS = 6


def opened(  # noqa: PLR0911 - one a form of loop
    target: ast.expr, over: ast.expr, scope: Scope, facts: Facts
) -> list[Scope] | None:
    """A scope for each turn of such a loop, read as if written out; None for any other loop."""
    if isinstance(target, ast.Tuple | ast.List):
        return _several(target, over, scope, facts)
    if not isinstance(target, ast.Name):
        return None
    if isinstance(over, ast.Tuple | ast.List):
        names = [scope.resolve(one) for one in over.elts]
        if 0 < len(names) <= MAX_TURNS and any(is_optimizer(name) for name in names):
            return [_with(scope, target.id, name or "?") for name in names]
    held = _holders(over, scope, facts)
    if held is not None:
        return [replace(scope, holders={**scope.holders, target.id: held})]
    name = _collection(over, scope)
    if name.endswith((".param_groups", "['params']")):
        owner = name.partition(".param_groups")[0]
        inner = _with(scope, target.id, f"{owner}.param_groups")
        return [replace(inner, holders={**scope.holders, target.id: (owner,)})]
    if name and is_optimizer(name):
        return [_with(scope, target.id, f"{name}[*]")]
    return None


def _several(
    target: ast.Tuple | ast.List, over: ast.expr, scope: Scope, facts: Facts
) -> list[Scope] | None:
    """``for i, x in enumerate(…)``, ``for a, b in zip(…)``, ``for name, x in ….items()``."""
    if not isinstance(over, ast.Call):
        return None
    name = dotted(over.func).rpartition(".")[2]
    last = target.elts[-1]
    if name == "enumerate" and over.args:
        return opened(last, over.args[0], scope, facts)
    if name in {"items", "named_parameters"} and isinstance(over.func, ast.Attribute):
        inner = over.func.value if name == "items" else over
        return opened(last, inner, scope, facts)
    if name == "zip" and len(over.args) == len(target.elts):
        return _zipped(target, over, scope, facts)
    return None


def _zipped(
    target: ast.Tuple | ast.List, over: ast.Call, scope: Scope, facts: Facts
) -> list[Scope] | None:
    found: list[Scope] | None = None
    for one, inner in zip(target.elts, over.args, strict=True):
        turns = opened(one, inner, found[0] if found else scope, facts)
        found = turns if turns is not None and len(turns) == 1 else found
    return found


def _holders(over: ast.expr, scope: Scope, facts: Facts) -> tuple[str, ...] | None:
    found = holders_of(over, lambda name: facts.values(scope.owner, name))
    if found is None or isinstance(over, ast.List | ast.Tuple):
        return None
    return tuple(sorted(scope.resolve_text(one) for one in found))


def _collection(over: ast.expr, scope: Scope) -> str:
    """The name of what is run over, through ``.values()``, ``list(…)`` and ``reversed(…)``."""
    if isinstance(over, ast.Call):
        name = dotted(over.func)
        if name.endswith(".values") and isinstance(over.func, ast.Attribute):
            return scope.resolve(over.func.value)
        if name in {"list", "reversed", "tuple", "iter"} and over.args:
            return _collection(over.args[0], scope)
    return scope.resolve(over)


def _with(scope: Scope, name: str, meaning: str) -> Scope:
    return replace(scope, names={**scope.names, name: meaning})
