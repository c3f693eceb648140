"""Threads that train the same parameters at the same time, and take each other's gradients."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from zgtui.check.findings import MIN_STEPS
from zgtui.check.judging.telling import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.timeline import ProcessTrace, Step, TrainingTrace

STANDS = {"ZG101", "ZG401"}
"""What is so whatever thread comes first."""


def without_races(
    trace: ProcessTrace, training: TrainingTrace, own: list[Finding]
) -> list[Finding]:
    """The findings ``own``, or what can be said where they may come from a race between threads.

    Where nothing was found, half of the steps or more have to be those of a race.
    """
    doubtful = [one for one in own if one.code not in STANDS]
    if own and not doubtful:
        return own
    taken = _taken_over(trace, training)
    if not taken or not (doubtful or 2 * len(taken) >= len(training.steps) >= MIN_STEPS):
        return own
    if len(doubtful) < len(own):
        return [one for one in own if one.code in STANDS]
    message = (
        "several threads train these parameters at the same time: one applies or clears gradients"
        " of another"
    )
    evidence = f"as at step {taken[-1].number}"
    one = finding(trace, training, "ZG000", message, evidence, step=taken[-1])
    remedy = "let each thread have a model of its own, or hold a lock from backward() to step()"
    return [dataclasses.replace(one, remedy=remedy)]


def _taken_over(trace: ProcessTrace, training: TrainingTrace) -> list[Step]:
    """Its steps with gradients of other threads, where these share parameters and take no turns."""
    own = set(training.leaves)
    sharing = [one for one in trace.trainings if not own.isdisjoint(one.leaves)]
    steps = sorted((step for one in sharing for step in one.steps), key=lambda step: step.at)
    threads = {step.seen.thread for step in steps}
    if len(threads) <= 1 or not _interrupted(trace, training, steps, threads):
        return []
    mixed = [step for step in training.steps if _holds_others(trace, step, threads)]
    dropped = any(
        _is_others(trace, number, clear.seen.thread, threads)
        for clear in training.clears
        for number, _ in clear.seen.dropped
    )
    return mixed or (training.steps[-1:] if dropped else [])


def _interrupted(
    trace: ProcessTrace, training: TrainingTrace, steps: list[Step], threads: set[int]
) -> bool:
    """Whether one thread came in between a backward and the step of another."""
    for thread in threads:
        until = [step.at for step in steps if step.seen.thread == thread]
        others = [step.at for step in steps if step.seen.thread != thread]
        others += [one.at for one in training.clears if one.seen.thread in threads - {thread}]
        backwards = list(_backwards_of(trace, thread))
        for before, at in zip([0, *until], until, strict=False):
            begun = max((one for one in backwards if before < one < at), default=at)
            if any(begun < one < at for one in others):
                return True
    return False


def _backwards_of(trace: ProcessTrace, thread: int) -> Iterator[int]:
    """When each backward of ``thread`` came."""
    return (trace.arrived[one.number] for one in trace.origins.values() if one.thread == thread)


def _holds_others(trace: ProcessTrace, step: Step, threads: set[int]) -> bool:
    held = [*step.fresh.values(), *step.left.values()]
    return any(
        _is_others(trace, number, step.seen.thread, threads) for each in held for number in each
    )


def _is_others(trace: ProcessTrace, number: int, thread: int, threads: set[int]) -> bool:
    """Whether that backward ran in another thread, which takes steps of its own."""
    return number in trace.origins and trace.origins[number].thread in threads - {thread}
