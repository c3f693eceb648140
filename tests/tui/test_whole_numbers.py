"""A number on the screen is whole or not there, whatever the size of the screen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tui.stage import running_app
from zgtui.config.settings import Settings
from zgtui.tui.widgets.chart_pane import fitting_state, fitting_words, run_numbers

LOSSES = (123456.789, 0.000012345678)
NUMBER = re.compile(r"\d[\d,.]*(?:e[-+]?\d+)?")


@pytest.mark.parametrize("size", [(150, 40), (120, 36), (80, 24), (60, 20), (40, 12), (30, 8)])
async def test_losses_and_gradients_are_whole_at_every_size(
    folder: Path, size: tuple[int, int]
) -> None:
    async with running_app(folder.parent, Settings(steps=0, speed=0), size=size) as stage:
        stage.worker.feed([LOSSES[0]] * 25, [LOSSES[1]] * 25)
        for run in ("A", "B"):
            stage.worker.sample(
                "A" if run == "A" else "B", grad_norm=1.41421e6, fresh_norm=2.71828e-7,
                carried_norm=1.41421e6, ratio=5.2026e12, cosine=-0.123456, energy=0.577215,
            )  # fmt: skip
        await stage.caught_up()
        await stage.press("i")
        stage.app.tick()
        await stage.pilot.pause()
        shown = " ".join(stage.text.split("\n"))
        whole = {"1.235e+05", "1.235e-05", "1.41e+06", "2.72e-07", "5.2e+12", "0.12", "0.5772"}
        for mantissa in ("1.235", "1.41", "2.72", "5.2", "0.5772"):
            found = re.findall(rf"(?<![\d.]){re.escape(mantissa)}[\d.]*(?:e[-+]?\d*)?", shown)
            assert set(found) <= whole, shown


@pytest.mark.parametrize("width", range(3, 60))
def test_the_captions_of_a_pane_leave_out_what_they_have_no_room_for(width: int) -> None:
    numbers = run_numbers("1.235e+05", "0.08333", accuracy="96.5%", name="A ")
    text = "".join(part for part, _ in fitting_words(numbers, width))
    assert len(text) <= max(width, len("A "))
    assert set(NUMBER.findall(text)) <= {"1.235e+05", "0.08333", "96.5"}
    for state in (
        "finished · oscillates every 2.7 steps",
        "finished · converged at step 123456",
        "you said: diverges, right · finished · growing ×1.234e+05 per step",
    ):
        short = fitting_state(state, width)
        assert len(short) <= width
        assert set(NUMBER.findall(short)) <= set(NUMBER.findall(state))
        assert not re.search(r" (at|since|every|×|step)$", short)


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (200, "failed after 12 steps: ValueError: no target: 'x y z' in fails.py:13 (exit code 1)"),
        (40, "failed after 12 steps: ValueError"),
        (30, "failed after 12 steps"),
        (21, "failed after 12 steps"),
        (20, ""),
    ],
)
def test_that_a_script_failed_is_said_whatever_its_error_says(width: int, shown: str) -> None:
    state = "failed after 12 steps: ValueError: no target: 'x y z' in fails.py:13 (exit code 1)"
    assert fitting_state(state, width) == shown


@pytest.mark.parametrize("width", range(30))
def test_a_guess_is_shown_whole_or_not_at_all(width: int) -> None:
    guess = "you said: diverges, right"
    assert fitting_state(f"{guess} · finished", width) == (guess if width >= len(guess) else "")
