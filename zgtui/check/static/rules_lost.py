"""Gradients that are cleared too early: before the step, or with each micro-batch."""

from __future__ import annotations

import re

from zgtui.check.static.lowering import SYNCED
from zgtui.check.static.mistakes import Mistake, lines_of, parted
from zgtui.check.static.views import View
from zgtui.check.static.ways import Way

_BETWEEN = re.compile(r"B[BCT]*C[^BKMPTUS]*S")
_LAST_ALONE = re.compile(r"^[^BS]*C[^BS]*B[^C]*S[^C]*$")


def cleared_before_step(view: View) -> Mistake | None:
    """ZG201: on each way that steps, what backward computed is thrown away before the step."""
    stepping = view.stepping
    if not stepping or not all(_sure_steps(way, _BETWEEN) for way in stepping):
        return None
    way = stepping[0]
    match = _BETWEEN.search(way.word)
    assert match is not None
    clear = way.events[way.word.rindex("C", match.start(), match.end())].line
    lines = {**lines_of(way, "B", "S"), "clear": clear}
    message = "what backward computed is cleared before the step"
    return Mistake("ZG201", message, lines, "clear")


def _sure_steps(way: Way, pattern: re.Pattern[str]) -> bool:
    """Whether every step of a way ends a match of ``pattern``."""
    ends = {match.end() - 1 for match in pattern.finditer(way.word)}
    return bool(ends) and all(i in ends for i, one in enumerate(way.word) if one == "S")


def cleared_while_accumulating(view: View) -> Mistake | None:
    """ZG202: the step waits for several backwards, but each of them is cleared."""
    if set(view.heard) & set("KMPUO"):
        return None
    backwards = [way for way in view.ways if "B" in way.word]
    if not all("C" in way.word for way in backwards):
        return None
    for way in (one for one in backwards if not set(one.word) & set("SX")):
        if any(_waits(way, other) for other in view.stepping):
            return _accumulation(view, way)
    return None


def _waits(way: Way, other: Way) -> bool:
    """Whether only a periodic condition kept ``way`` from stepping as ``other`` does."""
    tests = parted(way, other)
    return len(tests) == 1 and tests[0].periodic and _backwards(way) == _backwards(other)


def _backwards(way: Way) -> set[int]:
    return {one.line for one, letter in zip(way.events, way.word, strict=True) if letter == "B"}


def _accumulation(view: View, way: Way) -> Mistake:
    message = "steps after several backwards, but its gradients are cleared with each"
    lines = {**lines_of(way, "B", "C"), **lines_of(view.stepping[0], "S")}
    return Mistake("ZG202", message, lines, "clear")


def cleared_as_accumulation_ends(view: View) -> Mistake | None:
    """ZG202: ``zero_grad()`` first in accumulate() acts when the micro-batches are complete."""
    if set(view.heard) & set("KMPUO"):
        return None
    waiting = [way for way in view.ways if way.went(SYNCED) is False and "B" in way.word]
    ending = [way for way in view.stepping if way.went(SYNCED)]
    if not waiting or any("C" in way.word for way in waiting):
        return None
    if ending and all(_LAST_ALONE.match(way.word) for way in ending):
        message = (
            "steps when accumulate() is complete, and is cleared right before its last backward"
        )
        return Mistake("ZG202", message, lines_of(ending[0], "B", "C", "S"), "clear")
    return None


def cleared_in_inner_loop(view: View) -> Mistake | None:
    """ZG202: a loop of micro-batches clears at each turn, and the step comes after it."""
    if set(view.heard) & set("KLMPUO"):
        return None
    if not view.stepping or not all(_loses(way) for way in view.stepping):
        return None
    return _accumulation(view, view.stepping[0])


def _loses(way: Way) -> bool:
    """Whether a loop's backward runs again before the step, with a clearing between."""
    word = way.word[: way.word.index("S")]
    seen: dict[int, int] = {}
    for index, letter in enumerate(word):
        if letter == "B":
            before = seen.setdefault(id(way.events[index]), index)
            if "C" in word[before:index] and "X" not in word[before:index]:
                return True
    return False
