"""Gradients that are not cleared: never, in part, or not with every step."""

from __future__ import annotations

from zgtui.check.static.mistakes import Mistake, lines_of, parted
from zgtui.check.static.views import View
from zgtui.check.static.ways import Way


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
    message = f"steps here, and of what it holds only {' and '.join(sorted(parts))} is cleared"
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
            message = "steps each time round, but is not always cleared"
            lines = {**lines_of(way, "B", "S"), **lines_of(clearing[0], "C")}
            return Mistake("ZG103", message, lines)
    return None


def _differ_by_one(way: Way, other: Way) -> bool:
    """Whether two ways part at one condition alone, and that one explains nothing."""
    tests = parted(way, other)
    return len(tests) == 1 and (tests[0].periodic or tests[0].forks)
