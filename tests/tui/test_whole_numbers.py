"""A number on the screen is whole or not there, whatever the size of the screen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.tui.stage import running_app
from zgtui.config.settings import Settings
from zgtui.tui.widgets.chart_pane import fitting_state, fitting_words, packed, run_numbers
from zgtui.tui.widgets.explanation_pane import fitting

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


CURVES = (
    ("⠒⠒", "red"), (" one.csv 0.05602   ", ""), ("▀▀", "blue"), (" a long name.csv 0.07952   ", ""),
    ("••", "green"), (" t3.csv 0.005571   ", ""), ("", ""), ("lr 0.1   12 steps/s", ""),
)  # fmt: skip


@pytest.mark.parametrize("width", range(14, 90))
@pytest.mark.parametrize("rows", [1, 3, 9])
def test_each_curve_keeps_its_glyph_and_its_number_on_one_line(width: int, rows: int) -> None:
    lines = packed(CURVES, width, rows).plain.split("\n")
    assert len(lines) <= rows
    assert all(cell_len(line) <= width for line in lines), lines
    shown = [item.strip() for line in lines for item in line.split("   ") if item.strip() != "…"]
    whole = ["⠒⠒ one.csv 0.05602", "▀▀ a long name.csv 0.07952", "•• t3.csv 0.005571", "lr 0.1",
             "12 steps/s"]  # fmt: skip
    for item, expected in zip(shown, whole, strict=False):
        assert item[:2] == expected[:2]
        assert item.split()[-1] == expected.split()[-1], "its number"
        assert item == expected or "…" in item
    left_out = len(shown) < len(whole)
    fits = cell_len(lines[-1].removesuffix("   …")) + 4 <= width
    assert lines[-1].endswith("   …") is (left_out and fits)
    assert not (rows == 9 and left_out)


def test_a_sentence_that_is_too_long_is_cut_at_a_word_with_a_sign() -> None:
    said = "Lowest loss: one.csv (0), then two.csv (0.1), then three.csv (0.2)."
    assert fitting([said], 30, 9) == [said]
    assert fitting([said], 30, 2) == ["Lowest loss: one.csv (0), then two.csv (0.1), then …"]
    assert fitting([said], 30, 0) == [said], "not laid out yet"
