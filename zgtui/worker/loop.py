"""The training process's loop: it owns the clock, the step counter and every change of state."""

from __future__ import annotations

import os
import select
import time
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from zgtui.errors import ZgtuiError
from zgtui.experiments import load
from zgtui.losses.log import LogWriter
from zgtui.settings import RUNS
from zgtui.training.comparison import Comparison, fill_in
from zgtui.training.devices import available_devices, resolve_device
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
    StepTo,
    Sync,
    decode_command,
)
from zgtui.worker.session import prune

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.worker.outbox import Outbox

DRAIN_SECONDS = 0.02
"""Losses reach the log at least this often: what a kill can lose."""
NOTICE_SECONDS = 0.05
HEARTBEAT_SECONDS = 0.5
SAMPLE_SECONDS = 0.05
SAMPLED_STEPS = 100
"""Diagnostics are taken at each of the first steps, then SAMPLE_SECONDS apart."""


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
        self._comparison: Comparison | None = None
        self._log: LogWriter | None = None
        self._number = 0
        self._running = False
        self._limit = 0
        self._pause_at: int | None = None
        self._speed = 0.0
        self._due = 0.0
        self._drained_at = self._told_at = self._sampled_at = 0.0
        self._told_step = 0

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

    def _commands(self, seconds: float) -> Iterator[tuple[int, Command]]:
        if not self._poll.poll(seconds * 1000):
            return
        data = os.read(self._stdin, 65536)
        self._open = bool(data)
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
        if self._comparison is None or self._log is None:
            raise ZgtuiError("nothing is being trained yet: the first command must be a start")
        if isinstance(command, SetRunning):
            self._running, self._pause_at = command.running, None
            self._log.event("resume" if command.running else "pause", step=self._next_step)
        elif isinstance(command, StepTo):
            self._pause_at = command.step
            self._running = command.step > self._comparison.step
        elif isinstance(command, SetClearing):
            self._comparison.set_clearing(command.run, command.clear)
            self._log.event(
                "set_clearing", run=command.run, clear=str(command.clear), step=self._next_step
            )
        elif isinstance(command, SetLr):
            self._comparison.set_lr(command.run, command.lr)
            self._log.event("set_lr", run=command.run, lr=command.lr, step=self._next_step)
        elif isinstance(command, SetSpeed):
            self._speed, self._due = command.steps_per_second, 0.0
        elif isinstance(command, SetLimit):
            self._limit = command.steps
            self._log.event("set_limit", steps=command.steps, step=self._next_step)
        else:
            self._drain()

    def _start(self, command: Start) -> None:
        experiment = load(command.settings.experiment)
        device = resolve_device(command.settings.device, self._devices)
        settings = fill_in(command.settings, experiment, device)
        comparison = Comparison(experiment, settings)
        self._end("restarted")
        self._number += 1
        log = LogWriter(self._session / str(self._number), RUNS)
        self._comparison, self._log = comparison, log
        self._limit, self._speed = settings.steps or 0, settings.speed or 0.0
        self._running, self._pause_at, self._due = command.running, None, 0.0
        started = Started(
            log=str(log.folder),
            settings=settings,
            optimizer=type(comparison.runs["A"].optimizer).__name__,
            steps_per_epoch=comparison.steps_per_epoch,
            full_batch=comparison.steps_per_epoch == 1,
            twins=comparison.twins,
        )
        self._log_start(started)
        self._outbox.send(started)
        if self._number == 1:
            prune(self._session.parent)

    def _log_start(self, started: Started) -> None:
        assert self._log is not None
        self._log.event(
            "start",
            time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            settings=started.settings.to_dict(),
            torch=torch.__version__,
            device=started.settings.device,
            optimizer=started.optimizer,
            steps_per_epoch=started.steps_per_epoch,
            full_batch=started.full_batch,
            twins=started.twins,
        )

    def _advance(self) -> None:
        assert self._comparison is not None
        now = time.monotonic()
        sample = self._comparison.step < SAMPLED_STEPS or now >= self._sampled_at + SAMPLE_SECONDS
        if sample:
            self._sampled_at = now
        self._comparison.advance(sample=sample)
        if self._comparison.step == self._pause_at:
            self._running, self._pause_at = False, None
        # A late step is not made up for by a burst: slow motion stays slow.
        if self._speed:
            self._due = max(self._due + 1 / self._speed, now)

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
        drained = self._comparison.drain()
        for sample in drained.samples:
            self._log.event("sample", run=sample.run, step=sample.step, grad_norm=sample.grad_norm)
        for name, losses in drained.losses.items():
            if losses:
                self._log.losses(name, losses)

    def _end(self, reason: str) -> None:
        if self._log is None:
            return
        self._drain()
        self._log.event("end", step=self._next_step - 1, reason=reason)
        self._log.close()
        self._log = self._comparison = None

    def _tell_progress(self) -> None:
        """Tell how far the log is written."""
        self._drain()
        self._told_step, self._told_at = self._next_step - 1, time.monotonic()
        self._outbox.send(
            Progress(self._told_step, self._running and not self._finished, self._finished)
        )
