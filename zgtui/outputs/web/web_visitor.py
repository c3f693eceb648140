"""One visitor of ``zgtui serve``: a process of the app, which draws in the visitor's browser."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from typing import Any

from textual_serve.app_service import AppService

STOP_SECONDS = 5.0
"""How long leaving may take; then the process is ended."""
MAX_CELLS = 1000
"""No screen is wider or higher, whatever a browser says."""
OPERATORS = ("TMUX", "TMUX_PANE", "STY", "NO_COLOR")
"""Of whoever started the server; a visitor's clipboard is another one."""


class Visitor(AppService):
    """Starts ``words`` for one visitor, and ends it with the connection."""

    def __init__(self, words: Sequence[str], **wiring: Any) -> None:
        super().__init__("", **wiring)
        self._words = words

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """In a session of its own: Ctrl+C is for the server, which ends it in order."""
        environment = self._build_environment(*map(_cells, (width, height)))
        for name in OPERATORS:
            environment.pop(name, None)
        process = await asyncio.create_subprocess_exec(
            *self._words, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment,
            start_new_session=True,
        )  # fmt: skip
        self._process, self._stdin = process, process.stdin
        return process

    async def set_terminal_size(self, width: int, height: int) -> None:
        """The browser's window has another size."""
        await super().set_terminal_size(_cells(width), _cells(height))

    async def run(self) -> None:
        """Hand on what it draws; the page is told when it has ended, however it did."""
        await super().run()
        with contextlib.suppress(ConnectionError, RuntimeError):
            await self.remote_close()

    async def stop(self) -> None:
        """End it: training in order if it answers, else at once."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            await asyncio.wait_for(super().stop(), STOP_SECONDS)
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _cells(asked: int) -> int:
    return min(max(1, asked), MAX_CELLS)
