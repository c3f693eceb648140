"""ZG301: an optimizer of two phases steps along the gradient of the first one as well.

Sharpness-aware minimisation and extragradient move the weights along a first gradient, and step
from where they were by that of the place they came to. Adversarial perturbations of the weights do
the same and mean the sum: but theirs are moved by the script, not by the optimizer's own method.
So does whoever weighs the two losses differently, as a penalty of the gradient's norm does.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from zgtui.check.findings import MIN_STEPS
from zgtui.check.judging.leaks import TWICE, holds_foreign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.timeline import ProcessTrace, Step, TrainingTrace

MESSAGE = "its steps also apply the gradients along which its own first phase had moved the weights"
SEEN = "an optimizer's method had moved the weights along it, and another backward pass came after"
FIRST = "each step follows the sum of both gradients, not just the one after the move"
REMEDY = "clear once the first phase has moved the weights, before the second backward pass"


def first_phases(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """Of half of its steps or more."""
    judged = training.judged
    if len(judged) < MIN_STEPS:
        return
    found = [
        (step, foreign)
        for before, step in zip([None, *judged], judged, strict=False)
        if (foreign := _first_phase(trace, step, 0 if before is None else before.at))
    ]
    if len(found) >= TWICE and 2 * len(found) >= len(judged):
        one = holds_foreign(trace, training, found[-1], MESSAGE, SEEN, FIRST)
        yield dataclasses.replace(one, remedy=REMEDY)


def _first_phase(trace: ProcessTrace, step: Step, since: int) -> set[int]:
    """The backwards along which all that ``step`` moves had been moved, before its last."""
    if step.seen.rescaled:
        return set()
    for move in trace.moves:
        if not (move.seen.by_optimizer and since < move.at < step.at):
            continue
        moved = {n for several in move.fresh.values() for n in several}
        later = {n for n in step.origins if trace.arrived.get(n, 0) > move.at}
        stay = moved & set(step.seen.moved_before)
        whole = set(step.fresh) <= set(move.fresh)
        if later and stay and whole and _weights(trace, stay) == _weights(trace, later):
            return stay
    return set()


def _weights(trace: ProcessTrace, origins: set[int]) -> set[tuple[tuple[float, ...], ...]]:
    """By what numbers the script divided and multiplied the losses of these backwards."""
    losses = [trace.losses[number] for number in origins if number in trace.losses]
    return {(one.divisors, one.factors) for one in losses}
