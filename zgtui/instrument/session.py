"""A run of a script, inside the process that trains: the observers and the line to the parent."""

from __future__ import annotations

import atexit
import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from zgtui.config.settings import Policy
from zgtui.errors import LogError
from zgtui.instrument import patches, ranks
from zgtui.instrument.clearing_look import LOOK_AGAIN, ClearingLook
from zgtui.instrument.control import Control, Plan, claim, reporter_ended
from zgtui.instrument.instrument import Instrument
from zgtui.instrument.loss_names import loss_name
from zgtui.instrument.losses import LossRecorder
from zgtui.instrument.observer import Backward, Observer
from zgtui.instrument.policies import AlwaysClear, AsIs, NeverClear
from zgtui.instrument.protocol import (
    IMPORTED,
    OTHER_PROCESS,
    OTHER_RANK,
    REPORTER,
    STARTED_AGAIN,
    Command,
    RunSpec,
    ScaleLr,
    SetPolicy,
)
from zgtui.instrument.rates import ScaledRates, rates_of
from zgtui.instrument.shared_draws import SharedDraws
from zgtui.instrument.sites import site_of
from zgtui.instrument.tally import BeforeSteps, Tally
from zgtui.runlog.events import (
    ClearingSeen,
    Done,
    Hello,
    Intervened,
    ObservationOff,
    OptimizerSeen,
    SeriesFound,
    TrainingSeen,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from torch.optim import Optimizer


AGAIN = "the launcher restarted the ranks: the losses end with the first attempt"
KINDS: dict[Policy, type[AsIs]] = {"as-is": AsIs, "every": AlwaysClear, "never": NeverClear}


class Session(Observer):
    """Begins to report with the first backward; carries out the commands between steps."""

    def __init__(self, spec: RunSpec, instrument: Instrument) -> None:
        self.spec, self.instrument = spec, instrument
        self._policy = spec.policy
        self.policy: AsIs = KINDS[spec.policy](instrument, self.report)
        self._tally = Tally(self._tell_training, self._first_step)
        self._losses = self._recorder()
        self._control = Control("", spec.name, paused=False)
        self._plan: Plan | None = None
        self._begun = False
        self._pid = os.getpid()
        self._rates = ScaledRates(spec.lr_scale)
        self._reported: set[str] = set()
        self._optimizers: set[str] = set()
        self._looks = {
            never: ClearingLook(instrument.registry, told=self._clearing_seen, over=self._observe)
            for never in (False, True)
        }
        self._seen: object = None
        self._look_at = LOOK_AGAIN
        self._draws = SharedDraws(instrument.registry.at_work, self._observe)
        self._recorders: list[Observer] = []
        if spec.recorder:
            module, _, function = spec.recorder.partition(":")
            make = getattr(importlib.import_module(module), function)
            self._recorders.append(make(instrument, spec))
        self._observe()

    def _recorder(self) -> LossRecorder:
        return LossRecorder(
            self.spec.name,
            found=self._found,
            step_done=self._step_done,
            written=self._charted,
            cleared=self.instrument.registry.cleared_by.__contains__,
        )

    def _observe(self) -> None:
        # The losses come last: what ends or pauses the script there must not hide the step.
        # The look comes before the policy: what that does is not the script's doing. A run that
        # never clears does not show how its script would: there it looks at what is left after.
        look, policy = self._look, list[Observer]([self.policy])
        if look.looking:
            after = isinstance(self.policy, NeverClear)
            policy = [self.policy, look] if after else [look, self.policy, look.after_policy]
        # Whoever has nothing to do is not told: each call costs a training of small steps.
        first = [] if self._begun else [_Beginning(self._begin)]
        rates = [] if self._rates.factor == 1.0 else [self._rates]
        counts = [self._tally] if self._tally.charted else [BeforeSteps(self._tally), self._tally]
        draws = [self._draws] if self._draws.looking else []
        parts = [self, *first, *draws, *rates, *policy, *self._recorders, *counts, self._losses]
        self.instrument.observe(parts)

    def _charted(self) -> None:
        """Losses were written."""
        is_first = not self._tally.charted
        self._tally.steps_charted()
        if is_first:
            self._observe()

    @property
    def _look(self) -> ClearingLook:
        """What is seen of the gradients under the present policy."""
        return self._looks[isinstance(self.policy, NeverClear)]

    def _begin(self) -> None:
        """Before the first of all: find out whether this process reports, and wait if paused."""
        self._begun = True
        self._observe()
        if ranks.world() > 1:
            self._plan = Plan(self.spec.own)
        if not ranks.is_charted():
            told = f"{ranks.rank()} of {ranks.world()}"
            (self.spec.own / OTHER_RANK).write_text(told, encoding="utf-8")
        elif claim(self.spec.own / REPORTER):
            self._begin_to_report()
        elif ranks.world() > 1:
            self._tell_if_started_again()
        else:
            (self.spec.own / OTHER_PROCESS).touch()

    def _begin_to_report(self) -> None:
        spec = self.spec
        self._losses.write_to(Path(spec.log))
        self._control = Control(spec.socket, spec.name, paused=spec.paused)
        hello = Hello(
            spec.name,
            os.getpid(),
            str(torch.__version__),
            ranks.world(),
            ranks.rank(),
            ranks.local_world(),
        )
        self._control.send(hello)
        self._control.between_steps(0, self._apply)

    def _tell_if_started_again(self) -> None:
        """A launcher starts all ranks anew when a node joins; a log holds one training."""
        own = self.spec.own
        if reporter_ended(own / REPORTER) and claim(own / STARTED_AGAIN):
            line = Control(self.spec.socket, self.spec.name, paused=False)
            line.send(ObservationOff(self.spec.name, AGAIN))
            line.finish()

    def _found(self, name: str, frame: FrameType, first_step: int) -> None:
        run, site, loss = self.spec.name, site_of(frame), loss_name(frame)
        self._control.send(
            SeriesFound(run, name, site.file, site.line, site.function, first_step, loss)
        )

    def _tell_training(self) -> None:
        tally, run = self._tally, self.spec.name
        optimizers = tally.facts()
        self._control.send(
            TrainingSeen(
                run,
                self._losses.steps,
                self.instrument.backwards,
                tally.grads,
                optimizers,
                tally.scale,
                self.instrument.registry.at_work.side_by_side,
                self._draws.found,
            )
        )

    def _clearing_seen(self) -> None:
        seen = self._look.facts(), self._look.scale
        if seen != self._seen or not self._look.looking:
            self._seen = seen
            self._tell_clearing()

    def _tell_clearing(self) -> None:
        look = self._look
        run, policy = self.spec.name, self._policy
        self._control.send(
            ClearingSeen(run, self._losses.steps, look.facts(), look.scale, look.looked, policy)
        )

    def report(self, reason: str, *, unwritten: bool | None = None) -> None:
        """Report to the parent, once, what could not be done."""
        if reason not in self._reported:
            self._reported.add(reason)
            self._control.send(ObservationOff(self.spec.name, reason, unwritten))

    def _first_step(self, optimizer: Optimizer) -> None:
        kind = type(optimizer).__name__
        if kind not in self._optimizers:
            self._optimizers.add(kind)
            lrs = rates_of(optimizer) or []
            self._control.send(OptimizerSeen(self.spec.name, kind, lrs))

    def _step_done(self, step: int) -> None:
        if step >= self._look_at:
            self._look_at = step + LOOK_AGAIN
            self._look.begin()
            self._observe()
        if self.policy.interventions and "intervened" not in self._reported:
            self._reported.add("intervened")
            self._control.send(Intervened(self.spec.name, step))
        if self._plan is not None:
            for command in self._plan.due(step + 1):
                self._carry_out(command)
        if not self._control.running or self._control.stop_at == step:
            self._losses.flush()
            self._tell_training()
        self._control.between_steps(step, self._apply)
        if self._plan is not None:
            for command in self._plan.due(step + 1):
                self._carry_out(command)
        if self.spec.limit is not None and step >= self.spec.limit:
            self._losses.flush()
            raise SystemExit(0)

    def _apply(self, command: Command, step: int) -> int:
        if self._plan is not None:
            return self._plan.add(command, step)
        self._carry_out(command)
        return step + 1

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, SetPolicy):
            self._set_policy(command.policy)
        elif isinstance(command, ScaleLr):
            self._rates = ScaledRates(command.factor)
            self._observe()

    def _set_policy(self, policy: Policy) -> None:
        before = self.policy
        self.policy, self._policy = KINDS[policy](self.instrument, self.report), policy
        self.policy.takes_over(before.interventions)
        self._look.pause()
        self._observe()

    def off(self, reason: str) -> None:
        """Say that the observation has ended."""
        self.report(reason, unwritten=isinstance(self.instrument.failure, LogError) or None)

    def ends(self) -> None:
        """Write what is left, and say so; does nothing in a forked copy."""
        if os.getpid() == self._pid:
            self._losses.flush()
            if self._look.looking and self._look.looked:
                self._tell_clearing()
            if self._begun:
                self._tell_training()
            self._control.send(Done(self.spec.name, self._losses.steps, self.policy.interventions))
            self._control.finish()

    def forked(self) -> None:
        """In a forked child: train as the policy says, and report only if nobody does."""
        self._control.forked()
        self._control = Control("", self.spec.name, paused=False)
        self._losses = self._recorder()
        self._pid = os.getpid()
        self._begun = False
        self._observe()


class _Beginning(Observer):
    """Calls ``begin`` before whatever comes first; not told of anything after that."""

    def __init__(self, begin: Callable[[], None]) -> None:
        self._begin = begin

    def backward_begins(self, call: Backward) -> None:
        """Nearly always this comes first."""
        self._begin()

    def step_begins(self, optimizer: Optimizer) -> None:
        """An optimizer may step without ``backward()``."""
        self._begin()

    def grad_called(self) -> None:
        """What trains without either is to be heard of as well."""
        self._begin()


def begin(spec: RunSpec) -> Session:
    """Observe the training of this process from now on; torch is imported."""
    instrument = Instrument()
    session = Session(spec, instrument)
    patches.install(instrument)
    if not spec.recorder:  # which watches such calls by itself, where it wants to
        patches.count_grads(instrument)
    (spec.own / IMPORTED).touch(0o600)
    atexit.register(instrument.ends)
    os.register_at_fork(after_in_child=session.forked)
    return session
