"""Recorded observations, put together training by training for the rules to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.check.findings import MIN_STEPS
from zgtui.check.observations import (
    ClearSeen,
    CutSeen,
    LeavesNamed,
    LossSeen,
    OptimizerMade,
    OriginSeen,
    StepSeen,
    UsedSeen,
)
from zgtui.check.timeline import HAND, ProcessTrace, Step, TimedClear, TrainingTrace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zgtui.check.observations import Observation
    from zgtui.instrument.sites import Site


class _Gathering:
    """Reads observations one by one."""

    def __init__(self) -> None:
        self.trace = ProcessTrace()
        self.optimizers: dict[int, TrainingTrace] = {}
        self.hand: list[Step] = []
        self.clears: list[TimedClear] = []

    def read(self, at: int, one: Observation) -> None:
        if isinstance(one, OptimizerMade):
            made = self._optimizer(one.number)
            made.name, made.made = one.name, one.site
            made.leaves = list(dict.fromkeys([*made.leaves, *one.leaves]))
        elif isinstance(one, OriginSeen):
            self.trace.origins[one.number] = one
            self.trace.arrived[one.number] = at
        elif isinstance(one, LossSeen):
            self.trace.losses[one.origin] = one
        elif isinstance(one, StepSeen):
            self._step(at, one)
        elif isinstance(one, ClearSeen):
            self._clear(TimedClear(at, one))
        elif isinstance(one, CutSeen):
            self.trace.cuts.append((at, frozenset(one.leaves)))
        elif isinstance(one, UsedSeen):
            self._use(at, one)
        elif isinstance(one, LeavesNamed):
            named = zip(one.leaves, one.names, strict=True)
            self.trace.names.update({leaf: name for leaf, name in named if name})

    def _optimizer(self, number: int) -> TrainingTrace:
        return self.optimizers.setdefault(number, TrainingTrace(number, numbers={number}))

    def _step(self, at: int, seen: StepSeen) -> None:
        step = Step(at, seen)
        fates = self.trace.fates
        for held in seen.held:
            for leaf in held.params:
                step.fresh[leaf], step.left[leaf] = held.fresh, held.left
                for origin in held.fresh:
                    fates.applied.setdefault(origin, set()).add(leaf)
            if held.decayed:
                step.decayed.update(held.params)
            if held.mixed:
                step.mixed.update(held.params)
        if seen.skipped:
            fates.excused |= step.origins
            for origin in step.origins:
                fates.applied[origin] -= set(step.fresh)
            return
        for origin, leaves in seen.lent:
            fates.applied.setdefault(origin, set()).update(leaves)
        if seen.optimizer:
            training = self._optimizer(seen.optimizer)
            training.steps.append(step)
            step.number = len(training.steps)
        else:
            self.hand.append(step)

    def _use(self, at: int, seen: UsedSeen) -> None:
        fates = self.trace.fates
        for origin, leaves in seen.portions:
            fates.used.setdefault(origin, set()).update(leaves)
            if seen.made_input:
                fates.made_input[origin] = at

    def _clear(self, clear: TimedClear) -> None:
        fates = self.trace.fates
        self.clears.append(clear)
        fates.excused.update(clear.seen.not_finite)
        fates.looked_at.update(clear.seen.looked_at)
        for origin, leaves in clear.seen.dropped:
            fates.dropped.setdefault(origin, []).append((clear, leaves))


def gather(observations: Iterable[Observation]) -> ProcessTrace:
    """Every training that was seen, in the order of their optimizers."""
    gathering = _Gathering()
    for at, one in enumerate(observations):
        gathering.read(at, one)
    trace = gathering.trace
    trace.clears, trace.moves = gathering.clears, gathering.hand
    trace.fates.excused |= _for_hooks(trace)
    trainings = _succeeding(list(gathering.optimizers.values()))
    trainings += _manual(gathering.hand, trainings)
    for training in trainings:
        _complete(training, trace, gathering.clears)
    trace.trainings = _pooled(trainings)
    for training in trace.trainings:
        training.alone = len(trace.trainings) == 1
        training.first = trace.names.get(next(iter(training.leaves), 0), "")
        for step in training.steps:
            trace.note_applied(step, training)
    return trace


def _for_hooks(trace: ProcessTrace) -> set[int]:
    """The backwards that ran for what hooks were handed: steps apply others, none of their line."""
    applied = {
        trace.origins[number].stack
        for number, leaves in trace.fates.applied.items()
        if leaves and number in trace.origins
    }
    if not applied:
        return set()
    return {
        origin.number
        for origin in trace.origins.values()
        if origin.hooked and origin.stack not in applied
    }


def _succeeding(optimizers: list[TrainingTrace]) -> list[TrainingTrace]:
    """An optimizer made anew over the same parameters goes on with the old one's training."""
    found: list[TrainingTrace] = []
    for one in sorted(optimizers, key=lambda training: training.number):
        before = next((old for old in found if _is_succeeded(old, one)), None)
        if before is None:
            found.append(one)
            continue
        before.numbers |= one.numbers
        before.leaves = list(dict.fromkeys([*before.leaves, *one.leaves]))
        for step in one.steps:
            before.steps.append(step)
            step.number = len(before.steps)
    return found


