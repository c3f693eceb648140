"""What a script's training has done so far: backwards, and the steps of each of its optimizers.

An optimizer is known by where it was made, so that one made anew in every epoch is one training.
"""

from __future__ import annotations

import math
import threading
import time
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zgtui.instrument.observer import Backward, Observer
from zgtui.instrument.rates import rates_of
from zgtui.instrument.sites import call_stack, innermost, site_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch.optim import Optimizer

    from zgtui.instrument.sites import Stack

TELL_SECONDS = 0.25
"""What has changed is told so often: four numbers a second are as many as anybody reads."""
MAX_PLACES = 64
"""Places that are told apart; what is made at any further one counts with the last."""


IN_TURN = 8
"""An optimizer is in use while those made beside it have taken no more than so many steps each."""


@dataclass(eq=False)
class TalliedOptimizer:
    """One optimizer."""

    alive: Callable[[], Optimizer | None]
    place: OptimizersMade
    thread: int
    """The one that made it."""
    stepped_at: int = 0
    """How many steps those of its place had taken at its last one."""
    lrs: list[float] = field(default_factory=list)
    """The rates of all groups when they were read last."""

    def read_rates(self) -> None:
        """Read them, where that can be."""
        optimizer = self.alive()
        rates = None if optimizer is None else rates_of(optimizer)
        self.lrs = self.lrs if rates is None else rates


@dataclass(eq=False)
class OptimizersMade:
    """The optimizers made at one place of the script."""

    name: str
    made: int = 0
    steps: int = 0
    skipped: int = 0
    moves: bool = False
    """Whether any group of any step had a learning rate other than 0."""
    members: list[TalliedOptimizer] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        """As `zgtui.runlog.events.TrainingSeen` has it."""
        self._forget_old()
        for member in self.members:
            member.read_rates()
        different = dict.fromkeys(tuple(member.lrs) for member in self.members)
        return {
            "optimizer": self.name,
            "made": self.made,
            "steps": self.steps,
            "skipped": self.skipped,
            "lrs": [lr for lrs in different for lr in lrs],
            "moves": self.moves,
        }

    def _forget_old(self) -> None:
        """Keep those in use, and of each thread the newest, also where that is gone.

        One made anew in each epoch takes the place of the last one.
        """
        newest = {member.thread: member for member in self.members}
        living = [member for member in self.members if member.alive() is not None]
        since = self.steps - IN_TURN * len(living)
        self.members = [
            member
            for member in self.members
            if member is newest[member.thread]
            or (member.alive() is not None and member.stepped_at > since)
        ]


class Tally(Observer):
    """Counts; ``tell`` is called now and then, ``first_step`` at the first of each place.

    Whoever charts steps says so by ``steps_charted``; before that the counts themselves tell.
    """

    def __init__(self, tell: Callable[[], None], first_step: Callable[[Optimizer], None]) -> None:
        self.grads = 0
        """Calls of ``torch.autograd.grad``."""
        self.scale: float | None = None
        """What a GradScaler multiplied a loss by, while it has left out every step; else None."""
        self._tell, self._first_step = tell, first_step
        self.charted = False
        """Whether steps are charted, each of which tells."""
        self._due = 0.0
        self._places: dict[tuple[str, Stack], OptimizersMade] = {}
        self._known: dict[int, TalliedOptimizer] = {}
        self._applied = False

    def facts(self) -> list[dict[str, Any]]:
        """Of each place where optimizers are made, in the order of the first of them."""
        return [made.facts() for made in self._places.values()]

    def grad_called(self) -> None:
        """Count it."""
        self.grads += 1
        self.tell_if_due()

    def optimizer_made(self, optimizer: Optimizer) -> None:
        """Note where it was made; this comes again with each group that is added."""
        self._of(optimizer)

    def step_ended(self, optimizer: Optimizer, *, outermost: bool) -> None:
        """Count the step; that of an optimizer inside another belongs to the outer one."""
        if not outermost:
            return
        known = self._known.get(id(optimizer))
        if known is not None and known.stepped_at and self.charted and known.alive() is optimizer:
            place = known.place
            if place.moves:  # nearly always
                place.steps = known.stepped_at = place.steps + 1
                return
        made = self._stepped(optimizer)
        if not self._applied:
            self._applied, self.scale = True, None
        if not made.moves:
            rates = rates_of(optimizer)
            made.moves = not rates or any(rates)

    def step_skipped(self, optimizer: Optimizer) -> None:
        """Count the step that a GradScaler left out."""
        self._stepped(optimizer).skipped += 1

    def scaled(self, original: Any, result: Any) -> None:
        """Read the scale, as long as no step was applied: a wait for the device, now and then."""
        if self._applied or time.monotonic() < self._due:
            return
        value, scaled = float(original.detach().sum()), float(result.detach().sum())
        if value and not math.isnan(scaled):
            self.scale = abs(scaled / value)

    def steps_charted(self) -> None:
        """Some steps were charted."""
        self.charted = True
        self.tell_if_due()

    def _stepped(self, optimizer: Optimizer) -> OptimizersMade:
        known = self._of(optimizer)
        made = known.place
        made.steps += 1
        if not known.stepped_at:
            known.read_rates()  # it may be gone before anybody is told
        known.stepped_at = made.steps
        if made.steps == 1:
            self._first_step(optimizer)
        if not self.charted:
            self.tell_if_due()
        return made

    def tell_if_due(self) -> None:
        """Tell what has been counted, unless that was done a moment ago."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + TELL_SECONDS
            self._tell()

    def _of(self, optimizer: Optimizer) -> TalliedOptimizer:
        known = self._known.get(id(optimizer))
        if known is not None and known.alive() is optimizer:
            return known
        place = self._place(optimizer)
        place.made += 1
        key = id(optimizer)
        alive = weakref.ref(optimizer, lambda _: self._known.pop(key, None))
        made = self._known[key] = TalliedOptimizer(alive, place, threading.get_ident())
        place.members.append(made)
        return made

    def _place(self, optimizer: Optimizer) -> OptimizersMade:
        kind = type(optimizer).__name__
        place = kind, call_stack()
        made = self._places.get(place)
        if made is None and len(self._places) == MAX_PLACES:
            return next(reversed(self._places.values()))
        if made is None:
            frame = innermost()
            where = f" (line {site_of(frame).line})" if frame is not None else ""
            alike = sum(one.name.startswith(f"{kind}{where}") for one in self._places.values())
            name = f"{kind}{where}" + (f" no. {alike + 1}" if alike else "")
            made = self._places[place] = OptimizersMade(name)
        return made


class BeforeSteps(Observer):
    """Tells a tally of backwards until steps are charted; later each call would only cost time."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def backward_ended(self, call: Backward) -> None:
        """No step may follow."""
        self._tally.tell_if_due()
