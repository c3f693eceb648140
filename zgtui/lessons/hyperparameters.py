"""How weight decay, the clearing period and the batch size decide (claims.md 8, 10, 11 and 14)."""

from __future__ import annotations

from dataclasses import replace

from zgtui.config.settings import EVERY, NEVER, Clearing, Settings
from zgtui.lessons.lesson import Lesson, Page, both

_SPIRALS = Settings(experiment="spirals", steps=1000, speed=200, weight_decay=0.0)

_WEIGHT_DECAY = Lesson(
    title="Weight decay rescues it",
    claim="With weight decay 1 the run that never clears learns the spirals; the other is stuck.",
    setup=_SPIRALS,
    pages=(
        Page(
            "claim",
            "Strong weight decay ruins a correct run and rescues one that never clears. Three"
            " spirals, batches of 32, lr 0.1; first without weight decay.",
        ),
        Page(
            "see",
            "As expected, A learns: its accuracy on held-out points is above 95 %. B does not: its"
            " loss is more than ten times that of A.\n"
            "Predict: what will weight decay 1, which is very strong, do to each?",
            train_to=1000,
        ),
        Page(
            "predict",
            "Now weight decay is 1 in both runs; everything else is as before."
            " Which run will learn: A, B, both or neither?",
            setup=replace(_SPIRALS, weight_decay=1.0),
        ),
        Page(
            "see",
            "A is stuck at a loss of 1.10, that of guessing among three classes."
            " B gets below 0.05, with an accuracy above 95 %.",
            train_to=1000,
        ),
        Page(
            "why",
            "In B weight decay turns momentum 1 into 1 - lr × decay = 0.9. That is ordinary SGD"
            " with momentum and without decay, because the sum of all gradients makes up for the"
            " pull towards 0. In A the same decay keeps the weights close to 0.",
        ),
    ),
)

_EVERY_TWO = Settings(experiment="article", steps=61, speed=10).with_run("B", clear=Clearing(2))

_CLEARING_PERIOD = Lesson(
    title="Clearing every 2 steps can be worse than never",
    claim="Clearing every 2 steps can diverge where never clearing does not, and every 3 is fine.",
    setup=_EVERY_TWO.with_run("A", clear=NEVER),
    pages=(
        Page(
            "claim",
            "Stepping on every batch but clearing on every other is not a larger batch. It can be"
            " worse than not clearing at all. Here A never clears, B clears every 2 steps, lr is"
            " 0.1.",
        ),
        Page(
            "predict",
            "What will each run do within 60 updates: converge, oscillate or diverge?",
        ),
        Page(
            "see",
            "A oscillates and stays below 0.4302. B diverges: at step 61, after 60"
            " updates, its loss is about 2e3.\nPredict: what about clearing every 3 steps?",
            train_to=61,
        ),
        Page(
            "set-up",
            "Now A clears every 3 steps; B every 2, as before.",
            setup=_EVERY_TWO.with_run("A", clear=Clearing(3)),
        ),
        Page(
            "see",
            "Every 3 steps converges: at step 61 the loss is below 1e-6."
            " Every 2 steps is at 2e3 again. The axis is logarithmic; y changes it.",
            train_to=61,
        ),
        Page(
            "why",
            "Between two clearings a run oscillates freely; what counts is where clearing stops"
            " it. Here, with lr × sharpness = 1.2: after 2 steps always farther from the minimum"
            " than before (1.16 times), after 3 always closer (0.73 times).",
        ),
        Page(
            "done right",
            "Gradient accumulation done right takes one step per N micro-batches. Here each step"
            " of B is 2 micro-batches of 5 samples, each loss divided by 2; A takes all 10 samples"
            " at once.\nPredict: the same curve, or not?",
            setup=Settings(experiment="regression", steps=100, speed=20).with_run(
                "B", clear=EVERY, accumulate=2
            ),
        ),
        Page(
            "see",
            "The same curve: two micro-batches, one step, then clearing, are one batch."
            " g sets it for the focused run: type accumulate 2.",
            train_to=100,
        ),
    ),
)

_FULL = both(Settings(experiment="digits", batch_size=0, steps=400, speed=100), 0.1)

_BATCH_SIZE = Lesson(
    title="The batch size decides which run wins",
    claim="On the full batch the run that never clears wins; on batches of 64 it loses.",
    setup=_FULL,
    pages=(
        Page(
            "claim",
            "The same network, data and lr: the batch size alone decides whether the run that"
            " never clears wins or loses. Handwritten digits, lr 0.1; first all training samples"
            " in every step.",
        ),
        Page(
            "predict",
            "A clears, B never. Which will have the lower loss after 400 steps?",
        ),
        Page(
            "see",
            "B wins: its loss is below 0.005, that of A above 0.1. The accuracy on held-out digits"
            " is above 90 % in both.",
            train_to=400,
        ),
        Page(
            "predict",
            "Now batches of 64, everything else as before. Which will be lower?",
            setup=replace(_FULL, batch_size=64),
        ),
        Page(
            "see",
            "Now A wins: its loss is below 0.4 on average, that of B more than three times as"
            " high. A classifies more than 90 % of the held-out digits correctly, B fewer; how many"
            " fewer can depend on a rounding error, because B is chaotic.",
            train_to=400,
        ),
        Page(
            "why",
            "The gradient of a minibatch is noisy. A discards the noise of a batch with the next"
            " zero_grad(); B keeps adding it up with nothing to damp it, so that it grows. The"
            " full batch has no noise, and B has momentum.",
        ),
    ),
)

LESSONS = {
    "weight-decay": _WEIGHT_DECAY,
    "clearing-period": _CLEARING_PERIOD,
    "batch-size": _BATCH_SIZE,
}
