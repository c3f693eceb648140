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
    key("space", "pause", "pause", "Pause both runs, or go on", "spc", show=True),
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
    key("x", "experiment", "model", "Choose what to train", show=True),
    key("o", "optimizer", "optimizer", "Choose optimizer, schedule and batch size of both runs"),
    key("y", "log_scale", "log scale", "Logarithmic loss axis, or linear"),
    key("m", "marker", "marker", "Next way to draw curves: braille, hd, dot, ascii"),
    key("left_square_bracket", "slower", "slower", "Train fewer steps a second", "["),
    key(
        "right_square_bracket", "faster", "faster", "Train more steps a second, up to no limit", "]"
    ),
    key("L", "lesson", "lesson", "Choose a lesson; in a lesson, leave it", "L"),
    key("right", "lesson_next", "lesson, next page", "Go on to the lesson's next page", "right"),
    key("left", "lesson_back", "lesson, page back", "Go back to the lesson's page before", "left"),
    key("b", "back", "step back", "Go back by one step, and pause there"),
    key("a", "again", "again", "From step 0 again, with every change made at its own step"),
    key("w", "why", "why", "Show alone what is seen and why, or all panels again"),
    key("k", "code", "code", "Show alone the loop that trains, or all panels again"),
    key("i", "gradients", "gradients", "Show alone what is measured of the gradients"),
    key("t", "theory", "theory", "Draw what theory predicts over the charts"),
    key("v", "guess", "guess", "Guess first what each run will do, then see"),
    key("K", "copy_script", "copy script", "Copy these runs as a plain PyTorch script", "K"),
    key("P", "presenter", "presenter", "For an audience: large, high contrast, no controls", "P"),
    key("e", "export", "export", "Write the loss table of the steps done so far", show=True),
    key("p", "picture", "picture", "Draw both losses for a paper: PNG, SVG or PDF"),
    key("s", "save_svg", "screenshot", "Save the screen as an SVG picture"),
    key("d", "device", "device", "Choose the device; training starts again there"),
    key("tab", "app.focus_next", "other run", "Move the focus to the other run"),
    key("question_mark", "help", "help", "All keys", "?", show=True),
    key("q", "leave", "quit", "End training and leave", show=True),
]

HIDDEN_KEYS: list[Binding] = [
    Binding("ctrl+c", "leave", show=False, system=True),
    Binding("escape", "close", show=False, system=True),
]
"""What hands expect of a terminal."""


_LR = Binding.Group("lr ", compact=True)

SCRIPT_KEYS: list[Binding] = [
    key("space", "pause", "pause", "Pause both runs between two steps, or go on", "space", True),  # noqa: FBT003 - a row of the table
    key("n", "step", "step", "Pause; when paused, one step of each run", show=True),
    key(
        "z",
        "toggle_clearing",
        "zero_grad",
        "Switch clearing of the focused run from its next step on",
        show=True,
    ),
    key("minus", "lr_down", "lr down", "Lower all learning rates", "-", show=True, group=_LR),
    key(
        "plus,equals_sign", "lr_up", "lr up", "Raise all learning rates", "+", show=True, group=_LR
    ),
    key(
        "less_than_sign", "run_lr_down", "lr of one run down", "Lower those of the focused run", "<"
    ),
    key(
        "greater_than_sign", "run_lr_up", "lr of one run up", "Raise those of the focused run", ">"
    ),
    key("c", "curve", "curve", "Next curve: all losses, or those of one backward()"),
    key(
        "o", "output", "output", "Show or hide what both scripts print, and how they end", show=True
    ),
    key("r", "restart", "restart", "End both runs and start them again", show=True),
    key("y", "log_scale", "log scale", "Logarithmic loss axis, or linear"),
    key("m", "marker", "marker", "Next way to draw curves: braille, hd, dot, ascii"),
    key("e", "export", "export", "Write the loss table of the steps done so far", show=True),
    key("s", "save_svg", "screenshot", "Save the screen as an SVG picture"),
    key("tab", "app.focus_next", "other run", "Move the focus to the other run"),
    key("question_mark", "help", "help", "All keys", "?", show=True),
    key("q", "leave", "quit", "End both runs and leave", show=True),
]


_STEPS = Binding.Group("step ", compact=True)

VIEW_KEYS: list[Binding] = [
    key("space", "play", "play", "Replay from here, or pause", "space", show=True),
    key("B", "play_back", "play back", "Replay backwards, or pause", "B"),
    key("b", "back", "back", "One step back", show=True, group=_STEPS),
    key("n", "step", "on", "One step on", show=True, group=_STEPS),
    key("left", "jump_back", "jump back", "A fiftieth of the steps back", "←"),
    key("right", "jump", "jump", "A fiftieth of the steps on", "→"),
    key("home", "start", "start", "Show the first step alone"),
    key("end", "finish", "all", "Show every step; go along with a table that grows"),
    key("left_square_bracket", "slower", "slower", "Replay fewer steps a second", "["),
    key(
        "right_square_bracket",
        "faster",
        "faster",
        "Replay more steps a second, up to no limit",
        "]",
    ),
    key("y", "log_scale", "log", "Logarithmic axis, or linear", show=True),
    key("m", "marker", "marker", "Next way to draw curves: braille, hd, dot, ascii", show=True),
    key("p", "picture", "picture", "Draw the steps shown for a paper: PNG, SVG or PDF", show=True),
    key("e", "export", "export", "Write the table in another format", show=True),
    key("s", "save_svg", "screenshot", "Save the screen as an SVG picture"),
    key("tab", "app.focus_next", "other pane", "Move the focus to the next pane"),
    key("question_mark", "help", "help", "All keys", "?", show=True),
    key("q", "leave", "quit", "Leave", show=True),
]

DOCS_KEYS: list[Binding] = [
    key("slash", "search", "search", "Search all topics", "/", show=True),
    key("n", "next_match", "next", "Go to the next match", show=True),
    key("N", "previous_match", "previous", "Go to the previous match", "N"),
    key("t", "topic", "topics", "Choose a topic", show=True),
    key("b", "back", "back", "Go back to the topic before", show=True),
    key("c", "contents", "contents", "Show or hide the table of contents", show=True),
    key("s", "save_svg", "screenshot", "Save the screen as an SVG picture"),
    key("tab", "app.focus_next", "other pane", "Move the focus to the table of contents and back"),
    key("question_mark", "help", "help", "All keys", "?", show=True),
    key("q", "leave", "quit", "Leave", show=True),
]
"""Every key of the screen that shows the reference."""

DOCS_HIDDEN_KEYS: list[Binding] = [
    Binding("ctrl+c", "leave", show=False, system=True),
    Binding("escape", "cancel", show=False, system=True),
    Binding("space", "page_down", show=False, system=True),
]
