"""The losses of a script, from the calls of ``backward()`` to the run's log.

One loss a step: the sum of the values handed to the outermost backwards since the last step.
A step is an optimizer's step that follows at least one backward, also one that a GradScaler
leaves out. Of a step with a closure the first evaluation counts, which is what the step returns.
A script without an optimizer makes a step with every backward.

Values on a GPU are copied to the host as the device reaches them and read when they are there:
nothing here waits for a device, except when more than ``BACKLOG`` steps are under way.
"""

from __future__ import annotations

import time
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any

import torch

from zgtui.instrument.observer import Backward, Observer
from zgtui.instrument.registry import in_capture, local
from zgtui.runlog.log import LOSSES_AT_ONCE, LogWriter, losses_path, read_losses

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import CodeType, FrameType

    from torch import Tensor
    from torch.optim import Optimizer

MAX_PARTS = 4096
"""Backwards without a step whose losses are kept apart; then they are summed."""
BACKLOG = 256
"""Steps whose losses may still be under way from the device."""
MAX_PLACES = 1024
"""Calls of ``backward()`` whose line need not be looked up again."""
MAX_SERIES = 32
"""Lines with a series of their own; the losses of any further line count in the sum alone."""
FLUSH_SECONDS = 0.02


class Arriving:
    """A loss on its way from a device."""

    def __init__(self, value: Tensor) -> None:
        self._event: torch.cuda.Event | None = None
        if value.is_cuda:
            self._value = torch.empty((), dtype=value.dtype, device="cpu", pin_memory=True)
            self._value.copy_(value.reshape(()), non_blocking=True)
            self._event = torch.cuda.Event()
            self._event.record(torch.cuda.current_stream(value.device))
        else:
            self._value = value.clone()

    def here(self) -> bool:
        """Whether reading it waits for nothing."""
        return self._event is not None and self._event.query()

    def read(self) -> float:
        """The loss, after waiting for it."""
        if self._event is not None:
            self._event.synchronize()
        return float(self._value.item())


_NO_WEIGHT = (None,)
Part = tuple[int, "float | Arriving"]
"""The number of a series, 0 for none, and a loss."""


