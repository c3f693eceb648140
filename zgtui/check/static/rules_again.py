"""Gradients that are applied again, without a new one."""

from __future__ import annotations

import re

from zgtui.check.static.mistakes import Mistake, lines_of, parted
from zgtui.check.static.views import View
from zgtui.check.static.ways import Way

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


def stepped_without_backward(view: View) -> Mistake | None:
    """ZG105: it steps at each turn, but backward runs now and then."""
    if set(view.heard) & set("KMPUTO") or not all("S" in way.word for way in view.ways):
        return None
    idle = [way for way in view.ways if not set(way.word) & set("BC")]
    busy = [way for way in view.ways if "B" in way.word]
    for way in idle:
        if any(_now_and_then(way, other) for other in busy):
            message = "steps each time round, but backward runs only now and then"
            return Mistake("ZG105", message, {**lines_of(way, "S"), **lines_of(busy[0], "B")})
    return None


def _now_and_then(way: Way, other: Way) -> bool:
    """Whether two ways part at one periodic condition alone."""
    tests = parted(way, other)
    return len(tests) == 1 and tests[0].periodic
