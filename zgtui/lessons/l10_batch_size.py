"""Lesson 10: the batch size decides which run wins (claim 14)."""

from __future__ import annotations

from dataclasses import replace

from zgtui.config.settings import Settings
from zgtui.lessons.lesson import Lesson, Page, both

_FULL = both(Settings(experiment="digits", batch_size=0, steps=400, speed=100), 0.1)

LESSON = Lesson(
    title="The batch size flips the verdict",
    claim="On the full batch the run that never clears wins; on batches of 64 it fails.",
    setup=_FULL,
    pages=(
        Page(
            heading="claim",
            text="The same network, data and lr: only the batch size decides whether the fault"
            " wins or fails. Handwritten digits, lr 0.1; first all training samples"
            " in every step.",
        ),
        Page(
            heading="predict",
            text="A clears, B never. Which will have the lower loss after 400 steps?",
        ),
        Page(
            heading="see",
            text="B wins: its loss is below 0.005, that of A above 0.1. On held-out digits both"
            " are good: more than 90 of 100 right.",
            train_to=400,
        ),
        Page(
            heading="predict",
            text="Now batches of 64, with everything else as before. Which will be lower?",
            setup=replace(_FULL, batch_size=64),
        ),
        Page(
            heading="see",
            text="Now A wins: its loss is below 0.4 on average, that of B more than twice as high."
            " A still gets more than 90 of 100 held-out digits right, B fewer than 75.",
            train_to=400,
        ),
        Page(
            heading="why",
            text="The gradient of a minibatch is noisy. A forgets the noise of a batch with the"
            " next zero_grad(); B keeps adding it up, and nothing damps it: each batch heats it a"
            " little more. The full batch has no noise, and B has momentum.",
        ),
    ),
)
