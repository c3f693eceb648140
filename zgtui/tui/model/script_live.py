"""Both runs of a script as the app knows them; no Textual here and no drawing."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from zgtui.config.settings import RUNS, Policy, RunName, scaled_lr
from zgtui.curves.history import LossHistory
from zgtui.curves.trend import Trend, TrendTracker
from zgtui.errors import WorkerError
from zgtui.instrument import protocol
from zgtui.launch.script_comparison import RunEnded, ScriptComparison
from zgtui.runlog.events import ClearingChanged, LrScaled
from zgtui.runlog.log import EventReader, LossReader
from zgtui.tui.model.live_run import Change, take_in
from zgtui.tui.model.remote import RATE_SECONDS, Listener

Place = tuple[str, int]
"""File and line of a call of ``backward()``."""


class Losses:
    """One curve of a run, read from the log as it grows."""

    def __init__(self, log: Path, name: str) -> None:
        self.history = LossHistory()
        self._tracker = TrendTracker()
        self._reader = LossReader(log, name)

    def read(self) -> bool:
        """Take in some of what is new; whether there was any."""
        return take_in(self._reader, self.history, self._tracker)

    @property
    def trend(self) -> Trend:
        """What the losses do. A script's batches differ, so that an oscillation proves nothing."""
        return self._tracker.trend(full_batch=False)


@dataclass
class ScriptRun:
    """One run: its losses, one for all calls of ``backward()`` and one for each line of them."""

    losses: Losses
    series: dict[Place, Losses] = field(default_factory=dict)
    connected: bool = False
    """Whether PyTorch is imported there and tells of its steps."""
    paused: bool = False
    changes: list[Change] = field(default_factory=list)
    read_at: deque[tuple[float, int]] = field(default_factory=deque)

    def read(self) -> bool:
        """Take in some of what is new; whether there was any."""
        news = sum(losses.read() for losses in (self.losses, *self.series.values())) > 0
        now = time.monotonic()
        self.read_at.append((now, self.losses.history.steps))
        while len(self.read_at) > 2 and self.read_at[0][0] < now - RATE_SECONDS:
            self.read_at.popleft()
        return news

    @property
    def rate(self) -> float:
        """Steps a second over about the last second."""
        if len(self.read_at) < 2:
            return 0.0
        (begin, first), (end, last) = self.read_at[0], self.read_at[-1]
        return (last - first) / (end - begin) if end > begin else 0.0


