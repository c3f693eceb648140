"""Every key of the map by the mouse alone, in a real terminal."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.support.hands import (
    STILL,
    Hand,
    ask_for_help,
    leave,
    save,
)
from tests.support.modern_terminal import ModernTerminal

pytestmark = [pytest.mark.terminal, pytest.mark.slow]


def test_the_map(tmp_path: Path) -> None:
    with closing(
        ModernTerminal(tmp_path, "map", columns=120, rows=40, variables=STILL)
    ) as terminal:
        hand = Hand(terminal)
        hand.shows("after 2,000 steps")

        def cell() -> object:
            return next((line for line in terminal.lines if line.startswith(" lr ")), -1)

        for name in ("forward", "up", "backward", "down"):
            hand.changes(lambda name=name: hand.does("map", name), cell, name)  # type: ignore[misc]
        hand.does("map", "theory")
        hand.gone("after 2,000 steps")
        hand.does("map", "theory")
        hand.shows("after 2,000 steps")
        save(hand, "map", tmp_path)
        for name in ("next-rows", "toggle-clearing"):
            hand.changes(
                lambda name=name: hand.does("map", name),  # type: ignore[misc]
                lambda: terminal.lines[0],
                name,
            )
        ask_for_help(hand, "map")
        hand.does("map", "open-cell")
        hand.shows("training loop")
        for way_back in ("map", "close"):
            hand.does("train", "map")
            hand.shows("Enter open ")  # in the footer, which is drawn last
            hand.does("map", way_back)
            hand.shows("x model")  # in the footer, which is drawn last
        hand.does("train", "map")
        hand.shows("Enter open ")  # in the footer, which is drawn last
        leave(hand, "map")