def _is_succeeded(old: TrainingTrace, new: TrainingTrace) -> bool:
    if not (old.steps and new.steps) or set(old.leaves).isdisjoint(new.leaves):
        return False
    if old.name != new.name:
        return False  # a training of its own: Adam, then LBFGS
    return old.steps[-1].at < new.steps[0].at


def _manual(steps: list[Step], optimizers: list[TrainingTrace]) -> list[TrainingTrace]:
    """The steps that the script made itself, with parameters that no optimizer moves."""
    moved = {leaf for one in optimizers if one.steps for leaf in one.leaves}
    made = [step for step in steps if not step.seen.missed]
    if made or moved or len(steps) < MIN_STEPS:
        steps = made  # who trains in another way may ask in vain
    found: list[TrainingTrace] = []
    for step in steps:
        leaves = set(step.fresh) - moved
        if not leaves:
            continue
        same = [
            one
            for one in found
            if leaves & set(one.leaves) or any(s.site == step.site for s in one.steps)
        ]
        training = same[0] if same else TrainingTrace(0, HAND)
        if not same:
            found.append(training)
        for other in same[1:]:
            training.leaves += other.leaves
            training.steps = sorted([*training.steps, *other.steps], key=lambda s: s.at)
            found.remove(other)
        training.leaves = list(dict.fromkeys([*training.leaves, *sorted(leaves)]))
        training.steps.append(step)
    for index, training in enumerate(found, 1):
        training.number = -index
        training.numbers = {-index}
        for number, step in enumerate(training.steps, 1):
            step.number = number
    return found


def _complete(training: TrainingTrace, trace: ProcessTrace, clears: list[TimedClear]) -> None:
    """Draw together what follows from everything that was seen."""
    own = set(training.leaves)
    for origin in trace.origins.values():
        if not own.isdisjoint(origin.leaves):
            training.reached.add(origin.number)
    training.clears = [clear for clear in clears if not own.isdisjoint(clear.seen.leaves)]
    for number, drops in trace.fates.dropped.items():
        thrown = trace.fates.is_thrown(trace.origins[number]) if number in trace.origins else False
        for clear, leaves in drops:
            share = own & set(leaves)
            step = next((s for s in training.steps if s.at > clear.at), None)
            if not share or step is None or number in trace.fates.excused:
                continue
            gone = share - trace.fates.applied.get(number, set())
            gone -= trace.fates.used.get(number, set())
            if gone:
                step.shares.setdefault(number, set()).update(gone)
            if thrown:
                step.thrown.add(number)
    training.judged = [step for step in training.steps if step.counts()]


def _pooled(trainings: list[TrainingTrace]) -> list[TrainingTrace]:
    """Optimizers of one line that made a step or two each are judged as one."""
    found: list[TrainingTrace] = []
    pools: dict[tuple[Site, str], TrainingTrace] = {}
    for one in trainings:
        if one.made is None or len(one.judged) >= MIN_STEPS or not one.judged:
            found.append(one)
            continue
        pool = pools.get((one.made, one.name))
        if pool is None:
            pools[one.made, one.name] = one
            found.append(one)
            continue
        pool.numbers |= one.numbers
        pool.leaves += one.leaves
        pool.clears += one.clears
        pool.reached |= one.reached
        pool.steps += one.steps
        pool.judged += one.judged
    return found
