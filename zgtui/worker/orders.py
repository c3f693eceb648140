"""What a companion process is told on its stdin; see `zgtui.worker.companion`."""

from __future__ import annotations

import os
import select
from pathlib import Path


class Orders:
    """Reads the orders that come through the file descriptor ``stdin``."""

    def __init__(self, stdin: int) -> None:
        self.logs: list[Path] = []
        """The logs to follow, one after the other; the last is the one under way."""
        self.training_ended = False
        self.over = False
        """Nothing will be said any more: take in the rest and end."""
        self._stdin = stdin
        self._received = b""

    def wait(self, seconds: float) -> None:
        """Wait at most ``seconds`` for an order, and take it in."""
        if not select.select([self._stdin], [], [], seconds)[0]:
            return
        data = os.read(self._stdin, 65536)
        if not data:
            self.over = True
            return
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            self.training_ended = not line
            if line:
                self.logs.append(Path(os.fsdecode(line)))
