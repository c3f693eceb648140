"""The run's log: the only path a loss takes from the training process to anything else.

A folder with one append-only file per run and one for events:

    A.f64, B.f64     little-endian float64, one loss a step: step = index + 1, size / 8 = steps
    A.times          when its steps were done, see `zgtui.runlog.times`
    A.1.f64, …       of a user's script: the losses of one line that calls ``backward()``,
    A.1.steps        and, as little-endian int64, the step of A that each of them belongs to
    events.jsonl     one JSON object a line: ``start`` with all settings, every change with the
                     step from which it holds, sampled diagnostics, ``end``

``numpy.fromfile(path, "<f8")`` reads a run. One process writes; any number read while it does.
Whole numbers of losses are appended by a single ``write()``, so a reader never sees half a row
and what was written survives the writer's death. Nothing is mapped into memory, and no lock guards
the content, so that network file systems do: a reader opens a file anew for each read, and once
more where the server has forgotten it meanwhile.
"""

from __future__ import annotations

import errno
import fcntl
import itertools
import json
import os
import sys
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from zgtui.errors import LogError
from zgtui.runlog.events import Ended, Event, SteppedBack, decode, encode
from zgtui.runlog.times import TimeKeeper, read_times, times_path, to_bytes

LOSS_BYTES = 8
EVENTS = "events.jsonl"
MOMENTUM_TWIN = "T"
"""The name of the SGD with momentum 1 that is trained beside run B."""
LOSSES_AT_ONCE = 1 << 16
"""Losses read in one go."""
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
SESSIONS = "sessions"
"""The folder of all sessions in the state folder; it and what is in it is for its user alone."""


def make_private(folder: Path) -> None:
    """Make ``folder`` and what is missing above it, for this user alone.

    It and what is above it, up to the folder of all sessions, is kept from other users where it
    is there already. What is above that is the user's own affair.

    Raises:
        OSError: if that cannot be, also where another user or a symbolic link has its place.
    """
    above = [*folder.parents]
    names = [one.name for one in above]
    ours = above[: names.index(SESSIONS) + 1] if SESSIONS in names else []
    for one in reversed([folder, *above]):
        if not one.is_dir():
            one.mkdir(0o700, exist_ok=True)
        if one == folder or one in ours:
            _narrow(one)


def _narrow(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        status = os.fstat(descriptor)
        if status.st_uid not in {0, os.geteuid()}:
            raise PermissionError(errno.EPERM, "it belongs to another user")
        if status.st_mode & 0o077:
            with suppress(OSError):  # some file systems have no such modes
                os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)


def open_private(path: Path) -> BinaryIO:
    """Open ``path`` to append bytes; it is for this user alone.

    Raises:
        OSError: if that cannot be, also where a symbolic link stands in its place.
    """
    file = os.fdopen(os.open(path, _APPEND, 0o600), "ab")
    with suppress(OSError):  # as above
        os.fchmod(file.fileno(), 0o600)
    return file


def losses_path(folder: Path, run: str) -> Path:
    """The file that holds the losses of ``run``."""
    return folder / f"{run}.f64"


def series_steps_path(folder: Path, series: str) -> Path:
    """The file that holds the step of each loss of ``series``."""
    return folder / f"{series}.steps"


