"""Pictures of stability maps, drawn with matplotlib (extra ``plot``).

The screen leaves the drawing to a process of its own:
``python -m zgtui.outputs.pictures.map_picture``.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.charts.heat_map import AXIS_NAMES, common_words, row_label
from zgtui.errors import ZgtuiError
from zgtui.outputs.pictures.picture import end_in_order, need_matplotlib, publish, run_beside
from zgtui.terminal import tell
from zgtui.theory.stability_map import OUTCOMES

if TYPE_CHECKING:
    from zgtui.theory.stability_map import StabilityMap


@dataclass(frozen=True)
class MapPicture:
    """What to draw, and where: ``rows`` of outcomes, numbered as in OUTCOMES, from the lowest."""

    file: str
    title: str
    axis: str
    labels: list[str]
    rows: list[list[int]]
    overwrite: bool = False

    @classmethod
    def of(cls, made: StabilityMap, experiment: str, path: Path, *, overwrite: bool) -> MapPicture:
        """What to draw of ``made``."""
        grid = made.grid
        return cls(
            file=str(path),
            title=f"{experiment}: {common_words(grid)}",
            axis=AXIS_NAMES[grid.axis],
            labels=[row_label(grid, row) for row in range(grid.rows)],
            rows=[[OUTCOMES.index(outcome) for outcome in row] for row in made.outcomes],
            overwrite=overwrite,
        )


def draw_map(picture: MapPicture) -> None:
    """Draw it. Raises ZgtuiError; then no file is left half written."""
    need_matplotlib()
    from zgtui.outputs.pictures.figure import save  # noqa: PLC0415 - matplotlib may be missing
    from zgtui.outputs.pictures.map_figure import draw  # noqa: PLC0415 - as above

    figure = draw(picture.title, picture.axis, picture.labels, picture.rows)
    publish(Path(picture.file), partial(save, figure), overwrite=picture.overwrite)


async def draw_map_beside(picture: MapPicture) -> None:
    """Draw it; the screen goes on meanwhile. Raises UsageError if that fails."""
    await run_beside("zgtui.outputs.pictures.map_picture", json.dumps(asdict(picture)))


def main() -> int:
    """Draw; returns the exit code."""
    end_in_order()
    try:
        draw_map(MapPicture(**json.loads(sys.stdin.read())))
    except ZgtuiError as error:
        tell(str(error), file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
