"""Changes to the source that may clear gradients at the right time."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from zgtui.check.repairing.edits import Edit
from zgtui.check.script_text import Statement, calls, receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.script_text import ScriptText
    from zgtui.instrument.sites import Site

AFTER_STEP = {"ZG101", "ZG102", "ZG103", "ZG106"}
MOVED = {"ZG201", "ZG202", "ZG203"}
LEAKING = {"ZG301"}
REPAIRED = AFTER_STEP | MOVED | LEAKING


class _Stepped(NamedTuple):
    """What a statement steps, whether with a closure, and the comprehension that does it."""

    name: str
    closure: bool
    loop: ast.comprehension | None


def edits_of_clearing(finding: Finding, script: ScriptText) -> list[Edit]:
    """The changes that may repair it, the smallest first; none where none is likely to.

    A clearing at the wrong place is only taken away where another one stands beside it, and is
    moved behind the step otherwise, or before the backward: which of them, is tried.
    """
    step = finding.sites["step"]
    if "skip" in finding.sites:
        return list(_where_skipped(finding.sites["skip"], step, script))
    if finding.code in LEAKING:
        return list(_before_own(finding, step, script))
    stepping = script.callings(step.line, "step")
    several = [
        *(_after(finding, step, script, found) for found in reversed(stepping)),
        _before(finding, step, script),
    ]
    added = [one for one in several if one]
    if finding.code in AFTER_STEP:
        return added
    removed = _removed(finding, step, script)
    if removed is None:
        return []
    both = [removed.joined(one) for one in added]
    if finding.code == "ZG203" or _clears_elsewhere(finding, script):
        return [removed, *both]
    return both or [removed]


def _stepped(node: ast.AST, script: ScriptText) -> _Stepped | None:
    """The optimizer of the only call ``….step(…)`` in ``node``."""
    found = calls(node, "step")
    if len(found) != 1:
        return None
    name, call = receiver(found[0]), found[0]
    loops = [
        loop
        for inner in ast.walk(node)
        if isinstance(inner, ast.ListComp | ast.GeneratorExp | ast.SetComp)
        for loop in inner.generators
        if ast.unparse(loop.target) == name
    ]
    if call.args and _is_scaler(name, script):
        return _Stepped(ast.unparse(call.args[0]), closure=False, loop=None)
    closure = bool(call.args or call.keywords)
    return _Stepped(name, closure=closure, loop=loops[0] if loops else None)


def _is_scaler(name: str, script: ScriptText) -> bool:
    """Whether it scales losses, whatever it is called."""
    scaling = map(receiver, calls(script.tree, "scale"))
    return name.lower().endswith("scaler") or name in scaling


def _after(finding: Finding, step: Site, script: ScriptText, found: Statement) -> Edit | None:
    """With a clearing after the step, or first in its closure; empty where one stands there."""
    stepped = _stepped(found.node, script)
    if stepped is None:
        return _after_manual(found, script)
    if not isinstance(found.node, ast.Expr | ast.Assign):
        return None
    if stepped.closure:
        return _in_closure(finding, stepped.name, script)
    if stepped.loop is None and _is_cleared_next(found, stepped.name):
        return Edit(step.file)
    return script.after(found, *_clearing(stepped)) if _may_follow(found, stepped, script) else None


def _clearing(stepped: _Stepped) -> list[str]:
    """The lines that clear: a loop over the same optimizers after a comprehension."""
    clear = f"{stepped.name}.zero_grad()"
    if stepped.loop is None:
        return [clear]
    head = f"for {ast.unparse(stepped.loop.target)} in {ast.unparse(stepped.loop.iter)}:"
    return [head, f"    {clear}"]


def _may_follow(found: Statement, stepped: _Stepped, script: ScriptText) -> bool:
    """Whether they may stand there: a loop needs lines of its own."""
    return stepped.loop is None or script.begins_line(found.node)


def _in_closure(finding: Finding, name: str, script: ScriptText) -> Edit | None:
    """With a clearing before the backward in the closure of the step."""
    backward = finding.sites.get("backward")
    if backward is None or backward.file != script.source.file:
        return None
    place = script.calling(backward.line, "backward")
    return None if place is None else script.ahead(place, f"{name}.zero_grad()")


def _after_manual(found: Statement, script: ScriptText) -> Edit | None:
    """With the gradients dropped after the last of the updates that stand together."""
    together = [found.node]
    for node in found.following:
        if not _gradients_in(node):
            break
        together.append(node)
    names = dict.fromkeys(name for node in together for name in _gradients_in(node))
    last = script.of(together[-1])
    if not names or last is None or not isinstance(last.node, _UPDATE):
        return None
    return script.after(last, *(f"{name}.grad = None" for name in names))


_UPDATE = ast.Expr | ast.Assign | ast.AugAssign


def _gradients_in(node: ast.stmt) -> list[str]:
    """The parameters whose ``.grad`` an update reads."""
    if not isinstance(node, _UPDATE):
        return []
    return [
        ast.unparse(inner.value)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute)
        and inner.attr == "grad"
        and isinstance(inner.ctx, ast.Load)
        and isinstance(inner.value, ast.Name | ast.Attribute | ast.Subscript)
        and not ast.unparse(inner.value).endswith("autograd")
    ]


def _before(finding: Finding, step: Site, script: ScriptText) -> Edit | None:
    """With a clearing before the backward, or before the loop of it beside the step."""
    found, backward = script.calling(step.line, "step"), finding.sites.get("backward")
    stepped = _stepped(found.node, script) if found is not None else None
    if found is None or stepped is None or stepped.closure or stepped.loop or backward is None:
        return None
    place = script.calling(backward.line, "backward") if backward.file == step.file else None
    while place is not None and place.block is not found.block:
        place = script.of(place.parent)
    if place is None or place.node is found.node:
        return None
    return script.ahead(place, f"{stepped.name}.zero_grad()")


def _where_skipped(skip: Site, step: Site, script: ScriptText) -> Iterator[Edit]:
    """With a clearing ahead of the ``continue`` or ``return`` that skips the step."""
    place, found = script.at(skip.line), script.calling(step.line, "step")
    stepped = _stepped(found.node, script) if found is not None else None
    if place is None or stepped is None or stepped.loop or isinstance(place.node, ast.If):
        return
    yield script.ahead(place, f"{stepped.name}.zero_grad()")


def _before_own(finding: Finding, step: Site, script: ScriptText) -> Iterator[Edit]:
    """With a clearing before one of the backwards ahead of the step that are not the other's.

    One that comes before the other's is put behind it.
    """
    found, foreign = script.calling(step.line, "step"), finding.sites.get("backward")
    stepped = _stepped(found.node, script) if found is not None else None
    if found is None or stepped is None or stepped.closure or stepped.loop or foreign is None:
        return
    clear, theirs = f"{stepped.name}.zero_grad()", script.calling(foreign.line, "backward")
    for node in found.before:
        own = script.of(node)
        if own is None or theirs is None or node is theirs.node or not _goes_back(node):
            continue
        if own.block is theirs.block and own.place < theirs.place:
            moved = script.after(theirs, clear, ast.unparse(node))
            yield script.without(own).joined(moved)
        else:
            yield script.ahead(own, clear)


def _goes_back(node: ast.stmt) -> bool:
    return bool(calls(node, "backward") or calls(node, "manual_backward"))


def _removed(finding: Finding, step: Site, script: ScriptText) -> Edit | None:
    """Without the clearing that comes at the wrong place."""
    place = _clearing_at(finding, step, script)
    return None if place is None else script.without(place)


def _clearing_at(finding: Finding, step: Site, script: ScriptText) -> Statement | None:
    """The outermost statement that does nothing but clear: the loop over parameters, say."""
    clear = finding.sites.get("clear")
    if clear is None or clear.file != step.file:
        return None
    around = [one for one in script.statements if _contains(one.node, clear.line)]
    return next((one for one in around if _only_clears(one.node)), None)


def _contains(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _only_clears(node: ast.stmt) -> bool:
    """Whether a statement does nothing but clear gradients."""
    if isinstance(node, ast.For | ast.If | ast.With):
        return all(map(_only_clears, [*node.body, *getattr(node, "orelse", [])]))
    if isinstance(node, ast.Delete):
        return all(_is_gradient(target) for target in node.targets)
    if isinstance(node, ast.Assign):
        empty = isinstance(node.value, ast.Constant) and node.value.value is None
        empty |= isinstance(node.value, ast.Call) and "zeros" in ast.unparse(node.value.func)
        return empty and all(_is_gradient(target) for target in node.targets)
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    written = ast.unparse(node.value.func)
    return written.endswith((".zero_grad", "_foreach_zero_")) or (
        ".grad" in written and written.endswith((".zero_", ".detach_"))
    )


def _is_gradient(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "grad"


def _clears_elsewhere(finding: Finding, script: ScriptText) -> bool:
    """Whether the optimizer, or whatever is cleared too early, is cleared by another line too."""
    clear = finding.sites["clear"]
    found = script.calling(clear.line, "zero_grad")
    assert found is not None
    names = {receiver(call) for call in calls(found.node, "zero_grad")}
    others = [call for call in calls(script.tree, "zero_grad") if call.lineno != clear.line]
    return any(receiver(call) in names for call in others)


def _is_cleared_next(step: Statement, name: str) -> bool:
    """Whether a clearing of the same optimizer already follows the step."""
    for node in step.following:
        if _goes_back(node):
            return False
        if any(receiver(call) == name for call in calls(node, "zero_grad")):
            return True
    return False
