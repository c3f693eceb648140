"""Text for the clipboard of whoever sits at the terminal, and the truth about where it went."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import PIPE

from textual.app import App

SECONDS = 2.0
"""How long tmux may take."""


async def copy(app: App[None], text: str) -> str:
    """Copy ``text``; returns a sentence that says what is known to have become of it.

    Terminals never answer whether they took what is sent to them (OSC 52). tmux passes that on only
    where it is set to, but it takes text itself, and says so. GNU screen does neither.
    """
    if os.environ.get("TMUX"):
        return await _into_tmux(text)
    if os.environ.get("STY"):
        return "Copied nothing: GNU screen lets no text through to the clipboard."
    app.copy_to_clipboard(text)
    return (
        f"Sent {len(text):,} characters to the terminal for its clipboard (OSC 52), which it may"
        " ignore."
    )


async def _into_tmux(text: str) -> str:
    """Give ``text`` to tmux; for the terminal too, unless tmux is set to hand nothing on."""
    setting, _ = await _tmux("show-options", "-sv", "set-clipboard")
    off = setting.strip() == "off"  # -w would hand it on all the same
    problem = ""
    for arguments in [[]] if off else [["-w"], []]:  # before tmux 3.2 there was no -w
        _, problem = await _tmux("load-buffer", *arguments, "-", given=text)
        if not problem:
            copied = f"Copied {len(text):,} characters into the buffer of tmux (its prefix and ]"
            if arguments:
                return (
                    f"{copied} paste them), and sent them to the terminal, which may ignore them."
                )
            why = "its set-clipboard is off" if off else "it is older than 3.2"
            return f"{copied} paste them). tmux does not pass it on to the terminal: {why}."
    return f"Copied nothing: {problem}."


async def _tmux(*words: str, given: str = "") -> tuple[str, str]:
    """What ``tmux WORDS`` prints, and why it failed; empty where it did not."""
    try:
        process = await asyncio.create_subprocess_exec(
            "tmux", *words, stdin=PIPE, stdout=PIPE, stderr=PIPE
        )
    except OSError as error:
        return "", f"tmux cannot be started ({error.strerror})"
    try:
        told, said = await asyncio.wait_for(process.communicate(given.encode()), SECONDS)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        return "", "tmux does not answer"
    if process.returncode == 0:
        return told.decode(errors="replace"), ""
    return "", f"tmux refused it ({said.decode(errors='replace').strip()})"
