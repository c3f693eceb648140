"""Reports each line of a function before it runs, without a change to the function."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType, FunctionType
from typing import Any

OnLine = Callable[[int], None]
"""Is called with a line of the function, counted from 0 at the first that its body executes."""


def longest_call(function: Callable[..., object], passes: int = 1) -> int:
    """How many lines ``function`` executes at most, where each of its loops makes ``passes``.

    It is read from the source, whose statements stand on a line each; a ``for`` line is executed
    once more than what is below it.
    """
    definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(definition, ast.FunctionDef)
    described = ast.get_docstring(definition) is not None
    return _longest(definition.body[described:], passes)


def _longest(statements: Sequence[ast.stmt], passes: int) -> int:
    count = len(statements)
    for statement in statements:
        if isinstance(statement, ast.For):
            count += passes * (1 + _longest(statement.body, passes))
        elif isinstance(statement, ast.If):
            count += max(_longest(statement.body, passes), _longest(statement.orelse, passes))
    return count


@contextmanager
def each_line(on_line: OnLine, *functions: Callable[..., object]) -> Iterator[None]:
    """Call ``on_line`` before each line of any of ``functions`` that runs in this thread meanwhile.

    Python's own tracing: what is computed stays the same bit for bit, and takes longer.
    """
    codes = {function.__code__ for function in functions if isinstance(function, FunctionType)}

    def entered(frame: FrameType, _event: str, _argument: object) -> Any:
        if frame.f_code not in codes:
            return None
        first: int | None = None

        def line(frame: FrameType, event: str, _argument: object) -> Any:
            nonlocal first
            if event == "line":
                first = frame.f_lineno if first is None else first
                on_line(frame.f_lineno - first)
            return line

        return line

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        yield
    finally:
        sys.settrace(before)
