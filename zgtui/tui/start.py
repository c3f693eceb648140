"""From the command line to the running app, and back to a sane terminal."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zgtui.config import state_path
from zgtui.errors import UsageError, suggest
from zgtui.losses.destination import check_destination
from zgtui.options import Marker
from zgtui.settings import Settings
from zgtui.tui.app import Display, ZgtuiApp
from zgtui.tui.keys import KEYS
from zgtui.worker.client import WorkerClient
from zgtui.worker.session import new_session


def start_app(settings: Settings, values: Mapping[str, Any], keys: Mapping[str, str]) -> int:
    """Run the app until it is left; returns the exit code.

    Raises:
        UsageError: there is no terminal to draw on, or an option cannot be used.
    """
    _check_terminal()
    out = None
    if values["out"]:
        out = Path(values["out"]).expanduser().absolute()
        check_destination(out, overwrite=values["overwrite"])
    ascii_only = bool(values["ascii"]) or not _unicode()
    marker: Marker = values["marker"] or _default_marker()
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
    app = ZgtuiApp(
        settings,
        lambda: WorkerClient(new_session(state_path())),
        display,
        running=not values["paused"],
    )
    app.set_keymap(_keymap(keys))
    try:
        app.run()
    finally:
        app.live.kill()
    return app.return_code or 0


def _check_terminal() -> None:
    for stream, name, use in (
        (sys.__stdout__, "stdout", "draw on"),
        (sys.__stdin__, "stdin", "read keys from"),
    ):
        if stream is None or not stream.isatty():
            raise UsageError(f"there is no terminal to {use}: {name} is not one")
    term = os.environ.get("TERM", "")
    if term in {"", "dumb", "unknown"}:
        raise UsageError(
            f"the terminal is of type {term!r}, which cannot be drawn on;"
            " set TERM to what it is, such as xterm-256color"
        )


def _unicode() -> bool:
    return "utf" in locale.getpreferredencoding(do_setlocale=False).lower()


def _default_marker() -> Marker:
    """The Linux console's fonts have no braille patterns."""
    return "dot" if os.environ.get("TERM") == "linux" else "braille"


def _keymap(keys: Mapping[str, str]) -> dict[str, str]:
    """The ``[keys]`` table of the configuration, checked: names of keys' actions."""
    known = {binding.id for binding in KEYS if binding.id}
    for name in keys:
        if name not in known:
            raise UsageError(
                f"[keys] names {name!r}, which no key does.{suggest(name, known)}"
                f" There is: {', '.join(sorted(known))}"
            )
    return dict(keys)
