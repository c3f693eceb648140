"""The training process: ``python -m zgtui.worker SESSION``, started by `zgtui.worker.client`."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from pathlib import Path
from types import FrameType

_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Have Linux end this process when the app is killed, even while a native call hangs.

    What that can lose is what was trained since the log was last written: 20 ms.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _terminated(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main() -> int:
    """Train as told on stdin until it ends; returns the exit code."""
    parent = int(sys.argv[2])
    _die_with_parent()
    if os.getppid() != parent:
        return 1
    # Whatever a model prints belongs in the worker's own log (stderr), not among the notices.
    notices = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Importing allocates much and frees nothing: collecting meanwhile is a tenth of the time.
    gc.disable()
    from zgtui.worker.loop import Worker  # noqa: PLC0415 - imports torch: after the guards above
    from zgtui.worker.outbox import Outbox  # noqa: PLC0415
    from zgtui.worker.protocol import Failed  # noqa: PLC0415
    from zgtui.worker.session import hold  # noqa: PLC0415

    gc.enable()
    gc.freeze()
    signal.signal(signal.SIGTERM, _terminated)
    hold(sys.stderr.fileno())
    outbox = Outbox(notices)
    try:
        Worker(sys.stdin.fileno(), outbox, Path(sys.argv[1])).run()
    except BrokenPipeError:
        return 0
    except Exception as error:
        outbox.send(Failed(f"{type(error).__name__}: {error}"))
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
