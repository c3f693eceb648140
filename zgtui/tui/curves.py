"""What a chart draws: curves, and what they are read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Source(Protocol):
    """What a curve is drawn from: a loss history, a prediction, a loaded table."""

    @property
    def revision(self) -> int:
        """Changes whenever ``points`` would answer differently."""

    @property
    def steps(self) -> int:
        """The last step there is; 0 when there is none."""

    def points(self, columns: int, start: int, end: int) -> tuple[Sequence[float], Sequence[float]]:
        """What to draw of steps ``start`` to ``end``: at most two losses on each of ``columns``.

        Returns steps, ascending, and their losses, equally long.
        """


@dataclass(frozen=True)
class Curve:
    """One curve: ``style`` is a colour (``#56b4e9``) or a variable of the theme (``$run-a``).

    A ``dotted`` curve, a prediction for example, lies beneath the others in small dots.
    """

    source: Source
    style: str
    label: str = ""
    dotted: bool = False
