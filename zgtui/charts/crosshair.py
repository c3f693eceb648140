"""One step that is looked at in every chart at once, and what each curve was there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from zgtui.charts.words import number, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zgtui.charts.plot import Curve


class Crosshair:
    """Where it is; a ``pinned`` one stays there when the mouse goes away.

    ``step`` is None where it is nowhere.
    """

    def __init__(self) -> None:
        self.step: float | None = None
        self.pinned = False

    def point(self, step: float | None, *, pinned: bool) -> None:
        """The mouse is at ``step``; a click pins it there, and only another one moves it."""
        if pinned or not self.pinned:
            self.step, self.pinned = step, pinned and step is not None

    def leave(self) -> bool:
        """Take it away; whether there was one."""
        was = self.step is not None
        self.step, self.pinned = None, False
        return was


def near(curves: Sequence[Curve], step: float, direction: int = 0) -> float | None:
    """The step of any of ``curves`` nearest to ``step``, or next to it in ``direction``."""
    found = [curve.source.near(step, direction) for curve in measured(curves)]
    steps = [one for one in found if one is not None]
    if direction:
        beyond = [one for one in steps if (one - step) * direction > 0]
        return min(beyond, key=lambda one: abs(one - step), default=step if steps else None)
    return min(steps, key=lambda one: abs(one - step), default=None)


def readout(curves: Sequence[Curve], step: float, axis: str = "step", where: str = "") -> str:
    """The losses of ``curves`` at ``step``, and the ratio of two of them.

    ``where`` tells in other words where on the axis that is.
    """
    shown = [(curve.label, curve.source.at(step)) for curve in measured(curves)]
    parts = [
        f"{axis} {whole(step)}",
        *filter(None, [where]),
        *(f"{label} {number(loss)}" for label, loss in shown),
    ]
    return " · ".join([*parts, *_ratio(shown)])


def measured(curves: Sequence[Curve]) -> list[Curve]:
    """Those of losses as they were."""
    return [curve for curve in curves if not curve.dotted and not curve.smooth]


def _ratio(shown: Sequence[tuple[str, float | None]]) -> list[str]:
    if len(shown) != 2:
        return []
    (first, a), (second, b) = shown
    if a is None or b is None or not a or not math.isfinite(a) or not math.isfinite(b):
        return []
    short = max(len(first), len(second)) <= 1
    return [f"{f'{second}/{first}' if short else 'ratio'} {number(b / a)}"]
