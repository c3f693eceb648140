"""Text that would command a terminal, and a look at whether any of it came through."""

from __future__ import annotations

import re

COMMANDS = "\x1b]0;owned\x07\x1b[2J\x9b31m\x9d\x7f\b\r"
"""A new title, a cleared screen and a colour in both their forms, and moves of the cursor."""
UNSEEN = "\u202e\u2066\u200f\u061c\u2028\u2029\u200b"
"""What turns the reading direction, ends a line for some, or takes no room."""
HALF = "\udce9"
"""A byte of a name that is not UTF-8."""
HOSTILE = f"a{COMMANDS}{UNSEEN}z"
NAME = f"{HOSTILE}{HALF}\n::error::owned"
"""As a file may be called."""
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def assert_harmless(text: str) -> None:
    """Nothing in ``text`` commands a terminal, and no line of it is a name's own."""
    found = FORBIDDEN.search(text)
    assert found is None, repr(text[max(0, found.start() - 60) : found.end() + 20])
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::error::owned")]
