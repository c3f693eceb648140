"""Lesson 4: what oscillates without end conserves something (claims 5 and 6)."""

from __future__ import annotations

from zgtui.config.settings import Settings
from zgtui.lessons.lesson import Lesson, Page

LESSON = Lesson(
    title="Energy is conserved",
    claim="The loss of the run that never clears oscillates; its energy stays at the first loss.",
    setup=Settings(experiment="article", steps=500, speed=50),
    pages=(
        Page(
            heading="claim",
            text="B never clears. Its loss goes up and down like the height of a swing,"
            " and like a swing without friction it keeps its energy:\n"
            "loss + 1/2 × lr × (old .grad · new .grad), which stays at the first loss.",
        ),
        Page(
            heading="see",
            text="20 steps of oscillating. Predict: after 500 steps, will the peaks of B be lower,"
            " higher, or as high as now?",
            train_to=20,
        ),
        Page(
            heading="see",
            text="As high as before: no loss of B is above 0.4302, which is the bound"
            " first loss / (1 - lr × sharpness / 4), and the last peaks still come close to it."
            " The energy is 0.3011 at every step, the first loss:"
            " i shows it, and i again this page.",
            train_to=500,
        ),
        Page(
            heading="why",
            text="Clearing is what takes energy out: the part that old gradients carry is thrown"
            " away at every step. Press c to train on, and z to let B clear: its loss falls to"
            " nothing within 20 steps. z once more, and it oscillates with what was left.",
        ),
    ),
)