class LiveScripts:
    """A comparison of a script under way."""

    def __init__(self, comparison: ScriptComparison, listener: Listener) -> None:
        self.comparison = comparison
        self.running = not comparison.options.paused
        self.ending = False
        """Whether both runs are being ended."""
        self.failure = ""
        self.place: Place | None = None
        """The ``backward()`` whose losses are shown; None for all of them."""
        self.runs: dict[RunName, ScriptRun] = {}
        self._listener = listener
        self._twins: bool | None = None

    # What the screen reads

    @property
    def finished(self) -> bool:
        """Whether both runs are over."""
        return self.comparison.finished

    @property
    def twins(self) -> bool | None:
        """Whether both saw the same first loss; None while that is open."""
        if self._twins is None:
            self._twins = self.comparison.twins()
        return self._twins

    def shown(self, name: RunName) -> Losses | None:
        """The curve of run ``name`` that was chosen; None where it has no such call yet."""
        run = self.runs[name]
        return run.losses if self.place is None else run.series.get(self.place)

    def steps(self, name: RunName) -> int:
        """Steps of run ``name`` that were read."""
        return self.runs[name].losses.history.steps

    def total(self, name: RunName) -> int | None:
        """Steps that run ``name`` is expected to take: as many as the other, or as allowed."""
        known = [self.comparison.options.steps] if self.comparison.options.steps else []
        for other, run in self.comparison.runs.items():
            whole = run.ending is not None and not run.stopped and not run.ending.failed
            if other != name and whole and self.steps(other):
                known.append(self.steps(other))
        return min(known) if known else None

    @property
    def seconds_left(self) -> float | None:
        """The longest that a run still needs; None while that cannot be told."""
        left = []
        for name, run in self.runs.items():
            if self.comparison.runs[name].ending is not None:
                continue
            total = self.total(name)
            if total is None or not run.rate:
                return None
            left.append(max(0, total - self.steps(name)) / run.rate)
        return max(left, default=None)

    def read(self) -> bool:
        """Take in what is new in the log; whether there was any."""
        return sum(run.read() for run in self.runs.values()) > 0

    # What the screen asks for

    def start(self) -> None:
        """Start both runs. Raises ZgtuiError where that cannot be."""
        self.comparison.start()
        self._begin()

    def restart(self) -> None:
        """End what is left of both runs, and start them again."""
        self.comparison.restart()
        self._begin()

    def stop(self) -> None:
        """End both runs; they are ``finished`` when they have ended."""
        self.ending = True
        self.comparison.stop()

    def toggle_running(self) -> None:
        """Pause both runs between two steps, or let them go on."""
        if self.finished:
            self._listener.say("Both scripts have ended: r starts them again.")
            return
        self.running = not self.running
        self.comparison.set_running(running=self.running)

    def single_step(self) -> None:
        """Pause running scripts; let paused ones take one step."""
        if self.running or self.finished:
            self.toggle_running()
        else:
            self.comparison.step()

    def toggle_clearing(self, name: RunName) -> None:
        """Switch run ``name`` between never clearing and what it began with, or every step."""
        if self._is_over(name):
            return
        own: Policy = self.comparison.options.policies[name]
        back: Policy = "every" if own == "never" else own
        present = self.comparison.runs[name].policy
        self.comparison.set_policy(name, back if present == "never" else "never")

    def scale_lr(self, names: tuple[RunName, ...], presses: int) -> None:
        """Move the learning rates of each run by even ratio steps."""
        for name in names:
            if not self._is_over(name):
                factor = scaled_lr(self.comparison.runs[name].lr_scale, presses)
                self.comparison.scale_lr(name, factor)

    def next_curve(self) -> None:
        """Show the losses of the next call of ``backward()``, after the last those of all."""
        places = list(dict.fromkeys(place for run in self.runs.values() for place in run.series))
        if len(places) < 2:
            self._listener.say("There is one curve: one line of the script calls backward().")
            return
        choices = [None, *places]
        self.place = choices[(choices.index(self.place) + 1) % len(choices)]

    # What the scripts say

    def take_news(self) -> None:
        """Take in what has happened; never waits."""
        try:
            for notice in self.comparison.poll():
                self._take(notice)
        except WorkerError as error:
            self.failure = str(error)
            self._listener.say(self.failure, error=True)

    def _take(self, notice: protocol.Notice | RunEnded) -> None:
        run = self.runs[notice.run]  # type: ignore[index]  # the child was told its name
        if isinstance(notice, protocol.Hello):
            run.connected = True
        elif isinstance(notice, protocol.Paused | protocol.Resumed):
            run.paused = isinstance(notice, protocol.Paused)
            self._listener.refresh_soon()
        elif isinstance(notice, protocol.SeriesFound):
            run.series[notice.file, notice.line] = Losses(self.comparison.log, notice.name)
        elif isinstance(notice, protocol.Ack):
            self._note_changes()
            self._listener.refresh_soon()
        elif isinstance(notice, protocol.ObservationOff):
            self._listener.say(f"{notice.run}: {notice.reason}", error=True)
        elif isinstance(notice, RunEnded) and not self.ending:
            ending = notice.ending
            self._listener.say(f"{notice.run}: {ending.sentence}", error=ending.failed)

    def _note_changes(self) -> None:
        for event in self._events.read():
            if isinstance(event, ClearingChanged):
                label = f"zero_grad {event.policy}"
            elif isinstance(event, LrScaled):
                label = f"lr ×{event.factor:.4g}"
            else:
                continue
            self.runs[event.run].changes.append(Change(event.step, label))  # type: ignore[index]  # as it was written

    def _is_over(self, name: RunName) -> bool:
        over = self.comparison.runs[name].ending is not None
        if over:
            self._listener.say(f"Run {name} has ended: r starts both again.")
        return over

    def _begin(self) -> None:
        log = self.comparison.log
        self.ending, self.failure, self.place, self._twins = False, "", None, None
        self.running = not self.comparison.options.paused
        self.runs = {name: ScriptRun(Losses(log, name)) for name in RUNS}
        self._events = EventReader(log)
