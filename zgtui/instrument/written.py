"""The files that a script writes where it likes: seen by Python's own audit, and noted."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import Any

from zgtui.instrument.protocol import WRITTEN

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_SYSTEM = ("/dev/", "/proc/", "/sys/")
_CACHES = ("__pycache__", f"{os.sep}.cache{os.sep}")
"""What libraries keep for the next time: not what a script is about."""


class WrittenFiles:
    """Notes in the folder ``own`` of the run, once each, what is neither its own nor the log's."""

    def __init__(self, own: str, log: str) -> None:
        self._own, self._ours = own, (own + os.sep, log + os.sep)
        self._cwd = os.path.realpath(".") + os.sep
        self._passing = (os.path.realpath(tempfile.gettempdir()) + os.sep, *_SYSTEM)
        self._noted: set[str] = set()
        self._log = -1
        self._noting = False

    def watch(self) -> None:
        """Note from now on."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._log = os.open(f"{self._own}/{WRITTEN}", flags, 0o600)
        sys.addaudithook(self._audit)

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = args
            if isinstance(flags, int) and flags & WRITING:
                self._note(path, "")
        elif event == "os.rename":
            self._note(args[1], "")
        elif event in {"os.remove", "os.rmdir"} and args[1] == -1:
            self._note(args[0], " (removed)")
        elif event == "os.truncate":
            self._note(args[0], "")

    def _note(self, path: Any, how: str) -> None:
        if self._noting or not isinstance(path, str | bytes | os.PathLike):
            return
        self._noting = True
        try:
            whole = os.path.realpath(os.fsdecode(path))
            if self._counts(whole) and whole + how not in self._noted:
                self._noted.add(whole + how)
                os.write(self._log, json.dumps(whole + how).encode() + b"\n")
        except OSError:
            pass  # a file that cannot be noted is still the script's to write
        finally:
            self._noting = False

    def _counts(self, whole: str) -> bool:
        if whole.startswith(self._ours) or any(part in whole for part in _CACHES):
            return False
        return whole.startswith(self._cwd) or not whole.startswith(self._passing)
