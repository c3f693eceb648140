"""What the screens of all apps share: a status line, what is shown, and the keys at the bottom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.events import ScreenResume
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widget import Widget

from zgtui.charts.words import ascii_text
from zgtui.config.options import Marker
from zgtui.lazy_dataclass import dataclass
from zgtui.outputs.gpu_monitor import GpuMonitor
from zgtui.terminal import printable
from zgtui.tui.keys import with_keys
from zgtui.tui.screens.axes_screen import AxesScreen
from zgtui.tui.widgets.key_footer import KeyFooter
from zgtui.tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from zgtui.tui.graphics.asking import Graphics

REMARK_SECONDS = 15
LAYOUT_SECONDS = 0.002
"""By then every widget has said that it needs another size. Textual looks every 16 ms."""
STATES = Path(__file__).parents[1] / "states.tcss"
"""To parse it takes a twelfth of the time until the first frame."""
ROOMY = {"-wide", "-rich", "-tall"}
"""The classes of a screen that looks as it does without that sheet."""


@dataclass(frozen=True, kw_only=True)
class Display:
    """How an app shows itself: options that do not concern training.

    ``keys`` gives actions other keys, by name.
    """

    theme: str = "zgtui-dark"
    fps: float = 10.0
    marker: Marker = "braille"
    ascii_only: bool = False
    graphics: Graphics | None = None
    """How the terminal shows pictures, where it was asked."""
    remark: str = ""
    """What is to be said at first of how it is shown."""
    keys: Mapping[str, str] = field(default_factory=dict)


class ChartScreen(AxesScreen):
    """A status line, charts with what belongs to them, and the keys at the bottom."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """Panes that get or lose the focus draw themselves; Textual draws the whole screen as well."""

    def __init__(self, display: Display) -> None:
        super().__init__(display.marker, display.graphics)
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (64, "-wide"), (150, "-rich")]
        self.VERTICAL_BREAKPOINTS = [(0, "-tiny"), (9, "-short"), (20, "-tall")]
        self.gpus = GpuMonitor()
        """What is known of the GPUs; nothing until it is started."""
        self.activity = ""
        """What goes on besides, an export for example: the status line shows it."""
        self.remark = display.remark
        """What it shows for a while at first."""
        self.ascii_only, self.remapped = display.ascii_only, display.keys
        self._resumed = False
        self._status = StatusBar(self.text(" · "), id="status")

    def compose(self) -> ComposeResult:
        """Status, what the screen is about, keys."""
        # Classes that came with the first resize would have everything laid out once more.
        breakpoints = (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS)
        for points, cells in zip(breakpoints, self.app.size, strict=True):
            self.add_class(max(point for point in points or () if point[0] <= cells)[1])
        if self.ascii_only or not ROOMY.issuperset(self.classes):
            self._read_looks()
        yield self._status
        yield from self.compose_body()
        yield KeyFooter()

    def compose_body(self) -> Iterable[Widget]:
        """What stands between status and keys."""
        raise NotImplementedError

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Every widget was given its styles a moment ago where the screen is new."""
        event.refresh_styles = event.refresh_styles and self._resumed
        self._resumed = True
        self._draw_in_text(yes=False)

    def _screen_resized(self, size: Size) -> None:
        """Lay out anew for another size alone: with the first frame comes the one that it has."""
        if size != self._compositor.size:
            super()._screen_resized(size)

    def on_screen_suspend(self) -> None:
        """Something comes above it, where text alone is seen of it."""
        self._draw_in_text(yes=True)

    def complete_looks(self) -> None:
        """Read the looks that the first frame had no use for."""
        if not self.app.stylesheet.has_source(str(STATES)):
            self._read_looks()
            if not ROOMY.issuperset(self.classes):  # a key or a resize came before this
                self.app.stylesheet.update(self)

    def _read_looks(self) -> None:
        self.app.stylesheet.read(STATES)
        self.app.stylesheet.parse()  # else the next widget to be given its looks gets none of these

    def mount_hidden(self) -> None:
        """Mount what nobody sees at first: the first frame waits for none of it."""

    def on_mount(self) -> None:
        """Draw in ASCII where the terminal shows nothing else."""
        self.app.set_class(self.ascii_only, "-ascii")
        self.redraw()
        if self.remark:
            self.set_timer(REMARK_SECONDS, self._forget_remark)

    def _forget_remark(self) -> None:
        self.remark = ""
        self.answer()

    def update_all(self) -> None:
        """Bring everything up to date; draws only what changed."""
        if self._status.is_attached:  # else the screen is being taken down
            self.update_body()
            self._update_status()

    def frame(self) -> Iterator[None]:
        """Do as ``update_all``, in pieces between which a key can be answered."""
        self.update_all()
        yield

    def answer(self) -> None:
        """Show what a key has changed; its curves come with the next frame, which takes longer."""
        if self._status.is_attached:
            self.update_words()
            self._update_status()

    def paint_now(self) -> None:
        """Paint what has changed, which Textual does some turns later: a key waits for it."""
        if any(one._layout_required for one in self.walk_children(Widget)):  # noqa: SLF001 - Textual's only way
            self.set_timer(LAYOUT_SECONDS, self._on_timer_update)
            return
        # All are asked what of them has changed; of most that is nothing.
        self._dirty_widgets.update(self._compositor.visible_widgets)
        self._on_timer_update()

    def _update_status(self) -> None:
        self.query_one(KeyFooter).now = self.keys_now
        settings = tuple(self.text(part) for part in self.settings_words() if part)
        told = self.activity or self.readout or self.remark or self.progress_words()
        borderless = self.has_class("-tiny") or self.has_class("-low")
        if borderless and self.shown.kind != "run":
            told = f"{told} · {self.shown.words(self.step_word)}"
        self._status.show(settings, self.text(told))

    def update_body(self) -> None:
        """Bring charts and panels up to date."""
        raise NotImplementedError

    def update_words(self) -> None:
        """Bring up to date what costs little; all where nothing does."""
        self.update_body()

    def settings_words(self) -> Iterable[str]:
        """What is shown, what matters most first."""
        raise NotImplementedError

    def progress_words(self) -> str:
        """How far it is."""
        raise NotImplementedError

    def text(self, text: str) -> str:
        """``text`` in letters that the terminal has, its keys as they are pressed."""
        lines = map(printable, with_keys(text, self.remapped).split("\n"))
        return "\n".join(map(ascii_text, lines) if self.ascii_only else lines)
