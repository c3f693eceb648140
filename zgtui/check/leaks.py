"""The rule about steps that apply another optimizer's loss beside their own."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from zgtui.check.findings import MIN_STEPS
from zgtui.check.telling import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.trace import Step, Trace, Training

TWICE = 2


def leaks(trace: Trace, training: Training) -> Iterator[Finding]:
    """ZG301: a step applies what another optimizer had stepped with, and then its own."""
    if len(training.judged) < MIN_STEPS:
        return
    for other in trace.trainings:
        if other is training or not set(other.leaves).isdisjoint(training.leaves):
            continue
        leaking = _leaking(trace, training, other)
        if len(leaking) < TWICE:
            continue
        mutual = len(_leaking(trace, other, training)) >= TWICE
        if not (mutual or _is_meant_apart(trace, training, other, leaking)):
            continue
        step, foreign = leaking[-1]
        backward = trace.origins[max(foreign)].site
        message = (
            f"its steps also apply the gradients of a backward that {other.label} stepped with"
        )
        evidence = (
            f"step {step.number} held the backward at {backward.file_line},"
            f" which {other.label} had applied before"
        )
        yield finding(trace, training, "ZG301", message, evidence, step=step, backward=backward)
        return


def _leaking(trace: Trace, training: Training, other: Training) -> list[tuple[Step, set[int]]]:
    """Steps with a backward that ``other`` applied before the last of their own arrived."""
    found = []
    for step in training.judged:
        applied = {
            origin: at
            for origin in step.origins
            if (at := trace.applied_by(origin, other)) is not None and at < step.at
        }
        own = [trace.arrived[o] for o in step.origins if o not in applied and o in trace.arrived]
        foreign = {origin for origin, at in applied.items() if own and at < max(own)}
        if foreign:
            found.append((step, foreign))
    return found


def _is_meant_apart(
    trace: Trace, training: Training, other: Training, leaking: list[tuple[Step, set[int]]]
) -> bool:
    """Whether the two losses are each meant for one optimizer, not both for this one.

    A loss that reaches the other's parameters through these (a critic's, for the actor) is; so is
    one whose kind was left out of another step, or whose share in the other is always dropped.
    """
    alone = [(step, foreign, _own(trace, step, other)) for step, foreign in leaking]
    alone = [(step, foreign, own) for step, foreign, own in alone if own]
    if len(alone) < TWICE:
        return False
    _, foreign, own = alone[-1]
    kind = {trace.origins[number].stack for number in foreign}
    if kind & {trace.origins[number].stack for number in own} and not _is_conduit(
        trace, training, other, max(foreign)
    ):
        return False
    return (
        _is_conduit(trace, training, other, max(foreign))
        or any(_kinds(trace, one) and not _kinds(trace, one) & kind for one in training.judged)
        or any(set(trace.origins[number].leaves) & set(other.leaves) for number in own)
    )


def _own(trace: Trace, step: Step, other: Training) -> set[int]:
    return {origin for origin in step.origins if trace.applied_by(origin, other) is None}


def _kinds(trace: Trace, step: Step) -> set[int]:
    return {trace.origins[number].stack for number in step.origins if number in trace.origins}


def _is_conduit(trace: Trace, training: Training, other: Training, origin: int) -> bool:
    """Whether that backward went through these parameters on its way to the other's."""
    leaves = trace.origins[origin].leaves
    ours = [place for place, leaf in enumerate(leaves) if leaf in set(training.leaves)]
    theirs = [place for place, leaf in enumerate(leaves) if leaf in set(other.leaves)]
    return bool(ours and theirs) and median(ours) < median(theirs)
