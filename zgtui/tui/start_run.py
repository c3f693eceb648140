"""From the command line to the app of a script's two runs, and back with a summary."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zgtui.options import Marker
from zgtui.scripts.client import ScriptComparison
from zgtui.scripts.command import ScriptOptions
from zgtui.scripts.headless import summary
from zgtui.tui.app import Display
from zgtui.tui.keys import KEYS
from zgtui.tui.output_text import harmless
from zgtui.tui.script_keys import SCRIPT_KEYS
from zgtui.tui.scripts_app import ScriptsApp
from zgtui.tui.terminal import default_marker, keymap, unicode_shown
from zgtui.tui.view_keys import VIEW_KEYS
from zgtui.worker.companion import Companion


def start_run(  # noqa: PLR0913, PLR0917 - what the command line has found out, one by one
    options: ScriptOptions,
    folder: Path,
    out: Path | None,
    values: Mapping[str, Any],
    keys: Mapping[str, str],
    board: Companion | None,
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
        overwrite=bool(values["overwrite"]),
    )
    comparison = ScriptComparison(options, folder)
    app = ScriptsApp(comparison, display, board=board)
    app.set_keymap(keymap(keys, SCRIPT_KEYS, [*KEYS, *VIEW_KEYS]))
    try:
        app.run()
    finally:
        comparison.close()
    if comparison.finished:
        for line in summary(comparison):
            print(harmless(line))
        print(f"run log: {comparison.log}")
    return app.return_code or 0
