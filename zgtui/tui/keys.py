"""Every key of the main screen, once: for the footer, the help screen and the command palette."""

from __future__ import annotations

from textual.binding import Binding

_LR = Binding.Group("lr ", compact=True)


def key(  # noqa: PLR0913, PLR0917 - a row of the table below
    press: str,
    action: str,
    label: str,
    tooltip: str,
    display: str | None = None,
    show: bool = False,  # noqa: FBT001, FBT002 - a row of the table below
    group: Binding.Group | None = None,
) -> Binding:
    """A key that does ``action`` of its screen; the action names it in the configuration."""
    identity = action.removeprefix("app.").replace("_", "-")
    return Binding(
        press,
        action,
        label,
        show=show,
        key_display=display,
        tooltip=tooltip,
        id=identity,
        group=group,
    )


KEYS: list[Binding] = [
    key("space", "pause", "pause", "Pause both runs, or go on", "space", show=True),
    key("n", "step", "step", "Pause; when paused, train one step", show=True),
    key(
        "z",
        "toggle_clearing",
        "zero_grad",
        "Switch zero_grad() of the focused run: every step, or never",
        show=True,
    ),
    key("Z", "toggle_both", "zero_grad, both", "Switch zero_grad() of both runs", "Z"),
    key(
        "minus",
        "lr_down",
        "lr down",
        "Lower both learning rates; ten presses are a tenth",
        "-",
        show=True,
        group=_LR,
    ),
    key(
        "plus,equals_sign",
        "lr_up",
        "lr up",
        "Raise both learning rates; ten presses are ten times",
        "+",
        show=True,
        group=_LR,
    ),
    key(
        "less_than_sign",
        "run_lr_down",
        "lr of one run down",
        "Lower the learning rate of the focused run",
        "<",
    ),
    key(
        "greater_than_sign",
        "run_lr_up",
        "lr of one run up",
        "Raise the learning rate of the focused run",
        ">",
    ),
    key("l", "type_lr", "type lr", "Type a learning rate for both runs"),
    key("r", "reset", "reset", "Start again from step 0 with the same seed", show=True),
    key("R", "new_seed", "new seed", "Start again from step 0 with a new random seed", "R"),
    key("c", "proceed", "continue", "Train on beyond the planned number of steps"),
    key("g", "policy", "policy", "Type when the focused run clears, or accumulates"),
    key("x", "experiment", "experiment", "Choose what to train", show=True),
    key("o", "optimizer", "optimizer", "Choose optimizer, schedule and batch size of both runs"),
    key("y", "log_scale", "log scale", "Logarithmic loss axis, or linear"),
    key("m", "marker", "marker", "Next way to draw curves: braille, hd, dot, ascii"),
    key("left_square_bracket", "slower", "slower", "Train fewer steps a second", "["),
    key(
        "right_square_bracket", "faster", "faster", "Train more steps a second, up to no limit", "]"
    ),
    key("e", "export", "export", "Write the loss table of the steps done so far", show=True),
    key("p", "picture", "picture", "Draw both losses for a paper: PNG, SVG or PDF"),
    key("s", "save_svg", "screenshot", "Save the screen as an SVG picture"),
    key("d", "device", "device", "Choose the device; training starts again there", show=True),
    key("tab", "app.focus_next", "other run", "Move the focus to the other run"),
    key("question_mark", "help", "help", "All keys", "?", show=True),
    key("q", "leave", "quit", "End training and leave", show=True),
]

HIDDEN_KEYS: list[Binding] = [Binding("ctrl+c", "leave", show=False, system=True)]
"""What hands expect of a terminal."""
