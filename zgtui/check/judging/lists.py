"""ZG103: lists of copied gradients whose mean is applied at each step, and that are not emptied."""

from __future__ import annotations

import ast
import dataclasses
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from zgtui.check.judging.telling import SUMS_CARRY_OVER, earlier_applied, finding
from zgtui.check.repairing.accumulation_source import LoopNode, tree_of
from zgtui.check.timeline import HAND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.timeline import ProcessTrace, Step, TrainingTrace

TWICE = 2
LONG = 4
"""Steps in which a list has to grow; a window of the newest gradients is full by then, or named."""
GRADIENTS = re.compile("grad", re.IGNORECASE)
NUMBERS = re.compile(r"\.item\(|norm|float\(|mean\(|len\(|cos|sim", re.IGNORECASE)
"""What is appended for a log."""
EMPTYING = {"clear", "pop", "popleft", "remove"}
AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


def lists_go_on(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG103: every step applies the mean of a list that still holds what it held before.

    A table of the newest gradient of each sample grows as well until it is full, and so does a
    window of many steps: so the list has to be emptied now and then, or by no line at all.
    """
    steps = [step for step in training.judged if step.origins]
    if training.name == HAND or len(steps) < LONG:
        return
    sizes = [step.seen.pieces for step in steps]
    if any(1 != after <= before or after == before for before, after in pairwise(sizes)):
        return
    emptied = [before for before, after in pairwise(sizes) if after < before]
    now_and_then = len(emptied) >= TWICE and min(emptied) >= LONG - 1
    if not now_and_then and (emptied or not _appends_for_ever(trace, steps)):
        return
    last = max(steps, key=lambda step: (step.seen.pieces, step.at))
    old = sum(size > 1 for size in sizes)
    message = earlier_applied(SUMS_CARRY_OVER, old, len(steps))
    evidence = (
        f"step {last.number} applied copies of the gradients of {last.seen.pieces} steps, put"
        " together"
    )
    one = finding(trace, training, "ZG103", message, evidence, step=last)
    yield dataclasses.replace(
        one,
        theory="every step applies the mean of all gradients since the list was last emptied:"
        " the new ones count for less and less",
        remedy="empty the list after each step that applies what is in it",
    )


def _appends_for_ever(trace: ProcessTrace, steps: list[Step]) -> bool:
    """Whether a list of gradients is appended to that nothing empties or takes a part of."""
    files = {step.site.file for step in steps}
    files |= {trace.origins[n].site.file for s in steps for n in s.origins if n in trace.origins}
    trees = [tree for file in sorted(files) if (tree := tree_of(file)) is not None]
    if any("maxlen" in ast.unparse(tree) for tree in trees):
        return False
    return any(_stays(tree, name, call) for tree in trees for name, call in _appended(tree))


def _appended(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name = ast.unparse(node.func.value)
        written = " ".join([name, *map(ast.unparse, node.args)])
        if (
            node.func.attr in {"append", "extend"}
            and GRADIENTS.search(written)
            and not NUMBERS.search(written)
        ):
            yield name, node


def _stays(tree: ast.Module, name: str, call: ast.Call) -> bool:
    """Whether no line empties the list of that name between two calls that append to it."""
    around = [
        one for one in ast.walk(tree) if isinstance(one, LoopNode | AnyFunction) and _has(one, call)
    ]
    functions = [one for one in around if isinstance(one, AnyFunction)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in EMPTYING and ast.unparse(node.func.value) == name:
                return False
        elif isinstance(node, ast.Delete | ast.Subscript):
            if _is_cut(node, name):
                return False
        elif isinstance(node, ast.Assign) and name in map(ast.unparse, node.targets):
            loops = [one for one in around if isinstance(one, LoopNode)]
            if any(_has(loop, node) for loop in loops):
                return False
            if "." in name and not _is_made(tree, node, functions):
                return False
    return True


def _is_cut(node: ast.Delete | ast.Subscript, name: str) -> bool:
    """Whether a part of the list is deleted, replaced or taken."""
    if isinstance(node, ast.Delete):
        return any(ast.unparse(one).startswith(name) for one in node.targets)
    if ast.unparse(node.value) != name:
        return False
    return isinstance(node.slice, ast.Slice) or isinstance(node.ctx, ast.Store)


def _is_made(tree: ast.Module, node: ast.Assign, functions: list[AnyFunction]) -> bool:
    """Whether an attribute is made there, once: in ``__init__`` or beside all functions."""
    inside = [one for one in ast.walk(tree) if isinstance(one, AnyFunction) and _has(one, node)]
    return all(one.name == "__init__" for one in inside) and not set(inside) & set(functions)


def _has(outer: LoopNode | AnyFunction, node: ast.AST) -> bool:
    return outer is not node and any(inner is node for inner in ast.walk(outer))
