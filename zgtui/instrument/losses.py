"""The losses of a script, from the calls of ``backward()`` to the run's log.

One loss a step: the sum of the values handed to the outermost backwards since the last step.
A step is an optimizer's step that follows at least one backward, also one that a GradScaler
leaves out. Of a step with a closure the first evaluation counts, which is what the step returns.
A script without an optimizer makes a step with every backward.

Values on a GPU of CUDA are copied to the host as it reaches them and read when they are there:
nothing here waits for it, except when more than ``BACKLOG`` steps are under way. Any other device
is waited for at each step.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

import torch

from zgtui.instrument.loss_values import Arriving, LossPart, summed, value_of
from zgtui.instrument.observer import Backward, Observer
from zgtui.instrument.unapplied_losses import MAX_PARTS, UnappliedLosses
from zgtui.runlog.log import LOSSES_AT_ONCE, LogWriter, losses_path, read_losses

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import CodeType, FrameType

    from torch.optim import Optimizer

BACKLOG = 256
"""Steps whose losses may still be under way from the device."""
MAX_PLACES = 1024
"""Calls of ``backward()`` whose line need not be looked up again."""
MAX_SERIES = 32
"""Lines with a series of their own; the losses of any further line count in the sum alone."""
FLUSH_SECONDS = 0.02


_NO_WEIGHT = (None,)


class LossRecorder(Observer):
    """Writes the losses of run ``run`` into the log ``folder``."""

    def __init__(
        self,
        run: str,
        *,
        found: Callable[[str, FrameType, int], None],
        step_done: Callable[[int], None],
        written: Callable[[], None] = lambda: None,
        cleared: Callable[[int], bool] = lambda _: False,
    ) -> None:
        """``found`` is told each new series: its name, a frame at its line and its first step.

        ``step_done`` is told the number of each step, after it. ``written`` is called whenever
        losses were written. ``cleared`` says whether a thread, by its number, clears gradients.
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
        self._unapplied = UnappliedLosses(cleared)
        self._waiting: deque[list[LossPart]] = deque()
        self._sums: list[float] = []
        self._lines: dict[str, list[float]] = {run: self._sums}
        self._steps: dict[str, list[int]] = {}
        self._collected = 0
        self._apart = False
        """Whether each line's losses are written, not their sum alone."""
        self._flushed = time.monotonic()
        self._optimizers = False

    def write_to(self, folder: Path) -> None:
        """Write to the log in ``folder`` from now on; without it steps are only counted."""
        self._folder = folder

    def backward_begins(self, call: Backward) -> None:
        """Take the value that is handed to the backward."""
        here = self._unapplied.here()
        if not self._optimizers and here.parts:
            self._step_done(here.take())
        if here.evaluation > 1:
            return
        frame, number, tensors = call.frame, 0, call.tensors
        if frame is not None:  # whose line has to be looked up in a long table
            known = self._numbers.get((id(frame.f_code), frame.f_lasti))
            number = self._new_number(frame) if known is None else known[1]
        weights = call.weights or _NO_WEIGHT * len(tensors)
        for tensor, weight in zip(tensors, weights, strict=True):
            value = value_of(here.unscaled(tensor) if here.scaled else tensor, weight)
            if value is not None:
                here.parts.append((number, value))
        if here.scaled or len(here.parts) > MAX_PARTS:
            here.tidy()

    def _new_number(self, frame: FrameType) -> int:
        if len(self._numbers) == MAX_PLACES:  # of code that is made anew in every step
            self._numbers.clear()
        number, code = self._number_of_line(frame), frame.f_code
        self._numbers[id(code), frame.f_lasti] = code, number
        return number

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
        self._unapplied.here().made_optimizer = True
        if not self._optimizers:
            self._optimizers = True
            self._unapplied.forget()

    def closure_begins(self, optimizer: Optimizer, evaluation: int) -> None:
        """Count the evaluations of a step."""
        self._unapplied.here().evaluation = evaluation

    def step_ended(self, optimizer: Optimizer, *, outermost: bool) -> None:
        """A step is done if a backward came before it."""
        self._optimizers = True
        if outermost:
            parts = self._unapplied.take()
            if parts:
                self._step_done(parts)

    def step_skipped(self, optimizer: Optimizer) -> None:
        """A step left out for infinite gradients is a step of the chart."""
        self.step_ended(optimizer, outermost=True)

    def scaled(self, original: Any, result: Any) -> None:
        """Remember which loss a GradScaler's result was made of."""
        if result is not original and isinstance(result, torch.Tensor):
            self._unapplied.here().remember(result, original.detach())

    def ends(self) -> None:
        """Write what is left."""
        for parts in [] if self._optimizers else self._unapplied.take_all():
            self._step_done(parts)
        self.flush()

    def off(self, reason: str) -> None:
        """Write what was seen before the observation ended."""
        self.flush()

    def _step_done(self, parts: list[LossPart]) -> None:
        self.steps += 1
        number, value = parts[0]
        if (
            number == 1 == len(parts)
            and type(value) is float
            and not (self._waiting or self._apart)
        ):
            self._collected += 1  # nearly always
            self._sums.append(value)
        elif self._waiting or any(type(part) is Arriving for _, part in parts):
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

    def _take(self, parts: list[LossPart]) -> None:
        """Take in the losses of the next step, which are there."""
        if not self._apart and any(number != 1 for number, _ in parts):
            self._separate()
        self._collected += 1
        total, sums = summed(parts)
        self._sums.append(total)
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
