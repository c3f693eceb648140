"""Hands on a real terminal: the mouse, as its bytes report it (SGR, mode 1006), and the screen."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection
from pathlib import Path

from tests.support.terminal import Terminal
from zgtui.tui.keys import KEYS, KeyPlace

LEFT, MOVED, UP, DOWN = 0, 32, 64, 65
"""Buttons and what happens, as SGR numbers them."""
LIST_OF_KEYS = "Enter or click: run"
"""What stands below it."""
TOGETHER = re.compile("A ⠒⠒ B ▀▀|⠒⠒ A ")
"""What stands below the chart of both runs."""
BEGINNING = 40
"""Letters of a line that are never wrapped to the next one."""
TURNS = 5
"""Clicks of the wheel between two looks at the list: by less than what it shows at once."""
OPENING_SECONDS, FRAME_SECONDS = 0.25, 0.1
"""What has drawn nothing for so long has drawn all of a list that opens, or of one frame."""
STILL = {"TEXTUAL_ANIMATIONS": "none"}
"""Variables with which a list is where it was turned to at once."""


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
    """The column of its pane's title; -1 where both panes are above each other."""
    found = filter(None, (re.search("[─━] B", line) for line in terminal.lines))
    return next((one.start() for one in found), -1)


def gone(terminal: Terminal, text: str) -> None:
    """Wait until ``text`` stands nowhere."""
    terminal.until(lambda lines: text not in "\n".join(lines), f"no {text!r}")


