"""What the rules' findings mean for the source: lines to show, comments that silence, the fix."""

from __future__ import annotations

import ast
import linecache
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.check.edits import Edit, SourceText, read_source
from zgtui.check.notebook import SUFFIX, line_of_notebook
from zgtui.check.scale_fixes import CODES, edits_of_scale
from zgtui.instrument.sites import Site, is_user_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding

IGNORE = re.compile(r"#\s*zgtui:\s*ignore(?:\[([A-Z0-9,\s]*)\])?")
AFTER_STEP = {"ZG101", "ZG102", "ZG103", "ZG106"}
MOVED = {"ZG201", "ZG202"}


def line_of(site: Site) -> str:
    """The source line at ``site``; empty where it cannot be read."""
    if site.file.endswith(SUFFIX):
        return line_of_notebook(site.file, site.line)
    return linecache.getline(site.file, site.line).rstrip("\n")


def relative(file: str) -> str:
    """``file`` as seen from the working folder, where it lies below it."""
    try:
        return str(Path(file).resolve().relative_to(Path.cwd()))
    except ValueError:
        return file


def ignored(finding: Finding) -> bool:
    """Whether a comment ``# zgtui: ignore[CODE]``, or without a code, stands at one of its lines.

    A comment on a line of its own above counts for the line below it.
    """
    for site in {finding.site, *finding.sites.values()}:
        linecache.checkcache(site.file)
        above = line_of(replace(site, line=site.line - 1)).strip() if site.line > 1 else ""
        for text in (line_of(site), above if above.startswith("#") else ""):
            match = IGNORE.search(text)
            if match and (match[1] is None or finding.code in re.split(r"[,\s]+", match[1])):
                return True
    return False


@dataclass(frozen=True)
class _Statement:
    node: ast.stmt
    block: list[ast.stmt]

    @property
    def following(self) -> list[ast.stmt]:
        """What stands after it in its block."""
        return self.block[self.block.index(self.node) + 1 :]


def _statements(tree: ast.Module) -> Iterator[_Statement]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                for inner in block:
                    if isinstance(inner, ast.stmt):
                        yield _Statement(inner, block)


def _at(tree: ast.Module, line: int) -> _Statement | None:
    """The innermost statement around ``line``."""
    around = [
        one
        for one in _statements(tree)
        if one.node.lineno <= line <= (one.node.end_lineno or one.node.lineno)
    ]
    return max(around, key=lambda one: (one.node.lineno, one.node.col_offset), default=None)


def _calls(node: ast.AST, name: str) -> list[ast.Call]:
    """The calls ``….name(…)`` in ``node``."""
    return [
        call
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == name
    ]


def _receiver(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return ast.unparse(call.func.value)


def _stepped(node: ast.AST) -> tuple[str, bool] | None:
    """The optimizer of the only call ``….step(…)`` in ``node``, and whether it has a closure."""
    calls = _calls(node, "step")
    if len(calls) != 1:
        return None
    receiver = _receiver(calls[0])
    if receiver.lower().endswith("scaler") and calls[0].args:
        return ast.unparse(calls[0].args[0]), False
    return receiver, bool(calls[0].args or calls[0].keywords)


def edits_of(finding: Finding) -> list[Edit]:  # noqa: PLR0911 - one return for each kind of change
    """The changes that may repair it, the smallest first; none where none is likely to.

    A clearing at the wrong place is only taken away where another one stands beside it, and is
    moved behind the step otherwise, or before the backward: which of them, is tried.
    """
    step = finding.sites.get("step")
    if (
        finding.code not in AFTER_STEP | MOVED | CODES
        or step is None
        or not is_user_code(step.file)
    ):
        return []
    if step.file.endswith(SUFFIX):
        return []  # a diff of its JSON is nothing that people read
    try:
        source = read_source(step.file)
        tree = ast.parse(source.text)
    except (OSError, SyntaxError, ValueError):
        return []
    if finding.code in CODES:
        return list(edits_of_scale(finding, tree, source))
    several = (
        _clear_added(finding, step, tree, source),
        _clear_before(finding, step, tree, source),
    )
    added = [one for one in several if one is not None and one.added]
    if finding.code in AFTER_STEP:
        return added
    removed = _clear_removed(finding, step, tree, source)
    if removed is None:
        return []
    both = [removed.joined(one) for one in added]
    return [removed, *both] if _clears_elsewhere(finding, tree) else both or [removed]


def _clear_removed(
    finding: Finding, step: Site, tree: ast.Module, source: SourceText
) -> Edit | None:
    """Without the clearing that comes at the wrong place."""
    clear = finding.sites.get("clear")
    found = _at(tree, clear.line) if clear is not None and clear.file == step.file else None
    if found is None or not isinstance(found.node, ast.Expr) or not _owns_line(found.node, source):
        return None
    if not _calls(found.node, "zero_grad"):
        return None
    first, last = found.node.lineno - 1, found.node.end_lineno or found.node.lineno
    replaced = dict.fromkeys(range(first, last), "")
    if len(found.block) == 1:
        replaced[first] = f"{' ' * found.node.col_offset}pass\n"
    return Edit(step.file, replaced)


def _clears_elsewhere(finding: Finding, tree: ast.Module) -> bool:
    """Whether the optimizer, or whatever is cleared too early, is cleared by another line too."""
    found = _at(tree, finding.sites["clear"].line)
    assert found is not None
    names = {_receiver(call) for call in _calls(found.node, "zero_grad")}
    others = [call for call in _calls(tree, "zero_grad") if call.lineno != found.node.lineno]
    return any(_receiver(call) in names for call in others)


def _owns_line(node: ast.stmt, source: SourceText) -> bool:
    return not source.lines[node.lineno - 1][: node.col_offset].strip()


def _clear_added(finding: Finding, step: Site, tree: ast.Module, source: SourceText) -> Edit | None:
    """With a clearing after the step, or first in its closure; empty where one stands there."""
    found = _at(tree, step.line)
    stepped = _stepped(found.node) if found is not None else None
    if found is None or stepped is None or not isinstance(found.node, ast.Expr | ast.Assign):
        return None
    name, closure = stepped
    place, line = found, (found.node.end_lineno or found.node.lineno) - 1
    if closure:
        backward = finding.sites.get("backward")
        inside = _at(tree, backward.line) if backward and backward.file == step.file else None
        if inside is None:
            return None
        place, line = inside, inside.node.lineno - 2
    elif _is_cleared_next(found, name):
        return Edit(step.file)
    if not _owns_line(place.node, source):
        return None
    indent = source.lines[place.node.lineno - 1][: place.node.col_offset]
    return Edit(step.file, added={line: (f"{indent}{name}.zero_grad()",)})


def _clear_before(
    finding: Finding, step: Site, tree: ast.Module, source: SourceText
) -> Edit | None:
    """With a clearing right before the backward, which stands in the same block as the step."""
    found, backward = _at(tree, step.line), finding.sites.get("backward")
    stepped = _stepped(found.node) if found is not None else None
    if found is None or stepped is None or stepped[1] or backward is None:
        return None
    for one in found.block:
        if backward.file == step.file and one.lineno == backward.line and _owns_line(one, source):
            line = f"{source.lines[one.lineno - 1][: one.col_offset]}{stepped[0]}.zero_grad()"
            return Edit(step.file, added={one.lineno - 2: (line,)})
    return None


def _is_cleared_next(step: _Statement, name: str) -> bool:
    """Whether a clearing of the same optimizer already follows the step."""
    for node in step.following:
        if _calls(node, "backward"):
            return False
        if any(_receiver(call) == name for call in _calls(node, "zero_grad")):
            return True
    return False
