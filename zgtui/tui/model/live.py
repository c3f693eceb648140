"""A comparison as the app knows it: what the worker confirmed, and what was asked of it.

No Textual here and no drawing: the screen reads these fields and calls these methods.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from zgtui.config.settings import Clearing, RunName, Settings, scaled_lr
from zgtui.errors import LogError
from zgtui.tables.rows import read_facts
from zgtui.tui.model.live_run import Again
from zgtui.tui.model.remote import Listener, Phase, RemoteComparison
from zgtui.worker.protocol import (
    Ack,
    SetClearing,
    SetLimit,
    SetLr,
    SetRunning,
    SetSpeed,
    Start,
    StepBack,
    StepTo,
    Sync,
)

__all__ = ["Listener", "LiveComparison", "Phase"]

SEEDS = 10_000


class LiveComparison(RemoteComparison):
    """The comparison under way, and the worker that trains it."""

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

    def restart(self, settings: Settings, *, running: bool | None = None) -> None:
        """Begin at step 0 with ``settings``; in a new process where the present one is gone.

        ``running``: train at once; None goes on as before.
        """
        self.settings, self._again = settings, None
        self.running = self.running or self.phase in {"finished", "failed"}
        self.running = self.running if running is None else running
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

    def again(self) -> None:
        """Start from step 0 as this comparison began, with each change at its own step."""
        if self.started is None:
            self._listener.say("There is nothing to train again yet.")
            return
        try:
            facts = read_facts(Path(self.started.log))
        except LogError as error:
            self._listener.say(str(error), error=True)
            return
        self.restart(Settings.from_dict(facts.start["settings"]), running=False)
        self._again = Again(facts.changes)

    def step_back(self) -> None:
        """Go back by one step, and pause there."""
        pending = [one.to for one, _ in self._asked.values() if isinstance(one, StepBack)]
        present = min([self.step, *pending])
        if present:
            self._again = None
            self.running = False
            self._ask(StepBack(present - 1))

    def set_running(self, *, running: bool) -> None:
        """Train or pause."""
        self.running, self._again = running, None
        self._step_wanted = 0
        self._ask(SetRunning(running))

    def single_step(self) -> None:
        """Pause a running comparison; train a paused one by one step."""
        if self.running and self.phase == "training":
            self.set_running(running=False)
        elif self.phase == "finished":
            self._listener.say("Finished: c continues beyond.")
        else:
            self._again = None
            self._step_wanted = max(self._step_wanted, self.step) + 1
            self._ask(StepTo(self._step_wanted))

    def train_to(self, step: int) -> None:
        """Train on to ``step`` at the speed set, and pause there."""
        self._again = None
        self._step_wanted = max(step, self.step)
        self._ask(StepTo(step))

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
                self._listener.say("The learning rate is known once PyTorch is imported.")
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

    def _begin(self, settings: Settings) -> None:
        self._ask(Start(settings, self.running))
