"""The terminal that an app draws on, also when the process was stopped and goes on."""

from __future__ import annotations

import contextlib
import termios
from typing import Any

from textual.drivers.linux_driver import LinuxDriver


class TerminalDriver(LinuxDriver):
    """Takes the terminal again only where it had been given back.

    SIGCONT also comes alone, after SIGSTOP, or with SIGTERM from a service manager: then the app
    still has the terminal, and taking it twice would forget the modes that it had before.
    """

    _given_back = False
    _modes: list[Any] | None = None

    def start_application_mode(self) -> None:
        """Take the terminal."""
        self.attrs_before = None  # stays so where a process in the background is refused
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual leaves it so
        if self.attrs_before is not None:
            self._modes = termios.tcgetattr(self.fileno)  # type: ignore[unreachable]  # super() sets it

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self._modes = None
        super().stop_application_mode()

    def suspend_application_mode(self) -> None:
        """Give the terminal back for a while."""
        self._given_back = True
        super().suspend_application_mode()

    def resume_application_mode(self) -> None:
        """Take it again; where it was never given back, a shell may have changed its modes."""
        if self._given_back:
            super().resume_application_mode()
            self._given_back = self._modes is None
        elif self._modes is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self._modes)
