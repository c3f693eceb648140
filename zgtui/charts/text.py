"""Tables as plain text: a line for each curve and a chart of characters, for logs and pipes."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from zgtui.charts import axes, plot, words
from zgtui.charts.plot import Source
from zgtui.charts.words import ascii_text, number
from zgtui.config.options import Marker
from zgtui.curves.arrange import Chart, TrackUpTo
from zgtui.plural import plural
from zgtui.terminal import tell

TITLE_ROWS = 1
AXIS_ROWS = 2


def panel(  # noqa: PLR0913 - one picture: what is in it, its size and how it looks
    title: str, source: Source, width: int, height: int, *, log: bool, marker: Marker
) -> list[str]:
    """``height`` lines of at most ``width`` characters: ``title``, then the curve of ``source``."""
    head = ascii_text(title) if marker == "ascii" else title
    return [head[:width], *chart_rows([source], width, height - TITLE_ROWS, marker, log=log)]


CHART_ROWS = 14


def print_summary(charts: Sequence[Chart], values: Mapping[str, Any]) -> None:
    """Print each chart with its numbers: steps, first, last and best value, state."""
    unicode = "utf" in (sys.stdout.encoding or "").lower() and not values["ascii"]
    asked: Marker = values["marker"] or "braille"
    marker: Marker = ("braille" if asked == "image" else asked) if unicode else "ascii"
    width = max(20, min(shutil.get_terminal_size().columns, 120))
    for text in summary(charts, width, marker, log=bool(values["log"])):
        tell(text if unicode else ascii_text(text))


def tell_verdicts(sentences: Sequence[str], values: Mapping[str, Any]) -> None:
    """Print ``sentences`` below the charts."""
    if not sentences:
        return
    unicode = "utf" in (sys.stdout.encoding or "").lower() and not values["ascii"]
    tell("")
    for sentence in sentences:
        tell(sentence if unicode else ascii_text(sentence))


def summary(charts: Sequence[Chart], width: int, marker: Marker, *, log: bool = False) -> list[str]:
    """``charts`` as lines for ``width`` columns, none longer where that can be."""
    lines: list[str] = []
    for chart in charts:
        shown = [TrackUpTo(curve.recording, curve.track) for curve in chart.curves]
        lines += ["", words.title(chart, shown)] if lines else [words.title(chart, shown)]
        for at, (curve, one) in enumerate(zip(chart.curves, shown, strict=True)):
            glyph = words.LEGEND[marker][at % len(words.LEGEND[marker])]
            key = f"{glyph} {curve.label}: " if len(shown) > 1 else ""
            lines.append(f"  {key}{_numbers(curve.recording.axis, one)}")
            lines += [
                f"  {label} from {curve.recording.axis} {words.whole(step)} on"
                for step, label in one.changes
            ]
        lines += chart_rows(shown, width, CHART_ROWS, marker, log=log)
    return lines


def chart_rows(
    shown: Sequence[Source], width: int, height: int, marker: Marker, *, log: bool
) -> list[str]:
    """The curves of one chart, drawn with characters."""
    last = max((one.steps for one in shown), default=0)
    x_limits = axes.fit_steps(last, last)
    lines = [plot.Line(*one.points(width, 1, int(x_limits.high))) for one in shown]
    losses = [
        loss
        for line in lines
        for loss in line.losses
        if math.isfinite(loss) and (loss > 0 or not log)
    ]
    low, high = (min(losses), max(losses)) if losses else (0.1, 1.0)
    y_limits = axes.fit_decades(low, high) if log else axes.fit_losses(low, high)
    ticks = (axes.decade_ticks if log else axes.loss_ticks)(y_limits, height - AXIS_ROWS)
    gutter = max(len(tick.label) for tick in ticks)
    rows = plot.draw(
        width,
        height,
        axes.Axis(x_limits, axes.step_ticks(x_limits, width - gutter - 1)),
        axes.Axis(y_limits, ticks, log),
        lines,
        gutter=gutter,
        marker=marker,
    )
    return ["".join(text for _, text in row).rstrip() for row in rows]


def _numbers(axis: str, one: TrackUpTo) -> str:
    trace = one.track.trace
    if one.last is None:
        return "no steps yet"
    losses = trace.losses(0, trace.count)
    finite = [at for at, loss in enumerate(losses) if math.isfinite(loss)]
    parts = [
        f"{plural(trace.count, axis)} up to {words.whole(one.last[0])}",
        f"first {number(losses[0])}",
        f"last {number(one.last[1])}",
    ]
    if finite:
        step, best = trace.point(min(finite, key=losses.__getitem__))
        is_loss = words.value_name(one.track.name) == "loss"
        parts.append(
            f"{'best' if is_loss else 'lowest'} {number(best)} at {axis} {words.whole(step)}"
        )
    if one.lr is not None:
        parts.append(f"lr {number(one.lr)}")
    state = words.trend_text(one.trend())
    return ", ".join([*parts, state] if state else parts)
