"""Gradients cleared or used by hand: ``p.grad = None``, ``p.grad.zero_()``, ``p.grad * 2``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from zgtui.check.static.effects import GradientEvent
from zgtui.check.static.vocabulary import dotted

if TYPE_CHECKING:
    from zgtui.check.static.effects import Node
    from zgtui.check.static.vocabulary import Scope

BY_HAND = "gradients are written by hand"
_FILLING = frozenset({"fill_", "mul_", "copy_"})
_KEEPING = frozenset({"detach_", "requires_grad_", "div_", "clamp_"})
_LOOKING = frozenset({"norm", "mean", "std", "max", "min", "isnan", "isinf", "isfinite"})
GRADIENT = frozenset({"grad", "_grad"})
"""``_grad`` is the same, and takes what ``grad`` refuses: the gradients of a worker's copy."""
_NAMESPACES = frozenset({"torch.autograd", "autograd", "torch.func", "func"})


def gradient_of(node: ast.expr) -> ast.expr | None:
    """``p`` of ``p.grad``, ``p.grad.data`` and their methods; None for anything else."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute) and node.attr in GRADIENT:
            return None if dotted(node.value) in _NAMESPACES else node.value
        node = node.value
    return None


def reads_gradient(node: ast.expr) -> bool:
    """Whether a test only asks whether there is a gradient."""
    return isinstance(node, ast.Compare) and gradient_of(node.left) is not None


def is_nothing(node: ast.expr | None) -> bool:
    """Whether it is None, zero or made of zeros."""
    if isinstance(node, ast.Constant):
        return node.value is None or node.value == 0
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute | ast.Name) and "zeros" in ast.unparse(node.func)
    return False


def written(target: ast.expr, node: ast.stmt, scope: Scope) -> list[Node]:
    """What an assignment to ``p.grad`` does; dividing it keeps what it is."""
    inner = gradient_of(target)
    assert inner is not None
    if isinstance(node, ast.Delete):
        return cleared(inner, node.lineno, scope)
    value = getattr(node, "value", None)
    if isinstance(node, ast.AugAssign):
        if isinstance(node.op, ast.Mult) and is_nothing(value):
            return cleared(inner, node.lineno, scope)
        if isinstance(node.op, ast.Div):
            return []
    elif is_nothing(value):
        return cleared(inner, node.lineno, scope)
    return [GradientEvent("unclear", scope.resolve(inner) or "*", node.lineno, BY_HAND)]


def called(node: ast.Call, scope: Scope) -> list[Node]:
    """What ``p.grad.METHOD()`` does."""
    assert isinstance(node.func, ast.Attribute)
    inner = gradient_of(node.func)
    assert inner is not None
    name = node.func.attr
    if name == "zero_" or (name in _FILLING and node.args and is_nothing(node.args[0])):
        return cleared(inner, node.lineno, scope)
    if name in _KEEPING:
        return []
    if name in _FILLING:
        return [GradientEvent("unclear", scope.resolve(inner) or "*", node.lineno, BY_HAND)]
    return [GradientEvent("look" if name in _LOOKING else "use", scope.resolve(inner), node.lineno)]


def cleared(inner: ast.expr, line: int, scope: Scope) -> list[Node]:
    """The clearing of one tensor's gradient: that of all where it runs over their parameters."""
    holders = scope.holders.get(inner.id) if isinstance(inner, ast.Name) else None
    if holders is not None:
        return [GradientEvent("clear", one, line) for one in holders]
    return [GradientEvent("clear", scope.resolve(inner) or "?", line, "it is cleared by hand")]
