"""The recorder of `zgtui check --accumulation`: it also keeps what one step was made of."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from zgtui.check.observations import ProofSeen
from zgtui.check.recording.follow_mode import FollowMode
from zgtui.check.recording.proof import ratio_of
from zgtui.check.recording.recorder import Recorder
from zgtui.check.recording.script_recording import start
from zgtui.check.recording.tape import NoProofError, Recipe, Tape
from zgtui.instrument.sites import site_of

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

    from zgtui.check.observations import LossSeen
    from zgtui.instrument.instrument import Instrument
    from zgtui.instrument.observer import Backward
    from zgtui.instrument.protocol import RunSpec
    from zgtui.instrument.sites import Site

WINDOWS = 2
"""The step after which the proof is made, of those that accumulate: the first may be shorter."""
MAX_MICRO_BATCHES = 64
MAX_REASON = 120


class TapingMode(FollowMode):
    """Keeps the calls on a tape as well, as long as there is one."""

    tape: Tape | None = None

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        result = super().__torch_function__(func, types, args, kwargs)
        tape = self.tape
        if tape is not None:
            tape.look(func, args, kwargs or {})
            if not tape.inside:
                tape.note(func, args, kwargs or {}, result)
        return result


class ProvingRecorder(Recorder):
    """Runs the micro-batches of its second accumulating step again, and the whole batch."""

    mode = TapingMode

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._parts: list[tuple[Site, Recipe | str, LossSeen]] = []
        self._windows = 0
        self._found: Recipe | str = ""
        self._fresh_tape()

    @property
    def tape(self) -> Tape | None:
        """What is called now; None once the proof was made."""
        assert isinstance(self.follower, TapingMode)
        return self.follower.tape

    def _fresh_tape(self) -> None:
        assert isinstance(self.follower, TapingMode)
        self.follower.tape = Tape() if self._windows < WINDOWS else None

    def backward_begins(self, call: Backward) -> None:
        """Keep how its loss was made."""
        if self.tape is not None:
            with torch._C.DisableTorchFunction():  # noqa: SLF001 - as torch's own code does it
                self._found = self._recipe(call)
            self._fresh_tape()
        super().backward_begins(call)

    def _recipe(self, call: Backward) -> Recipe | str:
        assert self.tape is not None
        if len(call.tensors) != 1:
            return "its backward has several losses"
        try:
            return self.tape.recipe(call.tensors[0])
        except NoProofError as error:
            return str(error)

    def backward_ended(self, call: Backward) -> None:
        """It is a part of the next step."""
        running = self._backward
        if running is not None and self.tape is not None and len(self._parts) <= MAX_MICRO_BATCHES:
            self._parts.append((site_of(call.frame), self._found, running.loss))
        super().backward_ended(call)

    def step_begins(self, optimizer: Optimizer) -> None:
        """Make the proof, before the weights change."""
        parts, self._parts = self._parts, []
        sites = {site for site, _, _ in parts}
        if self.tape is not None and len(sites) == 1 and 1 < len(parts) <= MAX_MICRO_BATCHES:
            self._windows += 1
            if self._windows == WINDOWS:
                self._prove(parts)
                self._fresh_tape()
        super().step_begins(optimizer)

    def _prove(self, parts: list[tuple[Site, Recipe | str, LossSeen]]) -> None:
        assert isinstance(self.follower, TapingMode)
        self.follower.tape = None
        site, number = parts[-1][0], len(parts)
        reasons = [recipe for _, recipe, _ in parts if isinstance(recipe, str)]
        ratio = rest = 0.0
        reason = reasons[0] if reasons else ""
        if self.ledger.any_rescaled(loss.origin for _, _, loss in parts):
            reason = "its gradients are scaled by hand before the step"
        if not reason:
            try:
                with torch._C.DisableTorchFunction(), torch.random.fork_rng():  # noqa: SLF001 - as above
                    recipes = [recipe for _, recipe, _ in parts if not isinstance(recipe, str)]
                    with torch.enable_grad():
                        ratio, rest = ratio_of(recipes, [loss for _, _, loss in parts])
            except NoProofError as error:
                reason = str(error)
            except Exception as error:  # noqa: BLE001 - a model may fail in any way on other sizes
                text = " ".join(str(error).split())[:MAX_REASON]
                reason = f"the whole batch cannot be run: {type(error).__name__}: {text}"
        self.ledger.tell(ProofSeen(site, number, ratio, rest, reason))


def _watch_modules(recorder: ProvingRecorder) -> None:
    original = nn.Module.__call__

    @functools.wraps(original)
    def call(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        tape = recorder.tape
        if tape is None or tape.inside:
            return original(self, *args, **kwargs)
        tape.inside = True
        try:
            result: Tensor | Any = original(self, *args, **kwargs)
        finally:
            tape.inside = False
        with torch._C.DisableTorchFunction():  # noqa: SLF001 - as above
            tape.note(self, args, kwargs, result)
        return result

    nn.Module.__call__ = call  # type: ignore[method-assign]  # the point of it


def make(instrument: Instrument, spec: RunSpec) -> Recorder:
    """A recorder that appends to the run's own folder."""
    recorder = start(ProvingRecorder, instrument, spec)
    assert isinstance(recorder, ProvingRecorder)
    _watch_modules(recorder)
    return recorder
