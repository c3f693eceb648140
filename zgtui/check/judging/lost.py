"""Rules about gradients thrown away before a step."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from zgtui.check.findings import MIN_STEPS
from zgtui.check.judging.skipping import leaves_out
from zgtui.check.judging.telling import finding, line_of, named
from zgtui.check.judging.windows import is_about
from zgtui.plural import plural

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
    message = (
        f"cleared between backward() and step(): {many} of {len(judged)} steps applied anything"
    )
    if last.seen.refused:
        message = (
            "cleared between backward() and step(): no gradient was left to unscale, and GradScaler"
            " raised an error"
        )
    evidence = f"before step {last.number} all that backward() had added was cleared"
    clear = line_of(_clears_of(training, {max(step.shares) for step in lost}))
    yield finding(
        trace, training, "ZG201", message, evidence, step=last, clear=clear, at_clear=True
    )


def copied_too_late(
    trace: ProcessTrace, training: TrainingTrace, steps: list[Step]
) -> Finding | None:
    """ZG201: before each of ``steps`` all other parameters' gradients came, and were cleared.

    So it is with parameters kept in full precision, whose gradients are copied from the model's.
    """
    ends = [0, *(step.at for step in steps)]
    gone = [_all_thrown(trace, since, until) for since, until in pairwise(ends)]
    if not all(gone):
        return None
    message = f"cleared between backward() and step(): none of {len(steps)} steps applied anything"
    evidence = f"before step {steps[-1].number} all that backward() had added was cleared"
    return finding(
        trace, training, "ZG201", message, evidence,
        step=steps[-1], clear=line_of(clear for several in gone for clear in several),
        backward=trace.origins[max(trace.origins)].site, at_clear=True,
    )  # fmt: skip


def _all_thrown(trace: ProcessTrace, since: int, until: int) -> list[TimedClear]:
    """The clearings that threw away every backward of that time within it; none if one is left."""
    found: list[TimedClear] = []
    for number, origin in trace.origins.items():
        if origin.way != "backward" or not since < trace.arrived[number] < until:
            continue
        clears = [clear for clear, _ in trace.fates.dropped.get(number, []) if clear.at < until]
        if not clears or not trace.fates.is_thrown(origin):
            return []
        found += clears
    return found


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
    enough |= any(step.seen.refused and step.thrown for step in empty)
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
    if clear is not None and leaves_out(backward, last.site, clear):
        return
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
    return is_about(trace.origins[number].divisor, count)


def _clears_of(training: TrainingTrace, origins: set[int]) -> list[TimedClear]:
    return [
        clear for clear in training.clears if origins & {number for number, _ in clear.seen.dropped}
    ]


def _is_general(clear: TimedClear, leaves: set[int], training: TrainingTrace) -> bool:
    """Whether a clearing was of everything, not of just these parameters."""
    if clear.seen.how == "optimizer":
        return True
    return bool(set(clear.seen.leaves) & set(training.leaves) - leaves)
