"""``zgtui.log(loss=…)``: the losses of any loop as a run's log, which zgtui shows and exports."""

from __future__ import annotations

import atexit
import itertools
import math
import os
import shlex
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, SupportsFloat, SupportsIndex

from zgtui.config.sources import state_path
from zgtui.errors import LogError, UsageError
from zgtui.runlog.gathered import GatheredLog
from zgtui.runlog.log import EVENTS, make_private
from zgtui.runlog.sessions import new_session, prune
from zgtui.terminal import warn

if TYPE_CHECKING:
    Folder = str | os.PathLike[str] | None

_logs: dict[Folder, GatheredLog] = {}
"""Those of this process, by the folder as it was given; a fork begins its own."""
_opening = threading.RLock()


def log(
    *,
    loss: SupportsFloat | SupportsIndex,
    run: str = "A",
    step: int | None = None,
    folder: Folder = None,
) -> None:
    """Add ``loss``, a number or a tensor of one element, to the log of this process.

    It is that of the next step of ``run``, or of ``step``, counted from 1; steps left out are
    gaps, which have nan in the log. ``folder`` is where the log is kept. Where that holds one
    already it goes beside it, to ``folder-2`` and so on; by default to your state folder. Which of
    these is told once, on stderr::

        for step, batch in enumerate(loader, 1):
            loss = train_step(batch)
            zgtui.log(loss=loss, run="A", step=step)

    A call takes about a microsecond, and waits for a device that the loss is on. Losses are
    written within half a second, at the end of the process, after an exception and before a fork.

    Raises:
        UsageError: if ``loss`` is not one number, ``run`` no name, ``step`` not a later one or
            ``folder`` no path.
        LogError: if no log can be begun in ``folder``.
    """
    try:
        gathered = _logs.get(folder) or _begun(folder)
    except (TypeError, ValueError) as error:  # a number, for instance, or a path with \0 in it
        raise UsageError(
            f"folder= must be the path of a folder, not {folder!r}; without it the log goes to your"
            " state folder"
        ) from error
    gathered.add(run, loss if type(loss) is float else _number(loss), step)


def _number(loss: SupportsFloat | SupportsIndex) -> float:
    item = getattr(loss, "item", None)  # float() of a tensor with a gradient makes torch warn
    try:
        return float(item() if item else loss)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        shape = getattr(loss, "shape", None)
        single = shape is not None and math.prod(shape) == 1
        if single and isinstance(error, RuntimeError):
            raise  # by the device that the loss is on: whoever catches that must see it as it is
        what = type(loss).__name__ if shape is None else f"one of shape {tuple(shape)}"
        if single or isinstance(error, OverflowError):
            what = f"this one ({error})"
        raise UsageError(
            f"loss= must be a number or a tensor of one element, not {what}"
        ) from error


def _begun(folder: Folder) -> GatheredLog:
    with _opening:
        if folder not in _logs:
            place = _claimed(folder)
            script = Path(sys.argv[0]).name if sys.argv else ""
            start = {
                "source": "log",
                "python": sys.version.split()[0],
                "began": time.strftime("%Y-%m-%d %H:%M:%S"),
                "settings": {"experiment": script or "python"},
            }
            _logs[folder] = GatheredLog(place, start)
            if processes := sys.modules.get("multiprocessing.util"):
                # Its forks end without the functions of atexit.
                processes.Finalize(None, _end, exitpriority=0)
            if folder is None or place != _path(folder):
                shown = shlex.quote(str(place))
                warn(f"losses go to {place}; to watch them: zgtui view --follow {shown}")
        return _logs[folder]


def _path(folder: str | os.PathLike[str]) -> Path:
    """Where that is; ``~`` is a home.

    Raises:
        ValueError: if it says nothing, or whose home it names is not known.
    """
    if not os.fspath(folder):
        raise ValueError("an empty path")
    try:
        return Path(folder).expanduser().absolute()
    except RuntimeError as error:
        raise ValueError(str(error)) from error


def _claimed(folder: Folder) -> Path:
    """A folder that no other process, thread or earlier log has, now or later."""
    first = new_session(state_path()) / "1" if folder is None else _path(folder)
    try:
        if folder is None:
            make_private(first.parent)
            prune(first.parents[1])
        first.parent.mkdir(parents=True, exist_ok=True)
        places = (first.with_name(f"{first.name}-{number}") for number in itertools.count(2))
        return next(place for place in itertools.chain([first], places) if _claims(place))
    except OSError as error:
        raise LogError(
            f"cannot begin a log in {first}: {error.strerror}; choose another folder= or set"
            " ZGTUI_STATE_DIR to one that can be written"
        ) from error


def _claims(place: Path) -> bool:
    """Whether the folder was not there, or empty, and nobody was faster."""
    try:
        place.mkdir(0o700)
    except FileExistsError:
        if any(place.iterdir()):
            return False
    try:
        os.close(os.open(place / EVENTS, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def _end() -> None:
    for one in list(_logs.values()):
        one.end()


def _before_fork() -> None:
    _opening.acquire()
    for one in _logs.values():
        one.hold()


def _after_fork_in_parent() -> None:
    for one in _logs.values():
        one.release()
    _opening.release()


def _after_fork_in_child() -> None:
    _logs.clear()  # the parent goes on writing these
    _opening.release()


atexit.register(_end)
os.register_at_fork(
    before=_before_fork,
    after_in_parent=_after_fork_in_parent,
    after_in_child=_after_fork_in_child,
)
