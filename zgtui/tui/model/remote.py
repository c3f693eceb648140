"""A comparison as the worker tells of it: what it confirmed, and where its losses are.

No Textual here and no drawing: the screen reads these fields.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

from zgtui.config.settings import RUNS, RunName, Settings, lr_factor
from zgtui.curves.history import LossHistory
from zgtui.curves.trend import Trend
from zgtui.errors import LogError
from zgtui.runlog.events import Event, Sampled, Started, change_of
from zgtui.runlog.log import EventReader, LossReader
from zgtui.tui.model.live_run import READ_LIMIT, Again, LiveRun
from zgtui.worker.client import Client, ClientFactory
from zgtui.worker.protocol import (
    Ack,
    AtLine,
    Command,
    ComparisonStarted,
    Failed,
    Notice,
    Progress,
    Ready,
    SetClearing,
    SetLr,
    Start,
)

HUNG_SECONDS = 5.0
RATE_SECONDS = 1.0

TWIN = "T"
"""The momentum-1 twin's name in the log."""

Phase = Literal["loading", "training", "paused", "finished", "failed"]


class Listener(Protocol):
    """Who is told of what a user should hear at once."""

    def say(self, message: str, *, error: bool = False) -> None:
        """One sentence for the user."""

    def cannot_start(self, message: str) -> None:
        """The very first comparison cannot be started as asked: wrong use."""

    def refresh_soon(self) -> None:
        """Something was confirmed that a user waits for: show it before the next tick."""


