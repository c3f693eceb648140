"""The rules of ``--static``: pure functions of a view, in the order in which they are asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from zgtui.check.static.lowering import SYNCED
from zgtui.check.static.views import View
from zgtui.check.static.ways import Test, Way, closures_in, events_in

_ROLES = {"B": "backward", "S": "step", "C": "clear", "P": "clear"}


@dataclass(frozen=True)
class Mistake:
    """A code, what to say, and the lines of the events that it is about, by their role."""

    code: str
    message: str
    lines: dict[str, int] = field(default_factory=dict)
    at: str = "step"


def lines_of(way: Way, *letters: str) -> dict[str, int]:
    """The first line of each letter that is on a way, by its role."""
    return {_ROLES[one]: way.line(one) for one in letters if way.line(one)}


def parted(way: Way, other: Way) -> list[Test]:
    """The conditions by which two ways went differently."""
    return [one for one in way.tests if other.went(one.text) not in {None, one.held}]


_AGAIN = re.compile(r"S[^BCKMPTU]*S")


def stepped_again(view: View) -> Mistake | None:
    """ZG105: it steps twice on one gradient."""
    stepping = view.stepping
    if stepping and all(_AGAIN.search(way.word) and "B" in way.word for way in stepping):
        way = stepping[0]
        match = _AGAIN.search(way.word)
        assert match is not None
        line = way.events[match.end() - 1].line
        message = "steps again on gradients that it has applied already"
        return Mistake("ZG105", message, {**lines_of(way, "B"), "step": line})
    return None


def cleared_outside_the_closure(view: View) -> Mistake | None:
    """ZG103: an optimizer that calls its closure several times a step is cleared once a step."""
    if view.kind != "LBFGS" or "C" not in view.heard:
        return None
    for way in view.stepping:
        closures = [one for one in closures_in(view.place.body) if way.line("S") == one.line]
        kinds = {one.kind for closure in closures for one in events_in(closure.body)}
        if "backward" in kinds and not kinds & {"clear", "unclear", "call", "made"}:
            message = "calls its closure several times a step, but is cleared outside of it"
            return Mistake("ZG103", message, lines_of(way, "B", "S", "C"))
    return None


def stepped_without_backward(view: View) -> Mistake | None:
    """ZG105: it steps at each turn, but backward runs now and then."""
    if set(view.heard) & set("KMPUTO") or not all("S" in way.word for way in view.ways):
        return None
    idle = [way for way in view.ways if not set(way.word) & set("BC")]
    busy = [way for way in view.ways if "B" in way.word]
    for way in idle:
        if any(_now_and_then(way, other) for other in busy):
            message = "steps on every iteration, but backward() runs only now and then"
            return Mistake("ZG105", message, {**lines_of(way, "S"), **lines_of(busy[0], "B")})
    return None


def _now_and_then(way: Way, other: Way) -> bool:
    """Whether two ways part at one periodic condition alone."""
    tests = parted(way, other)
    return len(tests) == 1 and tests[0].periodic


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
    message = "what backward() computed is cleared before step()"
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
    message = "steps after several backward passes, but its gradients are cleared at each of them"
    lines = {**lines_of(way, "B", "C"), **lines_of(view.stepping[0], "S")}
    return Mistake("ZG202", message, lines, "clear")


def cleared_as_accumulation_ends(view: View) -> Mistake | None:
    """ZG202: what the micro-batches before the last have added is cleared as they are complete.

    So does ``zero_grad()`` first in accumulate().
    """
    if set(view.heard) & set("KMPUO"):
        return None
    waiting = [way for way in view.ways if "S" not in way.word and "B" in way.word]
    ending = view.stepping
    if not waiting or any("C" in way.word for way in waiting):
        return None
    if not all(_waits(way, other) for way in waiting for other in ending):
        return None
    if all(_LAST_ALONE.match(way.word) for way in ending):
        synced = any(way.went(SYNCED) for way in ending)
        when = "when accumulate() is complete" if synced else "after several backward passes"
        message = f"steps {when}, and is cleared right before its last backward()"
        return Mistake("ZG202", message, lines_of(ending[0], "B", "C", "S"), "clear")
    return None


def cleared_in_inner_loop(view: View) -> Mistake | None:
    """ZG202: a loop of micro-batches clears at each turn, and the step comes after it."""
    if set(view.heard) & set("KMPO"):
        return None
    if not view.stepping or not all(_loses(way) for way in view.stepping):
        return None
    return _accumulation(view, view.stepping[0])


def _loses(way: Way) -> bool:
    """Whether a loop's backward runs again before the step, with a clearing alone between."""
    word = way.word[: way.word.index("S")]
    seen: dict[int, int] = {}
    for index, letter in enumerate(word):
        if letter == "B":
            before = seen.setdefault(id(way.events[index]), index)
            if "C" in word[before:index] and not set(word[before:index]) & set("LUX"):
                return True
    return False


