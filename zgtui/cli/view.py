"""``zgtui view``: as charts on a terminal, as text elsewhere, or as pictures in files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zgtui.cli import Invocation, Subcommand
from zgtui.cli.app import check_marker
from zgtui.config.options import Option, pick
from zgtui.config.parsers import not_empty
from zgtui.config.sources import state_path
from zgtui.curves.arrange import arrange, remarks
from zgtui.curves.recordings.opening import Opening, read_all
from zgtui.curves.recordings.recording import Recording
from zgtui.errors import UsageError
from zgtui.explain.table_verdict import table_verdicts
from zgtui.outputs.pictures.picture import PictureRequest, check_picture
from zgtui.outputs.stdout import no_terminal
from zgtui.plural import any_of
from zgtui.runlog.sessions import newest_log
from zgtui.tables.formats import table_endings
from zgtui.terminal import tell

OUT = Option(
    f"write a table instead of showing charts: {any_of(table_endings())}",
    "FILE",
    not_empty,
)
PICTURES = ("png", "svg", "pdf")


def view(call: Invocation) -> int:
    """Show the tables; returns the exit code. Raises ZgtuiError if one of them cannot be shown."""
    values = call.values
    check_marker(values)
    paths = [Path(table).expanduser().absolute() for table in dict.fromkeys(call.words)]
    paths = paths or [_newest()]
    series, runs = values["series"] or (), values["runs"] or ()
    opening = Opening(paths, follow=bool(values["follow"]), wanted=series, runs=runs)
    files = _picture_files(values)
    if files:
        return _draw(paths, files, values)
    if values["out"]:
        return _export(paths, values)
    reason = no_terminal(keys=True)
    if reason and values["follow"]:
        raise UsageError(f"--follow needs a terminal to draw on: {reason}")
    if reason:
        from zgtui.charts.text import print_summary, tell_verdicts  # noqa: PLC0415 - plotext is for this case alone

        recordings = read_all(opening)
        charts = arrange(recordings, series, runs=runs)
        print_summary(charts, values)
        tell_verdicts([*table_verdicts(charts), *remarks(recordings)], values)
        return 0
    recordings = opening.find()
    _check(recordings, values)
    from zgtui.tui.start import start_view  # noqa: PLC0415 - textual is for this case alone

    return start_view(recordings, opening, values, call.keys)


def _newest() -> Path:
    found = newest_log(state_path())
    if found is None:
        raise UsageError(
            f"there is no log in {state_path()} yet: name a loss table or the folder of a run log,"
            " such as zgtui view losses.csv"
        )
    return found


def _picture_files(values: Mapping[str, Any]) -> list[Path]:
    files: list[Path] = []
    for ending in PICTURES:
        if not values[ending]:
            continue
        path = Path(values[ending]).expanduser().absolute()
        if path.suffix.lower() != f".{ending}":
            raise UsageError(
                f"--{ending} needs a file name that ends in .{ending}, not {path.name!r}"
            )
        check_picture(path, overwrite=bool(values["overwrite"]))
        files.append(path)
    if files and values["follow"]:
        raise UsageError("--follow cannot be combined with a picture: the table is still growing")
    return files


def _draw(paths: Sequence[Path], files: Sequence[Path], values: Mapping[str, Any]) -> int:
    from zgtui.outputs.pictures.picture import draw_request  # noqa: PLC0415 - for this case alone

    draw_request(
        PictureRequest(
            sources=[str(path) for path in paths],
            files=[str(file) for file in files],
            series=values["series"] or (),
            runs=values["runs"] or (),
            log=bool(values["log"]),
            overwrite=bool(values["overwrite"]),
        )
    )
    for file in files:
        tell(f"drew {file}")
    return 0


def _export(paths: Sequence[Path], values: Mapping[str, Any]) -> int:
    from zgtui.outputs.table_export import export_all  # noqa: PLC0415 - for this case alone

    if values["follow"]:
        raise UsageError("--follow cannot be combined with --out: the table is still growing")
    path = Path(values["out"]).expanduser().absolute()
    export_all(paths, path, values)
    tell(f"wrote {path}")
    return 0


def _check(recordings: Sequence[Recording], values: Mapping[str, Any]) -> None:
    """Raise where the beginning of a recording already shows that it cannot be shown."""
    follow = bool(values["follow"])
    for recording in recordings:
        recording.read()
        if recording.share >= 1 and not follow:
            while recording.read():
                pass
            recording.finish()
    more_to_come = follow or any(one.share < 1 for one in recordings)
    series, runs = values["series"] or (), values["runs"] or ()
    arrange(recordings, series, runs=runs, more_to_come=more_to_come)


COMMAND = Subcommand(
    "view",
    "chart loss tables, logs and the runs of other tools, replay them, save pictures of them",
    pick(
        "follow", "series", "runs", "log", "speed", "out", "png", "svg", "pdf", "overwrite", "fps",
        "marker", "ascii", "theme",
        out=OUT,
    ),
    view,
    "[TABLE …]",
    examples=(
        "zgtui view --follow                     # the most recent log",
        "zgtui view --follow runs/ --runs 'lr*'  # TensorBoard, Lightning, trackio, ...",
        "zgtui view before.csv after.csv --png both.png",
    ),
)  # fmt: skip
