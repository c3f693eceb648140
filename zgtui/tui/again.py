"""Trains a comparison again with every change at the step at which it was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zgtui.settings import Clearing
from zgtui.worker.protocol import Command, SetClearing, SetLr, SetRunning, StepTo


class Again:
    """Says what to ask of a worker that stands still, one stop before each change."""

    def __init__(self, changes: Iterable[Mapping[str, Any]]) -> None:
        """``changes`` are events of a log, oldest first; what is no change of a run is left out."""
        self._waiting = [
            (int(event["step"]), command)
            for event in changes
            if (command := _command(event)) is not None
        ]
        self.over = False

    def ask(self, step: int) -> list[Command]:
        """What to ask where ``step`` steps are done; the last answer lets it train on."""
        asked: list[Command] = []
        while self._waiting and self._waiting[0][0] <= step + 1:
            asked.append(self._waiting.pop(0)[1])
        self.over = not self._waiting
        asked.append(SetRunning(running=True) if self.over else StepTo(self._waiting[0][0] - 1))
        return asked


def _command(event: Mapping[str, Any]) -> Command | None:
    if event["event"] == "set_lr":
        return SetLr(event["run"], event["lr"])
    if event["event"] == "set_clearing":
        clear = Clearing.parse(event["clear"])
        return SetClearing(event["run"], clear, event.get("accumulate", 1))
    return None
