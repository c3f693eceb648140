"""The training process's loop: it owns the clock, the step counter and every change of state."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch

from zgtui.config.settings import Settings
from zgtui.errors import ZgtuiError
from zgtui.ipc import Ack, LineBuffer, LineWriter, SetRunning, StepTo
from zgtui.runlog.events import LimitChanged, RunsPaused, RunsResumed
from zgtui.runlog.sessions import WORKER_LOG, bound, prune
from zgtui.training.comparison import Comparison, prepare
from zgtui.training.devices import available_devices, choice_words, suitable_threads
from zgtui.worker.logged import LoggedComparison, SlowMotion
from zgtui.worker.mapping import MapMaking
from zgtui.worker.protocol import (
    COMMANDS,
    NOTICES,
    SLOW,
    AtLine,
    Command,
    MapStability,
    Notice,
    Progress,
    Ready,
    Remark,
    SetClearing,
    SetLimit,
    SetLr,
    SetSpeed,
    Start,
    StepBack,
    Sync,
)

BATCH_SECONDS = 0.005
"""Steps into which nobody looks are trained for so long between two looks at the commands."""
DRAIN_SECONDS = 0.02
"""Losses reach the log at least this often: what a kill can lose."""
NOTICE_SECONDS = 0.05
HEARTBEAT_SECONDS = 0.5
SLACK_SECONDS = 0.02
"""How far behind the wanted speed training may catch up."""


class Worker:
    """Trains one comparison at a time as the commands on ``stdin`` say.

    ``stdin`` is a file descriptor, ``notices`` where the app reads; logs go to numbered folders in
    ``session``.
    """

    def __init__(self, stdin: int, notices: LineWriter, session: Path) -> None:
        self._stdin = stdin
        self._notices = notices
        self._session = session
        self._poll = select.poll()
        self._poll.register(stdin, select.POLLIN | select.POLLHUP)
        self._lines = LineBuffer()
        self._open = True
        self._devices = available_devices()
        self._most_threads = torch.get_num_threads()
        self._slow_motion = SlowMotion(self.send, self._asked)
        self._logged: LoggedComparison | None = None
        self._mapping: MapMaking | None = None
        self._number = 0
        self._running = False
        self._limit = 0
        self._pause_at: int | None = None
        self._speed = 0.0
        self._due = 0.0
        self._drained_at = self._reported_at = 0.0
        self._reported_step = 0
        self._remarks: list[str] = []
        """Those that the app has been told."""

    def run(self) -> None:
        """Serve until stdin ends; then everything trained is in the log."""
        self.send(Ready(torch=torch.__version__, devices=self._devices))
        try:
            while self._open:
                for number, command in self._commands(self._patience()):
                    self._answer(number, command)
                if self._training and time.monotonic() >= self._due:
                    self._advance()
                if self._mapping is not None:
                    self._mapping.advance()
                    self._mapping = None if self._mapping.done else self._mapping
                self._keep_up()
        finally:
            self._end("worker ended")

    def stop(self) -> None:
        """Have ``run`` end after the step under way; for signal handlers, which may not raise."""
        self._open = False

    def send(self, notice: Notice) -> None:
        """Send ``notice`` without waiting; an app that stands still never slows training.

        Where training is, is sent only when nothing waits, for the next one says the same and
        more: so memory stays bounded by the answers to commands.

        Raises:
            BrokenPipeError: if the app is gone.
        """
        self._notices.flush()
        if not (self._notices.waiting and isinstance(notice, Progress | AtLine)):
            self._notices.send(NOTICES.encode(notice))

    @property
    def _step(self) -> int:
        return self._logged.comparison.step if self._logged else 0

    @property
    def _finished(self) -> bool:
        return bool(self._limit and self._logged and self._step >= self._limit)

    @property
    def _training(self) -> bool:
        return self._running and self._logged is not None and not self._finished

    def _patience(self) -> float:
        """How long the loop may wait for a command before it has something else to do, seconds."""
        if self._mapping is not None:
            return 0.0
        now = time.monotonic()
        times = [self._reported_at + HEARTBEAT_SECONDS]
        if self._training:
            times.append(self._due)
            if self._reported_step != self._step:
                times.append(self._reported_at + NOTICE_SECONDS)
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
        for line in self._lines.take(data):
            yield COMMANDS.decode_numbered(line)

    def _answer(self, number: int, command: Command) -> None:
        try:
            self._apply(command)
        except ZgtuiError as error:
            self.send(Ack(number, self._step, error=str(error)))
            return
        self.send(Ack(number, self._step + (not isinstance(command, Sync))))
        self._report_progress()

    def _apply(self, command: Command) -> None:
        if isinstance(command, Start):
            self._start(command)
            return
        if self._logged is None:
            raise ZgtuiError("nothing is being trained yet: the first command must be a start")
        following = self._step + 1
        if isinstance(command, SetRunning):
            self._running, self._pause_at = command.running, None
            self._logged.write(RunsResumed(following) if command.running else RunsPaused(following))
        elif isinstance(command, StepTo):
            self._pause_at = command.step
            self._running = command.step > self._step
            # One step is not waited for, however slow the motion.
            self._due = 0.0 if command.step == following else self._due
        elif isinstance(command, SetClearing | SetLr):
            self._logged.change(command)
        elif isinstance(command, SetSpeed):
            self._speed, self._due = command.steps_per_second, 0.0
        elif isinstance(command, SetLimit):
            self._limit = command.steps
            self._logged.write(LimitChanged(command.steps, following))
        elif isinstance(command, StepBack):
            self._logged.step_back(command.to, self._next_log)
            self._number += 1
            self._running, self._pause_at = False, None
            self.send(self._logged.started())
        elif isinstance(command, MapStability):
            self._mapping = MapMaking(self._logged.comparison, command, self.send)
        else:
            self._logged.drain()

    def _start(self, command: Start) -> None:
        comparison, settings = self._prepared(command.settings)
        torch.set_num_threads(
            suitable_threads(
                comparison.runs["A"].model, comparison.batches.size, self._most_threads
            )
        )
        self._end("restarted")
        if torch.cuda.is_initialized():
            torch.cuda.empty_cache()  # others on this GPU may need what was trained on before
        self._logged = LoggedComparison(comparison, settings, self._next_log)
        self._number += 1
        self._remarks.clear()
        self._limit, self._speed = settings.steps or 0, settings.speed or 0.0
        self._running, self._pause_at, self._due = command.running, None, 0.0
        note = choice_words(command.settings.device, settings.device, self._devices)
        self.send(replace(self._logged.started(), device_note=note))
        if self._number == 1:
            prune(self._session.parent)

    def _prepared(self, settings: Settings) -> tuple[Comparison, Settings]:
        """What is to be trained; it takes the place of what is trained where both have no room.

        Raises:
            torch.cuda.OutOfMemoryError: if it has no room even so: nothing is left to go on with.
        """
        try:
            return prepare(settings, self._devices)
        except ZgtuiError as error:
            if self._logged is None or _gpu_full(error) is None:
                raise
        self._end("restarted")
        try:
            return prepare(settings, self._devices)
        except ZgtuiError as error:
            raise _gpu_full(error) or error from None

    @property
    def _next_log(self) -> Path:
        return self._session / str(self._number + 1)

    def _advance(self) -> None:
        assert self._logged is not None
        now = time.monotonic()
        comparison = self._logged.comparison
        step = comparison.step + 1
        alone = step == self._pause_at
        last = alone or step == self._limit
        slow = 0 < self._speed <= SLOW or alone
        due = comparison.diagnostics.due(step)
        if slow or due or last:
            # A step that was asked for by itself is done at once.
            follow = None if alone else self._slow_motion.of(comparison, self._speed)
            comparison.advance(sample=True, resting=last, follow=follow)
        else:
            paced = self._speed or self._mapping is not None
            until = now if paced else now + BATCH_SECONDS
            # Many steps that were captured are one piece: at a set speed each comes by itself.
            last_step = step if self._speed else self._unwatched(step)
            comparison.advance_to(last_step, lambda: self._open and time.monotonic() < until)
        for remark in comparison.remarks:
            if remark not in self._remarks:
                self._remarks.append(remark)
                self.send(Remark(remark))
        self._logged.keep_state(now, always=slow)
        if comparison.step == self._pause_at:
            self._running, self._pause_at = False, None
        # A step that comes late is not made up for by a burst: slow motion stays slow.
        if self._speed:
            self._due = max(self._due, now - SLACK_SECONDS) + 1 / self._speed

    def _unwatched(self, step: int) -> float:
        """Up to which step nobody looks into any, ``step`` being the first of them."""
        assert self._logged is not None
        stops = [self._logged.comparison.diagnostics.unsampled(step)]
        stops += [stop - 1 for stop in (self._pause_at, self._limit) if stop and stop > step]
        return min(stops)

    def _keep_up(self) -> None:
        """Hand on what is due: losses to the log, then the notice that they are there."""
        now = time.monotonic()
        if self._training and now < self._drained_at + DRAIN_SECONDS:
            return
        self._drain()
        self._drained_at = now
        bound(self._session / WORKER_LOG)
        self._notices.flush()
        moved = self._reported_step != self._step
        patience = 0.0 if not self._training else NOTICE_SECONDS
        if now >= self._reported_at + (patience if moved else HEARTBEAT_SECONDS):
            self._report_progress()

    def _drain(self) -> None:
        if self._logged is not None:
            self._logged.drain()

    def _end(self, reason: str) -> None:
        self._mapping = None
        if self._logged is not None:
            logged, self._logged = self._logged, None
            logged.end(reason)

    def _report_progress(self) -> None:
        """Report how far the log is written."""
        self._drain()
        self._reported_step, self._reported_at = self._step, time.monotonic()
        finished, accuracy = self._finished, self._logged.accuracy if self._logged else {}
        running = self._running and not finished
        together = self._logged.comparison.steps_together if self._logged else 0
        self.send(Progress(self._step, running, finished, dict(accuracy), together))


def _gpu_full(error: ZgtuiError) -> torch.cuda.OutOfMemoryError | None:
    """The error of a GPU without room that ``error`` tells of, if it is one."""
    cause = error.__cause__
    return cause if isinstance(cause, torch.cuda.OutOfMemoryError) else None
