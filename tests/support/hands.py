"""Hands on a real terminal: the mouse, as its bytes report it (SGR, mode 1006), and the screen."""

from __future__ import annotations

import re

from tests.support.terminal import Terminal

LEFT, MOVED, UP, DOWN = 0, 32, 64, 65
"""Buttons and what happens, as SGR numbers them."""


def mouse(terminal: Terminal, code: int, column: int, row: int, end: str = "M") -> None:
    """Report the mouse at a cell, counted from 0."""
    terminal.type(f"\x1b[<{code};{column + 1};{row + 1}{end}")


def click(terminal: Terminal, column: int, row: int) -> None:
    """Press the left button there, and let go."""
    mouse(terminal, LEFT, column, row)
    mouse(terminal, LEFT, column, row, end="m")


def drag(terminal: Terminal, start: tuple[int, int], end: tuple[int, int]) -> None:
    """From one cell to another with the left button."""
    mouse(terminal, LEFT, *start)
    mouse(terminal, LEFT + MOVED, *end)
    mouse(terminal, LEFT, *end, end="m")


def place_of(terminal: Terminal, text: str) -> tuple[int, int]:
    """The column and the row at which ``text`` first stands."""
    return next((line.index(text), row) for row, line in enumerate(terminal.lines) if text in line)


def start_of_b(terminal: Terminal) -> int:
    """The column of its pane's title; -1 while its border is being drawn."""
    found = filter(None, (re.search("[─━] B", line) for line in terminal.lines))
    return next((one.start() for one in found), -1)


def gone(terminal: Terminal, text: str) -> None:
    """Wait until ``text`` stands nowhere."""
    terminal.until(lambda lines: text not in "\n".join(lines), f"no {text!r}")
