"""Where a training process keeps its logs: a private folder each, the oldest removed in time."""

from __future__ import annotations

import fcntl
import itertools
import os
import re
import shutil
import time
from contextlib import suppress
from pathlib import Path

from zgtui.runlog.log import EVENTS, SESSIONS, open_private

KEPT = 20
"""Sessions kept for a later look; older ones go when a new one starts, unless still in use."""
_NUMBERS = itertools.count(1)
_NAME = re.compile(r"\d{8}-\d{6}-\d+-\d{3,}")
ELSEWHERE = "set ZGTUI_STATE_DIR to a folder that can be written"
"""What helps where no session can be begun."""
WORKER_LOG = "worker.log"
MAX_PRINTED = 4 << 20
"""Bytes that are kept of what a worker and its model print."""


def new_session(state: Path) -> Path:
    """The path of a fresh session folder under ``state``; the name sorts by time.

    Every process that writes in it marks a file there as in use (`zgtui.runlog.log.hold`).
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    return state / SESSIONS / f"{stamp}-{os.getpid()}-{next(_NUMBERS):03}"


def newest_log(state: Path) -> Path | None:
    """The log under ``state`` that was begun last; None where there is none."""
    begun: list[tuple[str, int, Path]] = []
    for events in (state / SESSIONS).glob(f"*/*/{EVENTS}"):
        with suppress(OSError):  # removed by now
            begun.append((events.parts[-3], events.stat().st_mtime_ns, events.parent))
    return max(begun)[-1] if begun else None


def prune(sessions: Path) -> None:
    """Remove the oldest session folders in ``sessions``, but none that a process holds.

    The newest ``KEPT`` stay, and so do the newest ``KEPT`` that hold a run's log: sessions without
    one, such as TensorBoard's, push none out.
    """
    folders = sorted(path for path in sessions.glob("*") if _NAME.fullmatch(path.name))
    logs = [folder for folder in folders if any(folder.glob(f"*/{EVENTS}"))]
    for folder in {*folders[:-KEPT]} - {*logs[-KEPT:]}:
        if not is_held(folder):
            shutil.rmtree(folder, ignore_errors=True)


def bound(printed: Path) -> None:
    """Keep of a file that others append to its newer half, once it is longer than MAX_PRINTED."""
    try:
        size = printed.stat().st_size
        if size <= MAX_PRINTED:
            return
        with printed.open("r+b") as file:
            file.seek(size - MAX_PRINTED // 2)
            rest = file.read()
            file.truncate(0)
        with open_private(printed) as file:
            file.write(b"[what was printed before is left out]\n" + rest)
    except OSError:
        return  # a full disk: nothing more is printed there anyway


def is_held(folder: Path) -> bool:
    """Whether a process still writes in the session ``folder``."""
    return any(map(_is_locked, (*folder.glob("*.log"), *folder.glob(f"*/{EVENTS}"))))


def _is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
