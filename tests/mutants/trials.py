"""Whether any test notices a mutant: each is tried in a fork, with the tests that run it."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FrameType, FunctionType

import pytest

QUIETLY = ("-q", "-n", "0", "-p", "no:cacheprovider")
SECONDS_TO_START = 30.0
TIMES_AS_LONG = 4
"""What has no end when so much time is over as its tests took, and this to start, is noticed."""
MAX_TESTS = 200
"""Of those that run a function; see `in_turns`."""


class WhoRuns:
    """A plugin of pytest: which functions each test calls in this process, and its seconds."""

    def __init__(self, files: Sequence[str]) -> None:
        self._files = frozenset(files)
        self.tests: dict[tuple[str, str, int], list[tuple[float, str]]] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        called: set[CodeType] = set()

        def note(frame: FrameType, _event: str, _argument: object) -> None:  # of calls alone
            called.add(frame.f_code)

        began = time.monotonic()
        threading.settrace(note)
        sys.settrace(note)
        yield
        sys.settrace(None)
        threading.settrace(None)
        took = time.monotonic() - began
        for code in called:
            if code.co_filename in self._files:
                key = code.co_filename, code.co_name, code.co_firstlineno
                self.tests.setdefault(key, []).append((took, item.nodeid))


def who_runs(
    files: Sequence[str], tests: Sequence[str]
) -> dict[tuple[str, str, int], list[tuple[float, str]]]:
    """For each function the tests that call it, in the order to try them."""
    reads, writes = os.pipe()

    def look() -> int:
        os.close(reads)
        plugin = WhoRuns(files)
        code = pytest.main([*QUIETLY, *tests], plugins=[plugin])
        with open(writes, "w", encoding="utf-8") as pipe:  # noqa: PTH123 - a number
            json.dump([[*key, in_turns(called)] for key, called in plugin.tests.items()], pipe)
        return int(code)

    child = forked(look)
    os.close(writes)
    with open(reads, encoding="utf-8") as pipe:  # noqa: PTH123 - a number
        rows = json.load(pipe)
    os.waitpid(child, 0)
    return {(file, name, line): [(s, t) for s, t in called] for file, name, line, called in rows}


def in_turns(called: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """The quickest run of each test function, then their second ones, and so on.

    A hundred values for one test would take the places of all others.
    """
    seen: Counter[str] = Counter()
    turns = []
    for seconds, test in sorted(called):
        function = test.partition("[")[0]
        seen[function] += 1
        turns.append((seen[function], seconds, test))
    return [(seconds, test) for _, seconds, test in sorted(turns)]


def prepare(tests: Sequence[str]) -> None:
    """Import what the tests need: each fork has it then."""
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*QUIETLY, "--collect-only", *tests])


def forked(act: Callable[[], int]) -> int:
    """The process that does it, quietly."""
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        os._exit(act())
    finally:
        os._exit(70)


def live(files: Sequence[str]) -> dict[tuple[str, str, int], list[FunctionType]]:
    """The functions of those files that this process has."""
    known: dict[tuple[str, str, int], list[FunctionType]] = {}
    for one in gc.get_objects():
        if type(one) is FunctionType and one.__code__.co_filename in files:
            code = one.__code__
            key = code.co_filename, code.co_name, code.co_firstlineno
            known.setdefault(key, []).append(one)
    return known


def noticed(
    code: CodeType, functions: Sequence[FunctionType], called: Sequence[tuple[float, str]]
) -> bool:
    """Whether a test that calls ``functions`` fails with ``code`` in place of theirs."""
    tests = [test for _, test in called[:MAX_TESTS]]
    took = sum(seconds for seconds, _ in called[:MAX_TESTS])

    def attempt() -> int:
        for function in functions:
            function.__code__ = code
        return int(pytest.main([*QUIETLY, "-x", *tests]))

    return ended(forked(attempt), SECONDS_TO_START + TIMES_AS_LONG * took) != 0


def ended(child: int, longest: float) -> int:
    """Its exit code, or that of a process that had to be killed after ``longest`` seconds."""
    deadline = time.monotonic() + longest
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.killpg(child, 9)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
