"""Rules about gradients that a step applies although it, or one before it, has done so already."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from zgtui.check.findings import MIN_STEPS
from zgtui.check.judging.leaks import copied_before, is_only_copied, once_copied
from zgtui.check.judging.telling import SUMS_CARRY_OVER, earlier_applied, finding, line_of, named
from zgtui.check.recording.contributions import MAX_TOGETHER
from zgtui.plural import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.timeline import ProcessTrace, Step, TimedClear, TrainingTrace

TWICE = 2
"""What happens once may be on purpose or by chance; what is reported was seen twice at least."""


def not_cleared(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG101, ZG102 and ZG103: a step with what was applied before and a further backward."""
    faulty = [step for step in training.judged if _stale(step)]
    if len(faulty) < TWICE or len(training.judged) < MIN_STEPS:
        return
    bad = {leaf for step in faulty for leaf in _stale(step)}
    first = training.steps[0].at
    later = [clear for clear in training.clears if clear.at > first or clear.seen.dropped]
    cleared = {leaf for clear in later for leaf in clear.seen.leaves} & set(training.leaves)
    never = {leaf for leaf in bad if leaf not in cleared or _holds_all(training, faulty, leaf)}
    last = faulty[-1]
    worst = max(_stale(last), key=lambda leaf: len(last.left[leaf]))
    applied = len(last.left[worst])
    evidence = (
        f"the gradient applied at step {last.number} held"
        f" {plural(applied + len(last.fresh[worst]), 'backward pass')},"
        f" {applied} of them already applied"
    )
    if never == bad and cleared - bad:
        message = (
            f"never clears {len(bad)} of its {len(training.leaves)} parameters:"
            f" {named(trace, training, bad)}"
        )
        yield finding(trace, training, "ZG102", message, evidence, step=last, clear=line_of(later))
    elif never == bad:
        message = f"its gradients were never cleared in {len(training.judged)} steps"
        before = line_of(_first_clears(trace, training))
        if before is not None:
            message = (
                f"its gradients were not cleared again after the first step ({before.file_line})"
            )
        yield finding(trace, training, "ZG101", message, evidence, step=last, clear=before)
    else:
        message = (
            f"clears only now and then: {len(faulty)} of {len(training.judged)} steps applied"
            " gradients of earlier steps again"
        )
        yield finding(trace, training, "ZG103", message, evidence, step=last, clear=line_of(later))


