"""What the source tells of an accumulation: whether it is meant as one, and by what it divides."""

from __future__ import annotations

import ast
import dataclasses
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.check.findings import SCALE_FREE
from zgtui.check.running.notebook import SUFFIX, NotebookError, open_notebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zgtui.instrument.sites import Site

MEANT = re.compile(
    r"accum|micro|grad_?acc|acc_?steps|n_?acc\b|update_freq|chunk|split", re.IGNORECASE
)
DIVISOR = re.compile(r"accum|micro|grad_?acc|acc_?steps|n_?acc\b|update_freq", re.IGNORECASE)
PARTS = re.compile(MEANT.pattern + r"|batch|world|\blen\(|\b[nN]\b", re.IGNORECASE)
BATCHES = re.compile(r"^len\(\w*(?:loader|batches)\w*\)$", re.IGNORECASE)
"""All batches of an epoch; a step that comes more often has fewer."""
RATE = re.compile(r"(?:^|[^a-z])lr(?:$|[^a-z])|learning_rate", re.IGNORECASE)
COUNTERS = {"i", "j", "k", "m"}
TASKS = re.compile(r"task|way|head|view|client|agent|episode|domain|env", re.IGNORECASE)
"""Whose losses are summed on purpose."""
LoopNode = ast.For | ast.AsyncFor | ast.While


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
    around = loops_around(tree, backward.line) or _loops_of_callers(tree, backward)
    if not around:
        return False
    inner, step = around[-1], called_in(around[-1], step)
    if step.file == backward.file and inner.lineno <= step.line <= _end(inner):
        return _is_now_and_then(inner, backward.line, step.line)
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
        if DIVISOR.search(ast.unparse(_number_of_parts(right))):
            return ast.unparse(right)
    around = loops_around(tree, backward.line)
    if around and step.file == backward.file:
        step = called_in(around[-1], step)
    if around and holds(around[-1], step):
        again = {id(right) for right in _divided_again(around[-1])}
        again |= {id(right) for right in _divided_before(around[-1], backward.line)}
        for right in _divisors(tree):
            written = ast.unparse(right)
            if isinstance(right, ast.Constant) and (
                right.lineno == backward.line or id(right) in again
            ):
                return written
            if id(right) in again and is_all_batches(meaning_of(tree, right), around[-1]):
                return written
    elif around:
        return _all_batches_around(tree, around, backward, step)
    return ""


def _all_batches_around(
    tree: ast.Module, around: list[LoopNode], backward: Site, step: Site
) -> str:
    """The number of all batches of a loop around the step, if the innermost divides by that."""
    outer = [one for one in around[:-1] if holds(one, step)]
    for right in _divided_before(around[-1], backward.line):
        meaning = meaning_of(tree, right)
        if any(is_all_batches(meaning, one) for one in outer):
            return ast.unparse(right)
    return ""


def holds(block: LoopNode | ast.If, step: Site) -> bool:
    """Whether ``step``, in the same file, stands in ``block``."""
    return block.lineno <= step.line <= _end(block)


def meaning_of(tree: ast.Module, number: ast.expr) -> str:
    """How a number is written, or what the name is set to that stands for it, if that is once."""
    written = ast.unparse(number)
    values = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and [ast.unparse(one) for one in node.targets] == [written]
    ]
    return ast.unparse(values[0]) if len(values) == 1 else written


def is_all_batches(written: str, loop: LoopNode) -> bool:
    """Whether it is the number of all that ``loop`` goes through."""
    if BATCHES.search(written):
        return True
    several = [] if isinstance(loop, ast.While) else [loop.iter]
    if several and isinstance(several[0], ast.Call):
        several += several[0].args  # enumerate(data), tqdm(data)
    return written in {f"len({ast.unparse(one)})" for one in several}


def _divided_before(loop: LoopNode, line: int) -> Iterator[ast.expr]:
    """What the loss of the backward at ``line`` is divided by, last of all that is done to it."""
    losses = [
        node.func.value
        for node in ast.walk(loop)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "backward"
        and node.lineno == line
    ]
    names = {ast.unparse(loss) for loss in losses}
    made = [
        node.value
        for node in ast.walk(loop)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in names
    ]
    for one in (*losses, *made):
        if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Div):
            yield one.right


def _number_of_parts(right: ast.expr) -> ast.expr:
    """The name in ``accum``, ``accum * 2``, ``accum + 1`` and ``accum * accum``; else ``right``."""
    if isinstance(right, ast.BinOp):
        sides = [one for one in (right.left, right.right) if not isinstance(one, ast.Constant)]
        right = sides[0] if len({ast.unparse(one) for one in sides}) == 1 else right
    return right if isinstance(right, ast.Name | ast.Attribute) else ast.Constant(0)


