"""What all integrations share: the first steps of a training are watched, and judged once."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Literal, get_args

from zgtui.check.findings import named_codes
from zgtui.errors import UsageError

if TYPE_CHECKING:
    from torch.optim import Optimizer

    from zgtui._watch import Watch
    from zgtui.check.report import Report

STEPS = 60
"""As many as `zgtui check` looks at."""
OnMistake = Literal["warn", "raise"]


class GradientWarning(UserWarning):
    """Gradients are stale or lost; the message is the report. Raised where that was asked for."""


class FirstSteps:
    """Watches ``steps`` steps of a training, then warns or raises once if a mistake was seen.

    ``ignore`` are codes, such as ``["ZG501"]``, that are none here. A training that ends earlier is
    judged at its end; fewer than three steps say nothing.

    Raises:
        UsageError: ``steps`` is no number or below 1, ``on_mistake`` neither "warn" nor "raise",
            or ``ignore`` names what is no code.
    """

    def __init__(
        self, steps: int = STEPS, on_mistake: OnMistake = "warn", ignore: Collection[str] = ()
    ) -> None:
        if type(steps) is not int or steps < 1:
            raise UsageError(f"steps= must be a whole number of at least 1, not {steps!r}")
        if on_mistake not in get_args(OnMistake):
            raise UsageError(f'on_mistake= must be "warn" or "raise", not {on_mistake!r}')
        self._steps, self._on_mistake = steps, on_mistake
        self._ignored = named_codes(ignore)
        self.report: Report | None = None
        """What was judged last; None before."""
        self._watch: Watch | None = None
        self._over = False

    def begin(self, optimizers: Iterable[object] = ()) -> None:
        """Watch those of ``optimizers`` that are optimizers, and all that step; once."""
        if self._over or self._watch is not None:
            return
        from torch.optim import Optimizer  # noqa: PLC0415 - what waits to train costs no torch

        from zgtui._watch import Watch  # noqa: PLC0415 - likewise

        known: tuple[Optimizer, ...] = tuple(
            one for one in optimizers if isinstance(one, Optimizer)
        )
        self._watch = Watch(known, gives_way=True)
        self._watch.__enter__()

    def stepped(self, *, told: bool = True) -> None:
        """A batch or a step of the training is done; ``told`` as in `judge`.

        Raises:
            GradientWarning: if that was asked for and a mistake was found.
        """
        if self._watch is not None and self._watch.steps >= self._steps:
            self.judge(told=told, over=True)

    def judge(self, *, told: bool = True, over: bool, raising: bool = True) -> None:
        """Tell what was found so far; no more is watched then, or where the training is ``over``.

        Not ``told``: another process warns of it. Not ``raising``: where nobody would catch it.

        Raises:
            GradientWarning: if that was asked for and a mistake was found.
        """
        if self._watch is None:
            return
        from zgtui._watch import MISTAKEN, mistakes  # noqa: PLC0415 - imported by now

        self.report = report = self._watch.report()
        found = mistakes(report, self._ignored)
        if found or over:
            self.end()
        if not found:
            return
        warning = GradientWarning(f"{_whose()}{MISTAKEN}\n{report}")
        if self._on_mistake == "raise" and raising:
            raise warning
        if told:
            warnings.warn(warning, stacklevel=2)

    def end(self) -> None:
        """Watch no more."""
        if self._watch is not None:
            self._watch.end()
        self._watch, self._over = None, True


class WatchingCallback:
    """What the callbacks of all trainers share; the arguments are those of `FirstSteps`."""

    def __init__(
        self, steps: int = STEPS, on_mistake: OnMistake = "warn", ignore: Collection[str] = ()
    ) -> None:
        super().__init__()
        self.watched = FirstSteps(steps, on_mistake, ignore)


def _whose() -> str:
    """Of several processes, which one this is."""
    from zgtui.instrument import ranks  # noqa: PLC0415 - imports torch, which is there by now

    return f"rank {ranks.rank()} of {ranks.world()}: " if ranks.world() > 1 else ""