def climbed_along_old(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG103: between its steps, parameters are moved by hand along old gradients and new ones.

    So it is with sharpness-aware minimisation that clears after its first step alone: it climbs
    along what its second step has applied before.
    """
    if len(training.judged) < MIN_STEPS or any(map(_stale, training.judged)):
        return
    first, last = training.judged[0], training.judged[-1]
    own = set(training.leaves)
    moves = [move for move in trace.moves if first.at < move.at < last.at and _stale(move) & own]
    if len(moves) < TWICE:
        return
    move = moves[-1]
    leaf = min(_stale(move) & own)
    message = (
        f"clears only now and then: {len(moves)} times its parameters were moved by hand along"
        " gradients of earlier steps, too"
    )
    evidence = (
        f"the gradient that moved them at {move.site.file_line} held"
        f" {plural(len(move.left[leaf] + move.fresh[leaf]), 'backward pass')},"
        f" {len(move.left[leaf])} of them already applied"
    )
    clear = line_of(clear for clear in training.clears if clear.at > first.at)
    yield finding(trace, training, "ZG103", message, evidence, step=last, clear=clear)


def added_to_copies(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG103: what was copied for use elsewhere is cleared each time but the last, and applied.

    So it is with several losses whose gradients are taken one by one, to weigh their sum.
    """
    found = []
    ends = [0, *(step.at for step in training.judged)]
    for since, step in zip(ends, training.judged, strict=False):
        copied = copied_before(trace, step) | _last_copied(trace, step, since)
        copied = {number for number in copied if not is_only_copied(trace, number)}
        if copied and not step.seen.rescaled:
            found.append((step, copied))
    if len(found) < MIN_STEPS or 2 * len(found) < len(training.judged):
        return
    last, copied = found[-1]
    message = (
        f"clears only now and then: {len(found)} of {len(training.judged)} steps also applied"
        " gradients that were copied but not cleared"
    )
    backward = trace.origins[max(copied)].site
    evidence = (
        f"step {last.number} held the backward pass at {backward.file_line}, which was copied but,"
        " unlike those before it, not cleared"
    )
    clear = line_of(training.clears)
    one = finding(trace, training, "ZG103", message, evidence, step=last, clear=clear)
    yield dataclasses.replace(one, applies_too_much=True)


def _last_copied(trace: ProcessTrace, step: Step, since: int) -> set[int]:
    """Those whose copy may be gone, if others of their line were copied and cleared ``since``."""
    fates = trace.fates
    served = {
        origin.stack
        for number, origin in trace.origins.items()
        if since < trace.arrived[number] < step.at
        and number in fates.used
        and number in fates.dropped
        and not fates.applied.get(number)
    }
    return {n for n in once_copied(trace, step) if trace.origins[n].stack in served}


def counted_twice(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG103: a sum of gradients was made of one that was not cleared from one term to the next.

    So it is with gradients that are clipped sample by sample, if each holds those before it.
    """
    found = [step for step in training.judged if step.seen.counted_twice]
    if any(map(_stale, training.judged)):
        return
    if len(found) < MIN_STEPS or 2 * len(found) < len(training.judged):
        return
    message = (
        f"clears only now and then: {len(found)} of {len(training.judged)} steps applied a sum"
        " whose terms also hold the terms before them"
    )
    evidence = f"step {found[-1].number} counted backward passes more than once"
    clear = line_of(training.clears)
    one = finding(trace, training, "ZG103", message, evidence, step=found[-1], clear=clear)
    yield dataclasses.replace(
        one,
        applies_too_much=True,
        theory="the sum counts the first of its gradients as often as it has terms",
        remedy="clear before each backward pass whose gradient is added to the sum",
    )


def summed_on(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG103: the script's own sums of gradients hold what earlier steps have applied.

    So it is with sums that are put in place of the gradients at each step, and never emptied.
    """
    if any(map(_stale, training.judged)):
        return
    found = [step for step in training.judged if step.seen.summed_on and step.origins]
    if len(found) < MIN_STEPS:
        return
    step = found[-1]
    message = earlier_applied(SUMS_CARRY_OVER, len(found), len(training.judged))
    evidence = (
        f"step {step.number} applied a sum of gradients that also holds those of the steps before"
    )
    one = finding(trace, training, "ZG103", message, evidence, step=step)
    yield dataclasses.replace(
        one,
        theory="every step applies the sum of the gradients since the sum was last reset:"
        " momentum 1, which never decays",
        remedy="reset the sum after each step that applies it",
    )


def losses_counted_again(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG103: the losses of earlier steps are terms of the new ones, and so applied once more.

    So it is with a sum of losses that is added to at each step and never emptied.
    """
    if any(map(_stale, training.judged)):
        return
    found = [(step, old) for step in training.judged if (old := _losses_again(trace, step))]
    if len(found) < MIN_STEPS:
        return
    step, old = found[-1]
    what = "the losses of earlier steps are counted again"
    message = earlier_applied(what, len(found), len(training.judged))
    evidence = (
        f"the loss of step {step.number} is a sum that holds"
        f" {plural(len(old), 'loss')} of earlier steps"
    )
    one = finding(trace, training, "ZG103", message, evidence, step=step)
    yield dataclasses.replace(
        one,
        theory="every step applies the sum of the gradients since the sum of losses was last reset,"
        " and goes back through a graph that grows from step to step",
        remedy="reset the sum for each step, and log loss.item() or loss.detach()",
    )


def _losses_again(trace: ProcessTrace, step: Step) -> set[int]:
    """The backwards whose loss stands in that of ``step``, and that had moved what it moves."""
    return {
        old
        for leaf, fresh in step.fresh.items()
        for number in fresh
        if number in trace.origins
        for old in trace.origins[number].again
        if any(at < step.at for _, at in trace.appliers.get((leaf, old), ()))
    }


def applied_again(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG105: a step without a new backward that applied the same gradients again."""
    again = [
        step for step in training.judged if not step.origins and _own_left(trace, training, step)
    ]
    if len(again) >= TWICE and len(training.judged) >= MIN_STEPS:
        last = again[-1]
        message = (
            f"{len(again)} of {len(training.judged)} steps applied the same gradients again"
            " without a new backward pass"
        )
        evidence = (
            f"no backward pass was seen between step {last.number - 1} and step {last.number}"
        )
        yield finding(trace, training, "ZG105", message, evidence, step=last)


def moved_by_old(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG106: beside parameters with new gradients, others were moved by their old ones."""
    moved = [
        (step, leaves)
        for step in training.judged
        if step.origins and (leaves := _own_left(trace, training, step))
    ]
    if len(moved) >= TWICE and len(training.judged) >= MIN_STEPS:
        last, leaves = moved[-1]
        message = (
            f"{len(moved)} of {len(training.judged)} steps moved parameters that got no new"
            f" gradient by their old one: {named(trace, training, leaves)}"
        )
        evidence = f"at step {last.number} these gradients were those of an earlier step"
        yield finding(trace, training, "ZG106", message, evidence, step=last)


def kept_on_purpose(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG107, and ZG000: what was applied before is scaled down by hand and stays."""
    fading = [step for step in training.judged if step.decayed & _any_left(step)]
    mixing = [step for step in training.judged if step.mixed - step.decayed & _any_left(step)]
    if len(fading) >= TWICE:
        last = fading[-1]
        message = "its gradients are scaled down between steps instead of cleared"
        evidence = (
            f"step {last.number} applied {plural(_most(last), 'earlier backward pass')} once more"
        )
        yield finding(trace, training, "ZG107", message, evidence, step=last)
    if len(mixing) >= TWICE:
        last = mixing[-1]
        message = (
            "its gradients are scaled by hand and never cleared: it is unclear whether the old"
            " ones are meant to stay"
        )
        evidence = (
            f"step {last.number} applied {plural(_most(last), 'earlier backward pass')} once more"
        )
        found = finding(trace, training, "ZG000", message, evidence, step=last)
        yield dataclasses.replace(found, remedy="clear after each step, so that each can be judged")


def _stale(step: Step) -> set[int]:
    """The parameters whose gradient held old and new together, and not on purpose."""
    return {
        leaf
        for leaf, left in step.left.items()
        if left and step.fresh[leaf] and leaf not in step.decayed | step.mixed
    }


def _holds_all(training: TrainingTrace, faulty: list[Step], leaf: int) -> bool:
    """Whether the gradient of ``leaf`` held, at last, all that had ever been applied to it.

    It may come back from a momentum: so it must not have held new ones alone in between.
    """
    held = [step for step in faulty if leaf in _stale(step)]
    first, last = held[0], held[-1]
    if any(s.fresh.get(leaf) and not s.left[leaf] for s in training.steps if s.at > first.at):
        return False
    before = {n for s in training.steps if s.at < last.at for n in s.fresh.get(leaf, ())}
    return len(last.left[leaf]) >= min(len(before), MAX_TOGETHER - 1)


def _any_left(step: Step) -> set[int]:
    return {leaf for leaf, left in step.left.items() if left}


def _most(step: Step) -> int:
    return max(map(len, step.left.values()))


def _own_left(trace: ProcessTrace, training: TrainingTrace, step: Step) -> set[int]:
    """The parameters whose gradient held nothing but what this very training had applied."""
    return {
        leaf
        for leaf, left in step.left.items()
        if left
        and not step.fresh[leaf]
        and leaf not in step.decayed | step.mixed
        and any(
            number == training.number
            for origin in left
            for number, at in trace.appliers.get((leaf, origin), ())
            if at < step.at
        )
    }


def _first_clears(trace: ProcessTrace, training: TrainingTrace) -> Iterator[TimedClear]:
    """The clearings of everything until the last step, but those that are of other parameters."""
    own = set(training.leaves)
    others = {
        clear.seen.site
        for clear in trace.clears
        if (leaves := {*clear.seen.leaves, *clear.seen.meant}) and own.isdisjoint(leaves)
    }
    for clear in trace.clears:
        if clear.at < training.steps[-1].at and _all(clear) and clear.seen.site not in others:
            yield clear


def _all(clear: object) -> bool:
    return getattr(getattr(clear, "seen", None), "how", "") in {"optimizer", "module"}
