"""Which turn of each loop a script is in: told from the loops around its lines."""

from __future__ import annotations

import ast
import bisect
import linecache
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from zgtui.instrument.sites import is_user_code

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping
    from types import CodeType, FrameType

MAX_FRAMES = 64


class LoopLines(NamedTuple):
    """A ``for``: the lines of its body, and the names that change with each turn."""

    first: int
    last: int
    names: tuple[str, ...]


class WhileLines(NamedTuple):
    """A ``while``: the lines of its body, and where each of the statements in it begins."""

    first: int
    last: int
    statements: tuple[int, ...]


class LoopTurns:
    """Counts the turns of the loops that calls come from, the outermost first.

    Before the turns of a loop stands how often it has begun again, as far as its number tells.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[CodeType, int], tuple[Hashable, int, int]] = {}
        self._whiles: dict[tuple[CodeType, int], tuple[int, int]] = {}

    def around(self, frame: FrameType | None) -> tuple[int, ...]:
        """The turns at ``frame``, the user's own frames alone."""
        return tuple(turn for one in _frames_around(frame) for turn in self._of(one))

    def whiles(self, frame: FrameType | None) -> tuple[int, ...]:
        """The turns of ``while`` loops: a new one where calls come from an earlier statement."""
        return tuple(turn for one in _frames_around(frame) for turn in self._of_whiles(one))

    def _of_whiles(self, frame: FrameType) -> Iterator[int]:
        code, line = frame.f_code, frame.f_lineno
        _, whiles = loops_of(code.co_filename, code.co_firstlineno, code.co_name)
        for loop in whiles:
            if not loop.first <= line <= loop.last:
                continue
            before, turns = self._whiles.get((code, loop.first), (0, 0))
            now = bisect.bisect(loop.statements, line)
            turns += now < before
            self._whiles[code, loop.first] = now, turns
            yield turns

    def _of(self, frame: FrameType) -> Iterator[int]:
        code, line = frame.f_code, frame.f_lineno
        loops, _ = loops_of(code.co_filename, code.co_firstlineno, code.co_name)
        for loop in loops:
            if loop.first <= line <= loop.last:
                yield from self._turn((code, loop.first), _values(frame.f_locals, loop.names))

    def _turn(self, key: tuple[CodeType, int], values: tuple[Hashable, ...]) -> tuple[int, int]:
        before, begun, turns = self._seen.get(key, (None, 0, 0))
        if values != before:
            turns += 1
            begun += _goes_back(before, values)
            self._seen[key] = values, begun, turns
        return begun, turns


def _frames_around(frame: FrameType | None) -> Iterator[FrameType]:
    """The user's own frames, the outermost first."""
    frames: list[FrameType] = []
    while frame is not None and len(frames) < MAX_FRAMES:
        if is_user_code(frame.f_code.co_filename):
            frames.append(frame)
        frame = frame.f_back
    return reversed(frames)


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
def loops_of(
    file: str, first: int, name: str
) -> tuple[tuple[LoopLines, ...], tuple[WhileLines, ...]]:
    """The ``for`` and ``while`` loops of the function at line ``first``, the outer ones first."""
    nodes = [node for scope in _scopes(file, first, name) for node in _nodes_of(scope)]
    return tuple(_loops(nodes)), tuple(_whiles(nodes))


def _scopes(file: str, first: int, name: str) -> list[ast.AST]:
    """The function that begins at line ``first``, or the module itself; none if it is not there."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return []
    return [tree] if name == "<module>" else list(_functions(tree, first, name))[:1]


def _functions(tree: ast.AST, first: int, name: str) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            decorators = [one.lineno for one in node.decorator_list]
            if first in {node.lineno, *decorators}:
                yield node


def _loops(nodes: Iterable[ast.AST]) -> Iterator[LoopLines]:
    for node in nodes:
        if isinstance(node, ast.For | ast.AsyncFor):
            names = tuple(one.id for one in ast.walk(node.target) if isinstance(one, ast.Name))
            yield LoopLines(node.body[0].lineno, _last_line(node), names)


def _whiles(nodes: Iterable[ast.AST]) -> Iterator[WhileLines]:
    for node in nodes:
        if isinstance(node, ast.While):
            statements = tuple(one.lineno for one in node.body)
            yield WhileLines(statements[0], _last_line(node), statements)


def _nodes_of(scope: ast.AST) -> Iterator[ast.AST]:
    """All of the scope itself, not of functions inside it; what is around others before them."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        yield node
        yield from _nodes_of(node)


def _last_line(loop: ast.For | ast.AsyncFor | ast.While) -> int:
    return max(one.end_lineno or one.lineno for one in loop.body)
