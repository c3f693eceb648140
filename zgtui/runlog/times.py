"""When the steps of a run were done: a few times for many steps, in a file beside its losses.

``A.times`` holds pairs of little-endian float64: so many steps were in the log at so many seconds
since 1970. There is one for each time that losses were written, but none sooner than a tenth of a
second, or a thousandth of the training so far, after the last: a day of training is some 8,000 of
them. Logs of earlier versions have no such file.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from pathlib import Path

from zgtui.errors import LogError

PAIR_BYTES = 16
SOONEST = 0.1
SHARE = 1000
"""Pairs are at least so many seconds apart, and this part of the time since the first."""


def times_path(folder: Path, run: str) -> Path:
    """The file that says when the steps of ``run`` were done."""
    return folder / f"{run}.times"


class TimeKeeper:
    """Chooses which times are worth keeping; times are in seconds, steps are counted from 1."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._kept_at = 0.0
        self._left_out: tuple[float, float] | None = None

    def note(self, steps: int, now: float) -> array[float]:
        """``steps`` are done at ``now``: the pairs to keep because of it, often none."""
        if self._began is None:
            self._began = self._kept_at = now
            return array("d", (steps, now))
        apart = max(SOONEST, (now - self._began) / SHARE)
        if now - self._kept_at < apart:
            self._left_out = (steps, now)
            return array("d")
        # the end of what went on before a pause tells that from slow steps
        before = self._left_out
        kept = [*before, steps, now] if before and now - before[1] >= apart else [steps, now]
        self._kept_at, self._left_out = now, None
        return array("d", kept)

    def rest(self) -> array[float]:
        """The pair left out last, which nothing came after."""
        before, self._left_out = self._left_out, None
        return array("d", before or ())


def to_bytes(pairs: array[float]) -> bytes:
    """As they stand in the file."""
    copied = pairs[:]
    if sys.byteorder == "big":
        copied.byteswap()
    return copied.tobytes()


def read_times(folder: Path, run: str, start: int = 0) -> array[float]:
    """The pairs of ``run`` from pair ``start`` on, whole ones; empty where there is no file.

    Raises:
        LogError: if it cannot be read.
    """
    pairs = array("d")
    path = times_path(folder, run)
    try:
        with path.open("rb") as file:
            file.seek(start * PAIR_BYTES)
            data = file.read()
    except FileNotFoundError:
        return pairs
    except OSError as error:
        raise LogError(f"cannot read {path}: {error.strerror}") from error
    pairs.frombytes(data[: len(data) // PAIR_BYTES * PAIR_BYTES])
    if sys.byteorder == "big":
        pairs.byteswap()
    return pairs


class StepTimes:
    """The times of the steps of ``run``, as they are written; between two pairs steps are even."""

    def __init__(self, folder: Path, run: str) -> None:
        self._folder, self._run = folder, run
        self._steps: array[float] = array("d")
        self._seconds: array[float] = array("d")

    def read(self) -> None:
        """Take in what is new."""
        pairs = read_times(self._folder, self._run, len(self._steps))
        for steps, now in zip(pairs[::2], pairs[1::2], strict=True):
            self._steps.append(max(steps, self._steps[-1]) if self._steps else steps)
            # a clock that is set back does not undo time
            self._seconds.append(max(now, self._seconds[-1]) if self._seconds else now)

    @property
    def known(self) -> bool:
        """Whether there is any time to tell."""
        return len(self._steps) > 1 and self._seconds[-1] > self._seconds[0]

    def seconds(self, step: float) -> float:
        """When ``step`` was done, in seconds after the first pair; beyond the ends as at them."""
        return between(step, self._steps, self._seconds) - self._seconds[0]

    def step(self, seconds: float) -> float:
        """What was done ``seconds`` after the first pair; not necessarily whole."""
        return between(seconds + self._seconds[0], self._seconds, self._steps)


def between(at: float, places: array[float], values: array[float]) -> float:
    """The value at ``at``, on the straight line between two ``places``; beyond the ends theirs."""
    after = bisect_left(places, at)
    if after == 0:
        return values[0]
    if after == len(places):
        return values[-1]
    left, right = places[after - 1], places[after]
    share = (at - left) / (right - left)
    return values[after - 1] + share * (values[after] - values[after - 1])
