"""Whether there is a terminal to draw on."""

from __future__ import annotations

import os
import sys


def no_terminal(*, keys: bool = False) -> str:
    """Why nothing can be drawn here, as part of a sentence; empty where it can.

    ``keys``: keys are to be read as well.
    """
    if not _is_terminal(sys.__stdout__):
        return "stdout is not a terminal"
    if keys and not _is_terminal(sys.__stdin__):
        return "stdin is not a terminal"
    term = os.environ.get("TERM", "")
    if term in {"", "dumb", "unknown"}:
        return f"the terminal is of type {term!r}, which cannot be drawn on"
    return ""


def _is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)
    return isatty is not None and bool(isatty())
