"""From the command line to the app that shows tables, and back to a sane terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zgtui.losses.recording import Recording
from zgtui.options import Marker
from zgtui.tui.keys import KEYS
from zgtui.tui.screens.view import ViewDisplay
from zgtui.tui.script_keys import SCRIPT_KEYS
from zgtui.tui.terminal import default_marker, keymap, unicode_shown
from zgtui.tui.view_app import ViewApp
from zgtui.tui.view_keys import VIEW_KEYS


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
    app.set_keymap(keymap(keys, VIEW_KEYS, [*KEYS, *SCRIPT_KEYS]))
    app.run()
    return app.return_code or 0
