"""What keys have changed in the comparison under way, and how the last of it is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from zgtui.worker.protocol import Command, SetClearing, SetLr


class Change(NamedTuple):
    """``command`` holds from ``step`` on; ``press`` numbers the key press that it is of."""

    step: int
    command: SetLr | SetClearing
    press: int


class Undo(NamedTuple):
    """How a change is taken back: go back to ``to``, then make ``again`` what else was made there.

    ``words`` say what it was.
    """

    to: int
    again: list[Change]
    words: str


class Changes:
    """Every change so far, oldest first."""

    def __init__(self) -> None:
        self._made: list[Change] = []

    def note(self, step: int, command: Command, press: int) -> None:
        """``command`` holds from ``step`` on, if it is one that changes a run."""
        if isinstance(command, SetLr | SetClearing):
            self._made.append(Change(step, command, press))

    def back_to(self, step: int) -> None:
        """What was made when ``step`` steps were done, or later, is undone."""
        self._made = [change for change in self._made if change.step <= step]

    @property
    def undo(self) -> Undo | None:
        """How the last one is taken back; None without one."""
        if not self._made:
            return None
        press = self._made[-1].press
        last = [change for change in self._made if change.press == press]
        step = min(change.step for change in last)
        again = [one for one in self._made if one.step >= step and one.press != press]
        return Undo(step - 1, again, _words(last))


def _words(changes: Sequence[Change]) -> str:
    said: dict[str, list[str]] = {}
    for change in changes:
        command = change.command
        if isinstance(command, SetLr):
            what = f"lr {command.lr:.4g}"
        else:
            parts = f", {command.accumulate} micro-batches" if command.accumulate > 1 else ""
            what = f"zero_grad {command.clear}{parts}"
        said.setdefault(what, []).append(command.run)
    return " and ".join(f"{what} of {' and '.join(runs)}" for what, runs in said.items())
