"""The training process: ``python -m zgtui.worker SESSION``, started by `zgtui.worker.client`."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType

from zgtui.errors import ZgtuiError

_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Have Linux end this process when the app is killed, even while a native call hangs.

    What that can lose is what was trained since the log was last written: 20 ms.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _sentence(error: Exception) -> str:
    """What is told of ``error``; advice on how to look into CUDA's stands in the worker's log."""
    first = str(error).strip().partition("\n")[0]
    return str(error) if isinstance(error, ZgtuiError) else f"{type(error).__name__}: {first}"


def main() -> int:
    """Train as stdin says until that ends; returns the exit code."""
    parent = int(sys.argv[2])
    _die_with_parent()
    if os.getppid() != parent:
        return 1
    # Whatever a model prints belongs in the worker's own log (stderr), not among the notices.
    notices = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Importing allocates much and frees nothing: collecting meanwhile is a tenth of the time.
    gc.disable()
    from zgtui.ipc import LineWriter  # noqa: PLC0415
    from zgtui.runlog.log import hold  # noqa: PLC0415
    from zgtui.training.lazy_dynamo import put_off  # noqa: PLC0415
    from zgtui.worker.loop import Worker  # noqa: PLC0415 - imports torch: after the guards above
    from zgtui.worker.protocol import NOTICES, Failed  # noqa: PLC0415

    put_off()
    gc.enable()
    gc.freeze()
    hold(sys.stderr.fileno())
    writer = LineWriter(notices)
    exit_code = 0
    try:
        worker = Worker(sys.stdin.fileno(), writer, Path(sys.argv[1]))

        def terminated(number: int, _frame: FrameType | None) -> None:
            nonlocal exit_code
            exit_code = 128 + number
            worker.stop()

        signal.signal(signal.SIGTERM, terminated)
        worker.run()
    except BrokenPipeError:
        return 0
    except Exception as error:  # noqa: BLE001 - it is told, printed, and ends this process
        failed = Failed(_sentence(error))
        writer.send(NOTICES.encode(failed))
        # Raised again, it would have Python take all tensors apart: after a fault of a GPU that
        # raises from destructors, which aborts and may write all memory to a file.
        traceback.print_exc()
        return 1
    return exit_code


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # all is written; to take PyTorch apart would take a second
