"""What follows a comparison in a process of its own: TensorBoard's writer and the window.

Each is checked before training starts, without torch or matplotlib being imported.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zgtui.config.settings import RUNS
from zgtui.errors import UsageError, need_extra
from zgtui.lazy_dataclass import dataclass
from zgtui.outputs.processes import FollowerProcess
from zgtui.terminal import warn

if TYPE_CHECKING:
    from zgtui.outputs.autosave import TableKeeper


@dataclass(frozen=True)
class Followers:
    """What is kept up to date with the log: a loss table, TensorBoard's events; None: it is not."""

    table: TableKeeper | None = None
    tensorboard: FollowerProcess | None = None

    @property
    def are_there(self) -> bool:
        """Whether there is any."""
        return self.table is not None or self.tensorboard is not None


def loss_window(values: Mapping[str, Any], session: Path) -> FollowerProcess | None:
    """What ``--live`` asks for, not yet started.

    Raises:
        UsageError: if matplotlib is not installed.
    """
    if not values.get("live"):
        return None
    need_extra("matplotlib", "plot", "--live needs the package")
    return FollowerProcess("zgtui.outputs.pictures.window", [], session / "window.log")


_EVENT_FILE = "events.out.tfevents.*"
NOTICED_SECONDS = 1.0
"""A wait longer than this is explained."""


def event_files(folder: Path) -> list[Path]:
    """The event files that an earlier comparison left in ``folder``, those of restarts included."""
    places = [folder, *(path for path in folder.glob("[0-9]*") if path.name.isdigit())]
    return [file for place in places for run in RUNS for file in (place / run).glob(_EVENT_FILE)]


def tensorboard_writer(values: Mapping[str, Any], session: Path) -> FollowerProcess | None:
    """The process, not yet started, that writes what ``--tensorboard`` asks for; None without it.

    What it prints goes to a file in ``session``.

    Raises:
        UsageError: if tensorboard is not installed, or the folder cannot be used.
    """
    if not values["tensorboard"]:
        return None
    folder = Path(values["tensorboard"]).expanduser().absolute()
    need_extra("tensorboard", "tensorboard", "--tensorboard needs the package")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"cannot write to {folder}: no permission")
    if not values["overwrite"] and event_files(folder):
        raise UsageError(
            f"{folder} holds the TensorBoard events of an earlier comparison:"
            " choose another folder, or replace them with --overwrite"
        )
    arguments = [str(folder), *(["--overwrite"] if values["overwrite"] else [])]
    return FollowerProcess("zgtui.outputs.tensorboard", arguments, session / "tensorboard.log")


def finish_tensorboard(writer: FollowerProcess, *, hurry: bool) -> int:
    """Wait until ``writer`` has taken in the rest; returns an exit code, 1 where that failed.

    In a ``hurry`` it is left to end by itself.
    """
    writer.finish()
    if hurry:
        return 0
    if writer.wait(NOTICED_SECONDS) is None:
        warn("writing the rest of the TensorBoard events ...")
    if writer.wait() == 0:
        return 0
    warn(incomplete(writer))
    return 1


def incomplete(writer: FollowerProcess) -> str:
    """The sentence for a writer that failed."""
    return f"the TensorBoard events are not complete; see {writer.errors}"
