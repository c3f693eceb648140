"""Every key of the screen that shows a script's runs, once: footer, help and command palette."""

from __future__ import annotations

from textual.binding import Binding

from zgtui.tui.keys import key

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
