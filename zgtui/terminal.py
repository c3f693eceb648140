"""The border to the terminal: text from outside commands nothing there, and is seen as it is.

Outside are files, paths, scripts, exceptions, the configuration and the environment. Whatever
prints goes through ``tell`` or ``warn``; what draws makes its texts ``printable``.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from typing import TextIO

_PICTURES = 0x2400
"""Where Unicode has a visible sign for each control character."""
_DELETE = 0x7F


class _Shown(dict[int, str]):
    """What stands for each character, found once; for ``str.translate``."""

    def __missing__(self, code: int) -> str:
        self[code] = shown = _shown(code)
        return shown


def _shown(code: int) -> str:
    letter = chr(code)
    if letter.isprintable() or letter == "\t":
        return letter
    if code < ord(" "):
        return chr(_PICTURES + code)
    if code == _DELETE:
        return "\N{SYMBOL FOR DELETE}"
    return " " if unicodedata.category(letter) == "Zs" else "\N{REPLACEMENT CHARACTER}"


FOLDED_INDENT = 2
"""By so many columns more what follows a break is indented, unless it is a table's last column."""
_WORDS = re.compile(r"(\s*)((?<=: )zgtui [^;]+|\S+|$)")
"""A command at the end of a sentence counts as one: it is there to be copied."""
_GAPS = re.compile(r"(?<=\S)\s{2,}(?=\S)")
_IN_A_LINE = _Shown()
_IN_LINES = _Shown({ord("\n"): "\n"})


def printable(text: str) -> str:
    """``text`` as one line of letters, as many as before, and tabs.

    Control characters are shown by their signs, such as ``␛``. Half characters, and what would
    reorder or hide letters, are shown as ``\N{REPLACEMENT CHARACTER}``.
    """
    return text.translate(_IN_A_LINE)


def printable_lines(text: str) -> str:
    """The same for a text of several lines, which stay apart."""
    return text.translate(_IN_LINES)


def tell(line: str, *, end: str = "\n", file: TextIO | None = None) -> None:
    """Print one line to stdout or ``file``, at once; a terminal gets it broken between words.

    Raises:
        OSError: if nobody takes it.
    """
    stream = sys.stdout if file is None else file
    _write(folded(printable(line), columns_of(stream)) + end, stream)


def columns_of(stream: TextIO) -> int:
    """How wide the terminal behind ``stream`` is; 0 where there is none, or none that says so.

    What goes to a file or to another program stays one line, which it can be looked for in.
    """
    try:
        return os.get_terminal_size(stream.fileno()).columns if stream.isatty() else 0
    except (OSError, ValueError):  # it is gone, or has no number
        return 0


def folded(line: str, columns: int) -> str:
    """``line`` with breaks between words, so that it fits ``columns``; as it is where those are 0.

    What follows a break is indented. A word or a command that is too long for a line of its own
    stays whole: the terminal breaks it, and hands it out in one piece when it is copied.
    """
    indent, (first, *others) = rows_of(line, columns)
    return "\n".join([line[first], *(" " * indent + line[row] for row in others)])


def rows_of(line: str, columns: int) -> tuple[int, list[slice]]:
    """Where ``folded`` breaks ``line``, and how far it indents all rows but the first."""
    if not columns or width(line) <= columns:
        return 0, [slice(0, len(line))]
    indent = _hanging(line, columns)
    starts, end, used = [0], 0, 0
    for found in _WORDS.finditer(line):
        needed = width(found[0])
        if end and found[2] and used + needed > columns:
            starts.append(found.start(2))
            used, needed = indent, width(found[2])
        used, end = used + needed, found.end()
    ends = [len(line[:start].rstrip()) for start in starts[1:]]
    ends.append(len(line if used <= columns else line.rstrip()))
    return indent, [slice(*row) for row in zip(starts, ends, strict=True)]


def _hanging(line: str, columns: int) -> int:
    """Where the last column of a table begins, if that leaves it half of the room."""
    begin = max((gap.end() for gap in _GAPS.finditer(line)), default=0)
    if begin and width(line[:begin]) <= columns // 2:
        return width(line[:begin])
    return len(line) - len(line.lstrip()) + FOLDED_INDENT


def width(text: str) -> int:
    """The columns that ``text`` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def _width(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in {"W", "F"} else 1


def tell_text(text: str) -> None:
    """Print ``text``, which has several lines, to stdout.

    Raises:
        OSError: if nobody takes it.
    """
    _write(f"{printable_lines(text)}\n", sys.stdout)


def _write(text: str, stream: TextIO) -> None:
    stream.write(encodable(text, stream))
    stream.flush()


def encodable(text: str, stream: TextIO) -> str:
    """``text`` with escapes for what ``stream`` cannot take, such as a name in another script."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def warn(sentence: str) -> None:
    """One line to stderr; a terminal that is gone hears nothing."""
    try:
        tell(f"zgtui: {sentence}", file=sys.stderr)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stderr.fileno())
        os.close(nowhere)
