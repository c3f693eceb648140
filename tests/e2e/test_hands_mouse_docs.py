"""Every key of the reference by the mouse alone, in a real terminal."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.support.hands import (
    STILL,
    Hand,
    ask_for_help,
    leave,
)
from tests.support.modern_terminal import ModernTerminal

pytestmark = [pytest.mark.terminal, pytest.mark.slow]

EXCUSED = dict.fromkeys(
    ("search", "step", "previous-match", "close"),
    "what is searched is typed; a click beside its line is tested with the screen",
)
"""Keys of the reference that are not chosen here, and why."""
CONTENTS = "\N{ROMAN NUMERAL ONE} zgtui docs"
"""Where the table of contents stands."""


def test_the_reference(tmp_path: Path) -> None:
    with closing(
        ModernTerminal(tmp_path, "docs", columns=120, rows=40, variables=STILL)
    ) as terminal:
        hand = Hand(terminal)
        hand.shows("zgtui docs")
        hand.does("docs", "topic")
        hand.shows("type to filter")
        hand.click("app  ")
        hand.shows("zgtui docs app")
        hand.does("docs", "step-back")
        hand.gone("zgtui docs app")
        hand.shows("zgtui docs TOPIC shows one of these topics.")
        hand.shows(CONTENTS)
        hand.does("docs", "headings")
        hand.gone(CONTENTS)
        hand.does("docs", "headings")
        hand.shows(CONTENTS)
        hand.does("docs", "save-svg")
        hand.shows("Saved ")
        ask_for_help(hand, "docs")
        leave(hand, "docs", EXCUSED)
