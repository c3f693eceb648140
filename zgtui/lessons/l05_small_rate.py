"""Lesson 5: a small learning rate makes the fault look good."""

from __future__ import annotations

from zgtui.config.settings import Settings
from zgtui.lessons.lesson import Lesson, Page

LESSON = Lesson(
    title="A small learning rate flatters the fault",
    claim="At a small rate the run that never clears is ahead at 5 epochs, and behind at 300.",
    setup=Settings(experiment="regression-trap", steps=300, speed=30),
    pages=(
        Page(
            heading="claim",
            text="Who looks at a few epochs may take the fault for an improvement. A straight line"
            " through 10 points, lr 0.01, where one epoch is one step.",
        ),
        Page(
            heading="predict",
            text="The next page trains 5 epochs. Which run will be ahead?",
        ),
        Page(
            heading="see",
            text="B is ahead: 0.8281, and A has 1.145. A report written now would say: leave out"
            " zero_grad(), it learns faster.\nPredict: who is ahead after 300 epochs?",
            train_to=5,
        ),
        Page(
            heading="see",
            text="A: 0.2045, close to the best that a line can do. B: 0.59, and still oscillating."
            " From step 15 on B is above A, all the way.",
            train_to=300,
        ),
        Page(
            heading="why",
            text="At a small rate the first gradients all point the same way, and their sum is a"
            " longer step: momentum is a help downhill. At the bottom there is no friction to"
            " stop it. Compare runs when they are done, not while they fall.",
        ),
    ),
)
