"""Processes that are forked where they would be started, see `tests.support.forked_python`."""

from __future__ import annotations

import inspect
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from tests.support.forked_python import (
    as_in_a_shell,
    ask,
    can_become,
    close_pipes,
    is_plain,
    read_at_start,
    what,
)

ROOM = "." * 4096
"""Among the words of the server: where a fork writes its own, see `show_as`."""
START = subprocess.Popen._execute_child  # type: ignore[attr-defined]
PARAMETERS = inspect.signature(START)
POSSIBLE = sys.platform == "linux"


class Forks:
    """The process that forks. What it forks are children of this process, like any started."""

    def __init__(self, *modules: str) -> None:
        self._modules = modules

    def __enter__(self) -> Forks:  # noqa: PYI034 - Self came with Python 3.11
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        script = Path(__file__).with_name("forked_python.py")
        left_out = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TORCH_COMPILE_DISABLE", "PYTHONPATH")
        environment = {name: os.environ[name] for name in os.environ if name not in left_out}
        self._known = read_at_start(environment)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(script), str(theirs.fileno()), ROOM, *self._modules],
                env={**environment, "PYTHONHASHSEED": "42"},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        assert self._ours.recv(64) == b"ready"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ours.close()
        self._process.wait()

    def start(self, popen: Any, *given: Any) -> None:
        """In place of `subprocess.Popen._execute_child`."""
        call = PARAMETERS.bind(popen, *given).arguments
        forkable = is_plain(call) and call["preexec_fn"] in {None, as_in_a_shell}
        if not forkable or not can_become(*what(call), self._known):
            START(popen, *given)
            return
        popen.pid = ask(self._ours, call)
        popen._child_created = True
        close_pipes(popen, call)


def fork_instead(patch: pytest.MonkeyPatch, forks: Forks) -> None:
    """From now on a Python command is forked where it can be."""

    def start(popen: Any, *given: Any) -> None:
        forks.start(popen, *given)

    patch.setattr(subprocess.Popen, "_execute_child", start)
