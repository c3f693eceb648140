"""Changes to the source that may put the scale of an accumulation right."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from zgtui.check.repairing.accumulation_source import (
    DIVISOR,
    called_in,
    holds,
    is_all_batches,
    loops_around,
    meaning_of,
)
from zgtui.check.repairing.edits import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.repairing.edits import SourceText
    from zgtui.instrument.sites import Site

CODES = {"ZG501", "ZG502", "ZG504"}
PRIMARY = ast.Name | ast.Attribute | ast.Call | ast.Subscript
Division = ast.BinOp | ast.AugAssign


def edits_of_scale(finding: Finding, tree: ast.Module, source: SourceText) -> Iterator[Edit]:
    """The changes that may repair it, where the source is written in a way that is understood."""
    backward, step = finding.sites.get("backward"), finding.sites.get("step")
    if backward is None or step is None or backward.file != source.file or finding.level:
        return
    if finding.code == "ZG504":
        edits = [_last_too(tree, source, backward.line, step)]
    else:
        numbers = _numbers_of(tree, backward, step, finding.micro_batches)
        if finding.code == "ZG501":
            edits = [_divided(tree, source, backward.line, one) for one in numbers]
        else:
            edits = [_divided_right(tree, source, backward.line, finding, one) for one in numbers]
    yield from filter(None, edits)


def _numbers_of(tree: ast.Module, backward: Site, step: Site, number: int) -> list[str]:
    """How the number of micro-batches may be written, as the script itself does first.

    That is what their loop counts up to; one that also steps counts all micro-batches, not those
    of a step, and tells of that by a remainder: best in the condition that the step depends on.
    """
    around = loops_around(tree, backward.line)
    if not around:
        return [str(number)]
    loop, head = around[-1], getattr(around[-1], "iter", None)
    step = called_in(loop, step)
    if step.file == backward.file and holds(loop, step):
        head = None
    if isinstance(head, ast.Call) and ast.unparse(head.func) == "range" and len(head.args) == 1:
        return [ast.unparse(head.args[0])]
    tests = [node for node in ast.walk(loop) if isinstance(node, ast.If)]
    tests.sort(key=lambda node: not holds(node, step))
    written = [name for node in tests for name in _remainders(node.test)]
    return [*dict.fromkeys(written), str(number)]


def _remainders(test: ast.expr) -> Iterator[str]:
    """By which names it takes remainders."""
    for node in ast.walk(test):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and _is_name(node.right):
            yield ast.unparse(node.right)


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Attribute)


def _divided(tree: ast.Module, source: SourceText, line: int, number: str) -> Edit | None:
    """With the loss divided where its backward is called."""
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "backward"
        and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    if len(calls) != 1:
        return None
    call = calls[0]
    assert isinstance(call.func, ast.Attribute)
    loss = call.func.value if not call.args else call.args[0]
    if isinstance(loss, ast.Call) and ast.unparse(loss.func).endswith("scaler.scale") and loss.args:
        loss = loss.args[0]
    inside = loss is not call.func.value
    text, divisor = ast.get_source_segment(source.text, loss) or "", _as_divisor(number)
    if isinstance(loss, PRIMARY):
        new = f"{text} / {divisor}" if inside else f"({text} / {divisor})"
    else:
        new = f"({text}) / {divisor}"
    return _written(source, loss, new)


def _as_divisor(number: str) -> str:
    """``number`` as it stands behind a sign of division: ``(n + 1)``."""
    plain = isinstance(ast.parse(number, mode="eval").body, PRIMARY | ast.Constant)
    return number if plain else f"({number})"


def _divided_right(
    tree: ast.Module, source: SourceText, line: int, finding: Finding, number: str
) -> Edit | None:
    """Without the last division of two, or with the right number in it."""
    divisions = [one for one in _divisions(tree, line, number) if one.lineno <= line]
    if not divisions:
        return None
    last = max(divisions, key=lambda one: (one.lineno, one.col_offset))
    right = last.right if isinstance(last, ast.BinOp) else last.value
    if not finding.divided_twice:
        return _written(source, right, _as_divisor(number))
    if isinstance(last, ast.AugAssign):
        return _written(source, last, "pass")
    if _is_statement(tree, last):
        return Edit(source.file, replaced={last.lineno - 1: ""})
    return _written(source, last, ast.get_source_segment(source.text, last.left) or "")


def _is_statement(tree: ast.Module, division: ast.BinOp) -> bool:
    """Whether it is all of ``loss = loss / 4``, on a line that can go."""
    return any(
        isinstance(node, ast.Assign)
        and node.value is division
        and node.lineno == node.end_lineno
        and [ast.unparse(target) for target in node.targets] == [ast.unparse(division.left)]
        for node in ast.walk(tree)
    )


def _divisions(tree: ast.Module, line: int, number: str) -> Iterator[Division]:
    """Where the script divides by a number, or by what stands for one of micro-batches."""
    around = loops_around(tree, line)
    for node in ast.walk(tree):
        if isinstance(node, Division) and isinstance(node.op, ast.Div):
            right = node.right if isinstance(node, ast.BinOp) else node.value
            written = ast.unparse(right)
            known = written == number
            known |= bool(around and is_all_batches(meaning_of(tree, right), around[-1]))
            if known or isinstance(right, ast.Constant) or DIVISOR.search(written):
                yield node


def _last_too(tree: ast.Module, source: SourceText, line: int, step: Site) -> Edit | None:
    """With a step for the last batch too, in a loop that counts its batches."""
    around = loops_around(tree, line)
    if not around or not isinstance(around[-1], ast.For):
        return None
    loop, head = around[-1], ast.unparse(around[-1].iter)
    at = called_in(loop, step).line
    target = loop.target.elts[0] if isinstance(loop.target, ast.Tuple) else None
    if not (isinstance(loop.iter, ast.Call) and head.startswith("enumerate(")):
        return None
    if not isinstance(target, ast.Name) or not isinstance(
        loop.iter.args[0], ast.Name | ast.Attribute
    ):
        return None
    if len(loop.iter.args) > 1 or loop.iter.keywords:
        return None
    last = f"{target.id} + 1 == len({ast.unparse(loop.iter.args[0])})"
    for node in ast.walk(loop):
        if (
            isinstance(node, ast.If)
            and node.body[0].lineno <= at <= (node.end_lineno or 0)
            and isinstance(node.test, ast.Compare)
        ):
            test = ast.get_source_segment(source.text, node.test)
            return _written(source, node.test, f"{test} or {last}")
    return None


def _written(source: SourceText, node: ast.stmt | ast.expr, new: str) -> Edit | None:
    """``new`` in the place of ``node``, which stands on one line."""
    if node.end_lineno != node.lineno or node.end_col_offset is None:
        return None
    at = node.lineno - 1
    line = source.lines[at].encode()
    before, after = line[: node.col_offset], line[node.end_col_offset :]
    enclosed = before.endswith(b"(") and after.startswith(b")")
    if new.isidentifier() and enclosed:
        called_of, divides = after.startswith(b")."), before[:-1].rstrip().endswith(b"/")
        if called_of or divides:
            before, after = before[:-1], after[1:]
    changed = before + new.encode() + after
    return Edit(source.file, replaced={at: changed.decode()})
