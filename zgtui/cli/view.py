"""``zgtui view``: as charts on a terminal, as text elsewhere, or as pictures in files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zgtui.cli import Invocation, Subcommand
from zgtui.cli.app import check_marker
from zgtui.config.options import pick
from zgtui.curves.arrange import arrange
from zgtui.curves.recording import Recording, open_recording, read_whole
from zgtui.errors import UsageError
from zgtui.outputs.picture import PictureRequest, check_picture
from zgtui.outputs.stdout import no_terminal
from zgtui.terminal import tell

PICTURES = ("png", "svg", "pdf")


def view(call: Invocation) -> int:
    """Show the tables; returns the exit code. Raises ZgtuiError if one of them cannot be shown."""
    values = call.values
    check_marker(values)
    if not call.words:
        raise UsageError(
            "name a loss table or the folder of a run log, such as zgtui view losses.csv"
        )
    paths = [Path(table).expanduser().absolute() for table in dict.fromkeys(call.words)]
    series = values["series"] or ()
    files = _picture_files(values)
    if files:
        return _draw(paths, files, values)
    reason = no_terminal(keys=True)
    if reason and values["follow"]:
        raise UsageError(f"--follow needs a terminal to draw on: {reason}")
    if reason:
        from zgtui.charts.text import print_summary  # noqa: PLC0415 - plotext is for this case alone

        recordings = [read_whole(path) for path in paths]
        print_summary(arrange(recordings, series), values)
        return 0
    recordings = [open_recording(path, follow=bool(values["follow"])) for path in paths]
    _check(recordings, series, follow=bool(values["follow"]))
    from zgtui.tui.start import start_view  # noqa: PLC0415 - textual is for this case alone

    return start_view(recordings, values, call.keys)


def _picture_files(values: Mapping[str, Any]) -> list[Path]:
    files: list[Path] = []
    for ending in PICTURES:
        if not values[ending]:
            continue
        path = Path(values[ending]).expanduser().absolute()
        if path.suffix.lower() != f".{ending}":
            raise UsageError(f"--{ending} draws a file that ends in .{ending}, not {path.name!r}")
        check_picture(path, overwrite=bool(values["overwrite"]))
        files.append(path)
    if files and values["follow"]:
        raise UsageError("--follow cannot be combined with a picture: the table is still growing")
    return files


def _draw(paths: Sequence[Path], files: Sequence[Path], values: Mapping[str, Any]) -> int:
    from zgtui.outputs.picture import draw_request  # noqa: PLC0415 - for this case alone

    draw_request(
        PictureRequest(
            sources=[str(path) for path in paths],
            files=[str(file) for file in files],
            series=values["series"] or (),
            log=bool(values["log"]),
            overwrite=bool(values["overwrite"]),
        )
    )
    for file in files:
        tell(f"drew {file}")
    return 0


def _check(recordings: Sequence[Recording], series: Sequence[str], *, follow: bool) -> None:
    """Raise where the beginning of a recording already shows that it cannot be shown."""
    for recording in recordings:
        recording.read()
        if recording.share >= 1 and not follow:
            while recording.read():
                pass
            recording.finish()
    arrange(recordings, series, more_to_come=follow or any(one.share < 1 for one in recordings))


COMMAND = Subcommand(
    "view",
    "chart loss tables and run logs, replay them, save pictures of them",
    pick(
        "follow", "series", "log", "speed", "png", "svg", "pdf", "overwrite", "fps", "marker",
        "ascii", "theme",
    ),
    view,
    "TABLE …",
    examples=(
        "zgtui view losses.csv                   # a table of your own will do",
        "zgtui view --follow --log losses.csv    # while it is written",
        "zgtui view before.csv after.csv --png both.png",
    ),
)  # fmt: skip
