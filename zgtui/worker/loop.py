"""The training process's loop: it owns the clock, the step counter and every change of state."""

from __future__ import annotations

import os
import select
import time
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from zgtui.config.settings import RUNS, RunName, Settings
from zgtui.errors import ZgtuiError
from zgtui.runlog.log import LogWriter, branch
from zgtui.runlog.sessions import prune
from zgtui.training.comparison import Comparison, prepare, start_event
from zgtui.training.devices import available_devices, suitable_threads
from zgtui.training.rewind import Rewind
from zgtui.worker.protocol import (
    Ack,
    Command,
    Progress,
    Ready,
    SetClearing,
    SetLimit,
    SetLr,
    SetRunning,
    SetSpeed,
    Start,
    Started,
    StepBack,
    StepTo,
    Sync,
    decode_command,
)
from zgtui.worker.record import record
from zgtui.worker.slow_motion import SlowMotion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.worker.outbox import Outbox

DRAIN_SECONDS = 0.02
"""Losses reach the log at least this often: what a kill can lose."""
NOTICE_SECONDS = 0.05
HEARTBEAT_SECONDS = 0.5
SLOW = 20.0
"""Up to so many steps a second every step is sampled, and every step can be gone back to."""
SLACK_SECONDS = 0.02
"""How far behind the wanted speed training may catch up."""


