"""Lesson 6: between 2 and 4 the correct loop diverges and the faulty one does not (claim 3)."""

from __future__ import annotations

from zgtui.config.settings import Settings
from zgtui.lessons.lesson import Lesson, Page, both

_ARTICLE = Settings(experiment="article", steps=20, speed=4)

LESSON = Lesson(
    title="The correct loop diverges, the faulty one does not",
    claim="For lr × sharpness from 2 to 4 clearing diverges and never clearing stays bounded.",
    setup=both(_ARTICLE, 0.25),
    pages=(
        Page(
            heading="claim",
            text="How large may lr be? A run that clears converges below lr × sharpness = 2. One"
            " that never clears stays bounded below 4: it bears twice the rate. The sharpness"
            " here is 12 and lr is 0.25, so lr × sharpness = 3.",
        ),
        Page(
            heading="predict",
            text="A clears before every step, B never. What will each run do:"
            " converge, oscillate or diverge?",
        ),
        Page(
            heading="see",
            text="A diverges: its loss is 4 times larger at every step. B does not: 0.3011, 1.205,"
            " 0.3011, and again. y gives a logarithmic axis, on which A is a straight line.",
            train_to=20,
        ),
        Page(
            heading="predict",
            text="Now lr is 0.35, so lr × sharpness = 4.2. What will each run do?",
            setup=both(_ARTICLE, 0.35),
        ),
        Page(
            heading="see",
            text="Both blow up: A is above 1e18 at step 20, and B above 1e7.",
            train_to=20,
        ),
        Page(
            heading="why",
            text="A steps over the minimum and lands further off than it was, each time. The old"
            " gradients in B point the other way and shorten that step. So a loss that blows up"
            " is no proof of a missing zero_grad(), and a bounded one is no proof of health.",
        ),
    ),
)
