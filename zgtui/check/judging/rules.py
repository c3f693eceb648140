"""The rules of `zgtui check`: pure functions over what was recorded, a few lines each.

They follow the contributions: what happened to each backward decides, not how it was written.
``judge`` runs all of them; each takes the trace and one training of it, and yields findings.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from zgtui.check.findings import MIN_STEPS, Finding
from zgtui.check.gathering import gather
from zgtui.check.judging.epochs import unfinished
from zgtui.check.judging.failed_backwards import failed_but_kept
from zgtui.check.judging.in_between import in_between
from zgtui.check.judging.inner_optimizers import inner_optimizers
from zgtui.check.judging.leaks import drawn_targets, leaks, probes, statistics
from zgtui.check.judging.lists import lists_go_on
from zgtui.check.judging.lost import (
    cleared_inside,
    cleared_too_late,
    copied_too_late,
    never_trained,
)
from zgtui.check.judging.racing import without_races
from zgtui.check.judging.scale import misdivided, undivided, unequal
from zgtui.check.judging.skipping import skipped_but_kept
from zgtui.check.judging.stale import (
    added_to_copies,
    applied_again,
    climbed_along_old,
    counted_twice,
    kept_on_purpose,
    losses_counted_again,
    moved_by_old,
    not_cleared,
    summed_on,
)
from zgtui.check.judging.telling import finding, named
from zgtui.check.judging.two_phases import first_phases
from zgtui.check.judging.windows import accumulation_of
from zgtui.check.timeline import HAND
from zgtui.plural import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from zgtui.check.observations import Observation
    from zgtui.check.timeline import ProcessTrace, Step, TrainingTrace

WEAKER = {"ZG105", "ZG106", "ZG000"}
"""What an error of the same training explains already."""
NOT_CLEARED = {"ZG101", "ZG102", "ZG103"}
"""What leaves everything in the gradients, other losses as well."""
PARTS = {"ZG202", "ZG203"}
"""What other optimizers lose by a line that clears too late for one of them."""
UNFOLLOWED = {
    "numpy": "its gradients came back from NumPy, where they cannot be followed",
    "unseen": "its gradients were written in a way that cannot be followed",
}


def judge(observations: Iterable[Observation]) -> list[Finding]:
    """Everything there is to say, training by training; empty where all is well."""
    return judge_trace(gather(observations))


def judge_trace(trace: ProcessTrace) -> list[Finding]:
    """The same, of a trace that was put together before."""
    found: list[Finding] = []
    for training in trace.trainings:
        own = [one for rule in RULES_OF_ONE for one in rule(trace, training)]
        own = _once(training, trace, own)
        own = without_races(trace, training, _with_scale(trace, training, own))
        errors = any(one.severity == "error" for one in own)
        left = any(one.code in NOT_CLEARED for one in own)
        found += [
            one
            for one in own
            if not (errors and one.code in WEAKER) and not (left and one.code == "ZG301")
        ]
    found = _once_a_line(trace, found)
    late = {one.site for one in found if one.code == "ZG201"}
    told = {one.site for one in found if one.severity == "error"}
    return [
        one
        for one in found
        if not (one.code in PARTS and one.site in late)
        and not (one.code == "ZG000" and one.site in told)
    ]


def _once_a_line(trace: ProcessTrace, found: list[Finding]) -> list[Finding]:
    """Of optimizers that one line made, one after the other, the longest tells how all clear."""
    made = {one.number: (one.made, one.name) for one in trace.trainings if one.made is not None}

    def shorter(one: Finding) -> bool:
        return one.code in NOT_CLEARED and any(
            other.code in NOT_CLEARED - {one.code}
            and other.site == one.site
            and made.get(other.number) == made.get(one.number, ())
            and other.steps_seen > one.steps_seen
            for other in found
        )

    return [one for one in found if not shorter(one)]


def _once(training: TrainingTrace, trace: ProcessTrace, own: list[Finding]) -> list[Finding]:
    """One finding for one clearing between two backwards.

    Parts of one batch come from one line: ZG202. Two losses come from two: ZG203.
    """
    inside = next((one for one in own if one.code == "ZG202"), None)
    never = next((one for one in own if one.code == "ZG203"), None)
    if inside is None or never is None or inside.site != never.site:
        return own
    applied = {
        trace.origins[number].site
        for step in training.judged
        for number in step.origins
        if number in trace.origins
    }
    told_twice = never if inside.sites.get("backward") in applied else inside
    return [one for one in own if one is not told_twice]


def _with_scale(trace: ProcessTrace, training: TrainingTrace, own: list[Finding]) -> list[Finding]:
    """The findings about accumulation beside ``own``, where no mistake of another kind was found.

    What an epoch leaves over and clears was not cleared inside a window.
    """
    mistakes = {one.code for one in own if one.severity != "note"}
    if mistakes - {"ZG202"}:
        return own
    seen = accumulation_of(trace, training)
    if seen is None:
        return own
    over = list(unfinished(trace, training, seen))
    if over:
        return over
    if mistakes or seen.rescaled:
        return own
    return [*own, *(one for rule in RULES_OF_SCALE for one in rule(trace, training, seen))]


def without_gradients(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG401: it stepped, others got gradients, its own parameters never did.

    What is frozen may have its turn later, where others train meanwhile. Or ZG201, where what its
    parameters were to be given had been cleared before each step.
    """
    backwards = [one for one in trace.origins.values() if one.way == "backward"]
    moved = {leaf for one in trace.trainings for leaf in one.leaves}
    others_train = any(leaf in moved for one in backwards for leaf in one.leaves)
    steps = [s for s in training.steps if not (s.seen.skipped or (others_train and s.seen.frozen))]
    nothing = not training.judged and not training.reached
    if len(steps) >= MIN_STEPS and nothing and backwards:
        late = copied_too_late(trace, training, steps)
        if late is not None:
            yield late
            return
        message = f"its {plural(len(training.leaves), 'parameter')} never had a gradient"
        evidence = f"{plural(len(backwards), 'backward pass')} added to none of them"
        yield finding(trace, training, "ZG401", message, evidence, step=steps[-1])


