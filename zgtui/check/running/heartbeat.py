"""Shows on stderr that a check is at work: a line on a terminal, one each ten seconds in a log."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TextIO

from zgtui.terminal import printable

LINE_SECONDS = 10.0
REDRAW_SECONDS = 0.2


class Heartbeat:
    """Tells how far a script is; ``quiet`` tells nothing."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._terminal = self._stream.isatty()
        self._began = time.monotonic()
        self._due = self._began + (0 if self._terminal else LINE_SECONDS)
        self._shown = False

    def begin(self, label: str) -> None:
        """From now on it is ``label`` that is at work."""
        self._label = label
        self._began = time.monotonic()

    def beat(self, steps: int, limit: int | None, pid: int | None, training: int) -> None:
        """``steps`` of ``limit`` are done, in process ``pid`` and others that train."""
        now = time.monotonic()
        if self._quiet or now < self._due:
            return
        self._due = now + (REDRAW_SECONDS if self._terminal else LINE_SECONDS)
        of = f" of {limit:,}" if limit is not None else ""
        where = f", process {pid}" if pid is not None else ""
        several = f", {training} processes train" if training > 1 else ""
        text = f"{self._label}: {steps:,}{of} steps, {now - self._began:.0f} s{where}{several}"
        text = printable(text)
        # What is wider than the terminal goes on in the next line, where it is not taken away.
        line = f"\r\x1b[2K{text[: self._columns()]}"
        self._write(line if self._terminal else f"zgtui: {text}\n")
        self._shown = self._terminal

    def end(self) -> None:
        """Take the line away again."""
        if self._shown:
            self._shown = False
            self._write("\r\x1b[2K")

    def _columns(self) -> int | None:
        try:
            return max(1, os.get_terminal_size(self._stream.fileno()).columns - 1)
        except (OSError, ValueError):  # it is gone, or has no number
            return None

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # a terminal that is gone hears nothing
            self._stream.write(text)
            self._stream.flush()
