"""What all apps have in common: their keys, sentences and frames."""

from __future__ import annotations

import asyncio
import gc
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from rich.markup import escape
from textual import on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.constants import DEFAULT_THEME
from textual.css.query import NoMatches
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Event, Key, MouseDown
from textual.filter import LineFilter
from textual.notifications import Notification, Notify, SeverityLevel
from textual.screen import Screen

from zgtui.charts.words import ascii_text
from zgtui.errors import UsageError, ZgtuiError
from zgtui.terminal import printable, printable_lines
from zgtui.tui.harmless_lines import HarmlessLines
from zgtui.tui.keys import (
    INTRODUCTIONS,
    KeyPlace,
    bindings,
    keymap,
    presses,
    reserved_bindings,
    with_keys,
)
from zgtui.tui.screens.chart_screen import ChartScreen, Display
from zgtui.tui.terminal_driver import TerminalDriver
from zgtui.tui.themes import curve_colours, use_theme

if TYPE_CHECKING:
    from textual.types import CSSPathType

    from zgtui.tui.files import LogFiles

MESSAGE_SECONDS = 6
NARROW = 64
"""With fewer columns a file in the working folder is told by its name alone."""
ANSWER_SECONDS = 0.05
"""What a key changes is mostly confirmed within this; a frame drawn meanwhile would delay it."""
KEY_TURNS = 10
"""Turns of the event loop from a key that was read to what it asks for, and some to spare."""
SETTLING = (1.0, 2.0, 3.0, 5.0, 10.0)
"""Seconds from the first frame to hidden panes, to the first losses and to what draws them."""
HARMLESS = HarmlessLines()

Main = TypeVar("Main", bound=Screen[None])
Charts = TypeVar("Charts", bound=ChartScreen)


def _command_provider() -> type[Provider]:
    from zgtui.tui.screens.palette import CommandProvider  # noqa: PLC0415 - at its first use

    return CommandProvider