class LogWriter:
    """Appends losses and events to a log folder, which it makes and marks as in use.

    Raises:
        LogError: from every method, if the system refuses (a full disk, say); it names the file.
    """

    def __init__(self, folder: Path, runs: Iterable[str]) -> None:
        self.folder = folder
        self._runs: dict[str, int] = {}
        self._series: dict[str, int] = {}
        self._times: dict[str, int] = {}
        self._keepers: dict[str, TimeKeeper] = {}
        self._events = -1
        try:
            make_private(folder)
            self._events = os.open(folder / EVENTS, _APPEND, 0o600)
            hold(self._events)
            for run in runs:
                self._runs[run] = os.open(losses_path(folder, run), _APPEND, 0o600)
        except OSError as error:
            self._release()
            raise LogError(f"cannot write the run's log in {folder}: {error.strerror}") from error

    def losses(self, run: str, values: Sequence[float]) -> None:
        """Append ``values``, the losses of the next steps of ``run``, oldest first: done now."""
        self.copy(run, values)
        if "." not in run:  # the lines of a script have the times of its run
            steps = os.fstat(self._runs[run]).st_size // LOSS_BYTES
            kept = self._keepers.setdefault(run, TimeKeeper()).note(steps, time.time())
            self.times(run, kept)

    def copy(self, run: str, values: Sequence[float]) -> None:
        """Append ``values``, the losses of the next steps of ``run``, done at another time."""
        doubles = array("d", values)
        if sys.byteorder == "big":
            doubles.byteswap()
        self._write(self._runs[run], doubles.tobytes(), losses_path(self.folder, run))

    def times(self, run: str, pairs: array[float]) -> None:
        """Append ``pairs`` of steps done and seconds since 1970."""
        path = times_path(self.folder, run)
        if pairs:
            if run not in self._times:
                self._times[run] = _opened(path)
            self._write(self._times[run], to_bytes(pairs), path)

    def series_steps(self, series: str, steps: Sequence[int]) -> None:
        """Append the ``steps`` that the next losses of ``series`` belong to, ascending."""
        path = series_steps_path(self.folder, series)
        if series not in self._series:
            self._series[series] = _opened(path)
        whole = array("q", steps)
        if sys.byteorder == "big":
            whole.byteswap()
        self._write(self._series[series], whole.tobytes(), path)

    def write(self, event: Event) -> None:
        """Append one event."""
        self._write(self._events, encode(event), self.folder / EVENTS)

    def event(self, kind: str, **fields: Any) -> None:
        """Append a line for an event of any kind, known or not; ``fields`` are plain JSON types."""
        line = json.dumps({"event": kind, **fields}, separators=(",", ":")) + "\n"
        self._write(self._events, line.encode(), self.folder / EVENTS)

    def close(self) -> None:
        """Hand everything to the disk and close the files; may be called again."""
        try:
            for run in [*self._times] if self._events >= 0 else []:
                self.times(run, self._keepers[run].rest() if run in self._keepers else array("d"))
            for descriptor in self._descriptors():
                os.fsync(descriptor)
        except OSError as error:
            raise LogError(f"cannot sync the log {self.folder}: {error.strerror}") from error
        finally:
            self._release()

    def _descriptors(self) -> list[int]:
        opened = (self._runs, self._series, self._times)
        all_of_them = (self._events, *(one for kind in opened for one in kind.values()))
        return [one for one in all_of_them if one >= 0]

    def _release(self) -> None:
        for descriptor in self._descriptors():
            os.close(descriptor)
        self._events = -1
        self._runs.clear()
        self._series.clear()
        self._times.clear()

    def _write(self, descriptor: int, data: bytes, path: Path) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(descriptor, view) :]
        except OSError as error:
            # Half a record left behind would shift every later one.
            with suppress(OSError):
                written = len(data) - len(view)
                os.ftruncate(descriptor, os.fstat(descriptor).st_size - written)
            raise LogError(f"cannot write {path}: {error.strerror}") from error


def _opened(path: Path) -> int:
    try:
        return os.open(path, _APPEND, 0o600)
    except OSError as error:
        raise LogError(f"cannot write {path}: {error.strerror}") from error


class LossReader:
    """Reads the losses of one run as they are appended; holds no file open between reads."""

    def __init__(self, folder: Path, run: str) -> None:
        self.path = losses_path(folder, run)
        self.position = 0
        """Steps read so far."""

    def available(self) -> int:
        """Steps in the file now; 0 when it does not exist yet.

        Raises:
            LogError: if the system does not say.
        """
        try:
            return fresh(lambda: self.path.stat().st_size) // LOSS_BYTES
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise LogError(f"cannot read {self.path}: {error.strerror}") from error

    def read(self, limit: int) -> array[float]:
        """The next losses, at most ``limit`` of them, oldest first; empty where there are none."""
        values = read_losses(self.path, self.position, limit)
        self.position += len(values)
        return values

    def again(self, start: int, count: int) -> array[float]:
        """At most ``count`` losses from index ``start`` on, wherever this reader stands."""
        return read_losses(self.path, start, count)


T = TypeVar("T")
STALE_TRIES = 5
STALE_SECONDS = 0.02


def fresh(look: Callable[[], T]) -> T:
    """What ``look`` finds, which opens a file by its name; once more if its handle was stale.

    That is what NFS says when the server has replaced the file, or was restarted.

    Raises:
        OSError: from ``look``; of a stale handle after STALE_TRIES alone.
    """
    for _ in range(STALE_TRIES - 1):
        try:
            return look()
        except OSError as error:
            if error.errno != errno.ESTALE:
                raise
        time.sleep(STALE_SECONDS)
    return look()


