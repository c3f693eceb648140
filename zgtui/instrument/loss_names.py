"""What a line that calls ``backward()`` calls its loss: ``errG`` in ``errG.backward()``."""

from __future__ import annotations

import ast
import linecache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

MAX_NAME = 24
"""Characters of the longest name that is told; a longer one is no name but a formula."""


def loss_name(frame: FrameType) -> str | None:
    """The name of the loss in the line that ``frame`` is at; None where it has none."""
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno, frame.f_globals)
    try:
        tree = ast.parse(line.strip())
    except (SyntaxError, ValueError):  # a part of a longer statement
        return None
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_backward(node)]
    name = _name(calls[0].args[0] if calls[0].args else _receiver(calls[0])) if calls else ""
    return name if 0 < len(name) <= MAX_NAME and name.isprintable() else None


def _is_backward(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr.endswith("backward")


def _receiver(call: ast.Call) -> ast.expr:
    assert isinstance(call.func, ast.Attribute)
    return call.func.value


def _name(value: ast.expr) -> str:
    """The variable in ``self.loss``, ``losses["g"]``, ``scaler.scale(loss)`` or ``-loss / n``."""
    if isinstance(value, ast.Name | ast.Attribute | ast.Subscript):
        return ast.unparse(value)
    if isinstance(value, ast.UnaryOp):
        return _name(value.operand)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div | ast.Mult):
        names = [_name(value.left), _name(value.right)]
        return next(filter(None, names), "")
    scaling = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute)
    if scaling and value.func.attr in {"scale", "mean", "sum"}:  # type: ignore[attr-defined]
        return _name(value.args[0] if value.args else value.func.value)  # type: ignore[attr-defined]
    return ""
