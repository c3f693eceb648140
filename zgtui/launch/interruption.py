"""Signals that ask the program to end while a script runs: noted, so that all can end in order."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING

from zgtui.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Interruption:
    """Ctrl-C, SIGTERM and SIGHUP within its ``with`` block."""

    number: int = 0
    """The signal that came first; 0 while none has."""

    @contextlib.contextmanager
    def noted(self) -> Iterator[Interruption]:
        """Note them; what was ignored when we were started, by nohup for example, stays so."""
        before = {
            number: signal.signal(number, self._note)
            for number in ENDING_SIGNALS
            if signal.getsignal(number) != signal.SIG_IGN
        }
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note(self, number: int, _frame: object) -> None:
        self.number = self.number or number
