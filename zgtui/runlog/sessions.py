"""Where a training process keeps its logs: a private folder each, the oldest removed in time."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import time
from pathlib import Path

KEPT = 20
"""Sessions kept for a later look; older ones go when a new one starts, unless still in use."""
_NUMBERS = itertools.count(1)
WORKER_LOG = "worker.log"


def new_session(state: Path) -> Path:
    """The path of a fresh session folder under ``state``; the name sorts by time."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    return state / "sessions" / f"{stamp}-{os.getpid()}-{next(_NUMBERS):03}"


def hold(descriptor: int) -> None:
    """Mark the session whose ``worker.log`` is open at ``descriptor`` as in use."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)


def prune(sessions: Path) -> None:
    """Remove all but the newest ``KEPT`` folders in ``sessions`` that no process holds."""
    folders = sorted(path for path in sessions.iterdir() if (path / WORKER_LOG).exists())
    for folder in folders[:-KEPT]:
        if not _held(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _held(folder: Path) -> bool:
    try:
        descriptor = os.open(folder / WORKER_LOG, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
