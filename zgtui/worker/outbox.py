"""What the worker says, said without ever waiting for the reader."""

from __future__ import annotations

import os

from zgtui.worker.protocol import AtLine, Notice, Progress, encode_notice


class Outbox:
    """Sends notices to a file descriptor; a reader that stands still never slows training.

    What the pipe does not take is kept. Where training is, is told only when nothing waits, for
    the next one tells the same and more; so memory stays bounded by the answers to commands.
    """

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._waiting = bytearray()

    def send(self, notice: Notice) -> None:
        """Send ``notice``, or keep it for the next ``flush``; BrokenPipeError: no reader left."""
        self.flush()
        if not (self._waiting and isinstance(notice, Progress | AtLine)):
            self._waiting += encode_notice(notice)
            self.flush()

    def flush(self) -> None:
        """Send what the pipe takes now."""
        while self._waiting:
            try:
                sent = os.write(self._descriptor, self._waiting)
            except BlockingIOError:
                return
            del self._waiting[:sent]