class Worker:
    """Trains one comparison at a time as told by commands on ``stdin``.

    ``stdin`` is a file descriptor; logs go to numbered folders in ``session``.
    """

    def __init__(self, stdin: int, outbox: Outbox, session: Path) -> None:
        self._stdin = stdin
        self._outbox = outbox
        self._session = session
        self._poll = select.poll()
        self._poll.register(stdin, select.POLLIN | select.POLLHUP)
        self._received = b""
        self._open = True
        self._devices = available_devices()
        self._most_threads = torch.get_num_threads()
        self._slow_motion = SlowMotion(outbox, self._asked)
        self._comparison: Comparison | None = None
        self._settings = Settings()
        self._rewind: Rewind | None = None
        self._log: LogWriter | None = None
        self._number = 0
        self._running = False
        self._limit = 0
        self._pause_at: int | None = None
        self._speed = 0.0
        self._due = 0.0
        self._drained_at = self._told_at = self._kept_at = 0.0
        self._told_step = 0
        self._accuracy: dict[RunName, float] = {}

    def run(self) -> None:
        """Serve until stdin ends; then everything trained is in the log."""
        self._outbox.send(Ready(torch=torch.__version__, devices=self._devices))
        try:
            while self._open:
                for number, command in self._commands(self._patience()):
                    self._answer(number, command)
                if self._training and time.monotonic() >= self._due:
                    self._advance()
                self._keep_up()
        finally:
            self._end("worker ended")

    def stop(self) -> None:
        """Have ``run`` end after the step under way; for signal handlers, which may not raise."""
        self._open = False

    @property
    def _finished(self) -> bool:
        return bool(self._limit and self._comparison and self._comparison.step >= self._limit)

    @property
    def _training(self) -> bool:
        return self._running and self._comparison is not None and not self._finished

    def _patience(self) -> float:
        """How long the loop may wait for a command before it has something else to do, seconds."""
        now = time.monotonic()
        times = [self._told_at + HEARTBEAT_SECONDS]
        if self._training:
            times.append(self._due)
            if self._told_step != self._next_step - 1:
                times.append(self._told_at + NOTICE_SECONDS)
        return max(0.0, min(times) - now)

    def _asked(self, seconds: float) -> bool:
        """Wait so long for a command; whether there is one, or the time to end has come."""
        return bool(self._poll.poll(seconds * 1000)) or not self._open

    def _commands(self, seconds: float) -> Iterator[tuple[int, Command]]:
        if not self._poll.poll(seconds * 1000):
            return
        data = os.read(self._stdin, 65536)
        if not data:
            self._open = False
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            yield decode_command(line)

    def _answer(self, number: int, command: Command) -> None:
        try:
            self._apply(command)
        except ZgtuiError as error:
            self._outbox.send(Ack(number, self._next_step - 1, error=str(error)))
            return
        self._outbox.send(Ack(number, self._next_step - isinstance(command, Sync)))
        self._tell_progress()

    @property
    def _next_step(self) -> int:
        return self._comparison.step + 1 if self._comparison else 1

    def _apply(self, command: Command) -> None:
        if isinstance(command, Start):
            self._start(command)
            return
        if self._comparison is None or self._log is None or self._rewind is None:
            raise ZgtuiError("nothing is being trained yet: the first command must be a start")
        if isinstance(command, SetRunning):
            self._running, self._pause_at = command.running, None
            self._log.event("resume" if command.running else "pause", step=self._next_step)
        elif isinstance(command, StepTo):
            self._pause_at = command.step
            self._running = command.step > self._comparison.step
            # One step is not waited for, however slow the motion.
            self._due = 0.0 if command.step == self._next_step else self._due
        elif isinstance(command, SetClearing):
            self._rewind.set_clearing(command.run, command.clear, command.accumulate)
            self._log.event(
                "set_clearing",
                run=command.run,
                clear=str(command.clear),
                accumulate=command.accumulate,
                step=self._next_step,
            )
        elif isinstance(command, SetLr):
            self._rewind.set_lr(command.run, command.lr)
            self._log.event("set_lr", run=command.run, lr=command.lr, step=self._next_step)
        elif isinstance(command, SetSpeed):
            self._speed, self._due = command.steps_per_second, 0.0
        elif isinstance(command, SetLimit):
            self._limit = command.steps
            self._log.event("set_limit", steps=command.steps, step=self._next_step)
        elif isinstance(command, StepBack):
            self._step_back(command.to)
        else:
            self._drain()

    def _start(self, command: Start) -> None:
        comparison, settings = prepare(command.settings, self._devices)
        torch.set_num_threads(
            suitable_threads(
                comparison.runs["A"].model, comparison.batches.size, self._most_threads
            )
        )
        self._end("restarted")
        self._number += 1
        log = LogWriter(self._session / str(self._number), comparison.logged_runs)
        self._comparison, self._log = comparison, log
        self._settings, self._rewind = settings, Rewind(comparison)
        self._accuracy.clear()
        self._limit, self._speed = settings.steps or 0, settings.speed or 0.0
        self._running, self._pause_at, self._due = command.running, None, 0.0
        log.event("start", **start_event(comparison, settings))
        self._tell_started()
        if self._number == 1:
            prune(self._session.parent)

    def _step_back(self, step: int) -> None:
        """Go back to ``step`` and pause there, in a new log: the old one stays as it is."""
        assert self._comparison is not None
        assert self._log is not None
        assert self._rewind is not None
        self._drain()
        self._rewind.back_to(step)
        old, folder = self._log, self._session / str(self._number + 1)
        self._log = branch(old.folder, folder, self._comparison.logged_runs, step)
        self._number += 1
        old.event("end", step=step, reason="stepped back")
        old.close()
        for name in RUNS:
            run = self._comparison.runs[name]
            changed = {"clear": run.clearing, "lr": run.lr, "accumulate": run.micro_batches}
            self._settings = self._settings.with_run(name, **changed)
        self._accuracy.clear()
        self._running, self._pause_at = False, None
        self._tell_started()

    def _tell_started(self) -> None:
        assert self._comparison is not None
        assert self._log is not None
        event = start_event(self._comparison, self._settings)
        initial = self._comparison.initial
        self._outbox.send(
            Started(
                log=str(self._log.folder),
                settings=self._settings,
                optimizer=event["optimizer"],
                steps_per_epoch=event["steps_per_epoch"],
                full_batch=event["full_batch"],
                twins=event["twins"],
                step=self._comparison.step,
                weights=self._comparison.fingerprints.weights,
                batches=self._comparison.fingerprints.batches,
                modes=initial.modes,
                floor=initial.min_loss,
                sharpness=dict(initial.sharpness),
            )
        )

    def _advance(self) -> None:
        assert self._comparison is not None
        now = time.monotonic()
        step = self._comparison.step + 1
        alone = step == self._pause_at
        last = alone or step == self._limit
        slow = 0 < self._speed <= SLOW or alone
        due = self._comparison.diagnostics.due(step)
        # A step that was asked for by itself is done at once.
        follow = None if alone else self._slow_motion.of(self._comparison, self._speed)
        self._comparison.advance(sample=slow or due or last, resting=last, follow=follow)
        self._keep_state(now, slow=slow)
        if step == self._pause_at:
            self._running, self._pause_at = False, None
        # A step that comes late is not made up for by a burst: slow motion stays slow.
        if self._speed:
            self._due = max(self._due, now - SLACK_SECONDS) + 1 / self._speed

    def _keep_state(self, now: float, *, slow: bool) -> None:
        """Keep the state after this step to go back to, where it is slow or paid for."""
        assert self._rewind is not None
        self._rewind.earn(now - self._kept_at)
        self._kept_at = now
        if slow or self._rewind.affordable():
            begin = time.monotonic()
            self._rewind.keep()
            self._rewind.spend(time.monotonic() - begin)

    def _keep_up(self) -> None:
        """Hand on what is due: losses to the log, then the news that they are there."""
        now = time.monotonic()
        if self._training and now < self._drained_at + DRAIN_SECONDS:
            return
        self._drain()
        self._drained_at = now
        self._outbox.flush()
        moved = self._told_step != self._next_step - 1
        patience = 0.0 if not self._training else NOTICE_SECONDS
        if now >= self._told_at + (patience if moved else HEARTBEAT_SECONDS):
            self._tell_progress()

    def _drain(self) -> None:
        if self._comparison is None or self._log is None:
            return
        begin = time.monotonic()
        drained = self._comparison.drain()
        self._accuracy |= record(self._log, drained)
        if drained.samples:
            self._comparison.diagnostics.charge(time.monotonic() - begin)

    def _end(self, reason: str) -> None:
        if self._log is None:
            return
        self._drain()
        self._log.event("end", step=self._next_step - 1, reason=reason)
        self._log.close()
        self._log = self._comparison = self._rewind = None

    def _tell_progress(self) -> None:
        """Tell how far the log is written."""
        self._drain()
        self._told_step, self._told_at = self._next_step - 1, time.monotonic()
        self._outbox.send(
            Progress(
                self._told_step,
                self._running and not self._finished,
                self._finished,
                dict(self._accuracy),
            )
        )
