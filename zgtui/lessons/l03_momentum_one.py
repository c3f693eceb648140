"""Lesson 3: never clearing is momentum 1 (claim 1)."""

from __future__ import annotations

from dataclasses import replace

from zgtui.config.settings import EVERY, Settings
from zgtui.lessons.lesson import Lesson, Page

_NEVER = Settings(experiment="article", steps=200, speed=20)
_MOMENTUM = replace(_NEVER, momentum=1.0).with_run("B", clear=EVERY)

LESSON = Lesson(
    title="It is momentum 1",
    claim="SGD that never clears is SGD with momentum 1 that clears: the same curve for 200 steps.",
    setup=_NEVER,
    pages=(
        Page(
            heading="claim",
            text="Never clearing is nothing new: it is SGD with momentum 1, bit for bit. First"
            " the run to remember: B never clears, and has no momentum.",
        ),
        Page(
            heading="see",
            text="Keep in mind the shape of B's curve and its loss at step 20: 0.2871.",
            train_to=20,
        ),
        Page(
            heading="predict",
            text="Now both runs clear before every step, as they should, with momentum=1."
            " The start is the same. What will A and B do: converge, oscillate, diverge?",
            setup=_MOMENTUM,
        ),
        Page(
            heading="see",
            text="Both are the curve that you remember, and both have the loss 0.2871 at step 20,"
            " although nobody forgot zero_grad().",
            train_to=20,
        ),
        Page(
            heading="see",
            text="The run that never clears again, for all 200 steps. A third run was trained"
            " beside it, with momentum=1 and zero_grad(). t draws it over B as dots:"
            " not one stands beside the curve, down to 0.056 at step 200.",
            setup=replace(_NEVER, twin=True),
            train_to=200,
        ),
        Page(
            heading="why",
            text="Momentum keeps a buffer: buffer = momentum × buffer + gradient, and steps along"
            " it. With momentum 1 that is the sum of all gradients so far, and so is .grad where"
            " nobody clears it. The fault is momentum without friction.",
        ),
    ),
)
