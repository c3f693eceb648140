"""What never clearing does: SGD without damping (claims.md 1, 2, 4, 5, 6 and 18)."""

from __future__ import annotations

from dataclasses import replace

from zgtui.config.settings import EVERY, Settings
from zgtui.lessons.lesson import Lesson, Page, both

_INVISIBLE = Lesson(
    title="Invisible in the first two losses",
    claim="The first two losses cannot reveal a missing zero_grad(); the third does.",
    setup=Settings(experiment="article", steps=20, speed=5),
    pages=(
        Page(
            "claim",
            "You cannot see a missing zero_grad() in the first two losses. A clears its gradients"
            " before every step, B never does. Both start from the same weights and train on the"
            " same sample.",
        ),
        Page(
            "predict",
            "The next page trains two steps. How will the two losses of B compare with those of A:"
            " the same, lower or higher?",
        ),
        Page(
            "see",
            "Both runs: 0.3011, then 0.01205, equal to the last bit.\n"
            "And the third loss: will B be the same, lower or higher? Guess before you go on.",
            train_to=2,
        ),
        Page(
            "see",
            "A goes down to 0.0004818. B jumps to 0.4052, above where it started.",
            train_to=3,
        ),
        Page(
            "why",
            "Loss 1 is computed before any update. The first update uses one gradient with nothing"
            " older in it, so loss 2 is equal too. The second update of B uses the sum of both"
            " gradients, and loss 3 is the first to show it. Two losses of a new script prove"
            " nothing.",
        ),
        Page(
            "see",
            "The rest of the 20 steps: A converges to 0, B oscillates and never settles.",
            train_to=20,
        ),
    ),
)

_OVERSHOOT = Lesson(
    title="Reaches the minimum and overshoots it",
    claim="A run that never clears reaches the minimum as fast as the other, and overshoots it.",
    setup=both(Settings(experiment="article", steps=24, speed=4), 1 / 12),
    pages=(
        Page(
            "claim",
            "The run that never clears can find the minimum, but cannot stay there. The sharpness"
            " of this loss (the largest eigenvalue of its Hessian) is 12 and lr is 1/12, so"
            " lr × sharpness = 1: the first step of either run lands on the minimum.",
        ),
        Page(
            "see",
            "At step 2, after one update, both losses are 1.4e-14: 0 up to rounding.\n"
            "Predict: what will each run do now? Stay, oscillate or diverge?",
            train_to=2,
        ),
        Page(
            "see",
            "A stays at 0. B: 0.3011, 0, 0.3011, 0.3011, 0, 0.3011 ... without end. The loss"
            " repeats every 3 steps, the weights every 6: they come back from the other side.",
            train_to=24,
        ),
        Page(
            "why",
            "At the minimum the new gradient is 0, but .grad of B still holds the old one. B takes"
            " the same step again and ends as high as it started. There the old and the new"
            " gradient cancel: it stands still for one step, then comes back down.",
        ),
    ),
)

_NEVER = Settings(experiment="article", steps=200, speed=20)

_MOMENTUM_ONE = Lesson(
    title="It is momentum 1",
    claim="SGD that never clears is SGD with momentum 1 that clears: the same curve for 200 steps.",
    setup=_NEVER,
    pages=(
        Page(
            "claim",
            "Never clearing is nothing new: it is SGD with momentum 1, bit for bit. First the run"
            " to compare with: B never clears and has no momentum.",
        ),
        Page(
            "see",
            "Remember the shape of B's curve and its loss at step 20: 0.2871.",
            train_to=20,
        ),
        Page(
            "predict",
            "Now both runs clear before every step, as they should, with momentum=1. They start"
            " from the same weights. What will A and B do: converge, oscillate or diverge?",
            setup=replace(_NEVER, momentum=1.0).with_run("B", clear=EVERY),
        ),
        Page(
            "see",
            "Both follow the curve you remember, and both have the loss 0.2871 at step 20, although"
            " neither forgot zero_grad().",
            train_to=20,
        ),
        Page(
            "see",
            "B without zero_grad() again, for all 200 steps. A third run is trained beside it, with"
            " momentum=1 and zero_grad(). {key:theory} draws it over B as dots: every dot lies on"
            " the curve. At step 200 both losses are 0.056.",
            setup=replace(_NEVER, twin=True),
            train_to=200,
        ),
        Page(
            "why",
            "Momentum keeps a buffer: buffer = momentum × buffer + gradient, and steps along it."
            " With momentum 1 that is the sum of all gradients so far, and so is .grad if nobody"
            " clears it. A missing zero_grad() is momentum without damping.",
        ),
    ),
)

_ENERGY = Lesson(
    title="Energy is conserved",
    claim="The loss of the run that never clears oscillates; its energy stays at the first loss.",
    setup=Settings(experiment="article", steps=500, speed=50),
    pages=(
        Page(
            "claim",
            "B never clears. Its loss goes up and down like the height of a pendulum, and like a"
            " pendulum without friction it keeps its energy:\n"
            "loss + 1/2 × lr × (old .grad dot new .grad), which stays at the first loss.",
        ),
        Page(
            "see",
            "20 steps of oscillation. Predict: after 500 steps, will the peaks of B be lower,"
            " higher or as high as now?",
            train_to=20,
        ),
        Page(
            "see",
            "As high as before: no loss of B is above 0.4302, which is the bound"
            " first loss / (1 - lr × sharpness / 4), and the last peaks still come close to it."
            " The energy is 0.3011 at every step, the first loss:"
            " press {key:gradients} to see it, and {key:gradients} again to come back.",
            train_to=500,
        ),
        Page(
            "why",
            "Clearing is what takes energy out: every step discards the part that the old gradients"
            " carry. Press {key:continue} to train on, and {key:toggle-clearing} to make B clear:"
            " its loss drops to nothing within 20 steps. After that {key:toggle-clearing} changes"
            " nothing: no energy is left to oscillate with.",
        ),
    ),
)

LESSONS = {
    "invisible": _INVISIBLE,
    "overshoot": _OVERSHOOT,
    "momentum-one": _MOMENTUM_ONE,
    "energy": _ENERGY,
}
