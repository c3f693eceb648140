"""Which turn of each loop a script is in: told from the loops around its lines."""

from __future__ import annotations

import ast
import linecache
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from zgtui.instrument.sites import is_user_code

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping
    from types import CodeType, FrameType

MAX_FRAMES = 64


class LoopLines(NamedTuple):
    """A ``for``: the lines of its body, and the names that change with each turn."""

    first: int
    last: int
    names: tuple[str, ...]


class LoopTurns:
    """Counts the turns of the loops that calls come from, the outermost first.

    Before the turns of a loop stands how often it has begun again, as far as its number tells.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[CodeType, int], tuple[Hashable, int, int]] = {}

    def around(self, frame: FrameType | None) -> tuple[int, ...]:
        """The turns at ``frame``, the user's own frames alone."""
        frames: list[FrameType] = []
        while frame is not None and len(frames) < MAX_FRAMES:
            if is_user_code(frame.f_code.co_filename):
                frames.append(frame)
            frame = frame.f_back
        return tuple(turn for one in reversed(frames) for turn in self._of(one))

    def _of(self, frame: FrameType) -> Iterator[int]:
        code, line = frame.f_code, frame.f_lineno
        for loop in loops_of(code.co_filename, code.co_firstlineno, code.co_name):
            if loop.first <= line <= loop.last:
                yield from self._turn((code, loop.first), _values(frame.f_locals, loop.names))

    def _turn(self, key: tuple[CodeType, int], values: tuple[Hashable, ...]) -> tuple[int, int]:
        before, begun, turns = self._seen.get(key, (None, 0, 0))
        if values != before:
            turns += 1
            begun += _goes_back(before, values)
            self._seen[key] = values, begun, turns
        return begun, turns


def _goes_back(before: Hashable, now: tuple[Hashable, ...]) -> bool:
    """Whether the loop's own count is smaller than it was."""
    if not isinstance(before, tuple) or not now:
        return False
    old, new = before[0], now[0]
    return isinstance(old, int) and isinstance(new, int) and new < old


def _values(names: Mapping[str, object], wanted: tuple[str, ...]) -> tuple[Hashable, ...]:
    """Numbers and words by value, other things by which object they are."""
    found: list[Hashable] = []
    for name in wanted:
        value = names.get(name)
        found.append(value if isinstance(value, int | float | str) else (id(value), ""))
    return tuple(found)


@lru_cache(maxsize=256)
def loops_of(file: str, first: int, name: str) -> tuple[LoopLines, ...]:
    """The ``for`` loops of the function that begins at line ``first``, the outer ones first."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return ()
    scopes = [tree] if name == "<module>" else list(_functions(tree, first, name))
    return tuple(loop for scope in scopes[:1] for loop in _loops(scope))


def _functions(tree: ast.AST, first: int, name: str) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            decorators = [one.lineno for one in node.decorator_list]
            if first in {node.lineno, *decorators}:
                yield node


def _loops(scope: ast.AST) -> Iterator[LoopLines]:
    """Those of the scope itself, not of functions inside it."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.For | ast.AsyncFor):
            last = max(one.end_lineno or one.lineno for one in node.body)
            names = tuple(one.id for one in ast.walk(node.target) if isinstance(one, ast.Name))
            yield LoopLines(node.body[0].lineno, last, names)
        yield from _loops(node)
