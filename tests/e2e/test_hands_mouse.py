"""Every key of the app by the mouse alone, in a real terminal: nothing needs the keyboard.

A click on ``?`` in the footer lists the keys of a screen, the wheel turns the list, and a click on
a line does what it says.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.support.hands import (
    OPENING_SECONDS,
    STILL,
    Hand,
    arrange,
    ask_for_help,
    click,
    leave,
    look_at_steps,
    look_closer,
    look_otherwise,
    move_the_border_above,
    save,
)
from tests.support.modern_terminal import ModernTerminal

pytestmark = [pytest.mark.terminal, pytest.mark.slow]

EXCUSED = {
    **dict.fromkeys(
        ("pause", "continue", "restart", "new-seed", "replay", "slower", "faster"),
        "trains on: the screen that the other keys are told by would not stay",
    ),
    **dict.fromkeys(
        ("predict", "lesson", "theory", "map"), "opens what has tests and keys of its own"
    ),
    "show-all": "no loss of these runs is a spike",
}
"""Keys of the app that are not chosen here, and why."""
QUESTIONS = {
    "type-lr": "learning rate of both runs",
    "policy": "when run ",
    "experiment": "type to filter",
    "optimizer": "optimizer of both runs",
    "device": "Enter: select",
    "copy-script": "Press Enter to write",
    "tried": "tried so far",
}
"""Keys that ask something, and what their dialogs say."""


def ask_and_cancel(hand: Hand) -> None:
    """Every question, left by a click on how to, or beside it."""
    for at, (name, said) in enumerate(QUESTIONS.items()):
        hand.does("train", name)
        hand.shows(said)
        if at % 2:
            click(hand.terminal, 1, 1)
        else:
            hand.stands_still(OPENING_SECONDS)
            hand.click("Esc: ")
        hand.gone(said)


def change_and_take_back(hand: Hand) -> None:
    """Clearing and learning rates of one run and of both."""
    hand.click("B  zero_grad")  # keys for one run mean the one clicked last
    hand.shows("┏━ B")
    hand.does("train", "toggle-clearing")
    hand.counts("zero_grad() every step", 2)
    hand.does("train", "undo")
    hand.shows("Undid")
    hand.counts("zero_grad() every step", 1)
    hand.does("train", "lr-up")
    hand.counts("lr 0.1259", 2)
    hand.does("train", "run-lr-down")
    hand.counts("lr 0.1259", 1)
    hand.does("train", "run-lr-up")
    hand.counts("lr 0.1259", 2)
    hand.does("train", "lr-down")
    hand.counts("lr 0.1259", 0)
    hand.does("train", "toggle-both")
    hand.sees(r"A  zero_grad\(\) never")
    hand.does("train", "toggle-both")
    hand.sees(r"A  zero_grad\(\) every step")


def show_panels(hand: Hand) -> None:
    """Each panel alone, and what an audience sees."""
    others = {"explanation": "training loop", "code": "─ explanation", "gradients": "training loop"}
    for name, other in others.items():
        hand.does("train", name)
        hand.gone(other)
        hand.does("train", name)
        hand.shows(other)
    hand.does("train", "presenter")
    hand.gone("? help")
    hand.does("train", "presenter", at="zgtui  ")  # there is no footer
    hand.shows("? help")


def go_back_and_on(hand: Hand) -> None:
    """To the step before, and on again."""
    hand.does("train", "step-back")
    hand.shows("paused · step 19")
    hand.does("train", "step")
    hand.sees(r"(paused|finished) · step 20 ")


def test_the_app(tmp_path: Path) -> None:
    with closing(ModernTerminal(tmp_path, columns=120, rows=40, variables=STILL)) as terminal:
        hand = Hand(terminal)
        hand.shows("finished · step 20")
        hand.shows("step 20 done")
        look_at_steps(hand, "train", 20)
        look_closer(hand, "train", 20)
        look_otherwise(hand, "train")
        arrange(hand, "train")
        move_the_border_above(hand, "train", "─ training loop")
        save(hand, "train", tmp_path)
        ask_and_cancel(hand)
        change_and_take_back(hand)
        show_panels(hand)
        ask_for_help(hand, "train")
        go_back_and_on(hand)
        leave(hand, "train", EXCUSED)
