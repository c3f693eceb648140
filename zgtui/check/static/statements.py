"""Small statements that matter: a method only named, a guard, a new name for an optimizer."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from zgtui.check.static.effects import GradientEvent
from zgtui.check.static.vocabulary import CLEARS, Scope, dotted, is_optimizer, is_optimizer_class

if TYPE_CHECKING:
    from zgtui.check.static.effects import Node


def named_only(node: ast.expr, scope: Scope) -> GradientEvent | None:
    """``optimizer.zero_grad`` without its parentheses, as a statement."""
    if isinstance(node, ast.Attribute) and node.attr in CLEARS:
        return GradientEvent("named", scope.resolve(node.value), node.lineno)
    return None


def is_guard(test: ast.expr) -> bool:
    """Whether a condition only asks whether there is something to act on."""
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        nothing = test.comparators[0]
        left = dotted(test.left)
        if isinstance(nothing, ast.Constant) and nothing.value is None:
            is_there = isinstance(test.ops[0], ast.IsNot | ast.NotEq)
            return is_there and (is_optimizer(left) or left.endswith("grad"))
        return left == "__name__"
    return (
        isinstance(test, ast.Constant)
        or is_optimizer(dotted(test))
        or (isinstance(test, ast.Attribute) and test.attr in {"requires_grad", "grad"})
    )


def named_anew(target: ast.expr, value: ast.expr, scope: Scope) -> list[Node]:
    """Have ``a = b.c`` stand for ``b.c`` where it is an optimizer, or note that one is made."""
    name = dotted(target)
    if not isinstance(value, ast.Call):
        text = scope.resolve(value)
        if isinstance(target, ast.Name) and text and is_optimizer(text) and text != name:
            scope.names[name] = text
        return []
    if isinstance(target, ast.Name) and scope.depth and is_optimizer(name):
        scope.names[name] = f"{name}·{scope.function}"
    made = is_optimizer_class(dotted(value.func)) or is_optimizer(name)
    if not name or not made or dotted(value.func).endswith(("optimizers", "prepare")):
        return []
    return [GradientEvent("made", scope.resolve(target), value.lineno)]
