"""Recorded observations, put together optimizer by optimizer for the rules to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zgtui.check.observations import BackwardSeen, ClearSeen, OptimizerMade, StepSeen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zgtui.check.observations import Observation


@dataclass
class OptimizerTrace:
    """All that was seen of one optimizer, in order. Steps and backwards count from 1.

    ``judged`` are the steps that count: not left out by a GradScaler, not around the step of
    another optimizer, and with something to apply or something that was thrown away. ``used``
    maps each backward to the number of backwards before the step that first applied it.
    """

    number: int
    name: str = "Optimizer"
    params: int = 0
    names: tuple[str, ...] = ()
    shared: frozenset[int] = frozenset()
    """Optimizers, by number, that hold some of the same parameters."""
    steps: list[StepSeen] = field(default_factory=list)
    clears: list[ClearSeen] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    """The backwards that added to its gradients."""
    backwards: dict[int, BackwardSeen] = field(default_factory=dict)
    used: dict[int, int] = field(default_factory=dict)
    judged: list[StepSeen] = field(default_factory=list)
    others: list[OptimizerTrace] = field(default_factory=list)
    alone: bool = True

    @property
    def label(self) -> str:
        """How it is called where there may be others."""
        return self.name if self.alone else f"{self.name} (optimizer {self.number})"

    def close(self, everyone: list[OptimizerTrace]) -> None:
        """Everything was seen: draw together what follows from it."""
        self.alone = len(everyone) == 1
        self.others = [
            other for other in everyone if other is not self and other.number not in self.shared
        ]
        self.judged = [
            step for step in self.steps if not step.skipped and not step.wraps and counts(step)
        ]
        for step in self.judged:
            for held in step.holdings:
                for number in held.fresh:
                    self.used.setdefault(number, step.backwards)


def counts(step: StepSeen) -> bool:
    """Whether the step could change something, or would have but for a clearing."""
    return any(
        held.discarded or (held.present and (held.fresh or held.applied or held.by_hand))
        for held in step.holdings
    )


def gather(observations: Iterable[Observation]) -> list[OptimizerTrace]:
    """Every optimizer that was seen, by its number."""
    everyone: dict[int, OptimizerTrace] = {}
    backwards: dict[int, BackwardSeen] = {}

    def of(number: int) -> OptimizerTrace:
        return everyone.setdefault(number, OptimizerTrace(number, backwards=backwards))

    for one in observations:
        if isinstance(one, OptimizerMade):
            seen = of(one.number)
            seen.name, seen.params = one.name, one.params
            seen.names = one.names or seen.names
            seen.shared |= set(one.shared)
            for other in one.shared:
                of(other).shared |= {one.number}
        elif isinstance(one, BackwardSeen):
            backwards[one.number] = one
            for number in one.added:
                of(number).added.append(one.number)
        elif isinstance(one, StepSeen):
            of(one.optimizer).steps.append(one)
        elif isinstance(one, ClearSeen):
            of(one.optimizer).clears.append(one)
    found = sorted(everyone.values(), key=lambda seen: seen.number)
    for seen in found:
        seen.close(found)
    return found