class Hand:
    """A hand on the mouse of ``terminal``, with no keyboard; it knows which keys it did without."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal, self.shows = terminal, terminal.shows
        self.done: dict[KeyPlace, set[str]] = {}

    def does(self, place: KeyPlace, *names: str, at: str = "? help") -> None:
        """Click on what each of ``names`` is called in the list of all keys of ``place``."""
        for name in names:
            key = next(one for one in KEYS if one.name == name)
            self.choose(key.at(place)[:BEGINNING], at=at)
            self.done.setdefault(place, set()).add(name)
            if name not in {"help", "quit"}:
                self.gone(LIST_OF_KEYS)

    def choose(self, line: str, *, at: str = "? help") -> None:
        """Open the list of keys by a click on ``at``, turn it to ``line``, and click on that."""
        self.shows(at)
        self.click(at)
        self.shows(LIST_OF_KEYS)
        self.stands_still(OPENING_SECONDS)
        while not any(f"  {line}" in one for one in self.terminal.lines):
            self.turn()
        column, row = place_of(self.terminal, f"  {line}")
        click(self.terminal, column + 2, row)

    def turn(self) -> None:
        """Turn the list by a few clicks of the wheel, and wait until it has moved."""
        columns, rows = len(self.terminal.lines[0]), len(self.terminal.lines)

        def upper(lines: list[str]) -> list[str]:
            return [line[columns // 4 : columns * 3 // 4] for line in lines[rows // 3 : rows // 2]]

        before = upper(self.terminal.lines)
        self.terminal.type(f"\x1b[<{DOWN};{columns // 2};{rows // 2}M" * TURNS)
        self.terminal.until(lambda lines: upper(lines) != before, "more of the list")
        self.stands_still(FRAME_SECONDS)

    def stands_still(self, seconds: float) -> None:
        """Wait until the middle of the screen does for so long; beside it charts may grow."""
        before: list[str] = []
        while (now := self.middle()) != before:
            before, until = now, time.monotonic() + seconds
            while time.monotonic() < until:
                self.terminal.read(seconds)

    def middle(self) -> list[str]:
        """What stands where lists and dialogs come."""
        lines = self.terminal.lines
        columns, rows = len(lines[0]), len(lines)
        return [line[columns // 4 : columns * 3 // 4] for line in lines[rows // 4 : -rows // 8]]

    def click(self, text: str) -> None:
        """Click on the first place where ``text`` stands."""
        self.shows(text)
        click(self.terminal, *place_of(self.terminal, text))

    def gone(self, text: str) -> None:
        """Wait until ``text`` stands nowhere."""
        gone(self.terminal, text)

    def until(self, condition: Callable[[str], object], what: str) -> None:
        """Wait until the screen meets ``condition``."""
        self.terminal.until(lambda lines: bool(condition("\n".join(lines))), what)

    def sees(self, pattern: str) -> None:
        """Wait until the screen has what ``pattern`` describes."""
        self.until(lambda screen: re.search(pattern, screen), pattern)

    def changes(self, does: Callable[[], None], look: Callable[[], object], what: str) -> None:
        """Wait until ``look`` finds something else than before ``does``; -1 is nothing yet."""
        self.terminal.until(lambda _: look() != -1, f"anything to see {what} by")
        before = look()
        does()
        self.terminal.until(lambda _: look() not in (before, -1), what)

    def row_of(self, text: str) -> int:
        """The row at which ``text`` first stands; -1 where it does not."""
        rows = enumerate(self.terminal.lines)
        return next((row for row, line in rows if text in line), -1)

    def counts(self, text: str, times: int) -> None:
        """Wait until ``text`` stands so often."""
        self.until(lambda screen: screen.count(text) == times, f"{times} {text!r}")

    def left_out(self, place: KeyPlace) -> Collection[str]:
        """The keys of ``place`` that were not chosen so far."""
        return {key.name for key in KEYS if key.at(place)} - self.done.get(place, set())


# What all charts have


def look_at_steps(hand: Hand, place: KeyPlace, last: int) -> None:
    """The crosshair, column by column and step by step."""
    hand.does(place, "crosshair")
    hand.shows(f"step {last} · A ")
    hand.does(place, "nudge-back")
    hand.shows(f"step {last - 1} · A ")
    hand.does(place, "backward")
    hand.until(lambda screen: f"step {last - 1} · A " not in screen, "an earlier step")
    hand.does(place, "forward")
    hand.shows(f"step {last - 1} · A ")
    hand.does(place, "nudge-forward")
    hand.shows(f"step {last} · A ")
    hand.does(place, "close")
    hand.until(lambda screen: not re.search("step [0-9]+ · A ", screen), "no crosshair")


def look_closer(hand: Hand, place: KeyPlace, last: int) -> None:
    """Parts of both axes, and a click on what says so."""
    middle = last // 2
    hand.does(place, "zoom-in")
    hand.shows(f"steps {middle} to {last}")
    hand.does(place, "pan-back")
    hand.gone(f"steps {middle} to {last}")
    hand.does(place, "pan-forward")
    hand.shows(f"steps {middle} to {last}")
    hand.does(place, "zoom-out")
    hand.gone(f"steps {middle}")
    hand.does(place, "follow")
    hand.sees("[─━] newest [0-9]+ steps")
    hand.click("newest ")
    hand.until(lambda screen: not re.search("[─━] newest", screen), "the whole run")
    hand.does(place, "zoom-losses-in")
    hand.shows("loss axis zoomed")
    for name in ("up", "down", "zoom-losses-out"):
        hand.changes(lambda name=name: hand.does(place, name), _labels(hand), name)  # type: ignore[misc]
    if "loss axis zoomed" in "\n".join(hand.terminal.lines):
        hand.click("loss axis zoomed")
    hand.gone("loss axis zoomed")


def _labels(hand: Hand) -> Callable[[], list[str]]:
    """The labels of the loss axis of the first chart."""
    return lambda: [line[:8] for line in hand.terminal.lines if "┤" in line[:9]]


def look_otherwise(hand: Hand, place: KeyPlace) -> None:
    """Grid, smoothing, axes and markers; a click on what is said of them takes it back."""
    hand.does(place, "grid")
    hand.gone("┊")
    hand.does(place, "grid")
    hand.shows("┊")
    hand.does(place, "smooth")
    hand.shows("smoothed 0.9")
    hand.does(place, "smooth-less")
    hand.shows("smoothed 0.8")
    hand.does(place, "smooth-more")
    hand.shows("smoothed 0.9")
    hand.click("smoothed 0.9")
    hand.gone("smoothed")
    hand.does(place, "own-axes")
    hand.shows("own loss axis")
    hand.click("own loss axis")
    hand.gone("own loss axis")
    hand.does(place, "step-axis")
    hand.sees(r"─ (by \w+|steps by time)")
    while said := re.search(r"─ (by [a-z ]*\w|steps by time)", "\n".join(hand.terminal.lines)):
        hand.click(said[1])
        hand.gone(f"─ {said[1]}")
    hand.does(place, "log-scale")
    hand.shows("1e-")
    hand.does(place, "log-scale")
    hand.gone("1e-")
    hand.does(place, "marker")
    hand.sees("[█▀▄▌▐]")
    hand.does(place, *["marker"] * 3)
    hand.sees("[⠁-⣿]")


def arrange(hand: Hand, place: KeyPlace) -> None:
    """Overlay, difference, a chart each; and the border between them."""
    hand.does(place, "together")
    hand.sees(TOGETHER.pattern)
    hand.does(place, "together")
    hand.shows("A - B")
    hand.does(place, "together")
    hand.gone("A - B")
    hand.sees("[─━] B ")
    for name in ("border-left", "border-right"):
        hand.changes(
            lambda name=name: hand.does(place, name),  # type: ignore[misc]
            lambda: start_of_b(hand.terminal),
            name,
        )


def move_the_border_above(hand: Hand, place: KeyPlace, below: str) -> None:
    """The border between the charts and what stands below them."""
    for name in ("border-up", "border-down"):
        hand.changes(
            lambda name=name: hand.does(place, name),  # type: ignore[misc]
            lambda: hand.row_of(below),
            name,
        )


def save(hand: Hand, place: KeyPlace, folder: Path) -> None:
    """A screenshot, a table and, cancelled, a picture, by the hints of their dialogs."""
    hand.does(place, "save-svg")
    hand.shows("Saved ")
    assert list(folder.glob("zgtui-*.svg"))
    hand.does(place, "export")
    hand.click("Enter: export")
    hand.shows("Wrote ")
    hand.does(place, "picture")
    hand.shows("draw ")
    hand.click("Esc: cancel")
    hand.gone("Esc: cancel")


def ask_for_help(hand: Hand, place: KeyPlace) -> None:
    """The focus, the list from the list, and the palette, which a click beside it closes."""
    hand.does(place, "focus-next", "help")
    hand.click("Esc: close")
    hand.gone(LIST_OF_KEYS)
    hand.choose("Search all commands")
    hand.shows("Search commands")
    click(hand.terminal, 0, len(hand.terminal.lines) - 1)
    hand.gone("Search commands")


def leave(hand: Hand, place: KeyPlace, excused: Collection[str] = ()) -> None:
    """Quit; and nothing was left out that ``place`` has a key for, but what is ``excused``."""
    hand.does(place, "quit")
    assert hand.terminal.ended() == 0
    assert hand.left_out(place) == set(excused)
