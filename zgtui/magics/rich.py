"""What cells show in a notebook: HTML, with everything from outside made harmless."""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING

from zgtui.curves.arrange import arrange
from zgtui.curves.recordings.opening import read_whole
from zgtui.errors import UsageError
from zgtui.outputs.pictures.picture import PictureRequest, draw_request
from zgtui.temporary import TemporaryFolder
from zgtui.terminal import printable_lines

if TYPE_CHECKING:
    from pathlib import Path

COLOURS = {"pass": "#1a7f37", "fail": "#cf222e", "inconclusive": "#9a6700"}
"""Of a verdict, beside its word; readable on white and on black."""
WIDTH = 100


def pre(text: str) -> str:
    """``text`` as it stands."""
    return f"<pre>{html.escape(printable_lines(text))}</pre>"


def chart_text(log: Path) -> str:
    """The curves of ``log`` as a chart of characters."""
    from zgtui.charts.text import summary  # noqa: PLC0415 - plotext is for this case alone

    return "\n".join(summary(arrange([read_whole(log)]), WIDTH, "braille"))


def picture(log: Path) -> str:
    """The curves of ``log`` as a picture in HTML; of characters where none can be drawn."""
    try:
        with TemporaryFolder("picture") as folder:
            file = folder / "losses.svg"
            draw_request(PictureRequest(sources=[str(log)], files=[str(file)]))
            data = base64.b64encode(file.read_bytes()).decode("ascii")
    except UsageError:
        return pre(chart_text(log))
    return f'<img alt="the losses of both runs" src="data:image/svg+xml;base64,{data}">'
