"""How long a test waits for what must come about, and how."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

PATIENCE = 240.0
"""Seconds after which a condition that does not come about fails the test.

Only a failure takes as long: on a busy machine PyTorch alone takes twenty seconds to import.
"""


def until(condition: Callable[[], object], what: str) -> None:
    """Wait until ``condition`` holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.01)


async def until_then(
    condition: Callable[[], object],
    what: Callable[[], object],
    pause: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0.01),
) -> None:
    """Wait until ``condition`` holds, while an app goes on; ``what`` is there if it never does."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what()}"
        await pause()
