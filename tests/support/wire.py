"""What may go over the wire to a terminal: letters, and the sequences that zgtui itself sends."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from tests.support.terminal import ENTER_ALTERNATE, LEAVE_ALTERNATE
from zgtui.outputs.terminal_graphics import QUESTION

_NUMBER = r"(?:\d{1,2}|1\d\d|2[0-4]\d|25[0-5])"
_STYLE = (
    r"(?:0?[0-47]|9|2[1-479]|3[0-79]|4[0-79]|9[0-7]|10[0-7]"
    rf"|[34]8;5;{_NUMBER}|[34]8;2;{_NUMBER};{_NUMBER};{_NUMBER})"
)
"""Bold, dim, italic, underlined, reversed, struck, and colours; nothing blinks or is concealed."""
_MODES = "25|7|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048"
_SENT = re.compile(
    rf"\x1b\[(?:{_STYLE}(?:;{_STYLE})*)?m"
    r"|\x1b\[(?P<row>\d+);(?P<column>\d+)H"
    rf"|\x1b\[\?(?:{_MODES})[hl]"
    r"|\x1b\[\?(?:2026|2048)\$p|\x1b\[>25u|\x1b\[<u"  # may frames be held back; kitty's keyboard
    r"|\x1b\]22;(?:default|pointer|text)\x07"  # the shape of the pointer of the mouse
    r"|(?:\r|\x1b\[1A)\x1b\[2K|\r\x1b\[1A|\r\n"  # a line drawn anew
    f"|{re.escape(QUESTION.decode())}"
)
_COMMANDING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of Unicode: control, format, half characters, and ends of lines."""


def on_a_terminal(sent: bytes, *, columns: int = 80, rows: int = 24) -> list[str]:
    """What of ``sent`` neither is a letter nor a sequence that zgtui sends itself."""
    found = []
    for screen, text in _parts(sent):
        left = _SENT.sub(lambda match: _unless_within(match, columns, rows), text)
        # On the screen each line is put in its place: there is no end of one.
        found += _commands(left, allowed="" if screen else "\n\t")
    return found


def in_a_pipe(sent: bytes) -> list[str]:
    """The same where nobody draws."""
    return _commands(sent.decode("utf-8", "surrogateescape"), allowed="\n\t")


def _parts(sent: bytes) -> Iterator[tuple[bool, str]]:
    """The text, piece by piece, and whether it is drawn on the screen of an app."""
    before, *screens = sent.split(ENTER_ALTERNATE)
    yield False, before.decode("utf-8", "surrogateescape")
    for one in screens:
        drawn, _, after = one.partition(LEAVE_ALTERNATE)
        yield True, drawn.decode("utf-8", "surrogateescape")
        yield False, after.decode("utf-8", "surrogateescape")


def _unless_within(match: re.Match[str], columns: int, rows: int) -> str:
    row, column = match["row"], match["column"]
    if row is None or (1 <= int(row) <= rows and 1 <= int(column) <= columns):
        return ""
    return match[0]


def _commands(text: str, allowed: str) -> list[str]:
    return [
        ascii(text[max(0, at - 30) : at + 30])
        for at, letter in enumerate(text)
        if letter not in allowed and unicodedata.category(letter) in _COMMANDING
    ]