class RemoteComparison:
    """The comparison under way, as the worker that trains it tells of it."""

    def __init__(self, settings: Settings, make_client: ClientFactory, listener: Listener) -> None:
        self.settings = settings
        self.phase: Phase = "loading"
        self.started: ComparisonStarted | None = None
        self.ready: Ready | None = None
        self.failure = ""
        self.at: AtLine | None = None
        """Where inside of a step it is, in slow motion."""
        self.running = True
        self.runs = {name: self._fresh(name) for name in RUNS}
        self._make_client = make_client
        self._client: Client | None = None
        self._listener = listener
        self._asked: dict[int, tuple[Command, Callable[[Ack], None] | None]] = {}
        self._began = self._heard = time.monotonic()
        self._told: deque[tuple[float, int]] = deque()
        self._step_wanted = 0
        self._events: EventReader | None = None
        self._again: Again | None = None
        self.twin = LossHistory()
        """The losses of the momentum-1 twin, where there is one."""
        self._twin_reader: LossReader | None = None

    # What the screen reads

    @property
    def step(self) -> int:
        """Steps that the worker has told of."""
        return self._told[-1][1] if self._told else 0

    @property
    def logged_steps(self) -> int:
        """Steps that both runs have in the log: what an export holds when nobody can be asked."""
        readers = [run.reader for run in self.runs.values()]
        return min(reader.available() if reader else 0 for reader in readers)

    @property
    def rate(self) -> float:
        """Steps a second over about the last second; 0 where nothing moves."""
        if self.phase != "training" or len(self._told) < 2:
            return 0.0
        (begin, first), (end, last) = self._told[0], self._told[-1]
        return (last - first) / (end - begin) if end > begin else 0.0

    @property
    def loading_seconds(self) -> float:
        """How long the worker has been starting."""
        return time.monotonic() - self._began

    @property
    def silence(self) -> float:
        """Seconds without a sign of life from a worker that should give one; else 0."""
        waited = time.monotonic() - self._heard
        alive = self.phase in {"training", "paused", "finished"}
        return waited if alive and waited > HUNG_SECONDS else 0.0

    def trend(self, name: RunName) -> Trend:
        """What the losses of run ``name`` are doing."""
        full_batch = self.started is not None and self.started.full_batch
        return self.runs[name].tracker.trend(full_batch=full_batch)

    def lr(self, name: RunName) -> float | None:
        """The learning rate of run ``name`` at the step it is at, the schedule applied."""
        lr = self.runs[name].lr
        factor = lr_factor(self.settings.schedule, self.step, self.settings.steps or 0)
        return None if lr is None else lr * factor

    def read(self) -> bool:
        """Take in what is new in the logs; whether there was any."""
        self._read_events()
        if self._twin_reader is not None:
            self.twin.extend(self._twin_reader.read(READ_LIMIT))
        return sum(run.read() for run in self.runs.values()) > 0

    def _read_events(self) -> None:
        try:
            for event in self._events.read() if self._events else ():
                self._take(event)
        except LogError as error:
            self._events = None
            self._listener.say(f"{error}; changes and gradients are no longer shown", error=True)

    def _take(self, event: Event) -> None:
        if isinstance(event, Started):
            began = Settings.from_dict(event.settings)
            for name, run in self.runs.items():
                run.begin(began.run(name))
        for name, run in self.runs.items():
            if isinstance(event, Sampled) and event.run == name:
                run.measured.take(event)
            elif change := change_of(event, name):
                run.apply(change)

    # What the worker says

    def worker_notice(self, notice: Notice) -> None:
        """Take in a notice; called on the event loop's thread."""
        self._heard = time.monotonic()
        self.at = notice if isinstance(notice, AtLine) else None
        if isinstance(notice, Progress):
            self._progress(notice)
        elif isinstance(notice, Ack):
            self._acknowledged(notice)
        elif isinstance(notice, ComparisonStarted):
            self._comparison_started(notice)
        elif isinstance(notice, Ready):
            self.ready = notice
        elif isinstance(notice, Failed):
            self.failure = notice.message
        if isinstance(notice, Ack | AtLine):
            self._listener.refresh_soon()

    def worker_ended(self, _exit_code: int, reason: str) -> None:
        """The worker is gone without having been asked to go."""
        self.read()
        self.phase, self.at = "failed", None
        self.failure = f"{self.failure} ({reason})" if self.failure else reason
        self._client = None
        self._listener.say(f"{self.failure}. r starts a new one.", error=True)

    def _progress(self, notice: Progress) -> None:
        now = time.monotonic()
        self._told.append((now, notice.step))
        while len(self._told) > 2 and self._told[0][0] < now - RATE_SECONDS:
            self._told.popleft()
        self.running = notice.running
        for name, accuracy in notice.accuracy.items():
            self.runs[name].accuracy = accuracy
        if notice.finished:
            self.phase = "finished"
        else:
            self.phase = "training" if notice.running else "paused"
        if self._again is not None and not notice.running and not self._asked:
            for command in self._again.ask(notice.step):
                self._ask(command)
            self._again = None if self._again.over else self._again

    def _acknowledged(self, ack: Ack) -> None:
        command, then = self._asked.pop(ack.ack)
        if ack.error is not None:
            self._refused(command, ack.error)
            return
        # What it changed, and from which step on, is in the log by now.
        self._read_events()
        if isinstance(command, SetLr):
            run = self.runs[command.run]
            run.wanted_lr = None if run.wanted_lr == command.lr else run.wanted_lr
        elif isinstance(command, SetClearing):
            run = self.runs[command.run]
            policy = (command.clear, command.accumulate)
            run.wanted_policy = None if run.wanted_policy == policy else run.wanted_policy
        if then is not None:
            then(ack)

    def _refused(self, command: Command, error: str) -> None:
        if self.started is None:
            self.phase, self.failure = "failed", error
            self._listener.cannot_start(error)
            return
        if isinstance(command, Start):
            self.settings = self.started.settings
        elif isinstance(command, SetLr | SetClearing):
            # The next press starts from what holds, not from what was refused.
            self.runs[command.run].wanted_lr = self.runs[command.run].wanted_policy = None
        self._listener.say(error, error=True)

    def _comparison_started(self, notice: ComparisonStarted) -> None:
        self.started, self.settings = notice, notice.settings
        self._told.clear()
        self._step_wanted = 0
        log = Path(notice.log)
        for name in RUNS:
            self.runs[name] = self._fresh(name)
            self.runs[name].reader = LossReader(log, name)
        self._events = EventReader(log)
        self.twin = LossHistory()
        self._twin_reader = LossReader(log, TWIN) if notice.settings.twin else None
        self._read_events()
        if notice.step:
            self._told.append((time.monotonic(), notice.step))
        self.phase = "training" if self.running else "paused"

    def _ask(self, command: Command, then: Callable[[Ack], None] | None = None) -> None:
        if self._client is None:
            self._listener.say("The training process is gone: r starts a new one.", error=True)
            return
        self._asked[self._client.send(command)] = (command, then)

    def _fresh(self, name: RunName) -> LiveRun:
        run = self.settings.run(name)
        return LiveRun(name, run.clear, run.lr, run.accumulate)
