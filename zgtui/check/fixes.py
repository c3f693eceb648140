"""What the rules' findings mean for the source: lines to show, comments that silence, the fix."""

from __future__ import annotations

import ast
import difflib
import linecache
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.instrument.sites import Site, is_user_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding

IGNORE = re.compile(r"#\s*zgtui:\s*ignore(?:\[([A-Z0-9,\s]*)\])?")
AFTER_STEP = {"ZG101", "ZG102", "ZG103", "ZG106"}
MOVED = {"ZG201", "ZG202"}


def line_of(site: Site) -> str:
    """The source line at ``site``; empty where it cannot be read."""
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
        above = linecache.getline(site.file, site.line - 1).strip() if site.line > 1 else ""
        for text in (line_of(site), above if above.startswith("#") else ""):
            match = IGNORE.search(text)
            if match and (match[1] is None or finding.code in re.split(r"[,\s]+", match[1])):
                return True
    return False


@dataclass(frozen=True)
class _Statement:
    node: ast.stmt
    alone: bool
    """Whether nothing else stands in its block."""


def _statements(tree: ast.Module) -> Iterator[_Statement]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                for inner in block:
                    if isinstance(inner, ast.stmt):
                        yield _Statement(inner, len(block) == 1)


def _at(tree: ast.Module, line: int) -> _Statement | None:
    """The innermost statement around ``line``."""
    around = [
        one
        for one in _statements(tree)
        if one.node.lineno <= line <= (one.node.end_lineno or one.node.lineno)
    ]
    return max(around, key=lambda one: (one.node.lineno, one.node.col_offset), default=None)


def _stepped(node: ast.AST) -> tuple[str, bool] | None:
    """The optimizer of the only call ``….step(…)`` in ``node``, and whether it has a closure."""
    calls = [
        call
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "step"
    ]
    if len(calls) != 1:
        return None
    (call,) = calls
    assert isinstance(call.func, ast.Attribute)
    receiver = ast.unparse(call.func.value)
    if receiver.lower().endswith("scaler") and call.args:
        return ast.unparse(call.args[0]), False
    return receiver, bool(call.args or call.keywords)


def fix_of(finding: Finding) -> str:
    """The fix as a unified diff; empty where there is none that is sure to be right."""
    step = finding.sites.get("step")
    if finding.code not in AFTER_STEP | MOVED or step is None or not is_user_code(step.file):
        return ""
    try:
        text = Path(step.file).read_text(encoding="utf-8")
        tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError):
        return ""
    lines = text.splitlines(keepends=True)
    changed = _moved(finding, step, tree, lines) if finding.code in MOVED else list(lines)
    if changed is None or not _clear_added(finding, step, tree, lines, changed):
        return ""
    name = Path(step.file).name
    after = [line for entry in changed for line in entry.splitlines(keepends=True)]
    return "".join(difflib.unified_diff(lines, after, f"a/{name}", f"b/{name}", n=2))


def _moved(finding: Finding, step: Site, tree: ast.Module, lines: list[str]) -> list[str] | None:
    """The lines without the clearing that comes at the wrong place."""
    clear = finding.sites.get("clear")
    found = _at(tree, clear.line) if clear is not None and clear.file == step.file else None
    if found is None or not isinstance(found.node, ast.Expr):
        return None
    if "zero_grad" not in ast.unparse(found.node):
        return None
    changed = list(lines)
    first, last = found.node.lineno - 1, found.node.end_lineno or found.node.lineno
    if not _owns_line(found.node, lines):
        return None
    changed[first:last] = [""] * (last - first)
    if found.alone:
        changed[first] = f"{' ' * found.node.col_offset}pass\n"
    return changed


def _owns_line(node: ast.stmt, lines: list[str]) -> bool:
    return not lines[node.lineno - 1][: node.col_offset].strip()


def _clear_added(
    finding: Finding, step: Site, tree: ast.Module, lines: list[str], changed: list[str]
) -> bool:
    """Put a clearing after the step, or first in its closure; whether that could be done."""
    found = _at(tree, step.line)
    stepped = _stepped(found.node) if found is not None else None
    if found is None or stepped is None or not isinstance(found.node, ast.Expr | ast.Assign):
        return False
    name, closure = stepped
    if not closure:
        place: ast.stmt = found.node
        after = True
    else:
        backward = finding.sites.get("backward")
        inside = _at(tree, backward.line) if backward and backward.file == step.file else None
        if inside is None:
            return False
        place, after = inside.node, False
    if not _owns_line(place, lines):
        return False
    indent = lines[place.lineno - 1][: place.col_offset]
    index = (place.end_lineno or place.lineno) - 1 if after else place.lineno - 1
    text = f"{indent}{name}.zero_grad()\n"
    kept = changed[index]
    if after:
        changed[index] = (kept if kept.endswith("\n") or not kept else kept + "\n") + text
    else:
        changed[index] = text + kept
    return True
