"""Losses that a loop hands over one by one, gathered in memory and soon written to a log.

A call costs about a microsecond, whatever the disk does. A thread writes what has gathered every
``SECONDS``; a fork and the end of the process write it at once. Where that fails, as on a full
disk, the losses stay in memory and are written when that is possible again: none is dropped.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections import deque
from collections.abc import Mapping
from operator import index
from pathlib import Path
from typing import Any

from zgtui.errors import LogError, UsageError
from zgtui.runlog.events import Ended, Started
from zgtui.runlog.log import LOSS_BYTES, LogWriter, losses_path
from zgtui.terminal import warn

SECONDS = 0.2
"""From a loss to its writing: what a killed process loses at most, and a little for the writing."""
MAX_GAP = 1_000_000
"""Steps without a loss before one with a loss; each takes eight bytes of the log."""
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class _Run:
    """The losses of one run to be written, its ``steps`` so far and those ``written``."""

    def __init__(self) -> None:
        self.losses: deque[float] = deque()  # one thread adds while another takes, without a lock
        self.steps = self.written = 0

    def take(self) -> list[float]:
        return [self.losses.popleft() for _ in range(len(self.losses))]


class GatheredLog:
    """The log in ``folder``, which begins with the event of ``start``.

    Raises:
        LogError: if the log cannot be begun; what comes later is told on stderr alone.
    """

    def __init__(self, folder: Path, start: Mapping[str, Any]) -> None:
        self.folder = folder
        self._runs: dict[str, _Run] = {}
        self._writers: dict[str, LogWriter] = {}
        self._events = LogWriter(folder, ())
        self._events.write(Started(dict(start)))
        # A signal handler may add a loss while its own thread is adding one.
        self._adding, self._writing = threading.RLock(), threading.RLock()
        self._wake = threading.Event()
        self._at_once = self._ended = False
        self._failed = False
        self._start_thread()

    def add(self, run: str, loss: float, step: int | None = None) -> None:
        """Take the loss of the next step of ``run``, or of ``step``, counted from 1.

        Steps that are passed over have nan in the log.

        Raises:
            UsageError: if ``run`` is no name, or ``step`` not one that can come next.
        """
        try:
            one = self._runs.get(run) or self._begin(run)
        except TypeError as error:  # a list, for instance, is no key
            raise _no_name(run) from error
        with self._adding:
            if step is not None:
                _pass_over(run, one, step)
            one.losses.append(loss)
            one.steps += 1
            if not self._wake.is_set():
                self._wake.set()
        if self._at_once:
            self.flush()

    def flush(self) -> None:
        """Write what has gathered; where that fails, say so once and keep it."""
        with self._writing:
            for name, run in list(self._runs.items()):
                losses = run.take()
                try:
                    if losses:
                        self._writer(name).losses(name, losses)
                        self._failed = False
                except LogError as error:
                    self._keep(name, run, losses)
                    self._tell(error)
                else:
                    run.written += len(losses)

    def _keep(self, name: str, run: _Run, losses: list[float]) -> None:
        """Keep those of ``losses`` that are not in the file: what failed may have come after."""
        written = losses_path(self.folder, name)
        there = written.stat().st_size // LOSS_BYTES if written.exists() else 0
        done = max(0, there - run.written)
        run.written += done
        run.losses.extendleft(reversed(losses[done:]))
        self._wake.set()

    def end(self) -> None:
        """Write everything and the event of the end; what still comes is written at once."""
        self._at_once = True
        with self._writing:
            self.flush()
            if self._ended:
                return
            self._ended = True
            try:
                steps = [run.steps for run in self._runs.values()]
                self._events.write(Ended(max(steps, default=0)))
                while self._writers:  # what closes one adds when its last steps were done
                    self._writers.popitem()[1].close()
            except LogError as error:
                self._tell(error)

    def hold(self) -> None:
        """Write everything and let no other thread in until ``release``: a fork copies no half."""
        self._writing.acquire()
        self.flush()
        self._adding.acquire()

    def release(self) -> None:
        """End what ``hold`` began."""
        self._adding.release()
        self._writing.release()

    def _begin(self, name: object) -> _Run:
        # A number must not pass as its text: the thread that writes would end with it.
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            raise _no_name(name)
        with self._adding:
            for other in self._runs:
                if other != name and other.lower() == name.lower():
                    raise UsageError(
                        f"run names {name!r} and {other!r} differ only in case, and some file"
                        " systems ignore case: choose another name"
                    )
            return self._runs.setdefault(name, _Run())

    def _writer(self, name: str) -> LogWriter:
        if name not in self._writers:
            self._writers[name] = LogWriter(self.folder, [name])
        return self._writers[name]

    def _tell(self, error: LogError) -> None:
        if not self._failed:
            self._failed = True
            warn(f"{error}; the losses are kept in memory until they can be written")

    def _start_thread(self) -> None:
        try:
            threading.Thread(target=self._write_in_time, name="zgtui.log", daemon=True).start()
        except RuntimeError:  # no thread can be had, or none any more: the process is ending
            self._at_once = True

    def _write_in_time(self) -> None:
        while True:
            self._wake.wait()
            time.sleep(SECONDS)
            self._wake.clear()
            self.flush()


def _no_name(name: object) -> UsageError:
    return UsageError(
        f"a run name is at most 64 letters, digits, - and _, such as run='A', not {name!r}"
    )


def _pass_over(name: str, run: _Run, step: int) -> None:
    try:
        number = index(step)
    except TypeError as error:
        raise UsageError(f"step= must be a whole number, not {step!r}") from error
    if number < 1:
        raise UsageError(
            f"steps are counted from 1, as by enumerate(loader, 1), so step={number} is invalid"
        )
    gap = number - 1 - run.steps
    if gap < 0:
        raise UsageError(
            f"step {step} of run {name} comes too late: it has losses up to step {run.steps},"
            " and a log only grows; leave out step= to continue counting, or choose another run"
        )
    if gap > MAX_GAP:
        raise UsageError(
            f"step {step} of run {name} is more than {MAX_GAP:,} steps after its last loss, that"
            f" of step {run.steps}: steps are counted from 1"
        )
    run.losses.extend([math.nan] * gap)
    run.steps += gap
