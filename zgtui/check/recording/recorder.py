"""Records what gradients are made of while a script trains: the observer behind `zgtui check`."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import torch

from zgtui.check.observations import (
    ASIDE,
    CutSeen,
    LossSeen,
    Observation,
    ObservationLost,
    OriginSeen,
    StepSeen,
)
from zgtui.check.recording.backwards import RunningBackward
from zgtui.check.recording.contributions import LEFT, NOTHING, contribution, origin_of
from zgtui.check.recording.counted_losses import counted_before
from zgtui.check.recording.follow_mode import FollowMode
from zgtui.check.recording.hand_steps import HandSteps
from zgtui.check.recording.leaves import divisor_of, leaves_below
from zgtui.check.recording.ledger import Ledger, is_zero
from zgtui.check.recording.loss_scale import LossScales, hooked
from zgtui.check.recording.moves import Moves
from zgtui.check.recording.outputs import leaves_of_outputs
from zgtui.check.recording.passages import passages
from zgtui.check.recording.running_sums import goes_on
from zgtui.check.recording.steps import RunningStep, held_of, moved_before
from zgtui.check.recording.tracked_optimizers import TrackedOptimizers
from zgtui.instrument.instrument import in_engine
from zgtui.instrument.observer import Backward, Clear, Observer
from zgtui.instrument.sites import innermost, site_of
from zgtui.instrument.threads import LOCK, AtWork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from torch import Tensor
    from torch.optim import Optimizer

    from zgtui.check.recording.autograd_calls import Grads
    from zgtui.check.recording.contributions import Contributions
    from zgtui.check.recording.tracked_optimizers import TrackedOptimizer

    Method = TypeVar("Method", bound=Callable[..., Any])


def quiet(method: Method) -> Method:
    """What ``method`` itself asks of torch is not to be followed; one thread at a time calls it."""

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        with LOCK, torch._C.DisableTorchFunction():  # noqa: SLF001 - as torch's own code does it
            return method(*args, **kwargs)

    return call  # type: ignore[return-value]  # the wrapper has the method's own signature


class Recorder(Observer):
    """Tells ``sink`` every observation, in order; ends the script after ``limit`` steps."""

    mode: type[FollowMode] = FollowMode

    def __init__(
        self,
        sink: Callable[[Observation], None],
        limit: int | None = None,
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        self._sink, self._limit = sink, limit
        self.ledger = Ledger(sink)
        self._optimizers = TrackedOptimizers(self.ledger)
        self._losses, self._here = LossScales(), self.ledger.here
        self._hand = HandSteps(self.ledger, self._optimizers.wait_for)
        self._calls = Moves(self.ledger, self._moved_manually, self._asked, self._cut)
        self.follower = self.mode(self._calls, self.ledger.taint, failed or self._failed)
        self._at_work = AtWork()
        self._backwards: list[RunningBackward] = []
        """Those under way, of all threads."""
        self._newest = 0
        """The number of the newest parameter that a backward has reached."""
        self.steps, self._moves = 0, 0

    @property
    def _backward(self) -> RunningBackward | None:
        """The one under way in this thread, or for which torch has started this thread."""
        own = self._here.backward
        if own is not None or not self._backwards or not in_engine():
            return own
        return self._backwards[-1]

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
        """Follow them no longer; what waits is told.

        A thread has to end so: what torch frees after it would wait for an interpreter that ends.
        """
        self.follower.remove()
        self.ends()
        self._here.ends()

    @quiet
    def ends(self) -> None:
        """Tell what waits to be told."""
        self._hand.flush()
        self.ledger.flush()

    @quiet
    def optimizer_made(self, optimizer: Optimizer) -> None:
        """Number it."""
        self.begin()
        self._optimizers.add(optimizer, alone=not self._at_work.others())

    def adopt(self, optimizer: Optimizer) -> None:
        """Number an optimizer that was made before anything was seen."""
        self.optimizer_made(optimizer)
        self._optimizers.forget_site(optimizer)

    @quiet
    def backward_begins(self, call: Backward) -> None:
        """Note what each gradient holds, so that only what this backward adds is new after it."""
        self.begin()
        self._hand_step_ends()
        roots = call.inputs
        hooks: list[Any] = []
        leaves = leaves_below(call.tensors, hooks) if roots is None else _plain(roots)
        running = RunningBackward(self.ledger, divisor_of(call.tensors))
        here, others = self._here, tuple(self._backwards)
        running.hooked, here.hooked = here.hooked or bool(hooks), False
        self.follower.several = self._optimizers.several()
        if self.follower.several:
            self._tell_cuts()
            running.outputs = tuple(map(self.ledger.leaves.number, leaves_of_outputs(call.tensors)))
            running.passages = passages(call.tensors, self._optimizers.owners())
        running.again = counted_before(running.origin, call.tensors)
        running.drawn = self._calls.drawn.judged(call.tensors)
        loss, whiles = self._loss(running.origin, call, leaves), here.turns.whiles(call.frame)
        running.loss = dataclasses.replace(loss, whiles=whiles)
        self._rebound(leaves)
        for leaf in leaves:
            self.ledger.parameters.add(leaf)
            running.reaches(leaf, others)
        self._at_work.begins()
        # What is sharded is written to inside a backward, though it is not of its graph.
        for param in () if self._at_work.others() else self._optimizers.params():
            running.watch(param)
        here.backward = running
        self._backwards.append(running)
        self._tell_apart(leaves)

    @quiet
    def backward_nests(self, tensors: Sequence[Tensor]) -> None:
        """What the outer backward's graph does not show is reached all the same."""
        running = self._backward
        if running is not None:
            others = [other for other in self._backwards if other is not running]
            for leaf in leaves_below(tensors):
                self.ledger.parameters.add(leaf)
                running.reaches(leaf, others)

    def _tell_apart(self, leaves: list[Tensor]) -> None:
        """Which of the leaves of a backward are inputs, and which parameters are new."""
        trained = set(map(id, self._optimizers.params()))
        for leaf in leaves:
            number = self.ledger.leaves.number(leaf)
            if isinstance(leaf, torch.nn.Parameter):
                self._newest = max(self._newest, number)
            elif id(leaf) not in trained:
                self.ledger.inputs.add(number)

    def _loss(self, origin: int, call: Backward, leaves: list[Tensor]) -> LossSeen:
        """What the loss was divided by; not where hooks may change what arrives."""
        loops = self._here.turns.around(call.frame)
        if hooked(leaves):
            return LossSeen(origin, "unknown", loops=loops)
        return self._losses.read(origin, call.tensors, call.weights, loops)

    @quiet
    def scaled(self, original: object, result: object) -> None:
        """Learn the scale of a GradScaler, which is no part of the loss."""
        self._losses.scaled(result)

    def _rebound(self, leaves: Iterable[Tensor]) -> None:
        """Leaves made of gradients were moved by hand: they were the parameters until now."""
        for leaf in leaves:
            several = self.ledger.taint.read(leaf)
            if several:
                self.ledger.taint.write(leaf, NOTHING)
                self._moved_manually(leaf, several)
        self._hand_step_ends()

    @quiet
    def backward_ended(self, call: Backward) -> None:
        """Tell of it."""
        running, self._here.backward = self._here.backward, None
        if running is not None:
            self._backwards.remove(running)
            seen = running.end(call, self._backwards, alone=not self._at_work.others())
            self._here.left_for_numpy = False
            self.ledger.tell(seen)
            self.ledger.tell(running.loss)

    @quiet
    def step_begins(self, optimizer: Optimizer) -> None:
        """Note what is going to be applied."""
        self._stop_at_limit()
        tracked = self._optimizers.get(optimizer)
        if tracked is None:
            self.begin()
            tracked = self._optimizers.add(optimizer)
        if not tracked.steps:
            self._optimizers.tell_names(tracked)
        else:
            self._optimizers.tell_new_names(self._newest)
        self._at_work.begins()
        self._leave(tracked)  # an earlier step of it ended by an exception, or calls this one
        here = self._here
        for outer in here.running:
            outer.is_wrapper = True
        backward = self._backward
        if backward is not None:
            for param in tracked.params():
                backward.arrives(param)
        frame = innermost()
        loops, whiles = here.turns.around(frame), here.turns.whiles(frame)
        step = RunningStep(tracked, site_of(frame), self._gradients(tracked), loops, whiles)
        step.summed_on, step.pieces = self._applies_old_sum(tracked), self._pieces(tracked)
        here.running.append(step)
        step.versions = self._versions(tracked)
        if type(optimizer).__module__.startswith("torch.optim"):
            step.suspended = self.follower.suspend()

    def _versions(self, tracked: TrackedOptimizer) -> dict[int, int]:
        return {self.ledger.leaves.number(p): p._version for p in tracked.params()}  # noqa: SLF001 - torch documents it and gives it no other name

    def _leave(self, tracked: TrackedOptimizer) -> RunningStep | None:
        """The innermost step of ``tracked`` is no longer under way."""
        running = self._here.running
        for index, step in enumerate(running):
            if step.tracked is tracked:
                del running[index:]
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

    def _applies_old_sum(self, tracked: TrackedOptimizer) -> bool:
        """Whether a gradient is a sum that was not begun anew after the steps that applied it."""
        for param in tracked.params():
            grad = param.grad
            if grad is None or not goes_on(self.ledger.taint.sum_of(grad)):
                continue
            before = self.ledger.applied_to.get(self.ledger.leaves.number(param), ())
            if any(origin_of(one) in before for one in self.ledger.taint.read(grad) or ()):
                return True
        return False

    def _pieces(self, tracked: TrackedOptimizer) -> int:
        """Of how many steps the gradients are that some gradient was put together of."""
        gradients = [param.grad for param in tracked.params() if param.grad is not None]
        return max((len(self._calls.pieces.of(grad)) for grad in gradients), default=0)

    def _contents(self, grad: Tensor) -> Contributions:
        known = self.ledger.taint.read(grad)
        if known:
            return known
        if is_zero(grad):
            return NOTHING
        unseen = self.ledger.unseen()
        self.ledger.taint.write(grad, unseen, gradient=True)
        return unseen

    def _innermost(self, optimizer: Optimizer) -> RunningStep | None:
        """The step that this thread is in, if it is one of ``optimizer``."""
        running = self._here.running
        if running and running[-1].tracked.optimizer() is optimizer:
            return running[-1]
        return None

    @quiet
    def closure_begins(self, optimizer: Optimizer, evaluation: int) -> None:
        """The optimizer has used the gradients of one evaluation when it asks for another."""
        step = self._innermost(optimizer)
        if step is None:
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
        step = self._innermost(optimizer)
        if step is None:
            return
        if self.ledger.origins != step.origins:
            step.held, step.evaluated = self._gradients(step.tracked), True
        if type(optimizer).__module__.startswith("torch.optim"):
            step.suspended = self.follower.suspend()

    @quiet
    def step_ended(self, optimizer: Optimizer, *, outermost: bool) -> None:
        """The gradients have been applied."""
        tracked = self._optimizers.get(optimizer)
        step = None if tracked is None else self._leave(tracked)
        if step is None or step.is_wrapper:
            return
        if not type(optimizer).__module__.startswith("torch.optim"):
            step.held = _with(step.held, self._gradients(step.tracked))
            step.summed_on |= self._applies_old_sum(step.tracked)
            step.pieces = max(step.pieces, self._pieces(step.tracked))
        self._tell_step(step)

    def _tell_step(self, step: RunningStep) -> None:
        held, lent = held_of(step.held, self.ledger.applied_to)
        moved = moved_before(step.held, self.ledger.applied_to)
        self.ledger.note_applied_to(step.held)
        step.tracked.steps += 1
        self.steps += 1
        self.ledger.step_told()
        rescaled, twice = self.ledger.is_rescaled(step.held), self.ledger.holds_twice(step.held)
        self.ledger.tell(
            StepSeen(
                step.tracked.number,
                step.site,
                held,
                lent,
                rescaled=rescaled,
                counted_twice=twice,
                summed_on=step.summed_on,
                pieces=step.pieces,
                moved_before=moved,
                frozen=not step.held and not any(p.requires_grad for p in step.tracked.params()),
                loops=step.loops,
                whiles=step.whiles,
                thread=self._here.thread,
            )
        )
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
        tracked = self._optimizers.get(optimizer)
        if tracked is not None:
            held, lent = held_of(self._gradients(tracked), self.ledger.applied_to)
            site, thread = site_of(innermost()), self._here.thread
            self.ledger.tell(
                StepSeen(tracked.number, site, held, lent, skipped=True, thread=thread)
            )

    @quiet
    def step_refused(self, optimizer: Optimizer) -> None:
        """There was nothing to apply, and the script is about to end by that."""
        tracked = self._optimizers.get(optimizer)
        if tracked is not None:
            self._optimizers.tell_names(tracked)
            site, thread = site_of(innermost()), self._here.thread
            self.ledger.tell(StepSeen(tracked.number, site, (), refused=True, thread=thread))

    @quiet
    def clears(self, clear: Clear) -> None:
        """Note what a ``zero_grad()`` is going to clear."""
        params = list(
            clear.target.parameters()
            if clear.how == "module"
            else [param for group in clear.target.param_groups for param in group["params"]]
        )
        self._at_work.begins()
        gone = []
        backward, running = self._backward, self._here.running
        for param in params:
            grad = param.grad
            if grad is None:
                continue
            number = self.ledger.leaves.number(param)
            if backward is not None:
                backward.is_cleared(param, in_place=clear.in_place)
            known = self.ledger.taint.read(grad)
            gone.append((number, grad, known or NOTHING))
            if running:
                running[-1].is_cleared(number, param._version)  # noqa: SLF001 - as above
        how: Literal["optimizer", "module"] = "optimizer" if clear.how == "optimizer" else "module"
        self.ledger.cleared(gone, how, meant=params)
        for _, grad, _ in gone if clear.in_place else ():
            self.ledger.taint.write(grad, NOTHING, gradient=True)

    def _asked(self, leaf: Tensor) -> None:
        """If a hook asks for a gradient while the backward runs, it has arrived already.

        Who asks for that of an intermediate result had the backward run for its sake.
        """
        backward = self._backward
        if not leaf.is_leaf:
            if leaf.retains_grad and backward is None and self.ledger.origins:
                number = self.ledger.leaves.number(leaf)
                self.ledger.used((contribution(self.ledger.origins, number),))
        elif backward is not None:
            backward.arrives(leaf)
        elif leaf.grad is None and not self._here.running:
            self._hand.ask(leaf)

    def _cut(self, leaves: Iterable[Tensor]) -> None:
        """Of one optimizer alone there is no other to be kept out."""
        if self.follower.several:
            self._here.cuts.update(map(self.ledger.leaves.known, leaves))

    def _tell_cuts(self) -> None:
        cuts, self._here.cuts = self._here.cuts - {0}, set()
        if cuts:
            self.ledger.tell(CutSeen(tuple(sorted(cuts))))

    def _moved_manually(self, leaf: Tensor, several: Contributions) -> None:
        """A parameter was written with values made of gradients."""
        self.ledger.used(several)
        if self.ledger.leaves.number(leaf) in self.ledger.inputs:
            self.ledger.inputs_made(several)
        if not self._here.running:
            self._hand.write(leaf, several)

    def _hand_step_ends(self) -> None:
        if self._hand.flush():
            self._moves += 1
            self.steps += not self._optimizers or self._moves % ASIDE == 0
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
        self._rebound(one for one, _ in made.pairs if one is not None and one.is_leaf)
        origin = self.ledger.next_origin()
        leaves = []
        for source, grad in made.pairs:
            known = 0 if source is None else self.ledger.leaves.number(source)
            if source is not None and source.is_leaf:
                self.ledger.parameters.add(source)
            number = known or self.ledger.leaves.next_number()
            leaves.append(number)
            self.ledger.taint.write(grad, frozenset((contribution(origin, number),)))
            self._calls.sums.begins(grad)
        site, stack = site_of(innermost()), self.ledger.stack_number()
        thread = self._here.thread
        self.ledger.tell(OriginSeen(origin, "grad", site, stack, tuple(leaves), thread=thread))


def _with(
    held: list[tuple[int, Contributions]], later: list[tuple[int, Contributions]]
) -> list[tuple[int, Contributions]]:
    """What a step of the script's own has put into the gradients itself was applied as well."""
    together = dict(held)
    for number, several in later:
        known = together.get(number, NOTHING)
        together[number] = known | frozenset(o for o in several if not o & LEFT)
    return list(together.items())


def _plain(inputs: Any) -> list[Tensor]:
    several = inputs.values() if isinstance(inputs, dict) else inputs
    return [one for one in several if isinstance(one, torch.Tensor)]
