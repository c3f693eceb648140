"""A stability map as a matplotlib figure."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from zgtui.charts.colours import OUTCOME_COLOURS
from zgtui.outputs.pictures.figure import STYLE
from zgtui.theory.stability_map import MAX_Q, OUTCOMES

LABELS = 8
"""Rows that are labelled, about."""


def draw(title: str, axis: str, labels: Sequence[str], rows: Sequence[Sequence[int]]) -> Figure:
    """Draw ``rows`` of outcomes, numbered as in OUTCOMES, the lowest first; one label for each."""
    count = len(rows)
    colours = [OUTCOME_COLOURS[outcome] for outcome in OUTCOMES]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.6, 3.6), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.imshow(
            rows,
            origin="lower",
            aspect="auto",
            extent=(0, MAX_Q, -0.5, count - 0.5),
            cmap=ListedColormap(colours),
            vmin=-0.5,
            vmax=len(OUTCOMES) - 0.5,
            interpolation="nearest",
        )
        axes.grid(visible=False)
        shown = sorted({*range(0, count, max(1, count // LABELS)), count - 1})
        axes.set_yticks(shown, [labels[row] for row in shown])
        axes.set_xlabel("lr·λ")
        axes.set_ylabel(axis)
        figure.suptitle(title, fontsize=8, x=0.02, ha="left")
        axes.legend(
            handles=[
                Patch(facecolor=colour, label=outcome)
                for outcome, colour in zip(OUTCOMES, colours, strict=True)
            ],
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=3,
            frameon=False,
        )
    return figure
