"""Lesson 7: momentum on top of never clearing explodes at any rate (claim 7)."""

from __future__ import annotations

from dataclasses import replace

from zgtui.config.settings import Settings
from zgtui.lessons.lesson import Lesson, Page, both

_ARTICLE = Settings(experiment="article", momentum=0.5, steps=20, speed=4)

LESSON = Lesson(
    title="Momentum on top explodes at any rate",
    claim="With momentum a run that never clears diverges, however small its learning rate is.",
    setup=_ARTICLE,
    pages=(
        Page(
            heading="claim",
            text="Without momentum, never clearing oscillates and stays bounded. Add any momentum"
            " and it diverges. Here momentum is 0.5 in both runs, and lr 0.1.",
        ),
        Page(
            heading="predict",
            text="A clears, B never. Guess the loss of each run after 20 steps,"
            " to the nearest power of ten.",
        ),
        Page(
            heading="see",
            text="A: about 1e-7. B: about 3e3, ten thousand times where it began."
            " y gives a logarithmic axis.",
            train_to=20,
        ),
        Page(
            heading="predict",
            text="Perhaps lr was too large for B? Now it is 0.01 in both runs, a tenth of that,"
            " for 200 steps. Will B converge, oscillate or diverge?",
            setup=replace(both(_ARTICLE, 0.01), steps=200, speed=20),
        ),
        Page(
            heading="see",
            text="A is at 0. B takes longer, and diverges all the same: its loss passes 100 by"
            " step 50 and 1e9 by step 200. A smaller lr only delays it.",
            train_to=200,
        ),
        Page(
            heading="why",
            text="Never clearing is an oscillation without friction. Momentum on top pushes along"
            " the sum of sums, which lags behind the oscillation and feeds it energy every period.",
        ),
    ),
)
