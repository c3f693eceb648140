"""Records what gradients are made of while a script trains: the observer behind `zgtui check`."""

from __future__ import annotations

import functools
import os
import weakref
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from zgtui.check.observations import (
    FILE,
    LeavesNamed,
    Observation,
    ObservationLost,
    OptimizerMade,
    OriginSeen,
    StepSeen,
    to_line,
)
from zgtui.check.recording.autograd_calls import Grads, watch_engine, watch_grads
from zgtui.check.recording.contributions import LEFT, NOTHING, contribution
from zgtui.check.recording.fast_paths import keep_fast_paths
from zgtui.check.recording.follow_mode import FollowMode
from zgtui.check.recording.leaves import divisor_of, leaves_below, names_of_parameters
from zgtui.check.recording.ledger import Ledger, is_zero
from zgtui.check.recording.moves import Moves
from zgtui.check.recording.steps import (
    TRIES,
    HandSteps,
    RunningBackward,
    RunningStep,
    TrackedOptimizer,
    held_of,
)
from zgtui.check.recording.taint import local_part
from zgtui.instrument.observer import Backward, Clear, Observer
from zgtui.instrument.sites import innermost, site_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor
    from torch.optim import Optimizer

    from zgtui.check.recording.contributions import Contributions
    from zgtui.instrument.instrument import Instrument
    from zgtui.instrument.protocol import RunSpec

    Method = TypeVar("Method", bound=Callable[..., Any])


def quiet(method: Method) -> Method:
    """What ``method`` itself asks of torch is not to be followed."""

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        with torch._C.DisableTorchFunction():  # noqa: SLF001 - as torch's own code does it
            return method(*args, **kwargs)

    return call  # type: ignore[return-value]  # the wrapper has the method's own signature


