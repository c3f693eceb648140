"""Text to stdout for as long as somebody takes it."""

from __future__ import annotations

import io
import os
import sys

from zgtui.terminal import columns_of, folded, printable


def no_terminal(*, keys: bool = False) -> str:
    """Why nothing can be drawn here, as part of a sentence; empty where it can.

    ``keys``: keys are to be read as well.
    """
    if in_browser():
        return ""
    if not _is_terminal(sys.__stdout__):
        return "stdout is not a terminal"
    if keys and not _is_terminal(sys.__stdin__):
        return "stdin is not a terminal"
    term = os.environ.get("TERM", "")
    if term in {"", "dumb", "unknown"}:
        return f"the terminal is of type {term!r}, which cannot be drawn on"
    return ""


def in_browser() -> bool:
    """Whether ``zgtui serve`` started this process, for a visitor's browser to draw in."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def _is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)
    return isatty is not None and bool(isatty())


class SafeStdout(io.TextIOBase):
    """Writes to stdout. Once that fails, ``lost`` holds why and everything goes nowhere.

    So neither a reader that left (``| head``) nor a terminal that was closed ends training in the
    middle of a table.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lost: OSError | None = None
        if isinstance(sys.stdout, io.TextIOWrapper):
            # A name in another script than the locale's must not end anything either.
            sys.stdout.reconfigure(errors="backslashreplace")

    @property
    def encoding(self) -> str:  # type: ignore[override] # a plain attribute in typeshed
        """That of stdout."""
        return sys.stdout.encoding or "ascii"

    def isatty(self) -> bool:
        """Whether stdout is a terminal."""
        return sys.stdout.isatty()

    def fileno(self) -> int:
        """That of stdout."""
        return sys.stdout.fileno()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Write ``text``; returns its length, whatever became of it."""
        try:
            sys.stdout.write(text)
        except OSError as error:
            self._lose(error)
        return len(text)

    def tell_lines(self, *lines: str) -> None:
        """Write ``lines``, which may hold what comes from outside, at once."""
        columns = columns_of(sys.stdout)
        self.write("".join(f"{folded(printable(line), columns)}\n" for line in lines))
        self.flush()

    def flush(self) -> None:
        """Hand on what was written."""
        try:
            sys.stdout.flush()
        except OSError as error:
            self._lose(error)

    def _lose(self, error: OSError) -> None:
        """What is still buffered must not fail again, now or when the program ends."""
        self.lost = self.lost or error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
