"""Lesson 2: the answer is found, and left again (claims 2 and 4)."""

from __future__ import annotations

from zgtui.config.settings import Settings
from zgtui.lessons.lesson import Lesson, Page, both

LESSON = Lesson(
    title="Finds the answer and drives past it",
    claim="A run that never clears reaches the minimum as fast as the other, and drives past it.",
    setup=both(Settings(experiment="article", steps=24, speed=4), 1 / 12),
    pages=(
        Page(
            heading="claim",
            text="The run that never clears can find the minimum, but cannot stay there."
            " The sharpness of this loss is 12 and lr is 1/12, so lr × sharpness = 1:"
            " the first step of either run goes all the way to the bottom.",
        ),
        Page(
            heading="see",
            text="After one step both losses are 1.4e-14, which is 0 but for rounding.\n"
            "Predict: what will each run do now? Stay, oscillate or diverge?",
            train_to=2,
        ),
        Page(
            heading="see",
            text="A stays at 0. B: 0.3011, 0, 0.3011, 0.3011, 0, 0.3011 ... without end. The loss"
            " repeats every 3 steps, the weights every 6: they come back from the other side.",
            train_to=24,
        ),
        Page(
            heading="why",
            text="At the bottom the new gradient is 0, but .grad of B still holds the old one. B"
            " makes the same step again and climbs as high as it came from. There old and new"
            " gradient cancel: it stands still for one step, then falls back.",
        ),
    ),
)
