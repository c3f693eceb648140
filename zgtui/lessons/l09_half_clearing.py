"""Lesson 9: clearing now and then can be worse than never (claims 10 and 11)."""

from __future__ import annotations

from zgtui.config.settings import EVERY, NEVER, Clearing, Settings
from zgtui.lessons.lesson import Lesson, Page

_ARTICLE = Settings(experiment="article", steps=61, speed=10).with_run("B", clear=Clearing(2))
_NEVER = _ARTICLE.with_run("A", clear=NEVER)
_THIRD = _ARTICLE.with_run("A", clear=Clearing(3))
_ACCUMULATING = Settings(experiment="regression", steps=100, speed=20).with_run(
    "B", clear=EVERY, accumulate=2
)

LESSON = Lesson(
    title="Half-clearing can be worse than never",
    claim="Clearing every 2 steps can diverge where never clearing does not, and every 3 is fine.",
    setup=_NEVER,
    pages=(
        Page(
            heading="claim",
            text="Stepping at every batch and clearing at every other is not a bigger batch."
            " It can be worse than not clearing at all. Here A never clears,"
            " B clears every 2 steps, lr is 0.1.",
        ),
        Page(
            heading="predict",
            text="What will each run do within 60 steps: converge, oscillate or diverge?",
        ),
        Page(
            heading="see",
            text="A oscillates and stays below 0.4302. B diverges: after 60 steps its loss is"
            " about 2e3. Predict: and clearing every 3 steps?",
            train_to=61,
        ),
        Page(
            heading="set-up",
            text="Now A clears every 3 steps; B as before, every 2.",
            setup=_THIRD,
        ),
        Page(
            heading="see",
            text="Every 3 steps converges: after 60 steps its loss is below 1e-6."
            " Every 2 steps is at 2e3 again. y gives a logarithmic axis.",
            train_to=61,
        ),
        Page(
            heading="why",
            text="Between two clearings a run oscillates freely, and what counts is where it is"
            " stopped. Here, with lr × sharpness = 1.2: after 2 steps always further from the"
            " minimum than before (1.16 times), after 3 always nearer to it (0.73 times).",
        ),
        Page(
            heading="done right",
            text="Gradient accumulation done right steps once per N backwards. Here each step of B"
            " is two backwards of 5 samples, each loss divided by 2; A takes all 10 at once.\n"
            "Predict: the same, or not?",
            setup=_ACCUMULATING,
        ),
        Page(
            heading="see",
            text="The same curve: two halves of a batch, one step, then clearing, are one batch."
            " g sets it for the focused run: type accumulate 2.",
            train_to=100,
        ),
    ),
)
