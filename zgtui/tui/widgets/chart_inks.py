"""The colours of what a chart draws, in the theme that is used."""

from __future__ import annotations

from collections.abc import Iterable

from rich.style import Style
from textual.color import Color
from textual.widget import Widget

from zgtui.charts.plot import Curve

NAMES = ("frame", "label", "mark", "notice", "cross", "grid")
"""The inks that are the same for every curve, in the order of their numbers."""
FAINT = 0.5
"""How much of the background is in the colour of losses behind their average."""


def found_inks(chart: Widget, curves: Iterable[Curve]) -> list[Style]:
    """The style of each ink: of foreground alone, so that the background shines through."""
    fixed = [
        Style(
            color=chart.get_component_rich_style(f"loss-chart--{name}").color,
            dim=name == "grid" and on_terminals_own(chart),
        )
        for name in NAMES
    ]
    return [Style(), *fixed, *(_curve_style(chart, curve) for curve in curves)]


def _curve_style(chart: Widget, curve: Curve) -> Style:
    name = curve.style
    colour = Color.parse(chart.app.theme_variables[name[1:]] if name.startswith("$") else name)
    if curve.faint and on_terminals_own(chart):
        return Style(color=colour.rich_color, dim=True)
    if curve.faint:
        colour = colour.blend(chart.background_colors[1], FAINT)
    return Style(color=colour.rich_color)


def on_terminals_own(chart: Widget) -> bool:
    """Whether the background is the terminal's, with whose colour none can be mixed."""
    return chart.background_colors[1].ansi is not None
