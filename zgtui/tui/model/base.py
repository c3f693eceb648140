"""What every live comparison is: what the screens read of it, and what they ask of it.

No Textual in this folder and no drawing: the screens read these fields and call these methods.
"""

from __future__ import annotations

import time
from array import array
from collections import deque
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Literal, Protocol

from zgtui.charts.overlay import Mark
from zgtui.config.settings import RunName
from zgtui.curves.history import LossHistory
from zgtui.curves.trend import Trend, TrendTracker
from zgtui.lazy_dataclass import dataclass
from zgtui.runlog.log import LossReader
from zgtui.runlog.times import StepTimes

Phase = Literal["loading", "training", "paused", "finished", "failed"]

READ_LIMIT = 5_000
"""Losses of a run read in one go: what a frame can afford. The rest comes with the next one."""
ANSWER_LIMIT = 500
"""Of these, before what a key has changed is shown: the next frame reads the others."""
RATE_SECONDS = 2.0
RATE_ARRIVALS = 3
"""Steps are counted over RATE_SECONDS, or over so many arrivals where those take longer."""


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
    times: StepTimes | None = None
    """When its steps were done, as far as that was read."""

    def __post_init__(self) -> None:
        """Have the history read again what it does not keep."""
        if self.reader is not None:
            self.history.reread = self.reader.again
            self.times = StepTimes(self.reader.path.parent, self.reader.path.stem)

    def read(self, limit: int = READ_LIMIT) -> bool:
        """Take in what is new in the log, at most ``limit`` losses; whether there was any."""
        losses = self.reader.read(limit) if self.reader is not None else ()
        if not losses:
            return False
        self.extend(losses)
        return True

    def extend(self, losses: array[float]) -> None:
        """Take in the losses of the next steps."""
        self.history.extend(losses)
        self.tracker.extend(losses)

    def trend(self, *, full_batch: bool) -> Trend:
        """What the losses are doing; only on full batches does an oscillation prove anything."""
        return self.tracker.trend(full_batch=full_batch)


@dataclass(kw_only=True)
class RunCurve(LossCurve):
    """One run: its losses, and the changes made to it with the steps from which they hold."""

    changes: list[Mark] = field(default_factory=list)


class StepRate:
    """How fast steps arrive: a figure that holds still, whether they come slowly or in bursts."""

    def __init__(self) -> None:
        self._arrivals: deque[tuple[float, int]] = deque()

    def note(self, steps: int) -> None:
        """``steps`` steps are there now."""
        now = time.monotonic()
        if self._arrivals and self._arrivals[-1][1] == steps:
            return
        self._arrivals.append((now, steps))
        while len(self._arrivals) > RATE_ARRIVALS and self._arrivals[1][0] < now - RATE_SECONDS:
            self._arrivals.popleft()

    @property
    def value(self) -> float:
        """Steps per second; 0 until it can be told: what comes first comes late and in a burst."""
        if len(self._arrivals) < RATE_ARRIVALS:
            return 0.0
        (begin, first), (end, last) = self._arrivals[0], self._arrivals[-1]
        if end - begin < RATE_SECONDS / 2:
            return 0.0
        late = time.monotonic() - end
        waited = (
            late if late > RATE_SECONDS + 2 * (end - begin) / (len(self._arrivals) - 1) else 0.0
        )
        return (last - first) / (end - begin + waited)


def rate_words(rate: float, limit: float) -> str:
    """``rate`` with its unit, both in steps per second; ``limit`` is 0 where there is none.

    Empty while neither is known.
    """
    if limit and (not rate or rate > 0.9 * limit):
        return f"{limit:g} steps/s"
    rounded = f"{float(f'{rate:.2g}'):,.10g}"
    return f"{rounded} of {limit:g} steps/s" if limit else f"{rounded} steps/s" if rate else ""


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

    def read(self, limit: int = READ_LIMIT) -> bool:
        """Take in what is new in the log, so many losses a run at most; whether there was any."""

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
