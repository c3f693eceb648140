"""Charts in a real terminal, by the bytes that its keys and its mouse send."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.hands import DOWN, MOVED, UP, drag, mouse, start_of_b
from tests.support.modern_terminal import ModernTerminal
from tests.support.tables import tidy_table
from tests.support.terminal import Terminal

pytestmark = pytest.mark.terminal

CTRL_LEFT, SHIFT_LEFT, ESCAPE = "\x1b[1;5D", "\x1b[1;2D", "\x1b"


@pytest.fixture(params=[(80, 24), (160, 50)], ids=["80x24", "160x50"])
def terminal(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Terminal]:
    """A table of 20 steps of both runs."""
    columns, rows = request.param
    table = tidy_table(tmp_path / "losses.csv", 20)
    with closing(Terminal(tmp_path, "view", table.name, columns=columns, rows=rows)) as one:
        one.shows("┊")
        one.shows("A ended ahead")
        yield one
        one.type("q")
        assert one.ended() == 0


def column_of(terminal: Terminal, text: str) -> int:
    """Where ``text`` begins, in the first line that has it."""
    return next(line.index(text) for line in terminal.lines if text in line)


def row_of(terminal: Terminal, text: str) -> int:
    return next(at for at, line in enumerate(terminal.lines) if text in line)


def test_the_border_is_dragged_and_moved_by_keys(terminal: Terminal) -> None:
    middle = start_of_b(terminal)
    drag(terminal, (middle - 2, 5), (middle + 8, 5))
    terminal.until(lambda _: start_of_b(terminal) == middle + 10, "a wider A")
    terminal.type(CTRL_LEFT)
    terminal.until(lambda _: start_of_b(terminal) == middle + 6, "a key")


def test_the_grid_the_overlay_and_the_difference_come_and_go(terminal: Terminal) -> None:
    terminal.type("#")
    terminal.until(lambda lines: "┊" not in "".join(lines), "no grid")
    terminal.type("#")
    terminal.shows("┊")
    terminal.type("A")
    terminal.shows("⠒⠒ A ")
    terminal.type("A")
    terminal.shows("A - B")
    terminal.type("A")
    terminal.until(lambda lines: "A - B" not in "".join(lines), "a chart each")


def test_the_mouse_looks_closer_and_reads_off(terminal: Terminal) -> None:
    axis = row_of(terminal, "└┬")
    left = column_of(terminal, "└┬")
    mouse(terminal, MOVED + 3, left + 8, axis - 3)  # no button
    terminal.shows("B/A ")
    mouse(terminal, UP, left + 8, axis - 3)
    terminal.shows("steps ")
    mouse(terminal, DOWN, left + 8, axis - 3)
    terminal.until(lambda lines: "steps " not in "".join(lines), "the whole run")
    drag(terminal, (left + 4, axis - 3), (left + 20, axis - 3))
    terminal.shows("steps ")
    terminal.type(ESCAPE)  # the crosshair
    terminal.until(lambda lines: "B/A " not in "".join(lines), "no crosshair")
    terminal.type(ESCAPE)
    terminal.until(lambda lines: "steps " not in "".join(lines), "the whole run")


def test_keys_smooth_move_the_crosshair_and_change_the_axis(terminal: Terminal) -> None:
    terminal.type("S")
    terminal.shows("smoothed 0.9")
    terminal.type("{")
    terminal.until(lambda lines: "smoothed 0.9 " not in "".join(lines), "less")
    terminal.type("I")
    terminal.shows("step 20 · A ")
    terminal.type(SHIFT_LEFT)
    terminal.shows("step 19 · A ")
    terminal.type("X")
    terminal.shows("by epoch")
    terminal.type("X")
    terminal.shows("by log step")
    terminal.type("y")
    terminal.shows("1e-")


@pytest.mark.parametrize("kind", [Terminal, ModernTerminal])
def test_the_corner_of_the_window_is_dragged(tmp_path: Path, kind: type[Terminal]) -> None:
    table = tidy_table(tmp_path / "losses.csv", 20)
    with closing(kind(tmp_path, "view", table.name)) as terminal:
        terminal.shows("A ended ahead")
        for columns, rows, beside in [(160, 50, True), (50, 20, False), (80, 24, True)]:
            terminal.resize(columns, rows)
            terminal.until(
                lambda lines, beside=beside: (  # type: ignore[misc]
                    "q quit" in lines[-1]
                    and (start_of_b(terminal) > 2) is beside
                    and any(line[-1] in "╮┓" for line in lines)
                ),
                f"{columns} columns and {rows} rows",
            )
        terminal.type("q")
        assert terminal.ended() == 0
        assert not isinstance(terminal, ModernTerminal) or terminal.given_back
