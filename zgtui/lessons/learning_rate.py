"""How the learning rate hides or reveals a missing zero_grad() (claims.md 3 and 7)."""

from __future__ import annotations

from dataclasses import replace

from zgtui.config.settings import Settings
from zgtui.lessons.lesson import Lesson, Page, both

_SMALL_LR = Lesson(
    title="A small learning rate hides the bug",
    claim="At a small lr the run that never clears is ahead after 5 epochs, and behind after 300.",
    setup=Settings(experiment="regression-trap", steps=300, speed=30),
    pages=(
        Page(
            "claim",
            "If you look at a few epochs only, you may take the bug for an improvement. Linear"
            " regression on 10 samples, lr 0.01; one epoch is one step.",
        ),
        Page("predict", "The next page trains 5 epochs. Which run will be ahead?"),
        Page(
            "see",
            "B is ahead: 0.8281 against 1.145 in A. A report written now would say: leave out"
            " zero_grad(), it trains faster.\nPredict: which run is ahead after 300 epochs?",
            train_to=5,
        ),
        Page(
            "see",
            "A: 0.2045, the lowest loss that a linear model can reach. B: 0.59, and still"
            " oscillating. From step 15 on B is above A, all the way.",
            train_to=300,
        ),
        Page(
            "why",
            "At a small lr the first gradients all point the same way, so their sum is a longer"
            " step: momentum helps on the way down. At the minimum nothing damps it. Compare runs"
            " when they have converged, not on the way down.",
        ),
    ),
)

_ARTICLE = Settings(experiment="article", steps=20, speed=4)

_CORRECT_DIVERGES = Lesson(
    title="The correct loop diverges, the buggy one does not",
    claim="For lr × sharpness from 2 to 4 clearing diverges and never clearing stays bounded.",
    setup=both(_ARTICLE, 0.25),
    pages=(
        Page(
            "claim",
            "How large may lr be? A run that clears converges below lr × sharpness = 2. One that"
            " never clears stays bounded below 4: it tolerates twice the learning rate. The"
            " sharpness here is 12 and lr is 0.25, so lr × sharpness = 3.",
        ),
        Page(
            "predict",
            "A clears before every step, B never. What will each run do:"
            " converge, oscillate or diverge?",
        ),
        Page(
            "see",
            "A diverges: its loss is 4 times larger at every step. B does not: 0.3011, 1.205,"
            " 0.3011, and again. On the logarithmic axis A is a straight line.",
            train_to=20,
        ),
        Page(
            "predict",
            "Now lr is 0.35, so lr × sharpness = 4.2. What will each run do?",
            setup=both(_ARTICLE, 0.35),
        ),
        Page(
            "see",
            "Both diverge: at step 20 A is above 1e18, and B above 1e7.",
            train_to=20,
        ),
        Page(
            "why",
            "A overshoots the minimum and lands farther away every time. In B the old gradients"
            " point the other way and shorten that step. So a loss that diverges does not prove a"
            " missing zero_grad(), and a bounded one does not prove that the loop is right.",
        ),
    ),
)

_MOMENTUM = replace(_ARTICLE, momentum=0.5)

_MOMENTUM_DIVERGES = Lesson(
    title="Momentum on top diverges at any learning rate",
    claim="With momentum a run that never clears diverges, however small its learning rate is.",
    setup=_MOMENTUM,
    pages=(
        Page(
            "claim",
            "Without momentum, never clearing oscillates and stays bounded. With any momentum it"
            " diverges. Here both runs have momentum 0.5 and lr 0.1.",
        ),
        Page(
            "predict",
            "A clears, B never. Guess the loss of each run after 20 steps,"
            " to the nearest power of ten.",
        ),
        Page(
            "see",
            "A: about 1e-7. B: about 3e3, ten thousand times its first loss."
            " The axis is logarithmic; y changes it.",
            train_to=20,
        ),
        Page(
            "predict",
            "Was lr too large for B? Now it is 0.01 in both runs, a tenth of that, for 200 steps."
            " Will B converge, oscillate or diverge?",
            setup=replace(both(_MOMENTUM, 0.01), steps=200, speed=20),
        ),
        Page(
            "see",
            "A has converged to 0. B takes longer and still diverges: its loss passes 100 by step"
            " 50 and 1e9 by step 200. A smaller lr only delays it.",
            train_to=200,
        ),
        Page(
            "why",
            "Never clearing is an undamped oscillation. Momentum on top steps along a sum of sums,"
            " which lags behind the oscillation and adds energy in every period.",
        ),
    ),
)

LESSONS = {
    "small-lr": _SMALL_LR,
    "correct-diverges": _CORRECT_DIVERGES,
    "momentum-diverges": _MOMENTUM_DIVERGES,
}
