"""One run's process: started through the supervisor, ended with everything it started."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.errors import WorkerError

if TYPE_CHECKING:
    from collections.abc import Mapping

SUPERVISOR = Path(__file__).resolve().parent / "supervisor.py"


class RunProcess:
    """A supervised script. ``fileno()`` becomes readable when there is news: call ``news()``."""

    def __init__(self, command: list[str], environment: Mapping[str, str], output: Path) -> None:
        """Start ``command``, its output in the file ``output``; WorkerError if that fails."""
        self.pid: int | None = None
        self.code: int | None = None
        """The script's exit code, negative for a signal, once it and all it started have ended."""
        self._incoming = b""
        try:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-I", "-S", str(SUPERVISOR), str(output), *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=dict(environment),
                start_new_session=True,
            )
        except OSError as error:
            raise WorkerError(f"the script cannot be started: {error.strerror}") from error
        assert self._supervisor.stdout is not None
        os.set_blocking(self._supervisor.stdout.fileno(), False)

    def fileno(self) -> int:
        """Where the supervisor tells of the script."""
        assert self._supervisor.stdout is not None
        return self._supervisor.stdout.fileno()

    def news(self) -> bool:
        """Take in what the supervisor has told; whether the run has ended."""
        try:
            received = os.read(self.fileno(), 4096)
        except BlockingIOError:
            return False
        if not received:
            if self.code is None:  # the supervisor itself was killed
                self.code = -9
            return True
        *lines, self._incoming = (self._incoming + received).split(b"\n")
        for line in lines:
            fields = json.loads(line)
            self.pid = fields.get("pid", self.pid)
            self.code = fields.get("code", self.code)
            if "error" in fields:
                raise WorkerError(f"the script cannot be started: {fields['error']}")
        return self.code is not None

    def stop(self) -> None:
        """Ask the supervisor to end the run; ``news()`` tells when it has."""
        assert self._supervisor.stdin is not None
        with contextlib.suppress(OSError):
            self._supervisor.stdin.close()

    def close(self, seconds: float = 5.0) -> None:
        """End the run and wait for it."""
        self.stop()
        try:
            self._supervisor.wait(seconds)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()
        assert self._supervisor.stdout is not None
        self._supervisor.stdout.close()
