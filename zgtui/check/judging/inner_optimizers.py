"""ZG301 where the other optimizers are many: one for each batch, for its perturbation perhaps."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from zgtui.check.findings import MIN_STEPS
from zgtui.check.judging.leaks import PROBE, TWICE, holds_foreign, leaking
from zgtui.check.timeline import HAND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.timeline import ProcessTrace, Step, TrainingTrace
    from zgtui.instrument.sites import Site


def inner_optimizers(trace: ProcessTrace, training: TrainingTrace) -> Iterator[Finding]:
    """Steps apply what optimizers of one line, each in its turn, had gone back through them for.

    Each of these stepped several times before the step's own backward: it was a search. What they
    train is of no module: an input, or a change of one.
    """
    if training.name == HAND or len(training.judged) < MIN_STEPS:
        return
    for others in _of_one_line(trace, training):
        found = list(_searched(trace, training, others))
        if len(found) >= TWICE:
            message = (
                "its steps also apply gradients of backward passes that"
                f" {others[-1].name} optimizers of one line stepped with"
            )
            seen = "another optimizer had applied it before the step's own backward pass"
            yield holds_foreign(trace, training, found[-1], message, seen, PROBE)
            return


def _of_one_line(trace: ProcessTrace, training: TrainingTrace) -> Iterable[list[TrainingTrace]]:
    """Those of inputs, made one after the other."""
    kin: defaultdict[tuple[Site, str], list[TrainingTrace]] = defaultdict(list)
    named = set(trace.names)
    for other in trace.trainings:
        if other is training or other.made is None or not named.isdisjoint(other.leaves):
            continue
        kin[other.made, other.name].append(other)
    return (several for several in kin.values() if len(several) >= TWICE)


def _searched(
    trace: ProcessTrace, training: TrainingTrace, others: list[TrainingTrace]
) -> Iterator[tuple[Step, set[int]]]:
    for other in others:
        for step, foreign in leaking(trace, training, other):
            own = {trace.origins[n].stack for n in step.origins - foreign if n in trace.origins}
            theirs = {trace.origins[number].stack for number in foreign}
            if not step.seen.rescaled and len(foreign) >= TWICE and not own & theirs:
                yield step, foreign