def replaced_layers(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG401: some of its parameters are of no module any more, and what replaced them is missed.

    A parameter beside modules, without a gradient, is left alone if nothing took its place.
    """
    judged = [step for step in training.judged if step.origins]
    if len(judged) < MIN_STEPS or not set(training.leaves) & set(trace.names):
        return
    optimized = {leaf for other in trace.trainings for leaf in other.leaves}
    last, reached = judged[-1], {leaf for one in trace.origins.values() for leaf in one.leaves}
    below = set.intersection(*(_below(trace, step) for step in judged[-MIN_STEPS:]))
    instead = (below & set(trace.names)) - optimized
    gone = [
        leaf
        for leaf in training.leaves
        if (leaf not in reached and leaf not in trace.names)
        or any(_took_over(trace, leaf, new) for new in instead)
    ]
    wrapped = {} if gone else _wrapped(trace, set(training.leaves) - reached, instead)
    if wrapped:
        message = (
            f"no optimizer has {named(trace, training, wrapped)}, which a layer was given whose"
            f" own {plural(len(set(wrapped.values())), 'parameter')} it has"
        )
        evidence = f"step {last.number} left out what the backward pass before it had reached"
        yield finding(trace, training, "ZG401", message, evidence, step=last)
    if gone and instead:
        message = (
            f"{len(gone)} of its {len(training.leaves)} parameters no longer"
            f" {'belongs' if len(gone) == 1 else 'belong'} to any module,"
            f" and no optimizer has {named(trace, training, instead)}"
        )
        evidence = f"step {last.number} left out what the backward pass before it had reached"
        yield finding(trace, training, "ZG401", message, evidence, step=last)


def _wrapped(trace: ProcessTrace, without: set[int], instead: set[int]) -> dict[int, int]:
    """Parameters that stand beside, or above, one that is ``without`` a gradient: an adapter's.

    Each of ``instead`` with the one that it was given to. Those of a copy have the same names.
    """
    held = {name: leaf for leaf in without if (name := trace.names.get(leaf))}
    found = {}
    for new in instead:
        if trace.names[new] in held:
            return {}
        within = trace.names[new].rpartition(".")[0]
        below = [leaf for name, leaf in held.items() if within and name.startswith(f"{within}.")]
        if below:
            found[new] = below[0]
    return found


def _took_over(trace: ProcessTrace, old: int, new: int) -> bool:
    """Whether one parameter came under another's name, and was reached only once that was not."""
    if trace.names.get(old) != trace.names.get(new):
        return False
    before = [one.number for one in trace.origins.values() if old in one.leaves]
    after = [one.number for one in trace.origins.values() if new in one.leaves]
    return bool(before and after) and max(before) < min(after)


def _below(trace: ProcessTrace, step: Step) -> set[int]:
    """The leaves of all that it applied."""
    return {leaf for n in step.origins if n in trace.origins for leaf in trace.origins[n].leaves}


def not_enough(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG000: too few steps, or gradients that cannot be followed."""
    if training.judged:
        last = training.judged[-1]
        if len(training.judged) < MIN_STEPS and training.name != HAND:
            if last.seen.refused or _has_judged_sibling(trace, training):
                return
            message = (
                f"only {len(training.judged)} of its steps were seen; a verdict needs {MIN_STEPS}"
            )
            yield finding(trace, training, "ZG000", message, "", step=last)
            return
        for way, message in UNFOLLOWED.items():
            lost = [step for step in training.judged if _ways(trace, step.origins) & {way}]
            if len(lost) > 1:
                evidence = f"as at step {lost[-1].number}"
                one = finding(trace, training, "ZG000", message, evidence, step=lost[-1])
                yield dataclasses.replace(
                    one, remedy="keep gradients in torch so that they can be judged"
                )
    elif _waits_in_vain(trace, training):
        message = "its parameters had gradients, but no step was seen applying them"
        at = trace.origins[max(training.reached)].site
        yield Finding(
            "ZG000", training.label, training.number, message, "", at, 0, {"backward": at}
        )


def _has_judged_sibling(trace: ProcessTrace, training: TrainingTrace) -> bool:
    """Whether the same line made another optimizer that went on for longer."""
    return training.made is not None and any(
        (other.made, other.name) == (training.made, training.name)
        and len(other.judged) >= MIN_STEPS
        for other in trace.trainings
    )


def _ways(trace: ProcessTrace, origins: set[int]) -> set[str]:
    return {trace.origins[number].way for number in origins if number in trace.origins}


def _waits_in_vain(trace: ProcessTrace, training: TrainingTrace) -> bool:
    """Whether backwards reach its parameters again and again, and nothing ever moves them.

    One that shares parameters with another may have its turn later, as after a warm-up of the head.
    """
    if len(training.reached) < MIN_STEPS:
        return False
    others = [other for other in trace.trainings if other.steps]
    moved = {leaf for other in others for leaf in other.leaves}
    made = {other.made for other in others if other.made is not None}
    return moved.isdisjoint(training.leaves) and training.made not in made


RULES_OF_ONE: tuple[Callable[[ProcessTrace, TrainingTrace], Iterator[Finding]], ...] = (
    not_cleared,
    climbed_along_old,
    added_to_copies,
    counted_twice,
    summed_on,
    losses_counted_again,
    lists_go_on,
    skipped_but_kept,
    failed_but_kept,
    applied_again,
    moved_by_old,
    kept_on_purpose,
    cleared_too_late,
    cleared_inside,
    never_trained,
    leaks,
    inner_optimizers,
    probes,
    statistics,
    drawn_targets,
    in_between,
    first_phases,
    without_gradients,
    replaced_layers,
    not_enough,
)
RULES_OF_SCALE = (undivided, misdivided, unequal)
"""Of steps that accumulate."""