def never_cleared(view: View) -> Mistake | None:
    """ZG101, ZG103: the loop steps on gradients that nothing in it clears."""
    if set(view.heard) & set("CKMPO") or "B" not in view.heard:
        return None
    if all(way.leave in {"break", "return"} for way in view.ways):
        return None
    way = max(view.stepping, key=lambda one: "B" in one.word)
    lines = {**lines_of(way, "B", "S")}
    if not lines.get("backward"):
        lines["backward"] = next(one.line("B") for one in view.ways if "B" in one.word)
    if set(view.around) & set("CK"):
        message = "steps in this loop, but its gradients are cleared only outside of it"
        return Mistake("ZG103", message, lines)
    message = "steps here, and nothing in this loop clears its gradients"
    if not view.place.is_loop:
        message = "steps here, and nothing in this file clears its gradients"
    elif way.line("N"):
        message += ": zero_grad is named, but not called"
        lines["clear"] = way.line("N")
    elif "C" in view.beside:
        message += "; they are cleared once, outside of it"
    return Mistake("ZG101", message, lines)


def partly_cleared(view: View) -> Mistake | None:
    """ZG102: only some of the modules that the optimizer holds are cleared."""
    if set(view.heard) & set("CKMO") or not {"P", "B"} <= set(view.heard):
        return None
    way = view.stepping[0]
    parts = {one.of for one, letter in zip(way.events, way.word, strict=True) if letter == "P"}
    message = f"steps here, but only {' and '.join(sorted(parts))} of what it holds is cleared"
    return Mistake("ZG102", message, lines_of(way, "B", "S", "P"))


def cleared_now_and_then(view: View) -> Mistake | None:
    """ZG103: it steps with every backward, but some of those ways never clear."""
    if any("B" in way.word and "S" not in way.word for way in view.ways):
        return None
    if set(view.heard) & set("KMPO"):
        return None
    clearing = [way for way in view.stepping if "C" in way.word]
    keeping = [way for way in view.stepping if "C" not in way.word and "B" in way.word]
    for way in keeping:
        if way.leave in {"break", "return", "raise"}:
            continue
        if any(_differ_by_one(way, other) for other in clearing):
            message = "steps on every iteration, but is not always cleared"
            lines = {**lines_of(way, "B", "S"), **lines_of(clearing[0], "C")}
            return Mistake("ZG103", message, lines)
    return None


def _differ_by_one(way: Way, other: Way) -> bool:
    """Whether two ways part at one condition alone, and that one explains nothing."""
    tests = parted(way, other)
    return len(tests) == 1 and (tests[0].periodic or tests[0].forks)


RULES: tuple[Callable[[View], Mistake | None], ...] = (
    cleared_before_step,
    never_cleared,
    partly_cleared,
    cleared_now_and_then,
    cleared_while_accumulating,
    cleared_as_accumulation_ends,
    cleared_in_inner_loop,
    cleared_outside_the_closure,
    stepped_again,
    stepped_without_backward,
)


def mistake_in(view: View) -> Mistake | None:
    """The first mistake that a rule finds."""
    return next((one for rule in RULES if (one := rule(view)) is not None), None)
