"""What both apps share: themes, the keys' help and palette, messages, and ending in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from rich.markup import escape
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen

from zgtui.charts.colours import run_colour, series_colours
from zgtui.charts.words import ascii_text
from zgtui.config.settings import RUNS
from zgtui.errors import UsageError, suggest
from zgtui.tui.screens.help import HelpScreen
from zgtui.tui.themes import THEMES

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
TERMINAL_SECONDS = 0.1
"""How often it is looked whether the terminal is still there: sooner than output piles up."""
LEAVING_SECONDS = 3.0
"""How long leaving may take once a signal asked for it."""


def _modes_of_terminal() -> list[object] | None:
    """The modes of the terminal as the program found them; None where stdin is none."""
    stdin = sys.__stdin__
    return termios.tcgetattr(stdin) if stdin is not None and stdin.isatty() else None


class BaseApp(App[None]):
    """An app with one main screen whose keys are ``main_keys``; its actions are the screen's."""

    TITLE = "zgtui"
    BINDINGS: ClassVar[list[BindingType]] = []
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self, theme: str, main_keys: Sequence[Binding], introduction: str, *, ascii_only: bool
    ) -> None:
        super().__init__()
        self._ascii_only = ascii_only
        self._looking = False
        self._terminal_modes = _modes_of_terminal()
        self._main_keys = main_keys
        self._introduction = introduction
        for known in THEMES:
            self.register_theme(known)
        if theme not in self.available_themes:
            raise UsageError(
                f"there is no theme {theme!r}.{suggest(theme, self.available_themes)}"
                f" There is: {', '.join(sorted(self.available_themes))}"
            )
        self.theme = theme

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The colours of curves; a theme may have its own."""
        dark = self.current_theme.dark
        return {
            **{f"run-{name.lower()}": run_colour(name, dark=dark) for name in RUNS},
            **{f"series-{at}": colour for at, colour in enumerate(series_colours(dark=dark))},
        }

    @property
    def main_screen(self) -> Screen[object]:
        """The main screen, also while a dialog is above it."""
        return self.screen_stack[0]

    def end_on_signals(self, ended: Callable[[int], None]) -> None:
        """Call ``ended`` with the number of each signal that asks the program to end.

        A terminal that stands still or is gone takes no more output, for which leaving would wait
        for ever; then the process ends as it is, and the terminal's modes are put back.
        """
        loop = asyncio.get_running_loop()
        before = {int(number): signal.getsignal(number) for number in ENDING}

        def asked(number: int, _frame: object = None) -> None:
            if loop.is_closed():
                signal.signal(number, before[number])
                signal.raise_signal(number)
                return
            signal.signal(signal.SIGALRM, lambda *_: self._end_as_it_is(number))
            signal.setitimer(signal.ITIMER_REAL, LEAVING_SECONDS)
            loop.call_soon_threadsafe(ended, number)

        # Not the loop's own handlers: it may be waiting for the terminal, and would never run them.
        for number in ENDING:
            signal.signal(number, asked)
        # Under nohup or setsid a terminal that goes sends no SIGHUP: nobody would see it end.
        terminal = select.poll()
        for stream in (sys.__stdin__, sys.__stderr__):
            if stream is not None and stream.isatty():
                terminal.register(stream.fileno(), 0)
        self.set_interval(
            TERMINAL_SECONDS, lambda: asked(signal.SIGHUP) if terminal.poll(0) else None
        )

    def _end_as_it_is(self, number: int) -> None:
        if self._terminal_modes is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(sys.__stdin__, termios.TCSANOW, self._terminal_modes)  # type: ignore[arg-type]  # a terminal
        os._exit(128 + number)

    def _tick(self) -> None:
        """Take in what is new and show it; the timer calls it as often as frames are drawn."""
        raise NotImplementedError

    def refresh_soon(self) -> None:
        """Show what was confirmed as soon as all that has come with it is taken in."""
        if not self._looking:
            self._looking = True
            self.call_later(self._look)

    def _look(self) -> None:
        self._looking = False
        self._tick()

    def say(self, message: str, *, error: bool = False) -> None:
        """Show one sentence for a while."""
        message = ascii_text(message) if self._ascii_only else message
        self.notify(escape(message), severity="error" if error else "information", timeout=6)

    def cannot_start(self, message: str) -> None:
        """Wrong use: leave with the sentence and exit code 2."""
        self.exit(return_code=2, message=f"zgtui: {escape(message)}")

    def show_help(self) -> None:
        """Show all keys; what is chosen there is done."""
        rows = [
            (binding.key_display or self.get_key_display(binding), binding.action, binding.tooltip)
            for binding in self._main_keys
        ]

        async def answered(action: str | None) -> None:
            if action is not None:
                await self.run_action(action, self.main_screen)

        self.push_screen(HelpScreen(rows, self._introduction), answered)

    def get_system_commands(self, _screen: Screen[object]) -> Iterable[SystemCommand]:
        """Everything that has a key, and the themes."""
        for binding in self._main_keys:
            action = binding.action

            async def run(action: str = action) -> None:
                await self.run_action(action, self.main_screen)

            yield SystemCommand(binding.description, binding.tooltip, run)
        yield SystemCommand("theme", "Choose a colour theme", self.action_change_theme)

    def action_command_palette(self) -> None:
        """Show the command palette, in words that every terminal can show."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder="type what you look for"))

    def save_svg(self) -> None:
        """Save the screen as a picture in the working folder."""
        path = Path.cwd() / f"zgtui-{time.strftime('%Y%m%d-%H%M%S')}.svg"
        try:
            path.write_text(self.export_screenshot(), encoding="utf-8")
        except OSError as error:
            self.say(f"Cannot save {path}: {error.strerror}.", error=True)
        else:
            self.say(f"Saved {path}")
