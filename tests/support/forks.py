"""Processes that are forked where they would be started, see `tests.support.forked_python`."""

from __future__ import annotations

import inspect
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from tests.support.forked_python import (
    as_in_a_shell,
    as_in_a_terminal,
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
AT_FIRST = dict(os.environ)
"""Before any test changed it."""
PARAMETERS = inspect.signature(START)
POSSIBLE = sys.platform == "linux"


class Forks:
    """The process that forks, started when it is first asked to. Its forks are children of ours."""

    def __init__(self, *modules: str) -> None:
        self._modules = modules
        self._one_by_one = threading.Lock()
        self._ours: socket.socket | None = None

    def __enter__(self) -> Forks:  # noqa: PYI034 - Self came with Python 3.11
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._ours is not None:
            self._ours.close()
            self._process.wait()

    def _begin(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        script = Path(__file__).with_name("forked_python.py")
        left_out = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TORCH_COMPILE_DISABLE", "PYTHONPATH")
        environment = {name: AT_FIRST[name] for name in AT_FIRST if name not in left_out}
        self._known = read_at_start(environment)
        with theirs, pytest.MonkeyPatch.context() as patch:
            patch.setattr(subprocess.Popen, "_execute_child", START)
            self._process = subprocess.Popen(
                [sys.executable, str(script), str(theirs.fileno()), ROOM, *self._modules],
                env={**environment, "PYTHONHASHSEED": "42"},
                cwd="/",
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        assert ours.recv(64) == b"ready"
        return ours

    def start(self, popen: Any, *given: Any) -> None:
        """In place of `subprocess.Popen._execute_child`."""
        call = PARAMETERS.bind(popen, *given).arguments
        before = {None, as_in_a_shell, as_in_a_terminal}
        with self._one_by_one:
            if (
                is_plain(call)
                and call["preexec_fn"] in before
                and call["args"][0] == sys.executable
            ):
                self._ours = self._ours or self._begin()
                if can_become(*what(call), self._known):
                    popen.pid = ask(self._ours, call)
                    popen._child_created = True
                    close_pipes(popen, call)
                    return
        START(popen, *given)

    def instead(self, patch: pytest.MonkeyPatch) -> None:
        """From now on fork a Python command where that can be."""

        def start(popen: Any, *given: Any) -> None:
            self.start(popen, *given)

        patch.setattr(subprocess.Popen, "_execute_child", start)


def start_again(patch: pytest.MonkeyPatch) -> None:
    """From now on start every command."""
    patch.setattr(subprocess.Popen, "_execute_child", START)
