"""Short looks at how a script clears its gradients: at its first steps, then now and again.

Between two looks nothing of this is called, so that a long training costs what it did without.
"""

from __future__ import annotations

import math
import weakref
from typing import TYPE_CHECKING, Any

import torch

from zgtui.instrument.habit import LOOK_STEPS, Habit
from zgtui.instrument.observer import Backward, Clear, Observer
from zgtui.instrument.registry import leaves_of
from zgtui.instrument.sites import innermost, site_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor
    from torch.optim import Optimizer

    from zgtui.instrument.registry import Registry

LOOK_AGAIN = 1000
"""Steps from one look to the next."""
MAX_OPTIMIZERS = 8
"""Optimizers that are looked at; a script with one for each parameter is not slowed by all."""
MAX_STEPS = 5 * LOOK_STEPS
"""Steps of all optimizers after which a look ends, whoever has not stepped."""


class ClearingLook(Observer):
    """What can be said of how the script clears; stands before the policy among the observers.

    ``told`` is called when that changes, ``over`` when a look has ended.
    """

    def __init__(
        self, registry: Registry, *, told: Callable[[], None], over: Callable[[], None]
    ) -> None:
        self.looking = True
        """Whether it is to be told of calls."""
        self.scale: float | None = None
        """What a GradScaler multiplied the first loss by; None where there was none."""
        self.after_policy = AfterPolicy(self)
        self._registry, self._told, self._over = registry, told, over
        self._habits: dict[int, Habit] = {}
        self._loose: Habit | None = None
        self._leaves: list[weakref.ref[Tensor]] = []
        self._steps = 0

    def begin(self) -> None:
        """Look again."""
        self.looking, self._steps = True, 0
        for habit in self.habits():
            habit.begin_look()

    def pause(self) -> None:
        """Another policy takes over, and may change the gradients: begin with the next step."""
        for habit in self.habits():
            habit.pause()

    def habits(self) -> list[Habit]:
        """Of each optimizer that lives, in the order of their making; or of a script without."""
        loose = [self._loose] if self._loose is not None else []
        return list(self._habits.values()) or loose

    def facts(self) -> list[dict[str, Any]]:
        """What is told of each that has stepped."""
        return [habit.facts() for habit in self.habits() if habit.looked]

    @property
    def looked(self) -> int:
        """Steps that were looked at."""
        return max((habit.looked for habit in self.habits()), default=0)

    def optimizer_made(self, optimizer: Optimizer) -> None:
        """Look at it from its first backward on."""
        self._habit(optimizer)

    def backward_begins(self, call: Backward) -> None:
        """See what was cleared since the last step."""
        if not self._registry.has_optimizer:
            self._follow_leaves(call)
        for habit in self._habits_here():
            habit.before_backward()

    def backward_ended(self, call: Backward) -> None:
        """See what the backward added to; without an optimizer it is a step as well."""
        for habit in self._habits_here():
            habit.after_backward()
        if self.looking and self._loose is not None:
            self._stepped(self._loose)

    def _habits_here(self) -> list[Habit]:
        """All of them; none any more where several threads train at the same time."""
        if not self._registry.at_work.others():
            return self.habits()
        self.looking = False
        self._over()
        return []

    def step_begins(self, optimizer: Optimizer) -> None:
        """See what is left to apply."""
        habit = self._habit(optimizer)
        if habit is not None:
            habit.before_step()

    def closure_begins(self, optimizer: Optimizer, evaluation: int) -> None:
        """The backwards are evaluations of one step."""
        habit = self._habit(optimizer)
        if habit is not None:
            habit.closure = True

    def step_ended(self, optimizer: Optimizer, *, outermost: bool) -> None:
        """See what became of the gradients since its last step."""
        habit = self._habit(optimizer)
        if habit is not None:
            self._stepped(habit)

    def step_skipped(self, optimizer: Optimizer) -> None:
        """What a GradScaler left out is a step as well: the script goes on as after one."""
        self.step_ended(optimizer, outermost=True)

    def clears(self, clear: Clear) -> None:
        """Note whose ``zero_grad()`` was called."""
        for key, habit in self._habits.items():
            own = clear.how == "optimizer" and key == id(clear.target)
            if own or not clear.params.isdisjoint(map(id, habit.chosen())):
                habit.asked_to_clear(clear.params)

    def scaled(self, original: Any, result: Any) -> None:
        """Note what a GradScaler multiplied the first loss by."""
        both = isinstance(original, torch.Tensor) and isinstance(result, torch.Tensor)
        if self.scale is None and both and result.numel() == 1:
            value = float(original.detach())
            scale = float(result.detach()) / value if value else 0.0
            if math.isfinite(scale) and scale > 1:
                self.scale = scale

    def _stepped(self, habit: Habit) -> None:
        habit.stepped()
        self._steps += 1
        every = all(habit.steps >= LOOK_STEPS for habit in self.habits())
        self.looking = not every and self._steps < MAX_STEPS
        self._told()
        if not self.looking:
            self._over()

    def _habit(self, optimizer: Optimizer) -> Habit | None:
        key = id(optimizer)
        if key not in self._habits and len(self._habits) < MAX_OPTIMIZERS:
            frame = innermost()
            where = f" (line {site_of(frame).line})" if frame is not None else ""
            alive = weakref.ref(optimizer, lambda _: self._habits.pop(key, None))
            self._habits[key] = Habit(
                f"{type(optimizer).__name__}{where}", lambda: _trained(alive())
            )
            self._loose = None
        return self._habits.get(key)

    def _follow_leaves(self, call: Backward) -> None:
        if self._loose is None:
            self._loose = Habit(
                "", lambda: [leaf for ref in self._leaves if (leaf := ref()) is not None]
            )
        self._leaves = [weakref.ref(leaf) for leaf in leaves_of(call.tensors)]


class AfterPolicy(Observer):
    """Stands after the policy: what that cleared is not the script's doing."""

    def __init__(self, look: ClearingLook) -> None:
        self._look = look

    def backward_begins(self, call: Backward) -> None:
        """The policy has cleared what it clears."""
        for habit in self._look.habits() if self._look.looking else ():
            habit.policy_acted()


def _trained(optimizer: Optimizer | None) -> list[Tensor]:
    groups = optimizer.param_groups if optimizer is not None else ()
    return [param for group in groups for param in group["params"]]
