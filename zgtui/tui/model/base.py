"""What every live comparison is: what the screens read of it, and what they ask of it.

No Textual in this folder and no drawing: the screens read these fields and call these methods.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from zgtui.charts.overlay import Mark
from zgtui.config.settings import RunName
from zgtui.curves.history import LossHistory
from zgtui.curves.trend import Trend, TrendTracker
from zgtui.runlog.log import LossReader

Phase = Literal["loading", "training", "paused", "finished", "failed"]

READ_LIMIT = 5_000
"""Losses of a run read in one go: what a frame can afford. The rest comes with the next one."""
RATE_SECONDS = 1.0


class Listener(Protocol):
    """Who shows at once what a user should not wait for."""

    def say(self, message: str, *, error: bool = False) -> None:
        """One sentence for the user."""

    def cannot_start(self, message: str) -> None:
        """The very first comparison cannot be started as asked: a usage error."""

    def refresh_soon(self) -> None:
        """Something was confirmed that a user waits for: show it before the next tick."""


@dataclass(kw_only=True)
class LossCurve:
    """The losses of one run, or of a part of it, read from the log as they are appended."""

    reader: LossReader | None = None
    history: LossHistory = field(default_factory=LossHistory)
    tracker: TrendTracker = field(default_factory=TrendTracker)

    def read(self) -> bool:
        """Take in what is new in the log, at most READ_LIMIT losses; whether there was any."""
        losses = self.reader.read(READ_LIMIT) if self.reader is not None else ()
        if not losses:
            return False
        self.history.extend(losses)
        self.tracker.extend(losses)
        return True

    def trend(self, *, full_batch: bool) -> Trend:
        """What the losses are doing; only on full batches does an oscillation prove anything."""
        return self.tracker.trend(full_batch=full_batch)


@dataclass(kw_only=True)
class RunCurve(LossCurve):
    """One run: its losses, and the changes made to it with the steps from which they hold."""

    changes: list[Mark] = field(default_factory=list)


class StepRate:
    """How fast steps arrive, over about the last second."""

    def __init__(self) -> None:
        self._counts: deque[tuple[float, int]] = deque()

    def note(self, steps: int) -> None:
        """``steps`` steps are there now."""
        now = time.monotonic()
        if self._counts and self._counts[-1][0] == now:
            self._counts.pop()
        self._counts.append((now, steps))
        while len(self._counts) > 2 and self._counts[0][0] < now - RATE_SECONDS:
            self._counts.popleft()

    @property
    def value(self) -> float:
        """Steps per second; 0 until two moments are known."""
        if len(self._counts) < 2:
            return 0.0
        (begin, first), (end, last) = self._counts[0], self._counts[-1]
        return (last - first) / (end - begin)


class LiveComparison(Protocol):
    """Two runs that are being trained; what they did is read from their log, and only there."""

    @property
    def runs(self) -> Mapping[RunName, RunCurve]:
        """Both runs as far as the log was read."""

    @property
    def log(self) -> Path | None:
        """The run log; None until there is one. A restart begins another."""

    @property
    def phase(self) -> Phase:
        """What both runs are doing."""

    @property
    def exit_code(self) -> int:
        """With which the program ends once this was stopped."""

    def start(self) -> None:
        """Start training. Raises ZgtuiError if that cannot be."""

    def read(self) -> bool:
        """Take in what is new in the log; whether there was any. Called once a frame."""

    def trend(self, name: RunName) -> Trend:
        """What the losses of run ``name`` are doing."""

    def toggle_running(self) -> None:
        """Pause both runs, or resume."""

    def single_step(self) -> None:
        """Pause both runs; train paused ones by one step."""

    def toggle_clearing(self, names: tuple[RunName, ...]) -> None:
        """Switch each run between clearing its gradients and never clearing them."""

    def scale_lr(self, names: tuple[RunName, ...], presses: int) -> None:
        """Move the learning rate of each run by even ratio steps: ten make a factor of ten."""

    def restart(self) -> None:
        """Begin again at step 0."""

    async def settle(self) -> Mapping[str, int]:
        """The steps each run has done now, once all of them are in the log."""

    async def stop(self) -> None:
        """End training in order."""

    def kill(self) -> None:
        """End training at once."""
