"""ZG301: a step applies what a backward left behind that ran between two turns of its loop.

So do measurements of an evaluation: norms of gradients, maps of what a model looks at, curvature.
Who means a loss for the same step has it go back in the same turn, if now and then alone. A window
of micro-batches may begin in one turn and end in the next, but then it misses some of its own.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from zgtui.check.findings import MIN_STEPS
from zgtui.check.judging.leaks import TWICE, holds_foreign
from zgtui.check.judging.telling import line_of
from zgtui.check.timeline import HAND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.timeline import ProcessTrace, Step, TrainingTrace

MESSAGE = "its steps also apply the gradients of a backward pass that ran between two of them"
SEEN = "it came after the step before and ahead of the loop's turn that this one belongs to"
MEASURED = "this step also follows a loss that was measured in between, not to train on it"


def in_between(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """Of steps that apply what others do, and more: what more came before the turn of the rest."""
    if training.name == HAND or len(training.judged) < MIN_STEPS:
        return
    kinds = [(step, known) for step in training.judged if (known := _kinds(trace, step))]
    for usual in sorted({frozenset(known.items()) for _, known in kinds}, key=len):
        own = Counter(dict(usual))
        found = [
            (step, foreign)
            for step, known in kinds
            if known != own and (foreign := _foreign(trace, training, step, own))
        ]
        if len(found) >= TWICE:
            yield holds_foreign(trace, training, found[-1], MESSAGE, SEEN, MEASURED)
            return


def _kinds(trace: ProcessTrace, step: Step) -> Counter[int]:
    """How often each kind of backward stands in a step; empty where that cannot be told."""
    known = [trace.origins[number] for number in step.origins if number in trace.losses]
    plain = all(origin.way == "backward" for origin in known)
    untouched = not (any(step.left.values()) or step.seen.rescaled or step.seen.lent)
    if not plain or not untouched or len(known) < len(step.origins):
        return Counter()
    return Counter(origin.stack for origin in known)


def _foreign(
    trace: ProcessTrace, training: TrainingTrace, step: Step, own: Counter[int]
) -> set[int]:
    """What ``step`` applies beside all of ``own``, if it came before the turn of that."""
    of_own = {n for n in step.origins if trace.origins[n].stack in own}
    foreign = step.origins - of_own
    if not foreign or Counter(trace.origins[n].stack for n in of_own) != own:
        return set()
    first = min(of_own)
    loss = trace.losses[first]
    turn = _shared(loss.loops, step.seen.loops), _shared(loss.whiles, step.seen.whiles)
    if not all(n < first and _is_earlier(trace, training, n, *turn) for n in foreign):
        return set()
    together = any({max(foreign), first} <= set(fresh) for fresh in step.fresh.values())
    others = [one for one in trace.trainings if one is not training]
    elsewhere = any(trace.applied_by(n, one) is not None for n in foreign for one in others)
    return foreign if together and not elsewhere else set()


def _shared(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """The turns of the loops that both are in."""
    length = next(
        (place for place, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
        min(len(first), len(second)),
    )
    return first[:length]


def _differ(loops: tuple[int, ...], turn: tuple[int, ...]) -> bool:
    """Whether they are turns of the same loops, and not the same turns."""
    return any(one != other for one, other in zip(loops, turn, strict=False))


def _is_earlier(
    trace: ProcessTrace,
    training: TrainingTrace,
    number: int,
    turn: tuple[int, ...],
    whiles: tuple[int, ...],
) -> bool:
    """Whether a backward ran before ``turn``, or before that of a ``while`` loop.

    One right before the loop may be meant for its first turn, if it is cleared for on its own.
    """
    loops = trace.losses[number].loops
    if _differ(loops, turn) or _differ(trace.losses[number].whiles, whiles):
        return True
    if len(loops) >= len(turn):
        return False
    sites = [one.seen.site for one in training.clears if one.at < trace.arrived[number]]
    return bool(sites) and sites[-1] == line_of(training.clears)
