"""From the command line to the running app, and back to a sane terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zgtui.config import state_path
from zgtui.losses.destination import check_destination
from zgtui.options import Marker
from zgtui.settings import Settings
from zgtui.tui.app import Display, ZgtuiApp
from zgtui.tui.keys import KEYS
from zgtui.tui.script_keys import SCRIPT_KEYS
from zgtui.tui.terminal import default_marker, keymap, unicode_shown
from zgtui.tui.view_keys import VIEW_KEYS
from zgtui.worker.board_folder import board_for, finish_board
from zgtui.worker.client import WorkerClient
from zgtui.worker.session import new_session


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
    board = board_for(values, new_session(state_path()))
    app = ZgtuiApp(
        settings,
        lambda: WorkerClient(new_session(state_path())),
        display,
        running=not values["paused"],
        board=board,
    )
    app.set_keymap(keymap(keys, KEYS, [*VIEW_KEYS, *SCRIPT_KEYS]))
    try:
        app.run()
    finally:
        app.live.kill()
    exit_code = app.return_code or 0
    if board is not None:
        exit_code = finish_board(board, hurry=exit_code > 128) or exit_code
    return exit_code
