"""Colours of curves: the pair that tells the runs apart to colour-blind eyes too.

Blue and orange of Okabe and Ito's palette (https://jfly.uni-koeln.de/color/), darker on light.
"""

from __future__ import annotations

from zgtui.config.settings import RunName
from zgtui.theory.stability_map import CellOutcome

RUN_COLOURS: dict[RunName, tuple[str, str]] = {
    "A": ("#56b4e9", "#005b8f"),
    "B": ("#ffb000", "#a34700"),
}
"""On a dark background, on a light one."""


def run_colour(name: RunName, *, dark: bool) -> str:
    """The colour of run ``name`` on a dark or a light background, as #rrggbb."""
    return RUN_COLOURS[name][0 if dark else 1]


SERIES_COLOURS = [
    *RUN_COLOURS.values(),
    ("#4fc38a", "#006d4f"),
    ("#e78ac3", "#8e3b74"),
    ("#f0e442", "#6b6100"),
    ("#c8ccd4", "#444a55"),
]
"""Colours for curves beyond the two runs, taken in turn."""


def series_colours(*, dark: bool) -> list[str]:
    """Every colour of a curve on a dark or a light background, as #rrggbb."""
    return [pair[0 if dark else 1] for pair in SERIES_COLOURS]


OUTCOME_COLOURS: dict[CellOutcome, str] = {
    "converged": "#0072b2",
    "bounded": "#f0e442",
    "diverged": "#d55e00",
}
"""Of the cells of a stability map: blue, yellow and vermilion of the same palette, which differ
in lightness as well."""
