"""From the command line to the running app, and back to a sane terminal."""

from __future__ import annotations

import asyncio
import contextlib
import locale
import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zgtui.config.options import Marker
from zgtui.config.settings import Settings
from zgtui.config.sources import state_path
from zgtui.launch.interruption import ENDING_SIGNALS
from zgtui.outputs.followers import Followers, finish_tensorboard, tensorboard_writer
from zgtui.outputs.processes import FollowerProcess
from zgtui.outputs.stdout import in_browser
from zgtui.runlog.sessions import new_session
from zgtui.terminal import tell
from zgtui.tui.base_app import BaseApp
from zgtui.tui.screens.chart_screen import Display

if TYPE_CHECKING:
    from zgtui.curves.recordings.opening import Opening
    from zgtui.curves.recordings.recording import Recording
    from zgtui.launch.command import ScriptOptions
    from zgtui.lessons.lesson import Lesson
    from zgtui.outputs.autosave import TableKeeper
    from zgtui.tui.graphics.asking import Graphics

LEAVING_SECONDS = 3.0
"""How long leaving may take once a signal asked for it."""


def start_app(settings: Settings, values: Mapping[str, Any], keys: Mapping[str, str]) -> int:
    """Run the app until it is left; returns the exit code.

    The caller has seen that there is a terminal to draw on.

    Raises:
        UsageError: if an option or a key cannot be used.
    """
    from zgtui.tui.app import ZgtuiApp  # noqa: PLC0415 - each app imports its own
    from zgtui.worker.client import WorkerClient  # noqa: PLC0415 - each app imports its own

    table = _table_kept(values)
    tensorboard = tensorboard_writer(values, new_session(state_path()))
    app = ZgtuiApp(
        settings,
        lambda: WorkerClient(new_session(state_path())),
        Display(**_look(values, keys)),
        running=not values["paused"],
        followers=Followers(table, tensorboard),
        lesson=_lesson(values["lesson"]),
    )
    try:
        exit_code = _run(app)
    finally:
        app.live.kill()
    if tensorboard is not None:
        exit_code = finish_tensorboard(tensorboard, hurry=exit_code > 128) or exit_code
    return exit_code


def start_map(settings: Settings, values: Mapping[str, Any], keys: Mapping[str, str]) -> int:
    """Show the map of what ``settings`` train, above the app; returns the exit code.

    Raises:
        UsageError: if an option or a key cannot be used.
    """
    from zgtui.tui.app import ZgtuiApp  # noqa: PLC0415 - each app imports its own
    from zgtui.worker.client import WorkerClient  # noqa: PLC0415 - each app imports its own

    app = ZgtuiApp(
        settings,
        lambda: WorkerClient(new_session(state_path())),
        Display(**_look(values, keys)),
        running=False,
        map_of=(values["over"], values["clear"]),
    )
    try:
        return _run(app)
    finally:
        app.live.kill()


def start_run(  # noqa: PLR0913, PLR0917 - what the command line has found out, one by one
    options: ScriptOptions,
    folder: Path,
    table: TableKeeper | None,
    values: Mapping[str, Any],
    keys: Mapping[str, str],
    tensorboard: FollowerProcess | None,
) -> int:
    """Show both runs until the app is left; returns the exit code.

    The caller has seen that there is a terminal to draw on.

    Raises:
        UsageError: if an option or a key cannot be used.
    """
    from zgtui.launch.script_comparison import ScriptComparison  # noqa: PLC0415 - each app imports its own
    from zgtui.launch.words.summary import summary  # noqa: PLC0415 - each app imports its own
    from zgtui.tui.run_app import ScriptsApp  # noqa: PLC0415 - each app imports its own

    display = Display(**_look(values, keys))
    comparison = ScriptComparison(options, folder)
    try:
        exit_code = _run(ScriptsApp(comparison, display, followers=Followers(table, tensorboard)))
    finally:
        comparison.close()
    if comparison.finished:
        try:
            for line in summary(comparison):
                tell(line)
            tell(f"run log: {comparison.log}")
        except OSError:
            if exit_code <= 128:  # else a signal ended it, such as that of a closed terminal
                raise
    return exit_code


def start_view(
    recordings: Sequence[Recording],
    opening: Opening,
    values: Mapping[str, Any],
    keys: Mapping[str, str],
) -> int:
    """Show ``recordings``, and what ``opening`` finds later, until the app is left.

    Returns the exit code.

    Raises:
        UsageError: if an option or a key cannot be used.
    """
    from zgtui.tui.screens.view_screen import ViewDisplay  # noqa: PLC0415 - each app imports its own
    from zgtui.tui.view_app import ViewApp  # noqa: PLC0415 - each app imports its own

    display = ViewDisplay(
        **_look(values, keys),
        speed=values["speed"],
        series=values["series"] or (),
        runs=values["runs"] or (),
        follow=bool(values["follow"]),
        log=bool(values["log"]),
    )
    return _run(ViewApp(recordings, display, opening))


