"""Rules about the scale of accumulated gradients: is their mean applied, and of all of them?"""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import TYPE_CHECKING

from zgtui.check.judging.telling import finding
from zgtui.check.judging.windows import TWICE, is_about
from zgtui.check.repairing.accumulation_source import (
    OPTIMIZERS,
    divides_by,
    divisor_at,
    is_meant,
    scales_rate,
)
from zgtui.plural import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.judging.windows import Accumulation, Window
    from zgtui.check.observations import LossSeen
    from zgtui.check.timeline import ProcessTrace, TrainingTrace

AVERAGED = {"mean", "targets"}
UNEQUAL = 1.05
"""Numbers of targets that differ by less than this hardly change a mean."""
HALVED = 2.0
"""Losses are halved for their gradient's sake: dividing by this alone says nothing."""


def undivided(
    trace: ProcessTrace, training: TrainingTrace, seen: Accumulation
) -> Iterator[Finding]:
    """ZG501: the means of N micro-batches are summed."""
    if not seen.is_steady or training.name not in OPTIMIZERS:
        return
    losses = [loss for window in seen.full for loss in window.losses]
    step = seen.full[-1].step
    if any(loss.divisors or loss.factors or _apart(loss, seen.size) for loss in losses):
        return
    if any(loss.reduction not in AVERAGED for loss in losses):
        return
    if not is_meant(seen.backward, step.site) or _is_rate_scaled(seen, training):
        return
    size = seen.size
    message = (
        f"the losses of {size} micro-batches are summed, not averaged: each step applies {size} ×"
        " the mean gradient"
    )
    evidence = f"step {step.number} applied {size} undivided means"
    one = finding(trace, training, "ZG501", message, evidence, step=step, backward=seen.backward)
    yield dataclasses.replace(
        one,
        site=seen.backward,
        micro_batches=size,
        remedy=f"divide each loss by the number of micro-batches: (loss / {size}).backward()",
    )


def misdivided(
    trace: ProcessTrace, training: TrainingTrace, seen: Accumulation
) -> Iterator[Finding]:
    """ZG502: divided twice, or by another number than N."""
    if not seen.is_steady:
        return
    losses = [loss for window in seen.full for loss in window.losses]
    size, step = seen.size, seen.full[-1].step
    what, twice = "", all(_is_divided_twice(loss, size) for loss in losses)
    if twice:
        what = f"the losses of {size} micro-batches are divided by {size} twice"
        evidence = (
            f"step {step.number} applied 1/{size} of the mean gradient of its {size} micro-batches"
        )
    elif counted := _counted_numbers(seen):
        what = (
            f"the losses of {size} micro-batches are divided by a number that goes up with each of"
            " them, and on from step to step"
        )
        first, last = counted[-1][0], counted[-1][-1]
        evidence = f"step {step.number} applied losses divided by {first:g} to {last:g}"
    else:
        other = _other_number(seen)
        if other:
            what = f"the losses of {size} micro-batches are divided by {other:g}"
            evidence = (
                f"step {step.number} applied {size / other:.3g} × the mean gradient of its"
                f" {size} micro-batches"
            )
    if what:
        one = finding(trace, training, "ZG502", what, evidence, step=step, backward=seen.backward)
        yield dataclasses.replace(one, site=seen.backward, micro_batches=size, divided_twice=twice)
        return
    yield from _shorter(trace, training, seen)


def _shorter(trace: ProcessTrace, training: TrainingTrace, seen: Accumulation) -> Iterator[Finding]:
    """Now and then a window is shorter and divided by the full number all the same."""
    size = seen.size
    short = [
        window
        for window in seen.windows
        if window.size < size and all(_is_divided(loss, size) for loss in window.losses)
    ]
    if len(short) < TWICE or not all(_is_divided(o, size) for w in seen.full for o in w.losses):
        return
    if not divides_by(seen.backward.file, size):
        return  # a framework divides, and knows why
    last = short[-1]
    message = (
        f"{len(short)} of {len(seen.windows)} windows had fewer than {size} micro-batches but were"
        f" still divided by {size}"
    )
    evidence = (
        f"step {last.step.number} applied {plural(last.size, 'micro-batch')},"
        f" with each loss divided by {size}"
    )
    one = finding(
        trace, training, "ZG502", message, evidence, step=last.step, backward=seen.backward
    )
    yield dataclasses.replace(
        one,
        site=seen.backward,
        level="note",
        remedy="divide by the number of micro-batches that this window really has",
    )