class BaseApp(App[None], Generic[Main]):
    """An app with one main screen, whose keys are those of ``place``."""

    TITLE = "zgtui"
    CSS_PATH: ClassVar[CSSPathType | None] = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_command_provider}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "suspend_process", show=False, priority=True),
    ]
    PLACE: ClassVar[KeyPlace]

    _css_theme = DEFAULT_THEME
    """Whose ``_css_variables`` are; Textual's own are asked for before the theme is known."""
    _css_variables: Mapping[str, str] = MappingProxyType({})

    main_screen: Main
    """Also while a dialog is above it."""

    def __init__(self, display: Display) -> None:
        super().__init__()
        self.display_options = display
        self._refreshing = self._held = False
        self._unread: tuple[Notification, float] | None = None
        """What was said while a dialog was open, and how long it is to be seen."""
        self._pressed_at = 0.0
        self._has_unhandled_key = False
        self._remapped = keymap(display.keys)
        self.set_keymap(display.keys)
        use_theme(self, display.theme)
        self._css_theme, self._parsed_theme = "", display.theme
        # Else the sheet would be parsed with Textual's theme, and once more with this one.
        self.stylesheet.set_variables(self.get_css_variables())

    def get_css_variables(self) -> dict[str, str]:
        """Those of the theme in use, made once."""
        if self.theme != self._css_theme:
            self._css_theme, self._css_variables = self.theme, super().get_css_variables()
        return dict(self._css_variables)

    def refresh_css(self, animate: bool = True) -> None:  # noqa: FBT001, FBT002 - as Textual has it
        """Parse the sheet anew where another theme has changed what stands in it."""
        if self.theme != self._parsed_theme:
            self._parsed_theme = self.theme
            super().refresh_css(animate)

    def get_driver_class(self) -> type[Driver]:
        """Of a terminal, the one that stands being stopped and continued."""
        usual = super().get_driver_class()
        return TerminalDriver if usual is LinuxDriver else usual

    def key_read(self) -> None:
        """Note a key, of which the thread that reads it tells some turns before it is handled."""
        self._pressed_at, self._has_unhandled_key = time.monotonic(), True

    @property
    def behind(self) -> bool:
        """Whether the terminal has not taken the last frame yet."""
        return isinstance(self._driver, TerminalDriver) and self._driver.behind

    def _handle_exception(self, error: Exception) -> None:
        """End with a traceback; not for a part that a screen lacks which closes as it comes up."""
        if not (self._exit and isinstance(error, NoMatches)):
            super()._handle_exception(error)

    @on(Driver.SignalResume)
    def _draw_again(self) -> None:
        """The terminal's screen is empty where the program goes on after a stop."""
        self.refresh(layout=True)

    def _begin_update(self) -> None:
        if isinstance(self._driver, TerminalDriver):
            self._driver.begin_frame()
        super()._begin_update()

    def _end_update(self) -> None:
        super()._end_update()
        if isinstance(self._driver, TerminalDriver):
            self._driver.end_frame()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The colours of curves; a theme may have its own."""
        return curve_colours(dark=self.current_theme.dark)

    def get_default_screen(self) -> Screen[None]:
        """The main screen."""
        return self.main_screen

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Whatever a widget draws, no control character is in it."""
        return [*super().get_line_filters(), HARMLESS]

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = MESSAGE_SECONDS,
        markup: bool = False,
    ) -> None:
        """Show one sentence for a while, in letters that the terminal has."""
        said = printable_lines(with_keys(message, self.display_options.keys))
        text = ascii_text(said) if self.display_options.ascii_only else said
        super().notify(text, title=title, severity=severity, timeout=timeout, markup=markup)

    def _on_notify(self, event: Notify) -> None:
        """One message at a time: the newest says what matters now."""
        self._notifications.clear()
        for screen in self.screen_stack:
            screen.query("ToastHolder").remove()  # Textual leaves them, empty, above the next one
        self._unread = None
        if self._asks:
            self._unread = event.notification, event.notification.timeout
            event.notification.timeout = math.inf

    @property
    def _asks(self) -> bool:
        """Whether a dialog is open, which a message would cover."""
        return bool(self.screen_stack) and self.screen.is_modal

    def _refresh_notifications(self) -> None:
        """What is said while a dialog is open can be read once it has closed, as long as ever."""
        if self._asks:
            return
        if self._unread is not None:
            (notification, timeout), self._unread = self._unread, None
            notification.raised_at, notification.timeout = time.time(), timeout
        super()._refresh_notifications()

    def say(self, message: str, *, error: bool = False) -> None:
        """One sentence for the user."""
        self.notify(message, severity="error" if error else "information")

    def cannot_start(self, message: str) -> None:
        """Wrong use: leave with the sentence and exit code 2."""
        self.give_up(UsageError(message))

    async def on_event(self, event: Event) -> None:
        """Leave out a press on what is just being taken away: Textual would ask what holds it."""
        if isinstance(event, MouseDown):
            widget, _ = self.screen.get_widget_and_offset_at(event.x, event.y)
            if widget is not None and widget is not self.screen and widget.parent is None:
                return
        await super().on_event(event)

    def give_up(self, error: ZgtuiError) -> None:
        """Leave with the sentence of ``error`` and its exit code."""
        self.exit(return_code=error.exit_code, message=f"zgtui: {escape(printable(str(error)))}")

    def signalled(self, number: int) -> None:
        """End because of a signal."""
        self.exit(return_code=128 + number)

    # Keys of every app

    @property
    def keyed_screen(self) -> tuple[KeyPlace, Screen[None]]:
        """Whose keys are meant while a dialog may be above it."""
        return self.PLACE, self.main_screen

    def _keys_now(self) -> tuple[Sequence[Binding], Screen[None]]:
        place, screen = self.keyed_screen
        return bindings(place, self._remapped), screen

    def get_system_commands(self, _screen: Screen[object]) -> Iterable[SystemCommand]:
        """Everything that has a key, and the themes."""
        keys, target = self._keys_now()
        for key in keys:

            async def run(action: str = key.action) -> None:
                await self.run_action(action, target)

            yield SystemCommand(key.description, key.tooltip, run)
        yield SystemCommand("theme", "Choose a colour theme", self.action_change_theme)

    async def copy_text(self, text: str) -> None:
        """Copy ``text``, and say what became of it."""
        from zgtui.tui.clipboard import copy  # noqa: PLC0415 - at its first use

        self.say(await copy(self, text) if text else "There is nothing to copy yet.")

    def action_command_palette(self) -> None:
        """Show the command palette, in words that every terminal can show."""
        from zgtui.tui.screens.palette import Commands  # noqa: PLC0415 - at its first use

        if not isinstance(self.screen, Commands):
            self.push_screen(Commands(placeholder="Search commands..."))

    def action_help(self) -> None:
        """Show all keys; what is chosen there is done."""
        keys, target = self._keys_now()

        async def answered(action: str | None) -> None:
            if action is not None:
                await self.run_action(action, target)

        rows = [(self.key_display(key), key) for key in [*keys, *reserved_bindings()]]
        from zgtui.tui.pane_help import pane_help  # noqa: PLC0415 - at its first use
        from zgtui.tui.screens.help_screen import HelpScreen  # noqa: PLC0415 - at its first use

        about = [pane_help(target), INTRODUCTIONS[self.keyed_screen[0]]]
        self.push_screen(HelpScreen(rows, "\n\n".join(filter(None, about))), answered)

    def key_display(self, key: Binding) -> str:
        """How the keys of a binding are written."""
        single = [self.get_key_display(key.with_key(one)) for one in presses(key)]
        return key.key_display or ", ".join(single)

    def action_save_svg(self) -> None:
        """Save the screen as a picture in the working folder."""
        path = Path.cwd() / f"zgtui-{time.strftime('%Y%m%d-%H%M%S')}.svg"
        try:
            path.write_text(self.as_svg(), encoding="utf-8")
        except OSError as error:
            self.say(f"Cannot save {path}: {error.strerror}.", error=True)
        else:
            # A path of several rows would cover what there is to read on a small screen.
            self.say(f"Saved {path.name if self.size.width < NARROW else path}")

    def as_svg(self) -> str:
        """The screen, as every program shows it."""
        from zgtui.tui.svg import settled  # noqa: PLC0415 - at its first use

        return settled(self.export_screenshot())


