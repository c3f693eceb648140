"""Around the batches of a loop of your own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from zgtui.errors import UsageError
from zgtui.integrations.first_steps import STEPS, FirstSteps, OnMistake

if TYPE_CHECKING:
    from torch.optim import Optimizer

Batch = TypeVar("Batch")


class LoopWatch:
    """Watches the first steps of a loop, also over several epochs.

    As in::

        watched = LoopWatch(optimizer)
        for epoch in range(3):
            for batch in watched(loader):
                ...

    Further arguments are those of `zgtui.integrations.first_steps.FirstSteps`. The end of each
    epoch is judged too. A loop that is left early always warns, never raises. ``told``:
    whether this process warns; unless given, of several ranks the first one does.

    Raises:
        UsageError: if what should be an optimizer cannot step.
    """

    def __init__(
        self,
        *optimizers: Optimizer,
        steps: int = STEPS,
        on_mistake: OnMistake = "warn",
        ignore: Collection[str] = (),
        told: bool | None = None,
    ) -> None:
        for one in optimizers:
            if not callable(getattr(one, "step", None)):  # wrapped ones are of any class
                raise UsageError(f"only optimizers can be watched, not {type(one).__name__}")
        self.watched, self._asked = FirstSteps(steps, on_mistake, ignore), told
        self._optimizers = optimizers

    def __call__(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Hand out ``batches`` and look at what the loop does with each.

        Raises:
            GradientWarning: if that was asked for and a mistake was found.
        """
        self.watched.begin(self._optimizers)
        try:
            for batch in batches:
                yield batch
                self.watched.stepped(told=self._told())
        except GeneratorExit:  # by break, return or an exception
            self.watched.judge(told=self._told(), over=False, raising=False)
            raise
        self.watched.judge(told=self._told(), over=False)

    def _told(self) -> bool:
        if self._asked is not None:
            return self._asked
        from zgtui.instrument import ranks  # noqa: PLC0415 - imports torch, which is there by now

        return ranks.rank() == 0
