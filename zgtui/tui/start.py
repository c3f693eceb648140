"""From the command line to the running app, and back to a sane terminal."""

from __future__ import annotations

import locale
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from textual.binding import Binding

from zgtui.config.options import Marker
from zgtui.config.settings import Settings
from zgtui.config.sources import state_path
from zgtui.curves.recording import Recording
from zgtui.errors import UsageError, suggest
from zgtui.launch.command import ScriptOptions
from zgtui.launch.script_comparison import ScriptComparison
from zgtui.launch.summary import summary
from zgtui.outputs.followers import finish_tensorboard, tensorboard_writer
from zgtui.outputs.processes import FollowerProcess
from zgtui.runlog.sessions import new_session
from zgtui.tables.destination import check_destination
from zgtui.tui.app import Display, ZgtuiApp
from zgtui.tui.docs_app import DocsApp
from zgtui.tui.keys import DOCS_KEYS, KEYS, SCRIPT_KEYS, VIEW_KEYS
from zgtui.tui.screens.view import ViewDisplay
from zgtui.tui.scripts_app import ScriptsApp
from zgtui.tui.view_app import ViewApp
from zgtui.tui.widgets.output_pane import harmless
from zgtui.worker.client import WorkerClient


def unicode_shown() -> bool:
    """Whether more than ASCII can be shown."""
    return "utf" in locale.getpreferredencoding(do_setlocale=False).lower()


def default_marker() -> Marker:
    """The Linux console's fonts have no braille patterns."""
    return "dot" if os.environ.get("TERM") == "linux" else "braille"


def keymap(
    keys: Mapping[str, str], bindings: Iterable[Binding], others: Iterable[Binding] = ()
) -> dict[str, str]:
    """The ``[keys]`` table of the configuration, checked: names of keys' actions.

    What it says of ``others``, the keys of another screen, is passed over.
    """
    known = {binding.id for binding in bindings if binding.id}
    elsewhere = {binding.id for binding in others if binding.id}
    for name in keys:
        if name not in known | elsewhere:
            raise UsageError(
                f"[keys] names {name!r}, which no key does.{suggest(name, known)}"
                f" There is: {', '.join(sorted(known))}"
            )
    return {name: key for name, key in keys.items() if name in known}


def start_app(settings: Settings, values: Mapping[str, Any], keys: Mapping[str, str]) -> int:
    """Run the app until it is left; returns the exit code.

    The caller has seen that there is a terminal to draw on. Raises UsageError where an option
    cannot be used.
    """
    out = None
    if values["out"]:
        out = Path(values["out"]).expanduser().absolute()
        check_destination(out, overwrite=values["overwrite"])
    ascii_only = bool(values["ascii"]) or not unicode_shown()
    marker: Marker = values["marker"] or default_marker()
    if ascii_only:
        marker = "ascii"
    display = Display(
        theme=values["theme"],
        fps=values["fps"],
        marker=marker,
        ascii_only=ascii_only,
        out=out,
        overwrite=bool(values["overwrite"]),
    )
    board = tensorboard_writer(values, new_session(state_path()))
    app = ZgtuiApp(
        settings,
        lambda: WorkerClient(new_session(state_path())),
        display,
        running=not values["paused"],
        board=board,
    )
    app.set_keymap(keymap(keys, KEYS, [*VIEW_KEYS, *SCRIPT_KEYS, *DOCS_KEYS]))
    try:
        app.run()
    finally:
        app.live.kill()
    exit_code = app.return_code or 0
    if board is not None:
        exit_code = finish_tensorboard(board, hurry=exit_code > 128) or exit_code
    return exit_code


def start_run(  # noqa: PLR0913, PLR0917 - what the command line has found out, one by one
    options: ScriptOptions,
    folder: Path,
    out: Path | None,
    values: Mapping[str, Any],
    keys: Mapping[str, str],
    board: FollowerProcess | None,
) -> int:
    """Show both runs until the app is left; returns the exit code.

    The caller has seen that there is a terminal to draw on. Raises UsageError where an option
    cannot be used.
    """
    ascii_only = bool(values["ascii"]) or not unicode_shown()
    marker: Marker = "ascii" if ascii_only else values["marker"] or default_marker()
    display = Display(
        theme=values["theme"],
        fps=values["fps"],
        marker=marker,
        ascii_only=ascii_only,
        out=out,
        wide=bool(values["wide"]),
        overwrite=bool(values["overwrite"]),
    )
    comparison = ScriptComparison(options, folder)
    app = ScriptsApp(comparison, display, board=board)
    app.set_keymap(keymap(keys, SCRIPT_KEYS, [*KEYS, *VIEW_KEYS, *DOCS_KEYS]))
    try:
        app.run()
    finally:
        comparison.close()
    if comparison.finished:
        for line in summary(comparison):
            print(harmless(line))
        print(f"run log: {comparison.log}")
    return app.return_code or 0


def start_view(
    recordings: Sequence[Recording], values: Mapping[str, Any], keys: Mapping[str, str]
) -> int:
    """Show ``recordings`` until the app is left; returns the exit code.

    Raises UsageError where an option cannot be used.
    """
    ascii_only = bool(values["ascii"]) or not unicode_shown()
    marker: Marker = "ascii" if ascii_only else values["marker"] or default_marker()
    display = ViewDisplay(
        theme=values["theme"],
        fps=values["fps"],
        marker=marker,
        ascii_only=ascii_only,
        speed=values["speed"],
        series=values["series"] or (),
        follow=bool(values["follow"]),
        log=bool(values["log"]),
    )
    app = ViewApp(recordings, display)
    app.set_keymap(keymap(keys, VIEW_KEYS, [*KEYS, *SCRIPT_KEYS, *DOCS_KEYS]))
    app.run()
    return app.return_code or 0


def start_docs(topic: str, values: Mapping[str, Any], keys: Mapping[str, str]) -> int:
    """Show the reference from ``topic`` on until it is left; returns the exit code.

    Raises:
        UsageError: if there is no such theme, or a key is named that is none.
    """
    app = DocsApp(topic, values["theme"])
    app.set_keymap(keymap(keys, DOCS_KEYS, [*KEYS, *VIEW_KEYS, *SCRIPT_KEYS]))
    app.run()
    return app.return_code or 0
