"""Pictures drawn by a process of their own: the screen neither waits nor imports matplotlib."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE

from zgtui.errors import UsageError
from zgtui.pictures import PictureRequest


async def draw_beside(request: PictureRequest) -> None:
    """Draw ``request``; the screen goes on meanwhile. Raises UsageError where that fails."""
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "zgtui.pictures"),
            stdin=PIPE,
            stdout=DEVNULL,
            stderr=PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise UsageError(f"cannot start the process that draws: {error.strerror}") from error
    try:
        _, told = await process.communicate(request.to_json().encode())
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        lines = told.decode(errors="replace").strip().splitlines()
        raise UsageError(lines[-1] if lines else "the process that draws ended without a word")
