"""Rules about gradients thrown away before a step, or applied by an optimizer they are not for."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from zgtui.check.findings import MIN_STEPS
from zgtui.check.telling import finding, line_of, named, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.timeline import ProcessTrace, Step, TimedClear, TrainingTrace


def cleared_too_late(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG201: at half of the steps or more all that the backwards had added was cleared already."""
    lost, judged = _empty_steps(training), training.judged
    if not lost:
        return
    last = lost[-1]
    many = "none" if len(lost) == len(judged) else f"{len(judged) - len(lost)}"
    message = f"cleared between backward and step: {many} of {len(judged)} steps applied anything"
    evidence = f"before step {last.number} all that backward had added was cleared"
    clear = line_of(_clears_of(training, {max(step.shares) for step in lost}))
    yield finding(
        trace, training, "ZG201", message, evidence, step=last, clear=clear, at_clear=True
    )


def _empty_steps(training: TrainingTrace) -> list[Step]:
    """The steps that found nothing left to apply, where these are half of them or more.

    A few among others have to have lost whole backwards, not just a share in another's.
    """
    empty = [
        step
        for step in training.judged
        if step.shares and not step.origins and not any(step.left.values())
    ]
    if len(empty) < len(training.judged):
        empty = [step for step in empty if step.thrown]
    enough = len(empty) >= MIN_STEPS and 2 * len(empty) >= len(training.judged)
    return empty if enough else []