class ChartApp(BaseApp[Charts]):
    """An app whose screen is kept up to date, and whose ``files`` write what it shows."""

    @property
    def files(self) -> LogFiles:
        """What writes them; imported at its first use."""
        raise NotImplementedError

    def as_svg(self) -> str:
        """The screen with its charts drawn in text."""
        with self.main_screen.drawn_in_text():
            return super().as_svg()

    def on_ready(self) -> None:
        """Begin once the first frame is on the screen: it waits for nothing."""
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        gc.freeze()  # all that the screen is made of stays
        gc.enable()
        self.main_screen.complete_looks()
        self.main_screen.mount_hidden()
        try:
            self.begin()
        except ZgtuiError as error:
            self.give_up(error)
        else:
            self.set_interval(1 / self.display_options.fps, self._frame)
            for seconds in SETTLING:
                self.set_timer(seconds, self._settle)

    def _settle(self) -> None:
        """Look for garbage in what has come since the last time, and leave it out from now on.

        Else Python does while a key is answered, one time in twenty, and takes as long as the key.
        """
        if self.is_answering:
            self.set_timer(ANSWER_SECONDS, self._settle)
        else:
            gc.collect()
            gc.freeze()

    async def on_unmount(self) -> None:
        """Leave nothing half written."""
        if "files" in vars(self):
            await self.files.stop()

    def begin(self) -> None:
        """Start what is shown. Raises ZgtuiError if that cannot be."""
        raise NotImplementedError

    async def on_event(self, event: Event) -> None:
        """Note when a key is pressed."""
        if isinstance(event, Key):
            self._pressed_at = time.monotonic()
        await super().on_event(event)

    async def _frame(self) -> None:
        """Draw what is due, unless a key is being answered: that holds up one frame at most."""
        self._held = not self._held and self.is_answering
        if not self._held:
            await self.draw_frame()

    @property
    def is_answering(self) -> bool:
        """Whether a key was pressed whose answer may still be under way."""
        return time.monotonic() < self._pressed_at + ANSWER_SECONDS

    async def draw_frame(self) -> None:
        """Do as ``tick``, in pieces where that takes long."""
        self.tick()

    async def give_way(self) -> None:
        """Have keys that came handled, and what was confirmed shown, before the next piece."""
        for _ in range(2):  # in the first one it is found out that something came
            await asyncio.sleep(0)
        for _ in range(KEY_TURNS if self._has_unhandled_key else 0):
            await asyncio.sleep(0)
        self._has_unhandled_key = False
        for _ in range(KEY_TURNS if self._refreshing else 0):
            await asyncio.sleep(0)

    def tick(self) -> None:
        """Take in what is new and show it; the timer calls it as often as frames are drawn.

        Where the terminal is slower, frames are left out.
        """
        if self.is_running:  # while the app closes, its widgets go before its timers
            self.take_in()
            if not self.behind:
                self.main_screen.update_all()

    def take_in(self) -> None:
        """Take in what is new."""
        raise NotImplementedError

    def take_in_confirmed(self) -> None:
        """Take in what a key has changed."""
        self.take_in()

    def refresh_soon(self) -> None:
        """Show what was confirmed as soon as all that has come with it is taken in."""
        if not self._refreshing:
            self._refreshing = True
            self.call_later(self._refresh_now)

    def _refresh_now(self) -> None:
        self._refreshing = False
        if self.is_running:
            self.take_in_confirmed()
            if not self.behind:
                self.main_screen.answer()
                self.main_screen.paint_now()

    def action_export(self) -> None:
        """Ask where to write the loss table."""
        self.files.ask_export()

    def action_picture(self) -> None:
        """Ask where to draw the losses."""
        self.files.ask_picture()