def is_stale(error: BaseException) -> bool:
    """Whether ``error`` tells of a stale handle: what it is about may be there again later."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno == errno.ESTALE


def read_losses(path: Path, start: int, limit: int) -> array[float]:
    """At most ``limit`` losses from index ``start`` on (step ``start + 1``), oldest first."""
    return _numbers(array("d"), path, start, limit)


def read_series_steps(folder: Path, series: str, start: int, limit: int) -> array[int]:
    """At most ``limit`` steps of the losses of ``series`` from index ``start`` on."""
    return _numbers(array("q"), series_steps_path(folder, series), start, limit)


N = TypeVar("N", int, float)


def _numbers(numbers: array[N], path: Path, start: int, limit: int) -> array[N]:
    """``numbers`` and those in ``path``, at most ``limit`` from index ``start`` on."""

    def read() -> bytes:
        with path.open("rb") as file:
            file.seek(start * numbers.itemsize)
            return file.read(limit * numbers.itemsize)

    try:
        data = fresh(read)
    except FileNotFoundError:
        return numbers
    except OSError as error:
        raise LogError(f"cannot read {path}: {error.strerror}") from error
    numbers.frombytes(data[: len(data) // numbers.itemsize * numbers.itemsize])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


LINES = 2048
"""Lines of events read in one go."""


class EventReader:
    """Reads the events of a log as they are appended; holds no file open between reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.behind = False
        """Whether the last read left whole lines for the next."""
        self._position = 0

    def read(self, limit: int | None = None) -> Iterator[Event]:
        """The events since the last read, at most ``limit`` lines of them, oldest first.

        A line still being written waits; one that holds no event known here is passed over.

        Raises:
            LogError: if there is no log, or it cannot be read.
        """
        self.behind = False
        left = sys.maxsize if limit is None else limit
        while lines := self._lines(min(left, LINES) or 1):
            if not left:
                self.behind = True
                return
            left -= len(lines)
            for line in lines:
                self._position += len(line)
                event = decode(line)
                if event is not None:
                    yield event

    def _lines(self, limit: int) -> list[bytes]:
        """The next whole lines."""
        path = self.folder / EVENTS

        def read() -> list[bytes]:
            with path.open("rb") as file:
                file.seek(self._position)
                return list(itertools.islice(file, limit))

        try:
            lines = fresh(read)
        except FileNotFoundError as error:
            raise LogError(f"{self.folder} is not a run log: it has no {EVENTS}") from error
        except OSError as error:
            raise LogError(f"cannot read {path}: {error.strerror}") from error
        return lines if not lines or lines[-1].endswith(b"\n") else lines[:-1]


def read_events(folder: Path) -> Iterator[Event]:
    """The events written so far, oldest first; a last line still being written is left out."""
    return EventReader(folder).read()


SLICE = 1 << 16


def branch(log: Path, folder: Path, runs: Sequence[str], steps: int) -> LogWriter:
    """Begin a log in ``folder`` with the first ``steps`` steps of ``log``, and go on from there.

    Logs only ever grow; so training that went back to an earlier step goes on in a new one. It
    holds every loss of these steps, every event that was in force at them and the samples taken at
    them, then a ``step_back`` event that names the log left behind.

    Raises:
        LogError: one cannot be read or the other not be written.
    """
    writer = LogWriter(folder, runs)
    for run in runs:
        for start in range(0, steps, SLICE):
            losses = read_losses(losses_path(log, run), start, min(SLICE, steps - start))
            writer.copy(run, losses)
        pairs = read_times(log, run)
        kept = sum(done <= steps for done in pairs[::2])
        writer.times(run, pairs[: 2 * kept])
    for event in read_events(log):
        if not isinstance(event, Ended) and getattr(event, "step", 0) <= steps:
            writer.write(event)
    writer.write(SteppedBack(steps + 1, str(log)))
    return writer


def hold(descriptor: int) -> None:
    """Mark the folder of the file open at ``descriptor`` as in use, until that is closed."""
    with suppress(OSError):  # some network file systems have no locks; nothing is held there
        fcntl.flock(descriptor, fcntl.LOCK_SH)
