"""How the gradients of one optimizer are cleared, over the steps that are looked at.

Costs as much as reading some gradients at each step, so a look is short: see `clearing_look`.
"""

from __future__ import annotations

import weakref
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from zgtui.instrument.registry import is_zero

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

ClearingOutcome = Literal["cleared", "kept", "partly", "late", "replaced", "mixed"]
"""What became of the gradients that a step had applied.

``cleared``: before a backward; ``kept``: the next backward added to them; ``partly``: cleared for
some parameters only; ``late``: between the backward and the step, so that nothing was left to
apply; ``replaced``: no backward added to them, the script set them itself; ``mixed``: now one, now
another, in no order that was seen.
"""
LOOK_STEPS = 12
"""Steps of an optimizer in one look: every second up to every fifth one is recognised in it."""
MAX_PARAMS = 64
"""Parameters that are looked at, half of them the first and half the last of an optimizer."""
GradientVersion = tuple["weakref.ref[Tensor]", int]
"""A gradient and how often it was written to; holds no memory of it."""


class Habit:
    """One optimizer; ``params`` gives what it trains. Holds no tensor alive."""

    def __init__(self, name: str, params: Callable[[], list[Tensor]]) -> None:
        self.name = name
        self.called = False
        """Whether ``zero_grad()`` was called for it in any look."""
        self.steps = 0
        """Steps in this look."""
        self.looked = 0
        """Steps in all looks."""
        self.closure = False
        """Whether a step was given a closure: the backwards in it are evaluations, not parts."""
        self.reached = False
        """Whether any backward added to one of its gradients."""
        self.zero = True
        """Whether every gradient was zero, or not there, at every step."""
        self._params = params
        self._outcomes: list[ClearingOutcome | None] = []
        self._before: set[tuple[ClearingOutcome, int]] = set()
        self._backwards: set[int] = set()
        self.pause()

    def pause(self) -> None:
        """Compare what comes with nothing that was before."""
        self._held: dict[int, GradientVersion] = {}
        self._applied: set[int] = set()
        self._begin_step()

    def begin_look(self) -> None:
        """Look at another LOOK_STEPS steps."""
        conclusion = self._conclusion()
        if conclusion is not None:
            self._before.add(conclusion)
        self.steps, self._outcomes = 0, []
        self.pause()

    def _begin_step(self) -> None:
        self._fresh = 0
        self._cleared: set[int] = set()
        self._touched: set[int] = set()
        self._late = self._replaced = self._removed = self._hidden = False

    def chosen(self) -> list[Tensor]:
        """The parameters that are looked at."""
        params = self._params()
        half = MAX_PARAMS // 2
        return params if len(params) <= MAX_PARAMS else params[:half] + params[-half:]

    def before_backward(self) -> None:
        """See which gradients were cleared since the last step or backward."""
        for param in self.chosen():
            if self._gone(param):
                self._cleared.add(id(param))

    def _gone(self, param: Tensor) -> bool:
        held, grad = self._held.get(id(param)), param.grad
        if held is None or grad is None:
            return held is not None
        return is_zero(grad)  # p.grad.data.zero_() leaves the version as it is

    def policy_acted(self) -> None:
        """Take what a policy left there as the present state: the script did not clear it."""
        for param in self.chosen():
            if param.grad is None and id(param) in self._held:
                del self._held[id(param)]
                self._removed = True

    def asked_to_clear(self, params: set[int]) -> None:
        """The script called ``zero_grad()``, it may be for what the policy has cleared already."""
        self.called = True
        own = {id(param) for param in self.chosen()}
        if self._hidden and own <= params:
            self._cleared |= own
            self._hidden = False

    def after_backward(self) -> None:
        """Note which gradients the backward has added to."""
        params = self.chosen()
        touched = {
            id(param)
            for param in params
            if param.grad is not None and _differs(self._held.get(id(param)), param.grad)
        }
        if touched:
            self._fresh += 1
            self._touched |= touched
            self.reached = True
        elif self._removed:  # the script may clear as well before its next backward: unseen
            self._hidden = True
        self._removed = False
        self._hold(params)

    def before_step(self) -> None:
        """See whether anything is left to apply, and whether a backward made it."""
        params = self.chosen()
        if self._fresh:
            ours = [param for param in params if id(param) in self._touched]
            self._late = all(self._gone(param) for param in ours)
        else:
            self._replaced = any(map(self._is_new, params))
        self.zero = self.zero and all(p.grad is None or is_zero(p.grad) for p in params)
        self._hold(params)

    def _is_new(self, param: Tensor) -> bool:
        held, grad = self._held.get(id(param)), param.grad
        return grad is not None and (held is None or held[0]() is not grad) and not is_zero(grad)

    def stepped(self) -> None:
        """Conclude what became of the gradients that the step before this one had applied."""
        params = self.chosen()
        self._outcomes.append(self._outcome())
        self.steps += 1
        self.looked += 1
        if self._fresh:
            self._backwards.add(self._fresh)
        before = set(self._held)
        self._begin_step()
        self._hold(params)
        self._cleared = before - set(self._held)  # an optimizer may clear in its own step
        zero = {id(param) for param in params if param.grad is not None and is_zero(param.grad)}
        self._applied = before - zero

    def _outcome(self) -> ClearingOutcome | None:
        if self._late:
            return "late"
        if self._replaced and not self._fresh:
            return "replaced"
        if not self._applied or not self._fresh or self._hidden:
            return None
        cleared = self._applied & self._cleared
        kept = (self._applied & self._touched) - cleared
        if cleared and kept:
            return "partly"
        return "cleared" if cleared else "kept" if kept else None

    def _hold(self, params: list[Tensor]) -> None:
        self._held = {
            id(param): (weakref.ref(grad), grad._version)  # noqa: SLF001 - torch documents it and gives it no other name
            for param in params
            if (grad := param.grad) is not None
        }

    def facts(self) -> dict[str, Any]:
        """What is told of it, as plain JSON types; see `ClearingSeen`."""
        conclusion = self._conclusion()
        all_seen = self._before | ({conclusion} if conclusion else set())
        outcome, period = all_seen.pop() if len(all_seen) == 1 else ("mixed", 1)
        told = outcome if conclusion or self._before else None
        several = self.closure or len(self._backwards) != 1
        return {
            "optimizer": self.name,
            "outcome": told,
            "period": period,
            "backwards": 0 if several else min(self._backwards),
            "zero_grad": self.called,
            "reached": self.reached,
            "zero": self.zero,
        }

    def _conclusion(self) -> tuple[ClearingOutcome, int] | None:
        """What all steps of this look have in common; the period of every N-th clearing."""
        seen = [outcome for outcome in self._outcomes if outcome is not None]
        if len(seen) < 2:
            return None
        if len(set(seen)) == 1:
            return seen[0], 1
        period = _period(seen)
        return ("cleared", period) if period else ("mixed", 1)


def _period(seen: list[ClearingOutcome]) -> int:
    """N where every N-th of ``seen`` is cleared and the others kept; 0 where there is none."""
    at = [index for index, outcome in enumerate(seen) if outcome == "cleared"]
    gaps = {after - before for before, after in pairwise(at)}
    if len(gaps) != 1 or set(seen) != {"cleared", "kept"}:
        return 0
    period = gaps.pop()
    return period if at[0] < period and len(seen) - at[-1] <= period else 0


def _differs(held: GradientVersion | None, grad: Tensor) -> bool:
    return held is None or held[0]() is not grad or held[1] != grad._version  # noqa: SLF001 - as above
