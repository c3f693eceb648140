"""Every key of tables by the mouse alone, in a real terminal."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.support.hands import (
    STILL,
    Hand,
    arrange,
    ask_for_help,
    leave,
    look_at_steps,
    look_closer,
    look_otherwise,
    save,
)
from tests.support.modern_terminal import ModernTerminal
from tests.support.tables import tidy_table

pytestmark = [pytest.mark.terminal, pytest.mark.slow]


def spiked(folder: Path) -> str:
    """A table of 40 steps of both runs, one loss of which is far above all others."""
    table = tidy_table(folder / "losses.csv", 40)
    lines = table.read_text(encoding="utf-8").splitlines()
    columns = lines[20].split(",")
    columns[lines[0].split(",").index("loss")] = "400"
    lines[20] = ",".join(columns)
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return table.name


def show_all(hand: Hand) -> None:
    """Up to the highest spike, and a click on what says that one is cut off."""
    hand.click("spikes cut off")
    hand.gone("spikes cut off")
    hand.does("view", "show-all")
    hand.shows("spikes cut off")


def replay(hand: Hand) -> None:
    """The steps as they were trained, forward and back, faster and slower."""
    hand.does("view", "first-step")
    hand.shows("step 1 of 40")
    hand.does("view", "step")
    hand.shows("step 2 of 40")
    hand.does("view", "step-back")
    hand.shows("step 1 of 40")
    hand.does("view", "forward")
    hand.shows("step 2 of 40")
    hand.does("view", "backward")
    hand.shows("step 1 of 40")
    hand.does("view", "faster")
    hand.shows("5 steps/s")
    hand.does("view", "slower")
    hand.shows("2 steps/s")
    hand.does("view", "pause")
    hand.shows("▶ playing")
    hand.does("view", "play-backward")
    hand.shows("◀ playing backward")
    hand.does("view", "all-steps")
    hand.gone(" of 40")


def test_tables(tmp_path: Path) -> None:
    words = ("view", spiked(tmp_path))
    with closing(
        ModernTerminal(tmp_path, *words, columns=120, rows=40, variables=STILL)
    ) as terminal:
        hand = Hand(terminal)
        hand.shows("A ended ahead")
        show_all(hand)
        replay(hand)
        look_at_steps(hand, "view", 40)
        look_closer(hand, "view", 40)
        look_otherwise(hand, "view")
        arrange(hand, "view")
        hand.does("view", "border-up", "border-down")  # no border lies between two rows here
        hand.shows("There is no border here")
        save(hand, "view", tmp_path)
        ask_for_help(hand, "view")
        leave(hand, "view")
