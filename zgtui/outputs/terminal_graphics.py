"""Whether the terminal draws pictures, by the protocols of Kitty and of Sixel: it is asked."""

from __future__ import annotations

import os
import re
import select
import sys
import termios
import time
import tty

KITTY, SIXEL = "Kitty", "Sixel"
ANSWER_SECONDS = 2.0
"""How long a terminal may take to answer, over a slow link too."""
QUESTION = b"\033_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\033\\\033[c"
"""May a picture of one pixel be sent by Kitty's protocol; and what the terminal is (DA1), which
every one answers, so that nobody waits for the answer to the first."""
ATTRIBUTES = re.compile(rb"\033\[\?([\d;]*)c")
SIXEL_ATTRIBUTE = b"4"
KNOWN = {
    ("TERM", "xterm-kitty"): (KITTY,),
    ("TERM", "xterm-ghostty"): (KITTY,),
    ("TERM", "foot"): (SIXEL,),
    ("TERM", "mlterm"): (SIXEL,),
    ("TERM_PROGRAM", "WezTerm"): (KITTY, SIXEL),
    ("TERM_PROGRAM", "iTerm.app"): (SIXEL,),
}
"""What some terminals can, by a variable that they set."""


def graphics_words() -> str:
    """What the terminal draws beside text, and how that is known."""
    answer = _asked()
    if answer is not None:
        return f"{_named(answer)}, as the terminal answers"
    for (variable, value), protocols in KNOWN.items():
        if os.environ.get(variable) == value:
            return f"{_named(protocols)}, going by {variable}={value}: the terminal was not asked"
    return "unknown: the terminal cannot be asked"


def _named(protocols: tuple[str, ...]) -> str:
    return f"{' and '.join(protocols) or 'neither Kitty nor Sixel'} graphics"


def _asked() -> tuple[str, ...] | None:
    """The protocols that the terminal says it has; None where there is none that answers."""
    try:
        keyboard, screen = sys.__stdin__, sys.__stdout__
        if keyboard is None or screen is None or not (keyboard.isatty() and screen.isatty()):
            return None
        descriptor = keyboard.fileno()
        # In the background a process that changes the terminal's modes is stopped.
        if os.tcgetpgrp(descriptor) != os.getpgrp() or os.environ.get("TERM") in {"", "dumb"}:
            return None
        modes = termios.tcgetattr(descriptor)
        try:
            tty.setcbreak(descriptor, termios.TCSANOW)
            screen.flush()
            os.write(screen.fileno(), QUESTION)
            said = _answer(descriptor)
        finally:
            # What comes too late is dropped: the shell would take it for typed.
            termios.tcsetattr(descriptor, termios.TCSAFLUSH, modes)
    except (OSError, ValueError, termios.error):
        return None
    return protocols_of(said)


def _answer(descriptor: int) -> bytes:
    """All that it says until it has told its attributes, or nothing more comes."""
    said, until = b"", time.monotonic() + ANSWER_SECONDS
    while not ATTRIBUTES.search(said):
        ready, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
        piece = os.read(descriptor, 1024) if ready else b""
        if not piece:
            break
        said += piece
    return said


def protocols_of(said: bytes) -> tuple[str, ...] | None:
    """The protocols in an answer to the question; None where it is no answer."""
    attributes = ATTRIBUTES.search(said)
    if attributes is None:
        return None
    kitty = (KITTY,) if b"\033_Gi=31;OK" in said else ()
    sixel = (SIXEL,) if SIXEL_ATTRIBUTE in attributes[1].split(b";") else ()
    return (*kitty, *sixel)
