"""The border to the terminal: text from outside commands nothing there, and is seen as it is.

Outside are files, paths, scripts, exceptions, the configuration and the environment. Whatever
prints goes through ``tell`` or ``warn``; what draws makes its texts ``printable``.
"""

from __future__ import annotations

import os
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
    """Print one line to stdout or ``file``, at once.

    Raises:
        OSError: if nobody takes it.
    """
    _write(printable(line) + end, sys.stdout if file is None else file)


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
