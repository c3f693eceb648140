"""The fork that trains one run of a cell: what the notebook has is there, and nothing goes back."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

import torch
from torch.optim import Optimizer

from zgtui.instrument.protocol import OUTPUT, RunSpec
from zgtui.instrument.session import begin

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


Pipe = tuple[int, int]
"""What is read and what is written. Nobody writes: its end tells that the notebook has ended."""


def fork_run(shell: InteractiveShell, cell: str, spec: RunSpec, notebook: Pipe) -> int:
    """Start the run of ``spec``; returns the number of its process.

    It ends with 0, or with 1 where the cell raised, and at once when the ``notebook`` has ended;
    what it prints goes to the run's folder.
    """
    process = os.fork()
    if process:
        return process
    code = 1
    os.close(notebook[1])
    threading.Thread(target=_end_with, args=(notebook[0],), daemon=True).start()
    try:
        code = _run(shell, cell, spec)
    except BaseException:  # noqa: BLE001 - nothing may return into the copy of the notebook
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _end_with(notebook: int) -> None:
    os.read(notebook, 1)
    os._exit(1)


def _run(shell: InteractiveShell, cell: str, spec: RunSpec) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the notebook ends this process
    output = os.open(spec.own / OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    sys.stdout = open(1, "w", buffering=1, closefd=False, encoding="utf-8")  # noqa: SIM115 - for good
    sys.stderr = open(2, "w", buffering=1, closefd=False, encoding="utf-8")  # noqa: SIM115 - for good
    torch.set_num_threads(1)  # OpenMP's threads are not copied
    optimizers = [one for one in gc.get_objects() if isinstance(one, Optimizer)]
    for one in optimizers:
        one.zero_grad()  # what other cells left there is not what is compared
    session = begin(spec)
    for one in optimizers:
        session.instrument.registry.add(one)
    result = _muted(shell).run_cell(cell, store_history=False)
    session.instrument.ends()
    error = result.error_before_exec or result.error_in_exec
    if error is None or isinstance(error, SystemExit):
        return 0
    sys.stdout.write(f"{type(error).__name__}: {error}\n")
    return 1


def _muted(shell: InteractiveShell) -> Any:
    """``shell``, this copy of it, which shows nothing: a kernel warns where its fork does."""
    muted: Any = shell
    muted.showtraceback = muted.showsyntaxerror = _ignored
    muted.display_pub.publish = muted.display_trap.hook = _ignored
    return muted


def _ignored(*_arguments: object, **_more: object) -> None:
    """In place of what shows something."""