def _divided_again(loop: LoopNode) -> Iterator[ast.expr]:
    """What a variable is divided by to be kept by its own name: ``loss = loss / 4``."""
    for node in ast.walk(loop):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
            yield node.value
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
            kept = ast.unparse(node.targets[0]) == ast.unparse(node.value.left)
            if kept and isinstance(node.value.op, ast.Div):
                yield node.value.right


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


def scales_rate(files: Iterable[str], size: int) -> bool:
    """Whether a learning rate in these files is scaled by ``size``, or by what may be that."""
    for file in files:
        tree = tree_of(file)
        if tree is not None and any(_computes_rate(node, size) for node in ast.walk(tree)):
            return True
    return False


def _computes_rate(node: ast.AST, size: int) -> bool:
    if isinstance(node, ast.keyword):
        return bool(RATE.search(node.arg or "")) and _is_scaled(node.value, size)
    if isinstance(node, ast.AugAssign):
        scaled = isinstance(node.op, ast.Mult | ast.Div)
        return scaled and bool(RATE.search(ast.unparse(node.target))) and _counts(node.value, size)
    if isinstance(node, ast.Assign):
        named = any(RATE.search(ast.unparse(target)) for target in node.targets)
        return named and _is_scaled(node.value, size)
    if isinstance(node, ast.Call):  # SGD(parameters, 0.1 / 4)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        return name in OPTIMIZERS and any(_is_scaled(one, size) for one in node.args[1:2])
    return False


def _is_scaled(node: ast.AST, size: int) -> bool:
    return any(
        isinstance(one, ast.BinOp)
        and isinstance(one.op, ast.Mult | ast.Div)
        and (_counts(one.left, size) or _counts(one.right, size))
        for one in ast.walk(node)
    )


def _counts(node: ast.expr, size: int) -> bool:
    """Whether a factor may be the number of micro-batches; a schedule's are not."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and node.value in {size, 1 / size}
    return bool(PARTS.search(ast.unparse(node)))


def _divisors(tree: ast.AST) -> Iterator[ast.expr]:
    """Everything that something is divided by."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            yield node.right
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
            yield node.value


def loops_around(tree: ast.AST, line: int) -> list[LoopNode]:
    """The loops around ``line``, the outer ones first."""
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, LoopNode) and node.body[0].lineno <= line <= _end(node)
    ]
    return sorted(found, key=lambda node: node.lineno)


def called_in(loop: LoopNode, step: Site) -> Site:
    """The one line of ``loop`` that calls the function of ``step``; ``step`` if it is inside."""
    if holds(loop, step):
        return step
    lines = _calls_of(loop, step.function)
    return dataclasses.replace(step, line=lines[0]) if len(lines) == 1 else step


def _calls_of(tree: ast.AST, function: str) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
        and ast.unparse(node.func).rpartition(".")[2] == function
    ]


def _loops_of_callers(tree: ast.Module, site: Site) -> list[LoopNode]:
    """The loops around the one call of the function that a line stands in."""
    calls = _calls_of(tree, site.function)
    return loops_around(tree, calls[0]) if len(calls) == 1 else []


def _end(loop: LoopNode | ast.If) -> int:
    return max(node.end_lineno or node.lineno for node in loop.body)


def _is_now_and_then(loop: LoopNode, backward: int, step: int) -> bool:
    """Whether the step's line stands under a condition in the loop, or behind a ``continue``."""
    return any(
        (
            isinstance(node, ast.If | ast.With)
            and node.body[0].lineno <= step <= (node.end_lineno or node.lineno)
        )
        or (
            isinstance(node, ast.If)
            and isinstance(node.body[-1], ast.Continue)
            and backward < node.lineno <= _end(node) < step
        )
        for node in ast.walk(loop)
    )


def _only_counts(loop: ast.For | ast.AsyncFor) -> bool:
    """``for _ in range(4)``, or another counter that is not used: the turns are alike."""
    call = loop.iter
    counted = isinstance(call, ast.Call) and ast.unparse(call.func) == "range"
    if not counted or not isinstance(loop.target, ast.Name):
        return False
    name = loop.target.id
    of_tasks = name not in COUNTERS or TASKS.search(ast.unparse(call))
    return name.startswith("_") or not (of_tasks or _uses(loop.body, name))


def _uses(body: list[ast.stmt], name: str) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == name for one in body for node in ast.walk(one)
    )


OPTIMIZERS = SCALE_FREE | {"SGD", "ASGD"}
"""Those of torch whose step is known to grow with the gradient, or not to."""
