"""Text for the clipboard of whoever sits at the terminal, and the truth about where it went."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE

from textual.app import App

SECONDS = 2.0
"""How long tmux may take."""


async def copy(app: App[None], text: str) -> str:
    """Copy ``text``; returns a sentence that says what is known to have become of it.

    Terminals never answer whether they took what is sent to them (OSC 52). tmux passes that on only
    where it is set to, but it takes text itself, and says so. GNU screen does neither.
    """
    if os.environ.get("TMUX"):
        problem = await _into_tmux(text)
        if not problem:
            return (
                f"Copied {len(text):,} characters into the buffer of tmux (its prefix and ] paste"
                " them). tmux hands them on to the terminal unless its set-clipboard is off."
            )
        return f"Copied nothing: {problem}."
    if os.environ.get("STY"):
        return "Copied nothing: GNU screen lets no text through to the clipboard."
    app.copy_to_clipboard(text)
    return (
        f"Sent {len(text):,} characters to the terminal for its clipboard (OSC 52), which it may"
        " ignore."
    )


async def _into_tmux(text: str) -> str:
    """Why tmux did not take ``text``; empty where it did."""
    problem = ""
    for arguments in (["-w", "-"], ["-"]):  # before tmux 3.2 there was no -w
        problem = await _load_buffer(arguments, text)
        if not problem:
            break
    return problem


async def _load_buffer(arguments: list[str], text: str) -> str:
    try:
        process = await asyncio.create_subprocess_exec(
            "tmux", "load-buffer", *arguments, stdin=PIPE, stdout=DEVNULL, stderr=PIPE
        )
    except OSError as error:
        return f"tmux cannot be started ({error.strerror})"
    try:
        _, said = await asyncio.wait_for(process.communicate(text.encode()), SECONDS)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        return "tmux does not answer"
    if process.returncode == 0:
        return ""
    return f"tmux refused it ({said.decode(errors='replace').strip()})"
