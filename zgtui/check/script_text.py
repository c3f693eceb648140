"""A script's statements with the text they were written in, and how one is added or taken away."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zgtui.check.repairing.edits import Edit, Inline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.repairing.edits import SourceText


SCHEDULER = re.compile(r"sch|plateau|warm_?up|anneal|(?:^|[._])lr", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """A statement, the block it stands in, and the statement that the block belongs to."""

    node: ast.stmt
    block: list[ast.stmt]
    parent: ast.AST

    @property
    def place(self) -> int:
        """Its place in the block."""
        return self.block.index(self.node)

    @property
    def before(self) -> list[ast.stmt]:
        """What stands before it in its block."""
        return self.block[: self.place]

    @property
    def following(self) -> list[ast.stmt]:
        """What stands after it in its block."""
        return self.block[self.place + 1 :]


def calls(node: ast.AST, name: str) -> list[ast.Call]:
    """The calls ``….name(…)`` in ``node``."""
    return [
        call
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == name
    ]


def receiver(call: ast.Call) -> str:
    """What a method is called of."""
    assert isinstance(call.func, ast.Attribute)
    return ast.unparse(call.func.value)


@dataclass(frozen=True)
class ScriptText:
    """A source file, parsed."""

    tree: ast.Module
    source: SourceText
    statements: list[Statement] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Find every statement."""
        self.statements.extend(_statements(self.tree))

    def at(self, line: int) -> Statement | None:
        """The innermost statement around ``line``."""
        around = [
            one
            for one in self.statements
            if one.node.lineno <= line <= (one.node.end_lineno or one.node.lineno)
        ]
        return max(around, key=lambda one: (one.node.lineno, one.node.col_offset), default=None)

    def of(self, node: ast.AST) -> Statement | None:
        """The statement that ``node`` is."""
        return next((one for one in self.statements if one.node is node), None)

    def calling(self, line: int, name: str) -> Statement | None:
        """The last of `callings`."""
        found = self.callings(line, name)
        return found[-1] if found else None

    def callings(self, line: int, name: str) -> list[Statement]:
        """The statements at ``line`` that call ``….name(…)``; else the innermost that is there."""
        found = [
            one
            for one in self.statements
            if one.node.lineno == line
            and calls(one.node, name)
            and isinstance(one.node, ast.Expr | ast.Assign)
        ]
        plain = [one for one in found if not _is_scheduled(one.node, name)]
        inner = self.at(line) if not found else None
        return plain or found or ([inner] if inner else [])

    def after(self, place: Statement, *texts: str) -> Edit:
        """With statements after it: on lines of their own, or on its line where others stand."""
        node = place.node
        last = (node.end_lineno or node.lineno) - 1
        if self.begins_line(node):
            indent = self.source.lines[node.lineno - 1][: node.col_offset]
            return Edit(self.source.file, added={last: tuple(indent + text for text in texts)})
        end = node.end_col_offset or 0
        return self._inline(last, end, end, "".join(f"; {text}" for text in texts))

    def ahead(self, place: Statement, *texts: str) -> Edit:
        """With statements before it, in the same way."""
        node = place.node
        first, start = node.lineno - 1, node.col_offset
        if self.begins_line(node):
            indent = self.source.lines[first][:start]
            texts = tuple(indent + text for text in texts)
            return Edit(self.source.file, added={first - 1: texts})
        return self._inline(first, start, start, "".join(f"{text}; " for text in texts))

    def without(self, place: Statement) -> Edit:
        """Without it; ``pass`` where nothing else is left of its block."""
        node, alone = place.node, len(place.block) == 1
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        end = node.end_col_offset or 0
        if self.begins_line(node) and self._ends_line(node):
            replaced = dict.fromkeys(range(first, last + 1), "")
            if alone:
                replaced[first] = f"{self.source.lines[first][: node.col_offset]}pass\n"
            return Edit(self.source.file, replaced)
        if alone:
            return self._inline(first, node.col_offset, end, "pass")
        following = place.following[:1]
        if following and following[0].lineno == node.lineno:
            return self._inline(first, node.col_offset, following[0].col_offset, "")
        return self._inline(first, place.before[-1].end_col_offset or 0, end, "")

    def _inline(self, line: int, start: int, stop: int, text: str) -> Edit:
        return Edit(self.source.file, inline=(Inline(line, start, stop, text),))

    def begins_line(self, node: ast.stmt) -> bool:
        """Whether nothing stands before it on its line."""
        return not self.source.lines[node.lineno - 1].encode()[: node.col_offset].strip()

    def _ends_line(self, node: ast.stmt) -> bool:
        """Whether nothing but a comment stands after it."""
        line = self.source.lines[(node.end_lineno or node.lineno) - 1].encode()
        rest = line[node.end_col_offset :].strip()
        return not rest or rest.startswith(b"#")


def _is_scheduled(node: ast.AST, name: str) -> bool:
    """Whether it calls ``….name(…)`` of what changes learning rates, as they are called."""
    return any(SCHEDULER.search(receiver(call)) for call in calls(node, name))


def _statements(tree: ast.Module) -> Iterator[Statement]:
    for node in ast.walk(tree):
        blocks = [getattr(node, name, None) for name in ("body", "orelse", "finalbody")]
        for block in blocks:
            if isinstance(block, list):
                for inner in block:
                    if isinstance(inner, ast.stmt):
                        yield Statement(inner, block, node)
