"""A loss curve as lines of plain text under a title, for printing."""

from __future__ import annotations

import math

from zgtui.options import Marker
from zgtui.tui import axes, plotting
from zgtui.tui.curves import Source
from zgtui.tui.wording import ascii_text

TITLE_ROWS = 1
AXIS_ROWS = 2


def panel(  # noqa: PLR0913 - one picture: what is in it, its size and how it looks
    title: str, source: Source, width: int, height: int, *, log: bool, marker: Marker
) -> list[str]:
    """``height`` lines of at most ``width`` characters: ``title``, then the curve of ``source``."""
    rows = height - TITLE_ROWS
    x_limits = axes.fit_steps(source.steps, source.steps)
    line = plotting.Line(*source.points(width, 1, source.steps))
    shown = [loss for loss in line.losses if math.isfinite(loss) and (loss > 0 or not log)]
    low, high = (min(shown), max(shown)) if shown else (0.1, 1.0)
    fit, ticks_of = (
        (axes.fit_decades, axes.decade_ticks) if log else (axes.fit_losses, axes.loss_ticks)
    )
    y_limits = fit(low, high)
    ticks = ticks_of(y_limits, rows - AXIS_ROWS)
    gutter = max(len(tick.label) for tick in ticks)
    drawn = plotting.draw(
        width,
        rows,
        axes.Axis(x_limits, axes.step_ticks(x_limits, width - gutter - 1)),
        axes.Axis(y_limits, ticks, log),
        [line],
        gutter=gutter,
        marker=marker,
    )
    head = title[:width]
    return [
        ascii_text(head) if marker == "ascii" else head,
        *("".join(text for _, text in row).rstrip() for row in drawn),
    ]
