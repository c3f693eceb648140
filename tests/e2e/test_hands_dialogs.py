"""Help, palette, dialogs, files and the clipboard in a real terminal, by key and by mouse."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.hands import click, gone, place_of
from tests.support.modern_terminal import ModernTerminal
from tests.support.tables import tidy_table
from tests.support.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.slow]

ESCAPE, ENTER, PALETTE = "\x1b", "\r", "\x10"
COPIED = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07")


def search_help(terminal: Terminal) -> None:
    """``?`` is searched; a click on what it finds does it."""
    terminal.shows("┊")
    terminal.type("?")
    terminal.shows("The focused pane: run B.")
    terminal.type("/")
    terminal.shows("search the keys")
    terminal.type("ticks")
    terminal.until(lambda lines: not any("Pause both" in line for line in lines), "fewer keys")
    terminal.shows("Grid lines at the ticks")
    click(terminal, *place_of(terminal, "Grid lines at the ticks"))
    gone(terminal, "zgtui: keys")
    gone(terminal, "┊")
    terminal.type("#")
    terminal.shows("┊")


def search_palette(terminal: Terminal) -> None:
    """The palette finds by description, by experiment and by lesson; a click opens."""
    terminal.type(PALETTE)
    terminal.shows("Search commands")
    terminal.type("spirals")
    terminal.shows("experiment: spirals")
    terminal.type(ESCAPE)
    gone(terminal, "experiment: spirals")
    terminal.type(PALETTE)
    terminal.shows("Search commands")
    terminal.type("momentum")  # in its description alone
    terminal.shows("Choose optimizer, momentum")
    click(terminal, *place_of(terminal, "Choose optimizer, momentum"))
    terminal.shows("optimizer of both runs")


def correct_the_optimizer(terminal: Terminal) -> None:
    """What is wrong is said in the dialog, where what was typed stays."""
    terminal.shows("optimizer of both runs")
    terminal.type("\x15adma" + ENTER)  # ctrl+u empties the field
    terminal.shows("no optimizer 'adma'. Did you mean")
    terminal.shows("optimizer of both runs")
    terminal.shows(" adma")
    terminal.type(ESCAPE)
    gone(terminal, "optimizer of both runs")


def choose_from_lists(terminal: Terminal) -> None:
    """Experiments and lessons are filtered by what is typed, and clicked."""
    terminal.type("x")
    terminal.shows("type to filter")
    terminal.type("spir")
    terminal.until(lambda lines: not any(" article " in line for line in lines[3:]), "fewer")
    terminal.shows("spirals ")
    terminal.type(ESCAPE)
    gone(terminal, "Esc: cancel")
    terminal.type("L")
    terminal.shows("Invisible in the first two losses")
    click(terminal, *place_of(terminal, "Invisible in the first two losses"))
    terminal.shows("▶ 1 claim")
    terminal.type("L")
    gone(terminal, "▶ 1 claim")


def test_help_palette_and_dialogs_of_the_app(tmp_path: Path) -> None:
    with closing(ModernTerminal(tmp_path, columns=120, rows=40)) as terminal:
        terminal.shows("finished")
        search_help(terminal)
        search_palette(terminal)
        correct_the_optimizer(terminal)
        choose_from_lists(terminal)
        terminal.type("q")
        assert terminal.ended() == 0


def copied(terminal: Terminal) -> str:
    """What the terminal was given for its clipboard; empty before."""
    found = COPIED.search(terminal.output)
    return b64decode(found[1]).decode() if found else ""


def test_a_picture_a_script_and_a_change_taken_back(tmp_path: Path) -> None:
    with closing(ModernTerminal(tmp_path, columns=120, rows=36)) as terminal:
        terminal.shows("finished")
        click(terminal, *place_of(terminal, "z zero_grad"))
        terminal.until(
            lambda lines: "\n".join(lines).count("zero_grad() every step") == 2, "B clears"
        )
        terminal.type("u")
        terminal.shows("Undid")
        terminal.shows("zero_grad() never")
        terminal.type("s")
        terminal.shows("Saved ")
        (picture,) = tmp_path.glob("zgtui-*.svg")
        assert "zero_grad()" in picture.read_text(encoding="utf-8")
        assert "Undid" not in "\n".join(terminal.lines)  # one message at a time
        terminal.type("K")
        terminal.shows("Sent ")
        assert "loss.backward()" in copied(terminal)
        terminal.type(ESCAPE)
        gone(terminal, "Sent ")
        terminal.type("q")
        assert terminal.ended() == 0


@pytest.fixture
def spike(tmp_path: Path) -> Iterator[Terminal]:
    """Two runs of 40 steps, the loss of one of which is once far above all others."""
    table = tidy_table(tmp_path / "losses.csv", 40)
    lines = table.read_text(encoding="utf-8").splitlines()
    columns = lines[20].split(",")
    columns[lines[0].split(",").index("loss")] = "400"
    table.write_text("\n".join([*lines[:20], ",".join(columns), *lines[21:]]) + "\n")
    with closing(ModernTerminal(tmp_path, "view", table.name, columns=120, rows=36)) as terminal:
        terminal.shows("┊")
        yield terminal
        terminal.type("q")
        assert terminal.ended() == 0


def both(text: str) -> Callable[[list[str]], bool]:
    """Whether ``text`` stands on both panes."""
    return lambda lines: "\n".join(lines).count(text) == 2


def test_axes_by_keys(spike: Terminal) -> None:
    spike.shows("spikes cut off")
    spike.shows("▲")
    spike.type("0")
    gone(spike, "▲")
    spike.type("0")
    spike.shows("▲")
    spike.type("Y")
    spike.until(both("own loss axis"), "an axis each")
    spike.type("Y")
    gone(spike, "own loss axis")
    spike.type(":")
    spike.until(both("loss axis zoomed"), "half of it")
    spike.type(ESCAPE)
    gone(spike, "loss axis zoomed")
    spike.type(".")
    spike.until(both("steps 20 to 40"), "half of the steps")
    spike.type("((")
    spike.until(both("steps 10 to 30"), "those before")
    spike.type(")")
    spike.until(both("steps 15 to 35"), "those behind")
    spike.type(",")
    gone(spike, "steps 15 to 35")
    spike.type("F")
    spike.until(lambda lines: any("─ newest " in line for line in lines), "the newest steps")
    spike.type("F")
    gone(spike, "─ newest ")
    click(spike, *place_of(spike, "y log scale"))
    spike.shows("1e-")
