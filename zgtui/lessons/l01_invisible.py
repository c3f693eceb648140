"""Lesson 1: two losses hide the fault (claim 18)."""

from __future__ import annotations

from zgtui.config.settings import Settings
from zgtui.lessons.lesson import Lesson, Page

LESSON = Lesson(
    title="Invisible for two losses",
    claim="The first two losses cannot show that gradients are not cleared; the third does.",
    setup=Settings(experiment="article", steps=20, speed=5),
    pages=(
        Page(
            heading="claim",
            text="A missing zero_grad() cannot be seen in the first two losses."
            " A clears its gradients before every step, B never does."
            " Both start from the same weights and train on the same sample.",
        ),
        Page(
            heading="predict",
            text="The next page trains two steps. What will the two losses of A and B be:"
            " the same, or B lower, or B higher?",
        ),
        Page(
            heading="see",
            text="Both runs: 0.3011, then 0.01205. They agree to the last bit.\n"
            "And the third loss: the same, lower or higher in B? Guess before you go on.",
            train_to=2,
        ),
        Page(
            heading="see",
            text="A goes on down to 0.0004818. B jumps to 0.4052, above where it began.",
            train_to=3,
        ),
        Page(
            heading="why",
            text="Loss 1 is taken before any step. Step 1 has one gradient, and nothing older is"
            " added to it, so loss 2 is equal too. Step 2 of B goes along both gradients, and"
            " loss 3 is the first to show it. Two losses of a new script prove nothing.",
        ),
        Page(
            heading="see",
            text="The rest of the 20 steps: A is at 0 for good, B oscillates and never gets there.",
            train_to=20,
        ),
    ),
)
