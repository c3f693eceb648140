"""The program as a user starts it: a process of its own, with pipes or on a terminal."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.support.forked_python import as_in_a_shell
from tests.support.waiting import PATIENCE
from zgtui.runlog.log import LossReader

ROOT = Path(__file__).parents[2]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "zgtui", *arguments]


def environment(**changes: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **changes}


def on_path(folder: Path, **others: str) -> str:
    """A ``PATH`` with ``zgtui``, and ``others`` as lines of bash, in a fresh ``folder``."""
    folder.mkdir()
    lines = {"zgtui": f'exec {shlex.quote(sys.executable)} -m zgtui "$@"', **others}
    for name, line in lines.items():
        (folder / name).write_text(f"#!/bin/bash\n{line}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@contextmanager
def started(
    *arguments: str,
    stdout: int | IO[str] = subprocess.PIPE,
    ignore_hangup: bool = False,
    changes: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """``zgtui ARGUMENTS`` with its output in pipes and signals as in a user's shell."""

    def without_hangup() -> None:
        as_in_a_shell()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    process = subprocess.Popen(
        command(*arguments),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**(changes or {})),
        preexec_fn=without_hangup if ignore_hangup else as_in_a_shell,  # noqa: PLW1509 - nothing else runs in this process
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a process that ends by itself."""
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def run(*arguments: str, **changes: str) -> tuple[int, str, str]:
    """Run ``zgtui ARGUMENTS``; exit code, stdout and stderr."""
    with started(*arguments, changes=changes) as process:
        return finish(process)


def newest_log(state: Path) -> Path:
    """The log of the only session in ``state``."""
    (session,) = (state / "sessions").iterdir()
    return session / "1"


def logged(log: Path, run: str) -> list[float]:
    """All losses of ``run`` in ``log``."""
    return LossReader(log, run).read(10**9).tolist()


def children(pid: int) -> list[int]:
    """The processes that ``pid`` started."""
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in tasks.read_text(encoding="ascii").split()]
