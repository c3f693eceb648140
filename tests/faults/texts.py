"""Text that would command, blur or break a terminal, drawn at random."""

from __future__ import annotations

import random

from hypothesis import strategies as st

MARK = "owned"
"""By which a text is recognized where it is shown."""
COMMANDS = (
    "\x1b]0;owned\x07", "\x1b]2;owned\x1b\\", "\x1b]52;c;b3duZWQ=\x07", "\x1b]8;;evil:\x07x",
    "\x1b]1337;File=:\x07", "\x1b[2J", "\x1b[3J", "\x1b[5;8m", "\x1b[999;999H", "\x1b[6n", "\x1b[c",
    "\x1b[?5h", "\x1b[?47h", "\x1bc", "\x1b[21t", "\x1b[9;1t", "\x1bP$qm\x1b\\", "\x1bPtmux;\x1b\\",
    "\x1b_Ga=T;AAAA\x1b\\", "\x1b^\x1b\\", "\x1bX\x1b\\", "\x1b(0", "\x1b#8", "\x1b", "\x1b[",
    "\x9b5m", "\x9b", "\x9d0;owned\x9c", "\x90", "\x84", "\x85", "\x8d",
)  # fmt: skip
"""Titles, clipboards, links, files, colours that zgtui has not, reports, resets, character sets."""
SIGNS = (
    "\x01", "\x05", "\x07", "\b", "\r", "\n", "\r\n", "\t", "\x0b", "\x0c", "\x0e", "\x0f",
    "\x18", "\x1a", "\x1c", "\x1f", "\x7f", "\u202e", "\u2066", "\u2069", "\u200e", "\u200f",
    "\u061c", "\u200b", "\u200d", "\u2028", "\u2029", "\ufeff", "\u00ad", "\U000e0041", "\udce9",
    "\udc9b",
)  # fmt: skip
"""Controls, what turns the reading direction or is not seen, and bytes that are not UTF-8."""
MARKUP = (
    "[bold red]", "[/]", "[@click=app.quit]x[/]", "[link=evil:]x[/link]", ":smile:", "\\", "{0}",
    "%s", "$(id)", "`id`", "<b>", "|", "\n::error::owned", "\n##[error]owned", '"', "'", ",", ";",
)  # fmt: skip
LETTERS = ("é", "漢字", "e\u0301", "🙂", "a", " ", "0")
ANY = st.characters(exclude_characters="\0/", exclude_categories=["Cs"])
PIECES = (COMMANDS, SIGNS, MARKUP, LETTERS)
LONGEST = 60
"""Letters: four bytes each are a name of a file still."""


def texts() -> st.SearchStrategy[str]:
    """Text as it may stand on a command line, in the environment and in the name of a file."""
    pieces = st.one_of(*map(st.sampled_from, PIECES), ANY)
    return st.lists(pieces, min_size=1, max_size=8).map(lambda one: shortly("".join(one)))


class Drawing:
    """The same, another one each time: where a process looks at it, none is ever simplified."""

    def __init__(self, seed: object) -> None:
        self._chance = random.Random(str(seed))

    def __call__(self) -> str:
        """Another text."""
        count = self._chance.randint(2, 8)
        pieces = [self._chance.choice(self._chance.choice(PIECES)) for _ in range(count)]
        return shortly("".join(pieces))

    def name(self) -> str:
        """One that a file may have."""
        return self().replace("/", "")


def shortly(text: str) -> str:
    return MARK + text[:LONGEST]


def whole(text: str) -> str:
    """``text`` without half characters, for files that must be UTF-8."""
    return "".join(letter for letter in text if not "\ud800" <= letter <= "\udfff")


def in_quotes(text: str) -> str:
    """``text`` for a string of TOML and JSON, between quotation marks."""
    escaped = [f"\\U{ord(letter):08x}" for letter in whole(text)]
    return "".join(escaped)
