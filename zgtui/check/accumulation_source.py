"""What the source tells of an accumulation: whether it is meant as one, and by what it divides."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.check.findings import SCALE_FREE
from zgtui.check.notebook import SUFFIX, NotebookError, open_notebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zgtui.instrument.sites import Site

MEANT = re.compile(
    r"accum|micro|grad_?acc|acc_?steps|n_?acc\b|update_freq|chunk|split", re.IGNORECASE
)
DIVISOR = re.compile(r"accum|micro|grad_?acc|acc_?steps|n_?acc\b|update_freq", re.IGNORECASE)
RATE = re.compile(r"(?:^|[^a-z])lr(?:$|[^a-z])|learning_rate", re.IGNORECASE)
Loop = ast.For | ast.AsyncFor | ast.While


@lru_cache(maxsize=64)
def tree_of(file: str) -> ast.Module | None:
    """The source of ``file``; None where it cannot be read."""
    try:
        if file.endswith(SUFFIX):
            return ast.parse(open_notebook(file).source)
        return ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError, NotebookError):
        return None


def is_meant(backward: Site, step: Site) -> bool:
    """Whether the backwards of one line before a step are parts of one batch, as it seems.

    They are if the step is taken now and then in the very loop of the backward, or if that loop
    counts or is named as one over micro-batches. A loop over tasks, heads or views sums on purpose.
    """
    tree = tree_of(backward.file)
    if tree is None:
        return False
    around = loops_around(tree, backward.line)
    if not around:
        return False
    inner = around[-1]
    if step.file == backward.file and inner.lineno <= step.line <= _end(inner):
        return _is_now_and_then(inner, step.line)
    if isinstance(inner, ast.While):
        return False
    head = f"{ast.unparse(inner.target)} {ast.unparse(inner.iter)}"
    return bool(MEANT.search(head)) or _only_counts(inner)


def divisor_at(backward: Site, step: Site) -> str:
    """How the number is written by which a loss is divided for the accumulation, if it is.

    By its name anywhere in the file, or as a number in the statement of the backward.
    """
    tree = tree_of(backward.file)
    if tree is None:
        return ""
    for right in _divisors(tree):
        if isinstance(right, ast.Name | ast.Attribute) and DIVISOR.search(ast.unparse(right)):
            return ast.unparse(right)
    around = loops_around(tree, backward.line)
    if around and around[-1].lineno <= step.line <= _end(around[-1]):
        for right in _divisors(tree):
            if right.lineno == backward.line and isinstance(right, ast.Constant):
                return ast.unparse(right)
    return ""


def divides_by(file: str, size: int) -> bool:
    """Whether the script itself divides by that number, or by what is named as such a number."""
    tree = tree_of(file)
    return tree is not None and any(
        right.value == size
        if isinstance(right, ast.Constant)
        else isinstance(right, ast.Name | ast.Attribute | ast.Call)
        and bool(DIVISOR.search(ast.unparse(right)))
        for right in _divisors(tree)
    )


def scales_rate(files: Iterable[str]) -> bool:
    """Whether a learning rate is computed anywhere in these files, not just written down."""
    for file in files:
        tree = tree_of(file)
        if tree is not None and any(map(_computes_rate, ast.walk(tree))):
            return True
    return False


def _computes_rate(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        return bool(RATE.search(node.arg or "")) and _has_product(node.value)
    if isinstance(node, ast.AugAssign):
        scaled = isinstance(node.op, ast.Mult | ast.Div)
        return scaled and bool(RATE.search(ast.unparse(node.target)))
    if isinstance(node, ast.Assign):
        named = any(RATE.search(ast.unparse(target)) for target in node.targets)
        return named and _has_product(node.value)
    if isinstance(node, ast.Call):  # SGD(parameters, 0.1 / 4)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        return name in OPTIMIZERS and any(map(_has_product, node.args[1:2]))
    return False


def _has_product(node: ast.AST) -> bool:
    return any(
        isinstance(one, ast.BinOp) and isinstance(one.op, ast.Mult | ast.Div)
        for one in ast.walk(node)
    )


def _divisors(tree: ast.AST) -> Iterator[ast.expr]:
    """Everything that something is divided by."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            yield node.right
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
            yield node.value


def loops_around(tree: ast.AST, line: int) -> list[Loop]:
    """The loops around ``line``, the outer ones first."""
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, Loop) and node.body[0].lineno <= line <= _end(node)
    ]
    return sorted(found, key=lambda node: node.lineno)


def _end(loop: Loop) -> int:
    return max(node.end_lineno or node.lineno for node in loop.body)


def _is_now_and_then(loop: Loop, line: int) -> bool:
    """Whether the line stands under a condition in the loop."""
    return any(
        isinstance(node, ast.If | ast.With)
        and node.body[0].lineno <= line <= (node.end_lineno or node.lineno)
        for node in ast.walk(loop)
    )


def _only_counts(loop: ast.For | ast.AsyncFor) -> bool:
    """``for _ in range(4)``: the turns are alike."""
    call = loop.iter
    counted = isinstance(call, ast.Call) and ast.unparse(call.func) == "range"
    return counted and isinstance(loop.target, ast.Name) and loop.target.id.startswith("_")


OPTIMIZERS = SCALE_FREE | {"SGD", "ASGD"}
"""Those of torch whose step is known to grow with the gradient, or not to."""
