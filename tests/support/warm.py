"""Runs scripts in forks of one process that has imported torch, so that each takes milliseconds.

Started by the tests, with the names of further modules to import first as arguments; takes one
JSON job a line on stdin and answers with the exit code. The script runs as ``__main__`` in its own
folder. With a policy it is observed exactly as when it is started by zgtui, from the moment torch
is imported on.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import sys
import traceback
import weakref
from importlib import import_module
from typing import Any

import torch


def run(job: dict[str, Any]) -> int:
    """In the fork: become the script; returns its exit code."""
    os.chdir(job["folder"])
    output = os.open("printed", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115 - for good
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115 - for good
    sys.argv = [job["script"], *job["arguments"]]
    if job["spec"]:
        # Only now, as in a script: imported before, they could hide what they need.
        from zgtui.instrument.protocol import RunSpec  # noqa: PLC0415 - see above
        from zgtui.instrument.session import begin  # noqa: PLC0415 - see above

        begin(RunSpec(**job["spec"]))
    try:
        runpy.run_path(job["script"], run_name="__main__")
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:  # noqa: BLE001 - as the interpreter ends
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    """Serve until stdin ends."""
    torch.set_num_threads(1)
    for module in sys.argv[1:]:
        import_module(module)
    # What a first optimizer and its first step import is imported once, here.
    torch.optim.SGD([torch.zeros(1)], lr=0.1).step()
    # What is there by now lives on: a collection, or a search for modules, in a fork would have
    # all its memory copied.
    gc.collect()
    # What torch takes down of itself at the end would be taken down in each fork, which takes
    # longer than most scripts; what a script has to finish is still finished.
    weakref.finalize._registry.clear()  # type: ignore[attr-defined]
    gc.freeze()
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            code = 99
            try:
                code = run(job)
                sys.stdout.flush()
                atexit._run_exitfuncs()
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
