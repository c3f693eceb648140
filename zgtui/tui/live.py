"""A comparison as the app knows it: what the worker confirmed, and what was asked of it.

No Textual here and no drawing: the screen reads these fields and calls these methods.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal, Protocol

from zgtui.losses.log import LossReader
from zgtui.losses.trend import Trend
from zgtui.schedule import lr_factor
from zgtui.settings import RUNS, Clearing, RunName, Settings, scaled_lr
from zgtui.tui.live_run import LiveRun
from zgtui.worker.client import Client, ClientFactory
from zgtui.worker.protocol import (
    Ack,
    Command,
    Failed,
    Notice,
    Progress,
    Ready,
    SetClearing,
    SetLimit,
    SetLr,
    SetRunning,
    SetSpeed,
    Start,
    Started,
    StepTo,
    Sync,
)

HUNG_SECONDS = 5.0
RATE_SECONDS = 1.0
SEEDS = 10_000

Phase = Literal["loading", "training", "paused", "finished", "failed"]


class Audience(Protocol):
    """Who is told of what a user should hear at once."""

    def say(self, message: str, *, error: bool = False) -> None:
        """One sentence for the user."""

    def cannot_start(self, message: str) -> None:
        """The very first comparison cannot be started as asked: wrong use."""


class LiveComparison:
    """The comparison under way, and the worker that trains it."""

    def __init__(self, settings: Settings, make_client: ClientFactory, audience: Audience) -> None:
        self.settings = settings
        self.phase: Phase = "loading"
        self.started: Started | None = None
        self.ready: Ready | None = None
        self.failure = ""
        self.running = True
        self.runs = {name: self._fresh(name) for name in RUNS}
        self._make_client = make_client
        self._client: Client | None = None
        self._audience = audience
        self._asked: dict[int, tuple[Command, Callable[[Ack], None] | None]] = {}
        self._began = self._heard = time.monotonic()
        self._told: deque[tuple[float, int]] = deque()
        self._step_wanted = 0

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
        return sum(run.read() for run in self.runs.values()) > 0

    # What the screen asks for

    def start(self, *, running: bool = True) -> None:
        """Start the training process and the first comparison."""
        self.running = running
        self.phase, self.failure = "loading", ""
        self._began = self._heard = time.monotonic()
        self._asked.clear()
        self._client = self._make_client()
        self._client.start(self)
        self._begin(self.settings)

    def present_settings(self) -> Settings:
        """The settings with the clearing and learning rates that keys have changed them to."""
        settings = self.settings
        for name, run in self.runs.items():
            clear, parts = run.wanted_policy or (run.clear, run.accumulate)
            lr = run.wanted_lr or run.lr
            settings = settings.with_run(name, clear=clear, accumulate=parts, lr=lr)
        return settings

    def restart(self, settings: Settings) -> None:
        """Begin at step 0 with ``settings``; in a new process where the present one is gone."""
        self.settings = settings
        self.running = self.running or self.phase in {"finished", "failed"}
        if self.phase == "failed" or self.silence or self._client is None:
            self.kill()
            self.start(running=self.running)
        else:
            self._begin(self.settings)

    def reset(self) -> None:
        """Back to step 0 with the same seed and everything as it is set now."""
        self.restart(self.present_settings())

    def new_seed(self) -> None:
        """Start again from another random seed, short enough to be read out and typed again."""
        seed = random.SystemRandom().randrange(SEEDS - 1)
        seed += seed >= self.settings.seed
        self.restart(replace(self.present_settings(), seed=seed))

    def set_running(self, *, running: bool) -> None:
        """Train or pause."""
        self.running = running
        self._step_wanted = 0
        self._ask(SetRunning(running))

    def single_step(self) -> None:
        """Pause a running comparison; train a paused one by one step."""
        if self.running and self.phase == "training":
            self.set_running(running=False)
        elif self.phase == "finished":
            self._audience.say("Finished: c continues beyond.")
        else:
            self._step_wanted = max(self._step_wanted, self.step) + 1
            self._ask(StepTo(self._step_wanted))

    def proceed(self) -> None:
        """Train on beyond the planned length."""
        self._ask(SetLimit(0))
        self.set_running(running=True)

    def toggle_clearing(self, names: tuple[RunName, ...]) -> None:
        """Switch each run between clearing every step and never."""
        for name in names:
            run = self.runs[name]
            clear, parts = run.wanted_policy or (run.clear, run.accumulate)
            self.set_policy(name, clear.toggled, parts)

    def set_policy(self, name: RunName, clear: Clearing, accumulate: int) -> None:
        """Give run ``name`` a clearing policy and a number of backwards a step."""
        self.runs[name].wanted_policy = (clear, accumulate)
        self._ask(SetClearing(name, clear, accumulate))

    def set_lr(self, names: tuple[RunName, ...], lr: float) -> None:
        """Give each run the learning rate ``lr``."""
        for name in names:
            self.runs[name].wanted_lr = lr
            self._ask(SetLr(name, lr))

    def scale_lr(self, names: tuple[RunName, ...], presses: int) -> None:
        """Move each run's learning rate by even ratio steps."""
        for name in names:
            current = self.runs[name].wanted_lr or self.runs[name].lr
            if current is None:
                self._audience.say("The learning rate is known once PyTorch is imported.")
                return
            self.set_lr((name,), scaled_lr(current, presses))

    def set_speed(self, steps_per_second: float) -> None:
        """Train at most so many steps a second; 0 is without limit."""
        self.settings = replace(self.settings, speed=steps_per_second)
        self._ask(SetSpeed(steps_per_second))

    def sync(self, then: Callable[[Ack], None]) -> None:
        """Have every loss written to the log, then call ``then`` with the step reached."""
        self._ask(Sync(), then)

    async def stop(self) -> None:
        """End the training process in order."""
        if self._client is not None:
            await self._client.stop()
            self._client = None

    def kill(self) -> None:
        """End the training process at once."""
        if self._client is not None:
            self._client.kill()
            self._client = None

    # What the worker says

    def worker_notice(self, notice: Notice) -> None:
        """Take in a notice; called on the event loop's thread."""
        self._heard = time.monotonic()
        if isinstance(notice, Progress):
            self._progress(notice)
        elif isinstance(notice, Ack):
            self._acknowledged(notice)
        elif isinstance(notice, Started):
            self._comparison_started(notice)
        elif isinstance(notice, Ready):
            self.ready = notice
        elif isinstance(notice, Failed):
            self.failure = notice.message

    def worker_ended(self, _exit_code: int, reason: str) -> None:
        """The worker is gone without having been asked to go."""
        self.read()
        self.phase = "failed"
        self.failure = f"{self.failure} ({reason})" if self.failure else reason
        self._client = None
        self._audience.say(f"{self.failure}. r starts a new one.", error=True)

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

    def _acknowledged(self, ack: Ack) -> None:
        command, then = self._asked.pop(ack.ack)
        if ack.error is not None:
            self._refused(command, ack.error)
            return
        if isinstance(command, SetLr):
            run = self.runs[command.run]
            run.lr = command.lr
            run.wanted_lr = None if run.wanted_lr == command.lr else run.wanted_lr
            run.note(ack.step, f"lr {command.lr:.4g}")
        elif isinstance(command, SetClearing):
            run = self.runs[command.run]
            policy = (command.clear, command.accumulate)
            run.clear, run.accumulate = policy
            run.wanted_policy = None if run.wanted_policy == policy else run.wanted_policy
            parts = f" /{command.accumulate}" if command.accumulate > 1 else ""
            run.note(ack.step, f"zero_grad {command.clear}{parts}")
        if then is not None:
            then(ack)

    def _refused(self, command: Command, error: str) -> None:
        if self.started is None:
            self.phase, self.failure = "failed", error
            self._audience.cannot_start(error)
            return
        if isinstance(command, Start):
            self.settings = self.started.settings
        elif isinstance(command, SetLr | SetClearing):
            # The next press starts from what holds, not from what was refused.
            self.runs[command.run].wanted_lr = self.runs[command.run].wanted_policy = None
        self._audience.say(error, error=True)

    def _comparison_started(self, notice: Started) -> None:
        self.started, self.settings = notice, notice.settings
        self._told.clear()
        self._step_wanted = 0
        for name in RUNS:
            self.runs[name] = self._fresh(name)
            self.runs[name].reader = LossReader(Path(notice.log), name)
        self.phase = "training" if self.running else "paused"

    def _begin(self, settings: Settings) -> None:
        self._ask(Start(settings, self.running))

    def _ask(self, command: Command, then: Callable[[Ack], None] | None = None) -> None:
        if self._client is None:
            self._audience.say("The training process is gone: r starts a new one.", error=True)
            return
        self._asked[self._client.send(command)] = (command, then)

    def _fresh(self, name: RunName) -> LiveRun:
        run = self.settings.run(name)
        return LiveRun(name, run.clear, run.lr, run.accumulate)
