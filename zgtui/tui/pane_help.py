"""What the pane that has the focus shows, for the top of the help."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

PANES = {
    "RunPane": "The focused pane: run {name}. Its chart has the loss of each step; vertical lines"
    " mark where you changed it. Below are the last loss, the learning rate and what the losses do;"
    " the edge at the bottom says what it started from.",
    "ScriptPane": "The focused pane: run {name} of your script. Its chart has the losses of each"
    " step or backward pass; vertical lines mark where you changed it. Below are the last losses,"
    " the learning rate and what the losses do; the title says where the script gets them.",
    "SeriesPane": "The focused pane: {name}. Its chart has a value at each step that was logged;"
    " vertical lines mark where the learning rate or the clearing changed. Below are the last value"
    " and what the losses do.",
    "HeatMap": "The focused pane: the map. Each cell is a pair of settings; the arrow keys move to"
    " one, and Enter trains it.",
    "TopicViewer": "The focused pane: the text of this topic. The arrow keys scroll it.",
    "MarkdownTableOfContents": "The focused pane: the table of contents. The arrow keys move to a"
    " heading, and Enter goes there.",
    "explanation": "Shown alone: why you see what you see. Each line is shown only while it is"
    " true of the losses and gradients measured.",
    "code": "Shown alone: the training loop as it runs. A line that a run skips is struck out.",
    "gradients": "Shown alone: what .grad holds, how much of it is from this step, and how large"
    " the learning rate is relative to the curvature.",
}
"""By the kind of pane, or the panel shown alone."""


def pane_help(screen: Screen[Any]) -> str:
    """About the panel that ``screen`` shows alone, else about its focused pane; empty elsewhere."""
    alone = PANES.get(getattr(screen, "only", ""), "")
    focused = screen.focused
    if alone or focused is None:
        return alone
    kinds = (base.__name__ for one in focused.ancestors_with_self for base in type(one).__mro__)
    kind = next((kind for kind in kinds if kind in PANES), "")
    name = str(focused.border_title or "").split("  ")[0]
    return PANES[kind].format(name=name or "its curves") if kind else ""
