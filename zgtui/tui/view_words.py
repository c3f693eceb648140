"""What the screen and the plain summary say of the curves of a table."""

from __future__ import annotations

from collections.abc import Sequence

from zgtui.losses.arrange import Chart
from zgtui.losses.shown import ShownTrack
from zgtui.losses.trend import Trend
from zgtui.options import Marker
from zgtui.tui.wording import number

LEGEND: dict[Marker, tuple[str, ...]] = {
    "braille": ("⠒⠒", "▀▀", "••"),
    "hd": ("▀▀", "⠒⠒", "••"),
    "dot": ("••", "◦◦", "××"),
    "ascii": ("**", "oo", "xx"),
}
"""What the curves of one chart look like, in the order in which they are drawn."""
ALARMING = {"diverged", "growing"}


def whole(step: float) -> str:
    """A step as it is counted: ``1,200``; ``0.5`` where steps are fractions."""
    return f"{step:,.0f}" if step == int(step) else f"{step:,.4g}"


def value_name(name: str) -> str:
    """What the numbers of the curve ``name`` are: the losses of a run, or the column's own."""
    return "loss" if name in {"A", "B"} or name.lower().endswith("loss") else name


def trend_text(trend: Trend | None) -> str:
    """What the losses do, in a few words; empty while there is nothing to remark."""
    if trend is None:
        return ""
    known = trend.since is not None or trend.state not in {"diverged", "converged"}
    return trend.words if known else trend.state


def title(chart: Chart, shown: Sequence[ShownTrack]) -> str:
    """A run with its clearing policy where one is alone in its chart, else the curve's name."""
    clearing = shown[0].clearing if len(shown) == 1 else None
    return f"{chart.title}  {clearing.title}" if clearing else chart.title


def states(chart: Chart, shown: Sequence[ShownTrack]) -> tuple[str, bool]:
    """What the curves do, in one line, and whether that is alarming."""
    trends = [one.trend() for one in shown]
    told = [
        f"{curve.label} {words}" if len(shown) > 1 else words
        for curve, trend in zip(chart.curves, trends, strict=True)
        if (words := trend_text(trend))
    ]
    return " · ".join(told), any(trend and trend.state in ALARMING for trend in trends)


def numbers(chart: Chart, one: ShownTrack) -> list[str]:
    """Step, value and learning rate of a curve that is alone in its chart."""
    if one.last is None:
        return ["no steps shown"]
    step, value = one.last
    axis = chart.curves[0].recording.axis
    found = [f"{axis} {whole(step)}", f"{value_name(chart.title)} {number(value)}"]
    if one.lr is not None:
        found.append(f"lr {number(one.lr)}")
    return found
