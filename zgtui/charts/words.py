"""What the screen and the plain summary say of the curves of a table."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from zgtui.config.options import Marker
from zgtui.config.settings import RUNS, Clearing, RunName, RunSettings, Settings
from zgtui.terminal import printable_lines

if TYPE_CHECKING:
    from zgtui.curves.arrange import Chart, TrackUpTo
    from zgtui.curves.trend import Trend

_ASCII = str.maketrans(
    {
        "·": "-", "●": "*", "▶": ">", "×": "x", "…": "...", "–": "-", "—": "-", "°": "",
        "λ": "lambda", "½": "1/2", "‖": "|", "━": "=",
    }
)  # fmt: skip
_PRODUCT = re.compile(r"(?<=\S)·(?=\S)")
"""A dot that multiplies; one with spaces around it separates."""


def ascii_text(text: str) -> str:
    """``text`` in ASCII alone, for terminals that show nothing else."""
    text = _PRODUCT.sub("*", printable_lines(text)).translate(_ASCII)
    return text.encode("ascii", "replace").decode()


def number(value: float | None) -> str:
    """A loss or a rate in at most four significant digits; a dash where there is none yet."""
    return "–" if value is None else f"{value:.4g}"


def big_number(value: float | None) -> str:
    """A loss in few characters, of those that large digits are made of."""
    return "-" if value is None else f"{value:.3g}".upper() if math.isfinite(value) else "-E-"


def clearing_note(clear_a: Clearing, clear_b: Clearing) -> dict[RunName, str]:
    """When each run executes the ``zero_grad()`` line, in a word or two."""
    return {
        "A": f"A {_when(clear_a)}",
        "B": f"B {_when(clear_b)}",
    }


def _when(clear: Clearing) -> str:
    return {0: "never", 1: "every"}.get(clear.period, f"1/{clear.period}")


LEGEND: dict[Marker, tuple[str, ...]] = {
    "image": ("──", "━━", "╌╌", "╍╍", "┈┈", "┉┉"),
    "octant": ("🮂🮂", "⠒⠒", "••", "××", "◦◦", "++"),
    "braille": ("⠒⠒", "▀▀", "••", "××", "◦◦", "++"),
    "hd": ("▀▀", "⠒⠒", "••", "××", "◦◦", "++"),
    "dot": ("••", "◦◦", "××", "++", "##", "%%"),
    "ascii": ("**", "oo", "xx", "++", "##", "%%"),
}
"""What the curves of one chart look like, in the order in which they are drawn."""
ALARMING = {"diverged", "growing"}


def whole(step: float) -> str:
    """A step as it is counted: ``1,200``; ``0.5`` where steps are fractions."""
    return f"{step:,.0f}" if step == int(step) else f"{step:,.4g}"


_LOSS = re.compile(r"loss([ _./-]?([a-z]|\d+))?$")
"""How a column of losses is called; the letter or the number of a run may stand behind."""


def value_name(name: str) -> str:
    """What the numbers of the curve ``name`` are: the losses of a run, or the column's own."""
    from zgtui.curves.trace import run_of  # noqa: PLC0415 - tables alone ask

    return "loss" if run_of(name) in RUNS or _LOSS.search(name.lower()) else name


def trend_text(trend: Trend | None) -> str:
    """What the losses do, in a few words; empty while there is nothing to remark."""
    if trend is None:
        return ""
    known = trend.since is not None or trend.state not in {"diverged", "converged"}
    return trend.words if known else trend.state


def title(chart: Chart, shown: Sequence[TrackUpTo]) -> str:
    """A run with its clearing policy where one is alone in its chart, else the curve's name.

    Where there was no room for all its curves that is said.
    """
    if chart.left_out:
        return f"{chart.title}  {len(chart.curves)} of {len(chart.curves) + chart.left_out} curves"
    clearing = shown[0].clearing if len(shown) == 1 else None
    return f"{chart.title}  {clearing.title}" if clearing else chart.title


def states(chart: Chart, shown: Sequence[TrackUpTo]) -> tuple[str, bool]:
    """What the curves do, in one line, and whether that is alarming."""
    trends = [one.trend() for one in shown]
    states = [
        f"{curve.label} {words}" if len(shown) > 1 else words
        for curve, trend in zip(chart.curves, trends, strict=True)
        if (words := trend_text(trend))
    ]
    return " · ".join(states), any(trend and trend.state in ALARMING for trend in trends)


def numbers(chart: Chart, one: TrackUpTo) -> list[str]:
    """Step, value and learning rate of a curve that is alone in its chart."""
    if one.last is None:
        return ["no steps shown"]
    step, value = one.last
    axis = chart.curves[0].recording.axis
    found = [f"{axis} {whole(step)}", f"{value_name(chart.title)} {number(value)}"]
    if one.lr is not None:
        found.append(f"lr {number(one.lr)}")
    return found


def run_labels(settings: Settings) -> dict[RunName, str]:
    """``With zero_grad``, ``Without zero_grad`` or what fits; never the same for both runs."""
    labels = {name: _label(settings.run(name)) for name in RUNS}
    if labels["A"] == labels["B"]:
        return {name: f"{name}, {label}" for name, label in labels.items()}
    return labels


def _label(run: RunSettings) -> str:
    parts = f", {run.accumulate} micro-batches per step" if run.accumulate > 1 else ""
    period = run.clear.period
    clearing = {0: "Without zero_grad", 1: "With zero_grad"}.get(
        period, f"zero_grad every {period} steps"
    )
    return f"{clearing}{parts}"


def step_word(steps_per_epoch: int) -> str:
    """``Epoch`` where a step is one pass over the data, else ``Step``."""
    return "Epoch" if steps_per_epoch == 1 else "Step"
