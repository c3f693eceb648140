"""Rules about gradients that an optimizer applies although they are another's."""

from __future__ import annotations

import dataclasses
from collections import Counter
from statistics import median
from typing import TYPE_CHECKING

from zgtui.check.findings import MIN_STEPS
from zgtui.check.judging.telling import finding
from zgtui.check.timeline import HAND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.timeline import ProcessTrace, Step, TrainingTrace

TWICE = 2
"""What happens once may be by chance."""
TARGET = "detach() the target of that loss"
PROBE = "this step also follows a loss that was meant for an input, not for these parameters"
STATISTIC = "this step also follows a loss that ran for a statistic, not to train these parameters"


def leaks(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG301: a step applies what another optimizer had stepped with, and then its own."""
    if len(training.judged) < MIN_STEPS:
        return
    for other in trace.trainings:
        if other is training or not set(other.leaves).isdisjoint(training.leaves):
            continue
        if other.name == HAND != training.name:
            continue  # a perturbation, it may be: its loss is for the parameters as well
        found = leaking(trace, training, other)
        mutual = len(leaking(trace, other, training)) >= TWICE
        had = "had applied before"
        apart = mutual or _is_meant_apart(trace, training, other, found)
        if len(found) < TWICE or not (apart or _was_for_other(trace, training, other, found)):
            found, had = _poured_in(trace, training, other), "was cleared for"
        if len(found) < TWICE:
            found, had = _let_in(trace, training, other), "trains with"
            first = {n for _, several in leaking(trace, other, training) for n in several}
            found = [(step, several) for step, several in found if not several <= first]
        if len(found) < TWICE:
            found = _targets_of_each_other(trace, training, other)
        if len(found) < TWICE:
            continue
        step, foreign = found[-1]
        backward = trace.origins[max(foreign)].site
        alike = other.label == training.label
        whose = f"another {other.name} made at that line" if alike else other.label
        message = f"its steps also apply gradients from a backward pass that {whose} stepped with"
        held = f"step {step.number} held the backward pass at {backward.file_line}"
        evidence = f"{held}, which {whose} {had}"
        one = finding(trace, training, "ZG301", message, evidence, step=step, backward=backward)
        remedy = TARGET if _is_target(trace, training, max(foreign)) else ""
        yield dataclasses.replace(one, applies_too_much=True, remedy=remedy)
        return


def probes(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG301: a step applies what backwards left behind that ran for the gradient of an input.

    So do attacks on the input, samplers that move it, and maps of what a model looks at. Training
    on both losses is meant so where they are written side by side, or where the last is of the
    same line. It is meant, too, where no step does without, and no input was made of the gradient:
    then that is looked at by the way.
    """
    if training.name == HAND or len(training.judged) < MIN_STEPS:
        return
    trained = {leaf for one in trace.trainings if one.name != HAND for leaf in one.leaves}
    known = trained | set(trace.names)
    probing = ((step, _probing(trace, step, known)) for step in training.judged)
    found = [(step, foreign) for step, foreign in probing if foreign]
    if found and not _does_without(trace, training, *found[-1]):
        made = set(trace.fates.made_input)
        found = [(step, foreign & made) for step, foreign in found if foreign & made]
    if len(found) < TWICE:
        return
    message = (
        "its steps also apply gradients from a backward pass meant for the gradient of an input"
    )
    seen = "the gradient of an input was used before the step's own backward pass"
    yield holds_foreign(trace, training, found[-1], message, seen, PROBE)


def _does_without(
    trace: ProcessTrace, training: TrainingTrace, step: Step, foreign: set[int]
) -> bool:
    """Whether other steps apply what ``step`` does, and none of the kind of ``foreign``."""
    kinds = {trace.origins[number].stack for number in foreign}
    own = _kinds(trace, step) - kinds
    others = (_kinds(trace, other) for other in training.judged)
    return any(other & own and not other & kinds for other in others)


def statistics(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG301: a step applies the last of the backwards that were only copied, and then cleared.

    So do sums of squared gradients, a Fisher information for instance, whose helper clears before
    each of its backwards, and not after the last one. Where steps without them apply something
    else in their place, the last one was meant to train.
    """
    if len(training.judged) < MIN_STEPS:
        return
    found = [
        (step, foreign)
        for step in training.judged
        if not step.seen.rescaled
        and (foreign := {n for n in once_copied(trace, step) if is_only_copied(trace, n)})
    ]
    if len(found) < TWICE or _has_substitute(trace, training, *found[-1]):
        return
    message = "its steps also apply the gradients of a backward pass that ran for copies of them"
    seen = "most others of that line were copied, cleared and never applied"
    yield holds_foreign(trace, training, found[-1], message, seen, STATISTIC)


def drawn_targets(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """ZG301: a step applies a loss with targets drawn from its own predictions, and another.

    So does a Fisher information that is estimated beside the training, and not cleared.
    """
    if len(training.judged) < MIN_STEPS:
        return
    plain = {origin.stack for origin in trace.origins.values() if not origin.drawn}
    drawn = {n for n, one in trace.origins.items() if one.drawn and one.stack not in plain}
    found = []
    for step in training.judged:
        own = [trace.origins[number] for number in step.origins if number in trace.origins]
        pairs = [{one.number, other} for one in own for other in one.beside]
        foreign = {n for pair in pairs if pair <= step.origins for n in pair & drawn}
        if foreign:
            found.append((step, foreign))
    if len(found) >= TWICE:
        message = (
            "its steps also apply the gradients of a loss whose targets were drawn from the model's"
            " own predictions"
        )
        seen = "such a gradient is zero on the average: it serves a Fisher information"
        yield holds_foreign(trace, training, found[-1], message, seen, STATISTIC)


def holds_foreign(  # noqa: PLR0913, PLR0917 - what differs from one such rule to the next
    trace: ProcessTrace,
    training: TrainingTrace,
    held: tuple[Step, set[int]],
    message: str,
    seen: str,
    theory: str,
) -> Finding:
    """ZG301 at the last of the backwards that ``held``'s step should not have applied."""
    step, foreign = held
    backward = trace.origins[max(foreign)].site
    evidence = f"step {step.number} held the backward pass at {backward.file_line}; {seen}"
    one = finding(trace, training, "ZG301", message, evidence, step=step, backward=backward)
    return dataclasses.replace(one, theory=theory, applies_too_much=True)


def _has_substitute(
    trace: ProcessTrace, training: TrainingTrace, step: Step, foreign: set[int]
) -> bool:
    """Whether there are steps without the kind of ``foreign``, and none has just the rest."""
    kinds = {trace.origins[number].stack for number in foreign}
    others = [had for one in training.judged if not (had := _kinds(trace, one)) & kinds]
    return bool(others) and _kinds(trace, step) - kinds not in others


def copied_before(trace: ProcessTrace, step: Step) -> set[int]:
    """The backwards that had been copied when another of ``step`` was added to their gradients."""
    return {
        old
        for number in step.origins & set(trace.origins)
        for old in set(trace.origins[number].copied) & step.origins
    }


def once_copied(trace: ProcessTrace, step: Step) -> set[int]:
    """The same, where the copy may be gone since."""
    return copied_before(trace, step) | {
        old
        for number in step.origins & set(trace.origins)
        for old in set(trace.origins[number].once_copied) & step.origins
    }


def is_only_copied(trace: ProcessTrace, number: int) -> bool:
    """Whether most backwards called as ``number`` was were copied, cleared and never applied."""
    fates, stack = trace.fates, trace.origins[number].stack
    alike = [one.number for one in trace.origins.values() if one.stack == stack]
    applied = sum(bool(fates.applied.get(one)) for one in alike)
    copied = sum(
        one in fates.used and one in fates.dropped and not fates.applied.get(one) for one in alike
    )
    return copied > applied


def _probing(trace: ProcessTrace, step: Step, known: set[int]) -> set[int]:
    """The backwards that ran for an input, and that the step's own came after.

    ``known`` are the leaves that are no inputs: those that are trained, or have a name.
    """
    if step.seen.rescaled:
        return set()
    numbers = [number for number in sorted(step.origins) if number in trace.origins]
    inputs = {number: set(trace.origins[number].leaves) - known for number in numbers}
    foreign = [number for number in numbers if inputs[number] & trace.fates.used.get(number, set())]
    own = [number for number in numbers if not inputs[number]]
    after = [number for number in own if foreign and number > foreign[-1]]
    if not after or any(_is_handed_on(trace, number) for number in after):
        return set()  # a backward done in parts, if anything came after
    begun = max([0, *(number for number in own if number < after[0])])
    run = [number for number in foreign if number > begun]
    times = Counter(trace.origins[number].stack for number in run)
    apart = _side_by_side(trace, run, inputs)
    last = [trace.origins[number] for number in after]
    functions, stacks = {one.site.function for one in last}, {one.stack for one in last}
    return {
        number
        for number in run
        if (origin := trace.origins[number]).stack not in stacks
        and (origin.site.function not in functions or times[origin.stack] >= TWICE or apart)
        and any({number, *after} <= set(fresh) for fresh in step.fresh.values())
    }


def _side_by_side(trace: ProcessTrace, run: list[int], inputs: dict[int, set[int]]) -> bool:
    """Whether backwards of several lines, each for an input of its own, served what came after all.

    What a model is given was made of each of them once all had run. Whoever trains along an ascent
    runs each for what the one before has made.
    """
    stacks = {trace.origins[number].stack for number in run}
    made = [trace.fates.made_input.get(number, 0) for number in run]
    own = {leaf for number in run for leaf in inputs[number]}
    several = TWICE <= len(stacks) == len(run) <= len(own) == sum(len(inputs[n]) for n in run)
    return several and min(made) > max(trace.arrived[number] for number in run)


def _is_handed_on(trace: ProcessTrace, number: int) -> bool:
    loss = trace.losses.get(number)
    return loss is None or loss.reduction == "handed on"


def leaking(
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


def _was_for_other(
    trace: ProcessTrace,
    training: TrainingTrace,
    other: TrainingTrace,
    leaking: list[tuple[Step, set[int]]],
) -> bool:
    """Whether ``other`` keeps its losses clear of ``training``, but for those that leak."""
    leaked = {number for _, foreign in leaking for number in foreign}
    return any(foreign <= leaked for _, foreign in _let_in(trace, other, training))


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


def _let_in(
    trace: ProcessTrace, training: TrainingTrace, other: TrainingTrace
) -> list[tuple[Step, set[int]]]:
    """Steps with a backward that trains ``other`` through these parameters alone, as it seems.

    They have a loss of their own that keeps clear of the other's. That both are cleared together
    may be meant so, as with an encoder and a decoder that share a loss; not where the other's
    outputs were cut off for the own loss, nor where theirs has no target for these parameters.
    """
    found = []
    for before, step in zip([None, *training.judged], training.judged, strict=False):
        theirs = {n for n in step.origins if trace.applied_by(n, other) is not None}
        own = step.origins - theirs
        if not own or step.seen.rescaled or any(_reaches(trace, n, other) for n in own):
            continue
        since = 0 if before is None else before.at
        ready = max((trace.arrived[n] for n in own if n in trace.arrived), default=step.at)
        cut = _is_cut(trace, training, other, (since, ready))
        foreign = {
            n
            for n in theirs
            if n in trace.origins
            and (
                _is_target(trace, training, n)
                or (
                    _is_conduit(trace, training, other, n)
                    and (cut or set(trace.origins[n].outputs) & set(training.leaves))
                )
            )
        }
        if foreign:
            found.append((step, foreign))
    return found


def _targets_of_each_other(
    trace: ProcessTrace, training: TrainingTrace, other: TrainingTrace
) -> list[tuple[Step, set[int]]]:
    """Steps with a loss that has these parameters behind its target alone, and ``other`` its own.

    The loss of these has the other's behind its target: neither was cut off. Whoever means both
    losses for both has them go back together, or term by term: then there is a term without either
    as a target.
    """
    found = []
    for step in training.judged:
        if step.seen.rescaled:
            continue
        known = step.origins & set(trace.origins)
        for_own = {n for n in known if _is_target(trace, other, n)}
        for_other = {n for n in known if _is_target(trace, training, n)}
        foreign = for_other - for_own
        if foreign and for_own - for_other and step.origins <= for_own | for_other:
            found.append((step, foreign))
    return found


def _is_target(trace: ProcessTrace, training: TrainingTrace, origin: int) -> bool:
    """Whether that backward reaches these parameters by nothing but its target."""
    return not training.numbers.isdisjoint(trace.origins[origin].targets)


def _reaches(trace: ProcessTrace, origin: int, other: TrainingTrace) -> bool:
    return origin not in trace.origins or not set(other.leaves).isdisjoint(
        trace.origins[origin].leaves
    )


def _is_cut(
    trace: ProcessTrace, training: TrainingTrace, other: TrainingTrace, between: tuple[int, int]
) -> bool:
    """Whether values that ``other`` had a part in, and ``training`` none, lost their graph then."""
    first, last = between
    return any(
        first < at < last
        and not leaves.isdisjoint(other.leaves)
        and leaves.isdisjoint(training.leaves)
        for at, leaves in trace.cuts
    )


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
    """Whether that backward went through these parameters on its way to the other's.

    Where its graph was not read, and for updates by hand, those nearer to the loss tell.
    """
    through = trace.origins[origin].through
    if through is not None and HAND not in {training.name, other.name}:
        return any(a in training.numbers and b in other.numbers for a, b in through)
    leaves = trace.origins[origin].leaves
    ours = [place for place, leaf in enumerate(leaves) if leaf in set(training.leaves)]
    theirs = [place for place, leaf in enumerate(leaves) if leaf in set(other.leaves)]
    return bool(ours and theirs) and median(ours) < median(theirs)