class LossRecorder(Observer):
    """Writes the losses of run ``run`` into the log ``folder``."""

    def __init__(
        self,
        run: str,
        *,
        found: Callable[[str, FrameType, int], None],
        step_done: Callable[[int], None],
        written: Callable[[], None] = lambda: None,
    ) -> None:
        """``found`` is told each new series: its name, a frame at its line and its first step.

        ``step_done`` is told the number of each step, after it. ``written`` is called whenever
        losses were written.
        """
        self.steps = 0
        """Steps done."""
        self._run, self._found, self._told = run, found, step_done
        self._told_written = written
        self._folder: Path | None = None
        self._writers: dict[str, LogWriter] = {}
        self._series: dict[tuple[str, int], int] = {}
        self._numbers: dict[tuple[int, int], tuple[CodeType, int]] = {}
        """By the ``id`` of a code object, which is kept alive, and the instruction in it."""
        self._parts: list[Part] = []
        self._waiting: deque[list[Part]] = deque()
        self._lines: dict[str, list[float]] = {run: []}
        self._steps: dict[str, list[int]] = {}
        self._collected = 0
        self._apart = False
        """Whether each line's losses are written, not their sum alone."""
        self._flushed = time.monotonic()
        self._scaled: dict[int, tuple[weakref.ref[Any], Any]] = {}
        self._evaluation = 0
        self._optimizers = False

    def write_to(self, folder: Path) -> None:
        """Write to the log in ``folder`` from now on; without it steps are only counted."""
        self._folder = folder

    def backward_begins(self, call: Backward) -> None:
        """Take the value that is handed to the backward."""
        if not self._optimizers and self._parts:
            self._step_done()
        if self._evaluation > 1:
            return
        number, tensors = self._number(call), call.tensors
        weights = call.weights or _NO_WEIGHT * len(tensors)
        for tensor, weight in zip(tensors, weights, strict=True):
            value = _value(self._unscaled(tensor) if self._scaled else tensor, weight)
            if value is not None:
                self._parts.append((number, value))
        if self._scaled:
            self._scaled.clear()
        if len(self._parts) > MAX_PARTS:
            self._parts = list(_summed(self._parts)[1].items())

    def _unscaled(self, tensor: Tensor) -> Any:
        """The loss that a GradScaler made ``tensor`` of; ``tensor`` itself where none did."""
        known = self._scaled.get(id(tensor))
        return known[1] if known is not None and known[0]() is tensor else tensor

    def _number(self, call: Backward) -> int:
        frame = call.frame
        if frame is None:
            return 0
        code = frame.f_code
        place = id(code), frame.f_lasti  # the line has to be looked up in a long table
        known = self._numbers.get(place)
        if known is None:
            if len(self._numbers) == MAX_PLACES:  # of code that is made anew in every step
                self._numbers.clear()
            known = self._numbers[place] = code, self._number_of_line(frame)
        return known[1]

    def _number_of_line(self, frame: FrameType) -> int:
        key = (frame.f_code.co_filename, frame.f_lineno)
        number = self._series.get(key)
        if number is None:
            if len(self._series) == MAX_SERIES:
                return 0
            number = self._series[key] = len(self._series) + 1
            name = f"{self._run}.{number}"
            self._lines[name], self._steps[name] = [], []
            self._found(name, frame, self.steps + 1)
        return number

    def optimizer_made(self, optimizer: Optimizer) -> None:
        """From now on steps are those of optimizers; a backward before was none."""
        if not self._optimizers:
            self._optimizers = True
            self._parts.clear()

    def closure_begins(self, optimizer: Optimizer, evaluation: int) -> None:
        """Count the evaluations of a step."""
        self._evaluation = evaluation

    def step_ended(self, optimizer: Optimizer, *, outermost: bool) -> None:
        """A step is done if a backward came before it."""
        self._optimizers = True
        if outermost:
            self._evaluation = 0
            if self._parts:
                self._step_done()

    def step_skipped(self, optimizer: Optimizer) -> None:
        """A step left out for infinite gradients is a step of the chart."""
        if self._parts:
            self._step_done()

    def scaled(self, original: Any, result: Any) -> None:
        """Remember which loss a GradScaler's result was made of."""
        if result is not original and isinstance(result, torch.Tensor):
            self._scaled[id(result)] = (weakref.ref(result), original.detach())

    def ends(self) -> None:
        """Write what is left."""
        if not self._optimizers and self._parts:
            self._step_done()
        self.flush()

    def off(self, reason: str) -> None:
        """Write what was seen before the observation ended."""
        self.flush()

    def _step_done(self) -> None:
        self.steps += 1
        parts, self._parts = self._parts, []
        alone = len(parts) == 1 and type(parts[0][1]) is float  # nearly always
        if self._waiting or not (alone or all(type(part) is float for _, part in parts)):
            self._waiting.append(parts)
            self._collect()
        else:
            self._take(parts)
        now = time.monotonic()
        if now - self._flushed >= FLUSH_SECONDS:
            self._flushed = now
            self._write()
            self._told_written()
        self._told(self.steps)

    def _collect(self, *, wait: bool = False) -> None:
        waiting = self._waiting
        if waiting and torch.cuda.is_current_stream_capturing():
            return  # to ask for an event would spoil the capture
        while waiting:
            parts = waiting[0]
            late = any(isinstance(part, Arriving) and not part.here() for _, part in parts)
            if late and not wait and len(waiting) <= BACKLOG:
                return
            waiting.popleft()
            self._take(parts)

    def _take(self, parts: list[Part]) -> None:
        """Take in the losses of the next step, which are there."""
        if not self._apart and len(parts) == 1 and parts[0][0] == 1:  # nearly always
            self._collected += 1
            self._lines[self._run].append(_read(parts[0][1]))
            return
        if not self._apart and any(number != 1 for number, _ in parts):
            self._separate()
        self._collected += 1
        total, sums = _summed(parts)
        self._lines[self._run].append(total)
        if self._apart:
            for number, value in sums.items():
                if number:
                    name = f"{self._run}.{number}"
                    self._lines[name].append(value)
                    self._steps[name].append(self._collected)

    def _separate(self) -> None:
        """Up to here every loss was that of the first line: begin to write each line's own."""
        self._apart = True
        self._write()
        name = f"{self._run}.1"
        folder = self._folder
        for start in range(0, self._collected, LOSSES_AT_ONCE):
            if folder is None:  # steps are only counted here
                break
            losses = read_losses(losses_path(folder, self._run), start, LOSSES_AT_ONCE)
            self._steps[name] = list(range(start + 1, start + 1 + len(losses)))
            self._append(folder, name, losses)
        if name in self._steps:
            self._steps[name] = []

    def _write(self) -> None:
        # The sum comes last: whoever reads it finds what each line has in these steps.
        for name, values in reversed(self._lines.items()):
            if values:
                if self._folder is not None:
                    self._append(self._folder, name, values)
                values.clear()
                if name in self._steps:
                    self._steps[name].clear()

    def _append(self, folder: Path, name: str, values: Sequence[float]) -> None:
        writer = self._writers.get(name)
        if writer is None:
            writer = self._writers[name] = LogWriter(folder, [name])
        if name in self._steps:  # first, so that each loss that is there has its step
            writer.series_steps(name, self._steps[name])
        writer.losses(name, values)

    def flush(self) -> None:
        """Write every loss up to now, waiting for the device."""
        self._collect(wait=True)
        self._write()


def _read(part: float | Arriving) -> float:
    return part if isinstance(part, float) else part.read()


def _summed(parts: list[Part]) -> tuple[float, dict[int, float]]:
    """The sum of all, and that of each series; waits for what is not there yet."""
    total, sums = 0.0, dict[int, float]()
    for number, part in parts:
        value = _read(part)
        total += value
        sums[number] = sums.get(number, 0.0) + value
    return total, sums


def _value(tensor: Any, weight: Any) -> float | Arriving | None:
    """The value of ``tensor`` as a loss; with ``weight`` the sum of its weighted elements."""
    if weight is None and type(tensor) is torch.Tensor and tensor.is_cpu and tensor.numel() == 1:
        return float(tensor.item())  # nearly always, and at a third of the time of what follows
    part = local(tensor)
    if not isinstance(part, torch.Tensor):
        return None
    part = part.detach()
    if weight is not None:
        factor = local(weight)
        assert factor is not None
        part = (part * factor.detach()).sum()
    elif part.numel() != 1:
        return None
    if part.device.type == "cpu":
        return float(part.item())
    if in_capture(part):
        return None
    return Arriving(part)
