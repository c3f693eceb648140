"""Which lines of a text matter: nearly all of a file has nothing to do with gradients.

A search of the text is a hundred times as fast as a walk through its tree, and says which
statements need not be looked at.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

Function = ast.FunctionDef | ast.AsyncFunctionDef
_CORE = ("backward", "zero_grad", ".grad", "step(", "clear_grad", "closure", "grad(", "grads(")
_WORDS = ("grad", "step", "opt", "Opt", "zero_", "continue", "break", "return", "raise", "exit(",
          "update", "train", "learn", ".fit(", "minimi", "run")  # fmt: skip
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def may_train(text: str) -> bool:
    """Whether a text can hold a training step at all."""
    return "backward" in text and "step" in text


def blocks_of(node: ast.AST) -> list[ast.AST]:
    """The statements directly in the blocks of ``node``."""
    if not hasattr(node, "body") or isinstance(node, ast.expr):
        return []
    return [one for name in _BLOCKS for one in getattr(node, name, ())]


class Lines:
    """The lines that matter in one file."""

    def __init__(self, text: str, functions: list[Function]) -> None:
        starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._text, self._starts = text, starts
        self.accumulates = "accelerat" in text and ".accumulate(" in text
        core = self._found(_CORE)
        core = self._with_calls(core, functions)
        self._core = sorted(core)
        self._lines = sorted(core | self._found(_WORDS))

    def matter(self, node: ast.AST) -> bool:
        """Whether anything on the lines of ``node`` does."""
        return _any_in(self._lines, node)

    def train(self, node: ast.AST) -> bool:
        """Whether a function clears, steps or goes backward, by itself or in what it calls."""
        return _any_in(self._core, node)

    def _found(self, words: Iterable[str]) -> set[int]:
        found: set[int] = set()
        for word in words:
            index = self._text.find(word)
            while index >= 0:
                line = bisect_right(self._starts, index)
                found.add(line)
                after = self._starts[line] if line < len(self._starts) else len(self._text)
                index = self._text.find(word, after)
        return found

    def _with_calls(self, core: set[int], functions: list[Function]) -> set[int]:
        """``core`` and the lines that call a function with such a line, and so on."""
        known: set[str] = set()
        while True:
            ordered = sorted(core)
            names = {one.name for one in functions if _any_in(ordered, one)} - known
            names = {one for one in names if not one.startswith("__") or one == "__call__"}
            if not names:
                return core
            known |= names
            core |= self._found(names)


def _any_in(lines: list[int], node: ast.AST) -> bool:
    first = getattr(node, "lineno", 1)
    index = bisect_left(lines, first)
    return index < len(lines) and lines[index] <= (getattr(node, "end_lineno", None) or first)