def start_docs(topic: str, values: Mapping[str, Any], keys: Mapping[str, str]) -> int:
    """Show the reference from ``topic`` on until it is left; returns the exit code.

    Raises:
        UsageError: if there is no such topic or theme, or a key cannot be used.
    """
    from zgtui.tui.docs_app import DocsApp  # noqa: PLC0415 - each app imports its own

    return _run(DocsApp(topic, Display(theme=values["theme"], keys=keys)))


def _lesson(name: str | None) -> Lesson | None:
    if name is None:
        return None
    from zgtui.lessons import LESSONS  # noqa: PLC0415 - most start without one

    return LESSONS[name]


def _table_kept(values: Mapping[str, Any]) -> TableKeeper | None:
    """What ``--out`` asks for."""
    if not values["out"]:
        return None
    from zgtui.outputs.autosave import table_keeper  # noqa: PLC0415 - at its first use

    return table_keeper(values)


def _look(values: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    """What every app is told of how it is to show itself, as fields of Display."""
    unicode = "utf" in locale.getpreferredencoding(do_setlocale=False).lower()
    ascii_only = bool(values["ascii"]) or not unicode
    # The Linux console's fonts have no braille patterns.
    default: Marker = "dot" if os.environ.get("TERM") == "linux" else "braille"
    marker: Marker = "ascii" if ascii_only else values["marker"] or default
    graphics, remark = _graphics() if marker == "image" else (None, "")
    return {
        "theme": values["theme"],
        "fps": values["fps"],
        "marker": default if remark else marker,
        "ascii_only": ascii_only,
        "graphics": graphics,
        "remark": remark,
        "keys": keys,
    }


def _graphics() -> tuple[Graphics | None, str]:
    """How the terminal shows pictures, or else what is to be said of that."""
    from zgtui.tui.graphics.asking import find_graphics, need_pillow  # noqa: PLC0415 - where asked for

    need_pillow()
    found = find_graphics()
    return (None, found) if isinstance(found, str) else (found, "")


def _run(app: BaseApp[Any]) -> int:
    """Run ``app`` until it is left, or a signal ends it; returns its exit code."""
    with _ended_by_signals(app):
        app.run()
    return app.return_code or 0


@contextlib.contextmanager
def _ended_by_signals(app: BaseApp[Any]) -> Iterator[None]:
    """Have each signal that asks the program to end do so in order.

    A terminal that stands still or is gone takes no more output, for which leaving would wait
    for ever; then the process ends as it is, and the terminal's modes are put back.
    """
    modes = _terminal_modes()
    before = {int(number): signal.getsignal(number) for number in ENDING_SIGNALS}

    def ask(number: int, _frame: object = None) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # not yet, or no longer
            signal.signal(number, before[number])
            signal.raise_signal(number)
            return
        signal.signal(signal.SIGALRM, lambda *_: _end_now(number, modes))
        signal.setitimer(signal.ITIMER_REAL, LEAVING_SECONDS)
        loop.call_soon_threadsafe(app.signalled, number)

    # Not the loop's own handlers: it may be waiting for the terminal, and would never run them.
    for number in ENDING_SIGNALS:
        signal.signal(number, ask)
    # Under nohup or setsid a terminal that goes sends no SIGHUP: nobody would see it end.
    threading.Thread(target=_hang_up_with_terminal, daemon=True).start()
    yield


def _hang_up_with_terminal() -> None:
    """Wait until the terminal, or a browser's server, is gone; then get the signal that says so."""
    terminal = select.poll()
    for stream in (sys.__stdin__, sys.__stderr__):
        if stream is not None and (stream.isatty() or in_browser()):
            terminal.register(stream.fileno(), 0)
    if terminal.poll():
        os.kill(os.getpid(), signal.SIGHUP)


def _terminal_modes() -> list[Any] | None:
    """The modes of the terminal as the program found them; None where stdin is none."""
    stdin = sys.__stdin__
    return termios.tcgetattr(stdin) if stdin is not None and stdin.isatty() else None


def _end_now(number: int, modes: list[Any] | None) -> None:
    if modes is not None and sys.__stdin__ is not None:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(sys.__stdin__, termios.TCSANOW, modes)
    os._exit(128 + number)
