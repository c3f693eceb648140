"""The charts of the app, of ``run``, of a lesson and before an audience, by key and by mouse."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.hands import (
    DOWN,
    MOVED,
    TOGETHER,
    UP,
    click,
    drag,
    gone,
    mouse,
    place_of,
    start_of_b,
)
from tests.support.modern_terminal import ModernTerminal
from tests.support.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.slow]

ESCAPE, SHIFT_LEFT = "\x1b", "\x1b[1;2D"
TWO_LOSSES = """
import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(30):
    first, second = model(torch.randn(8, 3)).pow(2).mean(0)
    optimizer.zero_grad()
    first.backward(retain_graph=True)
    second.backward()
    optimizer.step()
"""


def shows_a_part(lines: list[str]) -> bool:
    """Whether a pane says which steps it shows."""
    return re.search(r"steps [\d.]+ to [\d.]+", "\n".join(lines)) is not None


def look_closer(terminal: Terminal) -> None:
    """The crosshair, the wheel, a drag and escape, over the chart whose axis is seen first."""
    left, axis = place_of(terminal, "└┬")
    mouse(terminal, MOVED + 3, left + 8, axis - 2)  # no button
    terminal.shows(" · A ")
    mouse(terminal, UP, left + 8, axis - 2)
    terminal.until(shows_a_part, "a closer look")
    mouse(terminal, DOWN, left + 8, axis - 2)
    terminal.until(lambda lines: not shows_a_part(lines), "the whole run")
    drag(terminal, (left + 4, axis - 2), (left + 20, axis - 2))
    terminal.until(shows_a_part, "what was dragged over")
    terminal.type(ESCAPE)
    gone(terminal, " · A ")
    terminal.type(ESCAPE)
    terminal.until(lambda lines: not shows_a_part(lines), "the whole run")
    terminal.type("I")
    terminal.shows(" · A ")
    terminal.type(SHIFT_LEFT)
    terminal.shows("step 19 · A ")
    terminal.type(ESCAPE)
    gone(terminal, " · A ")


def arrange(terminal: Terminal) -> None:
    """The border between both panes, by mouse and key; overlay, difference, and a chart each."""
    middle = start_of_b(terminal)
    drag(terminal, (middle - 2, 5), (middle + 8, 5))
    terminal.until(lambda _: start_of_b(terminal) == middle + 10, "a wider A")
    terminal.type("W")
    terminal.until(lambda _: 0 < start_of_b(terminal) < middle + 10, "a key")
    terminal.type("A")
    terminal.until(lambda lines: TOGETHER.search("\n".join(lines)) is not None, "one chart")
    terminal.type("A")
    terminal.shows("A - B")
    terminal.type("A")
    gone(terminal, "A - B")


def look_otherwise(terminal: Terminal) -> None:
    """Grid, smoothing, axes and markers."""
    terminal.shows("┊")
    terminal.type("#")
    gone(terminal, "┊")
    terminal.type("#")
    terminal.type("S")
    terminal.shows("smoothed 0.9")
    terminal.type("{")
    terminal.shows("smoothed 0.8")
    terminal.type("S")
    gone(terminal, "smoothed")
    terminal.type("Y")
    terminal.shows("own loss axis")
    terminal.type("Y")
    gone(terminal, "own loss axis")
    terminal.type("X")
    terminal.until(lambda lines: any("by " in line for line in lines[-30:]), "another x axis")
    terminal.type("m")
    terminal.until(lambda lines: "█" in "".join(lines) or "▀" in "".join(lines), "thicker curves")


LOOKS: list[Callable[[Terminal], None]] = [look_closer, arrange, look_otherwise]


def test_the_app_by_key_and_by_mouse(tmp_path: Path) -> None:
    with closing(ModernTerminal(tmp_path, columns=120, rows=36)) as terminal:
        terminal.shows("finished")
        for look in LOOKS:
            look(terminal)
        terminal.type("z")  # clears from now on
        terminal.shows("every step")
        terminal.type("u")
        terminal.type("?")
        terminal.shows("zgtui: keys")
        terminal.type(ESCAPE)
        gone(terminal, "zgtui: keys")
        terminal.type("o")
        terminal.shows("Esc: cancel")
        terminal.type(ESCAPE)
        gone(terminal, "Esc: cancel")
        click(terminal, *place_of(terminal, "q quit"))
        assert terminal.ended() == 0


def test_before_an_audience_and_back(tmp_path: Path) -> None:
    with closing(ModernTerminal(tmp_path, columns=120, rows=36)) as terminal:
        terminal.shows("finished")
        terminal.type("P")
        terminal.shows("presenter")
        look_closer(terminal)
        terminal.type("P")
        gone(terminal, "presenter")
        terminal.type("q")
        assert terminal.ended() == 0


def test_a_lesson_by_key_and_by_mouse(tmp_path: Path) -> None:
    given = ("--lesson", "invisible")
    with closing(ModernTerminal(tmp_path, *given, columns=120, rows=40)) as terminal:
        terminal.shows("▶ 1 claim")
        terminal.type("\x1b[C")
        terminal.shows("▶ 2 predict")
        terminal.type("\x1b[D")
        terminal.shows("▶ 1 claim")
        terminal.type("\x1b[C\x1b[C")
        terminal.shows("▶ 3 see")
        terminal.shows("└┬")
        left, axis = place_of(terminal, "└┬")
        mouse(terminal, MOVED + 3, left + 8, axis - 2)
        terminal.shows(" · A ")
        terminal.type("q")
        assert terminal.ended() == 0


def test_two_losses_of_a_script_by_key_and_by_mouse(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(TWO_LOSSES, encoding="utf-8")
    with closing(ModernTerminal(tmp_path, "run", script.name, columns=120, rows=36)) as terminal:
        terminal.until(lambda lines: sum("ended" in line for line in lines) >= 1, "the end")
        terminal.shows("step 30")
        gone(terminal, "training")
        terminal.shows("┊")
        arrange(terminal)
        terminal.type("C")
        terminal.type("C")
        terminal.type("O")
        terminal.type("O")
        terminal.type("I")
        terminal.shows("step 30 · ")
        terminal.type("q")
        assert terminal.ended() == 0


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (160, 50)])
def test_losses_states_and_the_way_out_are_seen_at_every_size(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    columns, rows = size
    with closing(ModernTerminal(tmp_path, columns=columns, rows=rows)) as terminal:
        for text in ("loss 0 ", "loss 0.2871", "converged", "oscillates", "quit"):
            terminal.shows(text)
        terminal.type("P")
        terminal.shows("presenter")
        for text in ("loss 0 ", "loss 0.2871", "converged", "oscillates"):
            terminal.shows(text)
        terminal.type("q")
        assert terminal.ended() == 0