class Recorder(Observer):
    """Tells ``sink`` every observation, in order; ends the script after ``limit`` steps."""

    def __init__(
        self,
        sink: Callable[[Observation], None],
        limit: int | None = None,
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        self._sink, self._limit = sink, limit
        self.ledger = Ledger(sink)
        self._hand = HandSteps(self.ledger, self._waits_for_step)
        moves = Moves(self.ledger, self._moved_by_hand, self._asked_inside)
        self.follower = FollowMode(moves, self.ledger.taint, failed or self._failed)
        self._tracked: weakref.WeakKeyDictionary[Optimizer, TrackedOptimizer] = (
            weakref.WeakKeyDictionary()
        )
        self._optimizers = 0
        self._running: list[RunningStep] = []
        self._backward: RunningBackward | None = None
        self.steps = 0

    def _failed(self, error: BaseException) -> None:
        self.off(f"{type(error).__name__}: {error}")

    def off(self, reason: str) -> None:
        """Tell that nothing more will be seen."""
        self.follower.on = False
        self._sink(ObservationLost(reason))

    def begin(self) -> None:
        """Follow the calls of this thread."""
        self.follower.begin()

    def end(self) -> None:
        """Follow them no longer; what waits is told."""
        self.follower.remove()
        self.ends()

    @quiet
    def ends(self) -> None:
        """Tell what waits to be told."""
        self._hand.flush()
        self.ledger.flush()

    @quiet
    def optimizer_made(self, optimizer: Optimizer) -> None:
        """Number it."""
        self.begin()
        tracked = self._tracked.get(optimizer)
        if tracked is None:
            site = site_of(innermost())
            self._optimizers += 1
            tracked = TrackedOptimizer(self._optimizers, weakref.ref(optimizer), site)
            self._tracked[optimizer] = tracked
        for param in tracked.params():
            self._know(param)
        self._tell_made(optimizer, tracked)

    def adopt(self, optimizer: Optimizer) -> None:
        """Number an optimizer that was made before anything was seen."""
        self.optimizer_made(optimizer)
        self._tracked[optimizer].site = None
        self._tell_made(optimizer, self._tracked[optimizer])

    def _know(self, param: Tensor) -> None:
        self.ledger.parameters.add(param)
        grad = param.grad
        if grad is not None and self.ledger.taint.read(grad) is None:
            self.ledger.taint.write(grad, NOTHING, gradient=True)  # from before: not judged

    def _tell_made(self, optimizer: Optimizer, tracked: TrackedOptimizer) -> None:
        leaves = tuple(map(self.ledger.leaves.number, tracked.params()))
        name = type(optimizer).__name__
        self.ledger.tell(OptimizerMade(tracked.number, name, leaves, tracked.site))

    @quiet
    def backward_begins(self, call: Backward) -> None:
        """Note what each gradient holds, so that only what this backward adds is new after it."""
        self.begin()
        self._hand_step_ends()
        roots = call.inputs
        leaves = leaves_below(call.tensors) if roots is None else _plain(roots)
        running = RunningBackward(self.ledger.next_origin(), self._numbered(leaves))
        running.divisor = divisor_of(call.tensors)
        for number, leaf in running.leaves:
            self._rebound(leaf)
            self.ledger.parameters.add(leaf)
            self._before(running, number, leaf)
        for tracked in list(self._tracked.values()):
            for param in tracked.params():
                number = self.ledger.leaves.number(param)
                if number not in running.states:
                    self._before(running, number, param)
                    running.leaves.append((number, param))
        self._backward = running

    def _numbered(self, leaves: list[Tensor]) -> list[tuple[int, Tensor]]:
        return [(self.ledger.leaves.number(leaf), leaf) for leaf in leaves]

    def _before(self, running: RunningBackward, number: int, leaf: Tensor) -> None:
        grad = leaf.grad
        held = self.ledger.before_backward(grad)
        if held and grad is not None and all(o & LEFT for o in held) and is_zero(grad):
            held = NOTHING  # cleared by a way of writing that nothing tells of
        running.before[number] = held
        running.states[number] = _state(grad)

    def _rebound(self, leaf: Tensor) -> None:
        """A leaf made of gradients was moved by hand: it is the parameter of the last round."""
        several = self.ledger.taint.read(leaf)
        if several:
            self.ledger.taint.write(leaf, NOTHING)
            self._moved_by_hand(leaf, several)
            self._hand_step_ends()

    @quiet
    def backward_ended(self, call: Backward) -> None:
        """Whatever changed was added to."""
        running, self._backward = self._backward, None
        if running is None:
            return
        for number, leaf in running.leaves:
            self._arrives(running, number, leaf)
        reached = tuple(dict.fromkeys(n for n, _ in running.leaves if n in running.arrived))
        site, stack = site_of(call.frame), self.ledger.stack_number(call.stack)
        self.ledger.left_for_numpy = False
        self.ledger.tell(
            OriginSeen(running.origin, "backward", site, stack, reached, running.divisor)
        )

    def _arrives(self, running: RunningBackward, number: int, leaf: Tensor) -> None:
        """Note the share of ``leaf``, once, if the backward has added to it."""
        grad = leaf.grad
        if number in running.arrived or _state(grad) == running.states[number]:
            return
        running.arrived.add(number)
        if grad is not None and number not in running.cleared:
            self.ledger.arrived(number, grad, running.before[number], running.origin)

    @quiet
    def step_begins(self, optimizer: Optimizer) -> None:
        """Note what is going to be applied."""
        self._stop_at_limit()
        if optimizer not in self._tracked:
            self.optimizer_made(optimizer)
        tracked = self._tracked[optimizer]
        if not tracked.steps:
            self._names(tracked)
        self._leave(tracked)  # an earlier step of it ended by an exception, or calls this one
        for outer in self._running:
            outer.is_wrapper = True
        if self._backward is not None:
            for param in tracked.params():
                number = self.ledger.leaves.number(param)
                if number in self._backward.states:
                    self._arrives(self._backward, number, param)
        step = RunningStep(tracked, site_of(innermost()), self._gradients(tracked))
        self._running.append(step)
        if type(optimizer).__module__.startswith("torch.optim"):
            step.suspended = self.follower.suspend()

    def _leave(self, tracked: TrackedOptimizer) -> RunningStep | None:
        """The innermost step of ``tracked`` is no longer under way."""
        for index, step in enumerate(self._running):
            if step.tracked is tracked:
                del self._running[index:]
                self._resume(step)
                return step
        return None

    def _resume(self, step: RunningStep) -> None:
        if step.suspended:
            step.suspended = False
            self.begin()

    def _gradients(self, tracked: TrackedOptimizer) -> list[tuple[int, Contributions]]:
        """What each gradient of ``tracked`` holds."""
        found = []
        for param in tracked.params():
            grad = param.grad
            if grad is not None:
                number = self.ledger.leaves.number(param)
                found.append((number, self._contents(grad)))
        return found

    def _contents(self, grad: Tensor) -> Contributions:
        known = self.ledger.taint.read(grad)
        if known:
            return known
        if is_zero(grad):
            return NOTHING
        unseen = self.ledger.unseen()
        self.ledger.taint.write(grad, unseen, gradient=True)
        return unseen

    @quiet
    def closure_begins(self, optimizer: Optimizer, evaluation: int) -> None:
        """The optimizer has used the gradients of one evaluation when it asks for another."""
        step = self._running[-1] if self._running else None
        if step is None or step.tracked.optimizer() is not optimizer:
            return
        if step.evaluated:
            self._stop_at_limit()
            self._tell_step(step)
            step.evaluated = False
        step.origins = self.ledger.origins
        self._resume(step)

    @quiet
    def closure_ended(self, optimizer: Optimizer) -> None:
        """What the closure left is what the step is going to use."""
        step = self._running[-1] if self._running else None
        if step is None or step.tracked.optimizer() is not optimizer:
            return
        if self.ledger.origins != step.origins:
            step.held, step.evaluated = self._gradients(step.tracked), True
        if type(optimizer).__module__.startswith("torch.optim"):
            step.suspended = self.follower.suspend()

    @quiet
    def step_ended(self, optimizer: Optimizer, *, outermost: bool) -> None:
        """The gradients have been applied."""
        tracked = self._tracked.get(optimizer)
        step = None if tracked is None else self._leave(tracked)
        if step is None or step.is_wrapper:
            return
        if not type(optimizer).__module__.startswith("torch.optim"):
            step.held = _with(step.held, self._gradients(step.tracked))
        self._tell_step(step)

    def _tell_step(self, step: RunningStep) -> None:
        held, lent = held_of(step.held, self.ledger.applied_to)
        self.ledger.note_applied_to(step.held)
        step.tracked.steps += 1
        self.steps += 1
        self.ledger.tell(StepSeen(step.tracked.number, step.site, held, lent))
        for _, several in step.held:
            self.ledger.record_applied(several)
        for param in step.tracked.params():
            if param.grad is not None:
                known = self.ledger.taint.read(param.grad)
                if known:
                    self.ledger.applied(param.grad, known)

    @quiet
    def step_skipped(self, optimizer: Optimizer) -> None:
        """The gradients were not applied, and are not meant to be."""
        tracked = self._tracked.get(optimizer)
        if tracked is not None:
            held, lent = held_of(self._gradients(tracked), self.ledger.applied_to)
            site = site_of(innermost())
            self.ledger.tell(StepSeen(tracked.number, site, held, lent, skipped=True))

    @quiet
    def clears(self, clear: Clear) -> None:
        """Note what a ``zero_grad()`` is going to clear."""
        params = (
            clear.target.parameters()
            if clear.how == "module"
            else [param for group in clear.target.param_groups for param in group["params"]]
        )
        gone = []
        for param in params:
            grad = param.grad
            if grad is None:
                continue
            number = self.ledger.leaves.number(param)
            if self._backward is not None and number in self._backward.states:
                self._arrives(self._backward, number, param)
                self._backward.cleared.add(number)
            known = self.ledger.taint.read(grad)
            gone.append((number, grad, known or NOTHING))
        self.ledger.cleared(gone, "optimizer" if clear.how == "optimizer" else "module")
        for _, grad, _ in gone if clear.in_place else ():
            self.ledger.taint.write(grad, NOTHING, gradient=True)

    def _asked_inside(self, leaf: Tensor) -> None:
        """A hook asks for a gradient while the backward runs: it has arrived already."""
        if self._backward is not None:
            number = self.ledger.leaves.known(leaf)
            if number in self._backward.states:
                self._arrives(self._backward, number, leaf)

    def _moved_by_hand(self, leaf: Tensor, several: Contributions) -> None:
        """A parameter was written with values made of gradients."""
        self.ledger.used(several)
        if not self._running:
            self._hand.write(leaf, several)

    def _waits_for_step(self, leaf: int, times: int) -> bool:
        """Whether an optimizer has this leaf and steps, or may yet do so."""
        return any(
            (tracked.steps or times < TRIES)
            and any(self.ledger.leaves.known(param) == leaf for param in tracked.params())
            for tracked in self._tracked.values()
        )

    def _hand_step_ends(self) -> None:
        if self._hand.flush():
            self.steps += 1
            self._stop_at_limit()

    def _stop_at_limit(self) -> None:
        """End the script where it was looked at for long enough."""
        if self._limit is not None and self.steps >= self._limit:
            self.ledger.flush()
            raise SystemExit(0)

    @quiet
    def grads_made(self, made: Grads) -> None:
        """``autograd.grad()`` or a transform of ``torch.func`` made gradients."""
        self.begin()
        self._hand_step_ends()
        origin = self.ledger.next_origin()
        leaves = []
        for source, grad in made.pairs:
            known = 0 if source is None else self.ledger.leaves.known(source)
            number = known or self.ledger.leaves.next_number()
            leaves.append(number)
            self.ledger.taint.write(grad, frozenset((contribution(origin, number),)))
        site = site_of(innermost())
        stack = self.ledger.stack_number()
        self.ledger.tell(OriginSeen(origin, "grad", site, stack, tuple(leaves)))

    def _names(self, tracked: TrackedOptimizer) -> None:
        """Tell the names of its parameters, which only the modules know."""
        names = names_of_parameters()
        params = tracked.params()
        found = tuple(names.get(id(param), "") for param in params)
        if any(found):
            self.ledger.tell(LeavesNamed(tuple(map(self.ledger.leaves.number, params)), found))


def _with(
    held: list[tuple[int, Contributions]], later: list[tuple[int, Contributions]]
) -> list[tuple[int, Contributions]]:
    """What a step of the script's own has put into the gradients itself was applied as well."""
    together = dict(held)
    for number, several in later:
        known = together.get(number, NOTHING)
        together[number] = known | frozenset(o for o in several if not o & LEFT)
    return list(together.items())


def _state(grad: Tensor | None) -> tuple[int, int, int]:
    """Identity and versions of a gradient; zeros for None."""
    if grad is None:
        return 0, 0, 0
    # A distributed tensor is added to as a whole, or in the part that lies here.
    return id(grad), grad._version, local_part(grad)._version  # noqa: SLF001 - torch documents it and gives it no other name


def _plain(inputs: Any) -> list[Tensor]:
    several = inputs.values() if isinstance(inputs, dict) else inputs
    return [one for one in several if isinstance(one, torch.Tensor)]


def make(instrument: Instrument, spec: RunSpec) -> Recorder:
    """A recorder that appends to the run's own folder."""
    recorder = Recorder(_File(spec.own), spec.limit, instrument.switch_off)
    watch_grads(recorder.grads_made, lambda: instrument.on, instrument.switch_off)
    watch_engine(lambda: recorder.follower)
    keep_fast_paths(lambda: recorder.follower)
    recorder.begin()
    return recorder


class _File:
    """A file for each process: `FILE` for the first that has something to tell."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._pid, self._descriptor = folder, 0, -1

    def __call__(self, observation: Observation) -> None:
        if os.getpid() != self._pid:
            self._pid, path = os.getpid(), self._folder / FILE
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            try:
                self._descriptor = os.open(path, flags | os.O_EXCL, 0o600)
            except FileExistsError:
                own = path.with_name(f"{path.stem}.{self._pid}{path.suffix}")
                self._descriptor = os.open(own, flags, 0o600)
        os.write(self._descriptor, to_line(observation).encode())