def unequal(trace: ProcessTrace, training: TrainingTrace, seen: Accumulation) -> Iterator[Finding]:
    """ZG503: means over different numbers of targets count the same."""
    if not seen.is_steady:
        return
    many = [window for window in seen.windows if window.size >= TWICE]
    step = seen.full[-1].step
    divided = all(_is_divided(loss, seen.size) for loss in seen.full[-1].losses)
    if not divided and not is_meant(seen.backward, step.site):
        return
    mixed = [window for window in many if _is_mean_of_means(window)]
    targets = all(loss.reduction == "targets" for window in mixed for loss in window.losses)
    if len(mixed) < TWICE:
        return
    worst = max(mixed, key=_spread)
    counts = [round(loss.count) for loss in worst.losses]
    often = TWICE * len(mixed) >= len(many)
    if targets and often:
        message = (
            "micro-batches with different numbers of targets are weighted equally: the mean of"
            " their means is not the mean over all targets"
        )
        level = None
    elif (
        not targets
        and divides_by(seen.backward.file, seen.size)
        and all(_is_last_smaller(window) for window in mixed)
    ):
        message = "a smaller last micro-batch counts as much as a full one"
        level = "note"
    else:
        return
    evidence = (
        f"step {worst.step.number} averaged {plural(worst.size, 'mean')} over"
        f" {min(counts):,} to {max(counts):,} {'targets' if targets else 'elements'} alike"
    )
    one = finding(
        trace, training, "ZG503", message, evidence, step=worst.step, backward=seen.backward
    )
    yield dataclasses.replace(one, site=seen.backward, level=level)  # type: ignore[arg-type]


def _is_mean_of_means(window: Window) -> bool:
    """Whether its means are over different numbers and weighted alike."""
    if any(loss.reduction not in AVERAGED or not loss.count for loss in window.losses):
        return False
    if len({loss.reduction for loss in window.losses}) > 1 or _spread(window) < UNEQUAL:
        return False
    weights = [_weight(loss) for loss in window.losses]
    return all(is_about(weight, weights[0]) for weight in weights)


def _spread(window: Window) -> float:
    counts = [loss.count for loss in window.losses]
    return max(counts) / min(counts)


def _is_last_smaller(window: Window) -> bool:
    counts = [loss.count for loss in window.losses]
    return len(set(counts[:-1])) == 1 and counts[-1] < counts[0]


def _weight(loss: LossSeen) -> float:
    """What the mean was multiplied by on the whole."""
    weight = 1.0
    for divisor in loss.divisors:
        weight /= divisor
    for factor in loss.factors:
        weight *= factor
    return weight


def _parts(loss: LossSeen) -> list[float]:
    """What the whole loss was divided by; to multiply by a fraction is to divide, too."""
    return [*loss.divisors, *(1 / factor for factor in loss.factors if factor)]


def averages(seen: Accumulation) -> bool:
    """Whether each loss of a full window is divided by N, once."""
    losses = [loss for window in seen.full for loss in window.losses]
    return all(sum(is_about(part, seen.size) for part in _parts(loss)) == 1 for loss in losses)


def _is_divided(loss: LossSeen, size: int) -> bool:
    return any(is_about(part, size) for part in _parts(loss))


def _apart(loss: LossSeen, size: int) -> bool:
    """Whether a term of it was divided by the number of micro-batches for itself."""
    return any(is_about(part, size) for part in loss.apart)


def _is_divided_twice(loss: LossSeen, size: int) -> bool:
    """Whether two divisions by N stand in it; one by 2 may halve a loss, but no likelihood."""
    if loss.reduction not in AVERAGED or loss.ranks == size:
        return False
    if size == HALVED and loss.reduction != "targets":
        return False
    return sum(is_about(divisor, size) for divisor in loss.divisors) >= TWICE


def _other_number(seen: Accumulation) -> float:
    """What the losses are divided by instead of N, for the accumulation as it seems; 0 if not."""
    losses = [loss for window in seen.full for loss in window.losses]
    numbers = {part for loss in losses for part in loss.divisors}
    if len(numbers) != 1 or any(len(loss.divisors) != 1 or loss.factors for loss in losses):
        return 0.0
    (number,) = numbers
    if is_about(number, seen.size) or number < TWICE or number != round(number):
        return 0.0
    if any(loss.reduction not in AVERAGED or loss.ranks > 1 for loss in losses):
        return 0.0
    if any(_is_explained(window, round(number)) for window in seen.full):
        return 0.0
    written = divisor_at(seen.backward, seen.full[-1].step.site)
    if not written or (written.isdigit() and number == HALVED):
        return 0.0
    return number


def _counted_numbers(seen: Accumulation) -> list[list[float]]:
    """What the losses of each full window are divided by, where that counts micro-batches on.

    A number that begins again with each step may weigh what a step is made of.
    """
    found: list[list[float]] = []
    for window in seen.full:
        if any(len(one.divisors) > 1 or one.factors for one in window.losses):
            return []
        if any(one.reduction not in AVERAGED for one in window.losses):
            return []
        found.append([one.divisors[0] if one.divisors else 1.0 for one in window.losses])
    ups = [after - before for numbers in found for before, after in pairwise(numbers)]
    on = sum(after[0] == before[-1] + 1 for before, after in pairwise(found))
    counts = all(up == 1 for up in ups) and on >= TWICE <= seen.size
    return found if counts else []


def _is_explained(window: Window, number: int) -> bool:
    """Whether the window has so many turns of an outer loop: each with several backwards."""
    depth = min(len(loss.loops) for loss in window.losses)
    return any(
        len({loss.loops[:level] for loss in window.losses}) == number for level in range(1, depth)
    )


def _is_rate_scaled(seen: Accumulation, training: TrainingTrace) -> bool:
    files = {seen.backward.file, seen.windows[-1].step.site.file}
    if training.made is not None:
        files.add(training.made.file)
    return scales_rate(files, seen.size)
