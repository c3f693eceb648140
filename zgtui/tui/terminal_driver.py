"""The terminal that an app draws on, also a slow one, and when the process is stopped or killed."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import signal
import termios
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key
from textual.message import Message

from zgtui.outputs.terminal_keeper import ABORT, SCREEN, TerminalKeeper
from zgtui.tui.terminal_output import TerminalOutput

if TYPE_CHECKING:
    from zgtui.tui.base_app import BaseApp

LEAVING_SECONDS = 0.3
"""How long a terminal may take for what waits, once it is to be given back."""
KEEPER_SECONDS = 0.3
"""After the first frame, which waits for nothing."""


def _lenient(encoding: str) -> partial[codecs.IncrementalDecoder]:
    """Decodes what is typed or pasted; bytes of another encoding are shown, and end nothing.

    Textual's own decoder raises for them, in the thread that reads keys.
    """
    return partial(codecs.getincrementaldecoder(encoding), "replace")


linux_driver.getincrementaldecoder = _lenient  # type: ignore[attr-defined, assignment]  # as Textual calls it


class TerminalDriver(LinuxDriver):
    """Takes the terminal again only where it had been given back; waits for it in no case.

    SIGCONT also comes alone, after SIGSTOP, or with SIGTERM from a service manager: then the app
    still has the terminal, and taking it twice would forget the modes that it had before.
    """

    _given_back = False
    _stopping = False
    _reading = False
    _modes: list[Any] | None = None
    _output: TerminalOutput | None = None
    _frame: list[str] | None = None
    _keeper: TerminalKeeper | None = None

    @property
    def behind(self) -> bool:
        """Whether the terminal has not taken yet what was drawn."""
        return self._output is not None and self._output.behind

    def process_message(self, message: Message) -> None:
        """Hand on what was read; of a key it is said at once: what is drawn gives way to it."""
        if isinstance(message, Key):
            cast("BaseApp[Any]", self._app).key_read()
        super().process_message(message)

    def write(self, data: str) -> None:
        """Have ``data`` written; never waits."""
        if self._frame is not None:
            self._frame.append(data)
        elif self._output is not None:
            self._output.write(data)

    def begin_frame(self) -> None:
        """Keep what is written from now on together: a terminal gets all of a frame, or nothing.

        Most terminals are told where a frame begins and ends, and show nothing until it has ended.
        """
        self._frame = []

    def end_frame(self) -> None:
        """Have the frame written, or the whole screen later."""
        frame, self._frame = self._frame or [], None
        if self._output is not None:
            self._output.draw("".join(frame))

    def start_application_mode(self) -> None:
        """Take the terminal."""
        self.attrs_before = None  # stays so where a process in the background is refused
        loop = asyncio.get_running_loop()
        assert self._file is not None
        self._output = TerminalOutput(
            self._file.fileno(),
            self._file.encoding,
            lambda: _soon(loop, self._app.refresh),
        )
        self._output.start()
        self._reading = True
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual leaves it so
        if self.attrs_before is not None:
            self._modes = termios.tcgetattr(self.fileno)  # type: ignore[unreachable]  # super() sets it
            loop.call_later(KEEPER_SECONDS, self._keep)

    def stop_application_mode(self) -> None:
        """Give the terminal back; what a slow one has not taken by now is dropped."""
        self._modes = None
        if self._output is not None and not self._output.finish(LEAVING_SECONDS):
            self._output.discard()
            with contextlib.suppress(termios.error):
                termios.tcflush(self.fileno, termios.TCOFLUSH)
            self.write(ABORT)
        super().stop_application_mode()

    def _disable_mouse_support(self) -> None:
        """Give back what Textual turned on besides: foot keeps the mouse's pixels otherwise."""
        if self._mouse_pixels:
            self._mouse_pixels = False
            self.write("\x1b[?1016l")
        super()._disable_mouse_support()

    def disable_input(self) -> None:
        """Read no keys any more; what is typed once the terminal is given back is the shell's.

        The app calls this again when it has closed its screens, which would throw that away.
        """
        if self._reading:
            self._reading = False
            super().disable_input()

    def close(self) -> None:
        """Wait a moment for the terminal, then write nothing more."""
        if self._output is not None:
            self._output.finish(LEAVING_SECONDS)
            self._output.close()
            self._output = None
        super().close()
        if self._keeper is not None:
            self._keeper.put_back()
            self._keeper = None

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
            self.send_message(self.SignalResume())  # and may have written over the screen

    def _sigtstp_application(self, *_: object) -> None:
        """Give the terminal back and stop; SIGCONT that comes before the stop takes its place."""
        if not self._auto_restart:  # given back already, by whoever asked
            super()._sigtstp_application()
            return
        self._stopping, self._must_signal_resume = True, True
        self.suspend_application_mode()
        if self._stopping:
            self._stopping = False
            os.kill(os.getpid(), signal.SIGSTOP)
        else:
            self.resume_application_mode()

    def _sigcont_application(self, *_: object) -> None:
        if self._stopping:
            self._stopping = False
        elif self._auto_restart:
            self.resume_application_mode()

    def _keep(self) -> None:
        if self._modes is not None and self._keeper is None and self._file is not None:
            modes = self.attrs_before, self._modes
            self._keeper = TerminalKeeper(self._file.fileno(), SCREEN, modes)


def _soon(loop: asyncio.AbstractEventLoop, call: Any) -> None:
    with contextlib.suppress(RuntimeError):  # the app has ended
        loop.call_soon_threadsafe(call)
