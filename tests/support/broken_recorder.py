"""An observer that fails in the third backward."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.instrument.instrument import Instrument
from zgtui.instrument.observer import Backward, Observer

if TYPE_CHECKING:
    from zgtui.instrument.protocol import RunSpec


class Broken(Observer):
    def __init__(self) -> None:
        self.backwards = 0

    def backward_begins(self, call: Backward) -> None:
        self.backwards += 1
        if self.backwards == 3:
            raise RuntimeError("the observer is broken")


def make(_instrument: Instrument, _spec: RunSpec) -> Broken:
    return Broken()
