"""``--marker image`` in terminals that show Sixel or Kitty graphics, and in others."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.graphics import KITTY, kitty_commands, sixel_pictures, without_graphics
from tests.support.graphics_terminal import CELL, GraphicsTerminal
from tests.support.tables import tidy_table

pytestmark = pytest.mark.terminal

PLACEHOLDER = "\U0010eeee"
CURVES = re.compile("[⠁-⣿]")
SEQUENCES = re.compile(rb"\x1b[_PX^]")
"""What begins a string of a terminal: APC, DCS, SOS and PM."""


@contextmanager
def viewing(
    kind: str, folder: Path, *arguments: str, columns: int = 100
) -> Iterator[GraphicsTerminal]:
    table = tidy_table(folder / "losses.csv", 20)
    given = ("view", table.name, "--marker", "image", *arguments)
    with closing(GraphicsTerminal(kind, folder, *given, columns=columns, rows=30)) as terminal:
        yield terminal
        terminal.type("q")
        assert terminal.ended() == 0


def pictures(terminal: GraphicsTerminal, kind: str) -> int:
    """How many came."""
    if kind == "sixel":
        return len(sixel_pictures(terminal.output))
    return sum(one.keys.get("a") == "T" for one in kitty_commands(terminal.output))


def text(terminal: GraphicsTerminal) -> str:
    return "\n".join(terminal.lines)


@pytest.mark.parametrize("kind", ["sixel", "kitty"])
def test_curves_are_pictures_and_all_else_is_text(tmp_path: Path, kind: str) -> None:
    with viewing(kind, tmp_path) as terminal:
        terminal.shows("A ended ahead")
        terminal.until(lambda _: pictures(terminal, kind) >= 2, "a picture for each run")
        screen = text(terminal)
        assert not CURVES.search(screen)
        assert "3.0┤" in screen
        assert "└┬" in screen
        if kind == "sixel":
            terminal.until(lambda _: _fits(terminal), "pictures in both plots")
        else:
            terminal.shows(PLACEHOLDER)
            sent = [one for one in kitty_commands(terminal.output) if one.keys["a"] == "T"]
            assert len({one.keys["i"] for one in sent}) == 2
            colours = {colour for one in sent for _, colour in one.image.getcolors() or []}
            assert {(86, 180, 233), (255, 176, 0)} <= colours


def _fits(terminal: GraphicsTerminal) -> bool:
    """Whether the last pictures begin right of the axes and end above them."""
    axis = next(at for at, line in enumerate(terminal.lines) if "└┬" in line)
    lefts = [found.start() + 1 for found in re.finditer("└┬", terminal.lines[axis])]
    last = sixel_pictures(terminal.output)[-2:]
    return [(one.column, one.row + one.image.height // CELL[1]) for one in last] == [
        (left, axis) for left in lefts
    ]


@pytest.mark.parametrize("kind", ["sixel", "kitty"])
def test_help_lies_over_text_and_the_pictures_come_back(tmp_path: Path, kind: str) -> None:
    with viewing(kind, tmp_path) as terminal:
        terminal.until(lambda _: pictures(terminal, kind) >= 2, "pictures")
        terminal.type("?")
        terminal.shows("zgtui: keys")
        terminal.until(lambda lines: CURVES.search("\n".join(lines)) is not None, "curves as text")
        terminal.until(lambda lines: PLACEHOLDER not in "\n".join(lines), "text alone")
        before = pictures(terminal, kind)
        terminal.type("\x1b")
        terminal.until(lambda _: pictures(terminal, kind) >= before + 2, "pictures again")
        terminal.until(lambda lines: not CURVES.search("\n".join(lines)), "no curve as text")


@pytest.mark.parametrize("kind", ["sixel", "kitty"])
def test_the_crosshair_stands_over_the_picture_and_the_marker_can_be_changed(
    tmp_path: Path, kind: str
) -> None:
    with viewing(kind, tmp_path) as terminal:
        terminal.until(lambda _: pictures(terminal, kind) >= 2, "pictures")
        terminal.type("I")
        terminal.shows("┃")
        terminal.shows("B/A ")
        terminal.type("\x1b")
        terminal.until(lambda lines: "B/A " not in "\n".join(lines), "no crosshair")
        terminal.type("s")
        terminal.shows("Saved ")
        (saved,) = tmp_path.glob("*.svg")
        assert CURVES.search(saved.read_text(encoding="utf-8")), "programs show curves as text"
        terminal.type("m")  # braille
        terminal.until(lambda lines: CURVES.search("\n".join(lines)) is not None, "text")
        terminal.until(lambda lines: PLACEHOLDER not in "\n".join(lines), "text alone")
        if kind == "kitty":
            gone = [one for one in kitty_commands(terminal.output) if one.keys["a"] == "d"]
            assert gone, "the terminal is to forget what is shown no more"


@pytest.mark.parametrize("kind", ["neither", "silent"])
def test_elsewhere_one_sentence_says_why_curves_are_text(tmp_path: Path, kind: str) -> None:
    with viewing(kind, tmp_path) as terminal:
        terminal.shows("drawn in braille")
        terminal.shows("⡇")
        assert not sixel_pictures(terminal.output)
        assert {one.keys["a"] for one in kitty_commands(terminal.output)} == {"q"}


@pytest.mark.parametrize("kind", ["sixel", "kitty"])
def test_no_sequence_of_a_table_comes_through_beside_the_pictures(
    tmp_path: Path, kind: str
) -> None:
    evil = "\x1b_Ga=T,f=24,s=1,v=1;AAAA\x1b\\\x1bPq#0~\x1b\\\x1b]52;c;QQ==\x07\U0010eeee"
    table = tmp_path / "evil.csv"
    rows = "".join(f"{step},{step}\n" for step in range(1, 9))
    table.write_text(f'step,"{evil}"\n{rows}', encoding="utf-8")
    with closing(
        GraphicsTerminal(kind, tmp_path, "view", table.name, "--marker", "image", columns=120)
    ) as terminal:
        terminal.until(lambda _: pictures(terminal, kind) >= 1, "a picture")
        terminal.shows("␛_Ga=T")
        terminal.type("I")
        terminal.shows("┃")
        terminal.type("q")
        assert terminal.ended() == 0
    own = re.compile(rb"i=\d+,")
    for found in KITTY.finditer(terminal.output):
        assert own.search(found[1]) or found[1].startswith(b"q=2,m="), found[0][:60]
    assert b"\x1b]52;" not in terminal.output
    assert b"#0~\x1b" not in terminal.output
    assert not SEQUENCES.search(without_graphics(terminal.output))


def test_while_training_goes_on_pictures_are_few(tmp_path: Path) -> None:
    given = ("--experiment", "article", "--steps", "9000", "--speed", "200")
    with closing(GraphicsTerminal("kitty", tmp_path, *given, "--marker", "image")) as terminal:
        terminal.until(lambda _: pictures(terminal, "kitty") >= 4, "pictures of both runs")
        before, start = pictures(terminal, "kitty"), time.monotonic()
        terminal.until(lambda _: pictures(terminal, "kitty") >= before + 8, "more")
        assert time.monotonic() - start > 0.7, "four a second of each of two runs"
        terminal.type("q")
        assert terminal.ended() == 0
