"""Every key of the screen that shows tables, once: for footer, help and command palette."""

from __future__ import annotations

from textual.binding import Binding

from zgtui.tui.keys import key

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
