"""Lesson 8: weight decay is the friction that never clearing lacks (claim 8)."""

from __future__ import annotations

from dataclasses import replace

from zgtui.config.settings import Settings
from zgtui.lessons.lesson import Lesson, Page

_SPIRALS = Settings(experiment="spirals", steps=1000, speed=200, weight_decay=0.0)

LESSON = Lesson(
    title="Friction rescues it",
    claim="With weight decay 1 the run that never clears learns the spirals; the other is stuck.",
    setup=_SPIRALS,
    pages=(
        Page(
            heading="claim",
            text="Strong weight decay ruins a correct run, and rescues one that never clears."
            " Three spirals, minibatches of 32, lr 0.1; first without weight decay.",
        ),
        Page(
            heading="see",
            text="As one expects: A learns, with more than 95 of 100 held-out points right."
            " B does not; about one in three is chance.\n"
            "Predict: what will weight decay 1, which is very strong, do to each?",
            train_to=1000,
        ),
        Page(
            heading="predict",
            text="Weight decay is 1 in both runs now; all else is as before."
            " Which run will learn: A, B, both or none?",
            setup=replace(_SPIRALS, weight_decay=1.0),
        ),
        Page(
            heading="see",
            text="A is stuck at a loss of 1.10, that of guessing among three classes."
            " B gets below 0.05 and has more than 95 of 100 held-out points right.",
            train_to=1000,
        ),
        Page(
            heading="why",
            text="In B weight decay turns momentum 1 into 1 - lr × decay = 0.9: that is ordinary"
            " SGD with momentum and without decay, since the sum of all gradients makes up"
            " for the pull to 0. In A the same decay holds the weights close to 0.",
        ),
    ),
)
