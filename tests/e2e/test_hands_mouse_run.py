"""Every key of a script's runs by the mouse alone, in a real terminal."""

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
    move_the_border_above,
    save,
)
from tests.support.modern_terminal import ModernTerminal

pytestmark = [pytest.mark.terminal, pytest.mark.slow]

EXCUSED = {"show-all": "no loss of these runs is a spike; of tables it is done"}
"""Keys of scripts that are not chosen here, and why."""
TWO_LOSSES = """
import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(20):
    first, second = model(torch.randn(8, 3)).pow(2).mean(0)
    optimizer.zero_grad()
    first.backward(retain_graph=True)
    second.backward()
    optimizer.step()
"""


def change(hand: Hand) -> None:
    """Clearing and learning rates of one run and of both."""
    hand.does("run", "toggle-clearing")
    hand.gone("zero_grad() never")
    hand.does("run", "toggle-both")
    hand.counts("zero_grad() never", 2)
    hand.does("run", "lr-up")
    hand.counts("× 1.259", 2)
    hand.does("run", "run-lr-down")
    hand.counts("× 1.259", 1)
    hand.does("run", "run-lr-up")
    hand.counts("× 1.259", 2)
    hand.does("run", "lr-down")
    hand.gone("× 1.259")


def see_what_is_printed_and_lost(hand: Hand) -> None:
    """The output of both scripts, and a curve for each backward()."""
    hand.does("run", "output")
    hand.shows("output of B")
    hand.does("run", "output")
    hand.gone("output of B")
    hand.does("run", "curve")
    hand.shows("· train.py:10 ")
    hand.does("run", "curve")
    hand.shows("· train.py:11 ")
    hand.does("run", "curve")
    hand.gone("· train.py:11 ")
    hand.shows("second")  # what is added up there, beside the first
    hand.does("run", "curve")
    hand.gone("second")


def test_the_runs_of_a_script(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(TWO_LOSSES, encoding="utf-8")
    words = ("run", "--paused", "train.py")
    with closing(
        ModernTerminal(tmp_path, *words, columns=120, rows=40, variables=STILL)
    ) as terminal:
        hand = Hand(terminal)
        hand.shows("paused · A step 0 · B step 0")
        hand.does("run", "step")
        hand.shows("paused · A step 1 · B step 1")
        change(hand)
        hand.does("run", "pause")
        hand.shows("finished · A step 20 · B step 20")
        see_what_is_printed_and_lost(hand)
        look_at_steps(hand, "run", 20)
        look_closer(hand, "run", 20)
        look_otherwise(hand, "run")
        arrange(hand, "run")
        hand.does("run", "output")
        move_the_border_above(hand, "run", "─ output of A")
        save(hand, "run", tmp_path)
        ask_for_help(hand, "run")
        hand.does("run", "restart")
        hand.shows("paused · A step 0 · B step 0")
        hand.gone("p picture")  # beside which "? help" has moved
        leave(hand, "run", EXCUSED)