def cleared_inside(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG202: in half of the steps or more, some backwards are applied and others thrown away."""
    never = _never_applied(training)
    cycles = [step for step in training.judged if step.origins]
    bad = [step for step in cycles if _thrown(trace, training, step, never)]
    if len(cycles) < MIN_STEPS or 2 * len(bad) < len(cycles):
        return
    last = bad[-1]
    gone = _thrown(trace, training, last, never)
    message = (
        f"cleared inside the accumulation: {len(bad)} of {len(cycles)} steps lost backward"
        " passes that were meant for them"
    )
    evidence = (
        f"of the {plural(len(gone | last.origins), 'backward pass')} before step {last.number},"
        f" {len(gone)} {'was' if len(gone) == 1 else 'were'} thrown away"
    )
    clear = line_of(_clears_of(training, gone))
    backward = trace.origins[max(gone)].site
    yield finding(
        trace, training, "ZG202", message, evidence, step=last,
        clear=clear, backward=backward, at_clear=True,
    )  # fmt: skip


def never_trained(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG203: the same parameters lose their gradients before every step, and nothing moves them."""
    if not any(step.origins for step in training.judged):
        return
    never = _never_applied(training) - {leaf for leaf, _ in trace.appliers}
    lost = [
        (step, {leaf for gone in step.shares.values() for leaf in gone} & never)
        for step in training.judged
    ]
    hit = [(step, leaves) for step, leaves in lost if leaves]
    if len(hit) < MIN_STEPS:
        return
    last, _ = hit[-1]
    leaves = {leaf for _, several in hit for leaf in several}
    clears = [c for c in _clears_of(training, set(last.shares)) if _is_general(c, leaves, training)]
    if not clears:
        return  # cleared one by one, on purpose as it seems: frozen
    message = f"these layers never train: {named(trace, training, leaves)}"
    evidence = (
        f"in {len(hit)} of {len(training.judged)} steps their gradients were computed and"
        " cleared before the step"
    )
    yield finding(
        trace, training, "ZG203", message, evidence, step=last,
        clear=line_of(clears), backward=trace.origins[max(last.shares)].site, at_clear=True,
    )  # fmt: skip


def _never_applied(training: TrainingTrace) -> set[int]:
    """The parameters that no step of ``training`` ever moved by a gradient."""
    moved = {
        leaf
        for step in training.steps
        for leaf in step.fresh
        if step.fresh[leaf] or step.left[leaf]
    }
    return set(training.leaves) - moved


def _thrown(trace: ProcessTrace, training: TrainingTrace, step: Step, never: set[int]) -> set[int]:
    """The backwards lost before ``step`` that would have moved what other steps move.

    One that another optimizer lost for good was meant for that one.
    """
    others = {
        number
        for other in trace.trainings
        if other is not training
        for empty in _empty_steps(other)
        for number in empty.shares
    }
    return {
        number
        for number in step.thrown - others
        if (number not in trace.fates.looked_at or _is_part(trace, step, number))
        and set(trace.origins[number].leaves) & set(training.leaves) - never
    }


def _is_part(trace: ProcessTrace, step: Step, number: int) -> bool:
    """Whether a loss was divided by the number of backwards that came before the step."""
    count = len(step.thrown | step.origins)
    return count > 1 and abs(trace.origins[number].divisor / count - 1) < 1e-6


def _clears_of(training: TrainingTrace, origins: set[int]) -> list[TimedClear]:
    return [
        clear for clear in training.clears if origins & {number for number, _ in clear.seen.dropped}
    ]


def _is_general(clear: TimedClear, leaves: set[int], training: TrainingTrace) -> bool:
    """Whether a clearing was of everything, not of just these parameters."""
    if clear.seen.how == "optimizer":
        return True
    return bool(set(clear.seen.leaves) & set(training.leaves) - leaves)


TWICE = 2


def leaks(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG301: a step applies what another optimizer had stepped with, and then its own."""
    if len(training.judged) < MIN_STEPS:
        return
    for other in trace.trainings:
        if other is training or not set(other.leaves).isdisjoint(training.leaves):
            continue
        leaking = _leaking(trace, training, other)
        mutual = len(_leaking(trace, other, training)) >= TWICE
        had = "had applied before"
        if len(leaking) < TWICE or not (mutual or _is_meant_apart(trace, training, other, leaking)):
            leaking, had = _poured_in(trace, training, other), "was cleared for"
        if len(leaking) < TWICE:
            continue
        step, foreign = leaking[-1]
        backward = trace.origins[max(foreign)].site
        message = (
            f"its steps also apply the gradients of a backward that {other.label} stepped with"
        )
        evidence = (
            f"step {step.number} held the backward at {backward.file_line},"
            f" which {other.label} {had}"
        )
        yield finding(trace, training, "ZG301", message, evidence, step=step, backward=backward)
        return


def _leaking(
    trace: ProcessTrace, training: TrainingTrace, other: TrainingTrace
) -> list[tuple[Step, set[int]]]:
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
    trace: ProcessTrace,
    training: TrainingTrace,
    other: TrainingTrace,
    leaking: list[tuple[Step, set[int]]],
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


def _poured_in(
    trace: ProcessTrace, training: TrainingTrace, other: TrainingTrace
) -> list[tuple[Step, set[int]]]:
    """Steps with a backward that ``other`` alone was cleared for, after their own had arrived.

    It reaches the other's parameters through these. Whoever means a loss for both clears both
    before the first of their backwards.
    """
    found = []
    for step in training.judged:
        theirs = {n for n in step.origins if trace.applied_by(n, other) is not None}
        own = [trace.arrived[n] for n in step.origins - theirs if n in trace.arrived]
        foreign = {
            number
            for number in theirs
            if own
            and _is_cleared_for(trace, training, other, (min(own), trace.arrived[number]))
            and _is_conduit(trace, training, other, number)
        }
        if foreign:
            found.append((step, foreign))
    return found


def _is_cleared_for(
    trace: ProcessTrace, training: TrainingTrace, other: TrainingTrace, between: tuple[int, int]
) -> bool:
    """Whether parameters of ``other`` were cleared in that time, and none of ``training``."""
    first, last = between
    cleared = {
        leaf for clear in trace.clears if first < clear.at < last for leaf in clear.seen.leaves
    }
    return bool(cleared & set(other.leaves)) and cleared.isdisjoint(training.leaves)


def _own(trace: ProcessTrace, step: Step, other: TrainingTrace) -> set[int]:
    return {origin for origin in step.origins if trace.applied_by(origin, other) is None}


def _kinds(trace: ProcessTrace, step: Step) -> set[int]:
    return {trace.origins[number].stack for number in step.origins if number in trace.origins}


def _is_conduit(
    trace: ProcessTrace, training: TrainingTrace, other: TrainingTrace, origin: int
) -> bool:
    """Whether that backward went through these parameters on its way to the other's."""
    leaves = trace.origins[origin].leaves
    ours = [place for place, leaf in enumerate(leaves) if leaf in set(training.leaves)]
    theirs = [place for place, leaf in enumerate(leaves) if leaf in set(other.leaves)]
    return bool(ours and theirs) and median(ours) < median(theirs)
