"""The screen that shows tables: a chart for each curve, and a replay over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Footer

from zgtui.charts import words
from zgtui.charts.colours import SERIES_COLOURS
from zgtui.charts.words import ascii_text, number
from zgtui.config.options import MARKERS, Marker
from zgtui.curves.arrange import Chart, TrackUpTo, arrange
from zgtui.curves.recording import Recording
from zgtui.curves.trace import Trace
from zgtui.tui.keys import HIDDEN_KEYS, VIEW_KEYS
from zgtui.tui.model.replay import Replay
from zgtui.tui.widgets.chart import Curve, Mark
from zgtui.tui.widgets.series_pane import SeriesPane, SeriesView, Words
from zgtui.tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from zgtui.tui.view_app import ViewApp


@dataclass(frozen=True, kw_only=True)
class ViewDisplay:
    """How tables are shown; ``series`` names the curves wanted, none means all."""

    theme: str = "zgtui-dark"
    fps: float = 10.0
    marker: Marker = "braille"
    ascii_only: bool = False
    speed: float | None = None
    series: Sequence[str] = ()
    follow: bool = False
    log: bool = False


class ViewScreen(Screen[None]):
    """Shows ``recordings`` as ``display`` says."""

    BINDINGS: ClassVar[list[BindingType]] = [*VIEW_KEYS, *HIDDEN_KEYS]
    DEFAULT_CSS = """
    ViewScreen {
        layout: vertical;
        background: $background;
        & Footer { background: $panel; }
        & #charts { height: 1fr; layout: grid; grid-size: 2; grid-rows: 1fr; }
        & #charts.-one { grid-size: 1; }
        &.-narrow #charts { grid-size: 1; }
        &.-tiny Footer { display: none; }
        &.-tiny SeriesPane { border: none; }
        &.-tiny SeriesPane > .state { display: none; }
        &.-ascii SeriesPane { border: ascii $foreground 25%; }
        &.-ascii SeriesPane:focus { border: ascii $primary; }
    }
    """

    def __init__(self, recordings: Sequence[Recording], display: ViewDisplay) -> None:
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (64, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-tiny"), (14, "-short"), (20, "-tall")]
        self.recordings = recordings
        self.replay = Replay(self._traces, display.speed)
        self.log_scale = display.log
        self.activity = ""
        """What goes on beside showing, an export for example, as the status tells it."""
        self.complete = False
        """Whether everything is read and nothing more is to come."""
        self._marker: Marker = display.marker
        self._series = display.series
        self._ascii = display.ascii_only
        self._following = display.follow
        self._status = StatusBar(self._text(" · "), id="status")
        self.panes: list[SeriesPane] = []
        """One for each chart."""
        self._charts: list[Chart] = []
        self._shown: list[list[TrackUpTo]] = []

    def compose(self) -> ComposeResult:
        """Status, charts, keys."""
        yield self._status
        yield Container(id="charts")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Show what was read already."""
        self.set_class(self._ascii, "-ascii")
        self.update_all()

    # Showing

    def update_all(self) -> None:
        """Bring everything up to date with what was read; draws only what changed."""
        if not self._status.is_attached:  # the screen is being taken down
            return
        self._arrange()
        axis_end = self._axis_end()
        for pane, chart, shown in zip(self.panes, self._charts, self._shown, strict=True):
            for one in shown:
                one.limit = self.replay.limit
            pane.chart.planned = axis_end
            pane.chart.marks = tuple(
                Mark(int(step), self._text(label))
                for step, label in sorted({change for one in shown for change in one.changes})
            )
            pane.show(self._view(chart, shown))
            pane.chart.update_data()
        names = tuple(self._text(recording.path.name) for recording in self.recordings)
        self._status.show(names, self._text(self._progress_words()))

    def _arrange(self) -> None:
        """Give each chart its pane and its curves, where these are others than before."""
        charts = arrange(self.recordings, self._series, more_to_come=not self.complete)
        if _parts(charts) == _parts(self._charts):
            return
        self._charts = charts
        self._shown = [
            [TrackUpTo(curve.recording, curve.track) for curve in chart.curves] for chart in charts
        ]
        if len(self.panes) != len(charts):
            container = self.query_one("#charts")
            container.set_class(len(charts) < 2, "-one")
            container.remove_children()
            self.panes = [SeriesPane() for _ in charts]
            container.mount_all(self.panes)
            if self.panes:
                self.panes[0].focus()
        for pane, chart, shown in zip(self.panes, charts, self._shown, strict=True):
            pane.chart.marker = self._marker
            pane.chart.log_scale = self.log_scale
            pane.chart.curves = tuple(
                Curve(one, _colour(curve.colour), curve.label)
                for curve, one in zip(chart.curves, shown, strict=True)
            )

    def _axis_end(self) -> int:
        """The axis of a whole table, or of a replay, ends at its last step and holds still."""
        settled = self.complete or self.replay.position is not None
        return int(-(-self.replay.last // 1)) if settled else 0

    def _view(self, chart: Chart, shown: Sequence[TrackUpTo]) -> SeriesView:
        state, alarming = words.states(chart, shown)
        numbers: Words
        if len(shown) == 1:
            facts = words.numbers(chart, shown[0])
            # Where the pane has no border, its title stands here.
            text = "   ".join([chart.title, *facts] if self.has_class("-tiny") else facts)
            numbers = ((self._text(text), ""),)
        else:
            numbers = self._legend(chart, shown)
        return SeriesView(
            self._text(words.title(chart, shown)), numbers, self._text(state), alarming
        )

    def _legend(self, chart: Chart, shown: Sequence[TrackUpTo]) -> Words:
        parts: list[tuple[str, str]] = []
        glyphs = words.LEGEND[self._marker]
        for at, (curve, one) in enumerate(zip(chart.curves, shown, strict=True)):
            colour = self.app.theme_variables[_colour(curve.colour)[1:]]
            last = number(one.last[1] if one.last else None)
            parts += [
                (glyphs[at % len(glyphs)], colour),
                (self._text(f" {curve.label} {last}   "), ""),
            ]
        return tuple(parts)

    def _progress_words(self) -> str:
        trouble = next((one.trouble for one in self.recordings if one.trouble), "")
        if trouble or self.activity:
            return self.activity or trouble
        if not self.complete and not self._following:
            shares = [recording.share for recording in self.recordings]
            return f"reading {sum(shares) / len(shares):.0%}"
        replay = self.replay
        if replay.position is None:
            parts = ["● following"] if self._following else []
            return " · ".join([*parts, f"{self._axis} {words.whole(replay.last)}"])
        state = {1: "▶ playing", -1: "◀ playing back", 0: "paused"}[replay.direction]
        here = max((one.last[0] for shown in self._shown for one in shown if one.last), default=0)
        steps = f"{self._axis} {words.whole(here)}"
        speed = f"{replay.speed:g}/s" if replay.speed else "no limit"
        return f"{state} · {steps} of {words.whole(replay.last)} · {speed}"

    @property
    def _axis(self) -> str:
        return self.recordings[0].axis

    def _traces(self) -> list[Trace]:
        return [curve.track.trace for chart in self._charts for curve in chart.curves]

    def _text(self, text: str) -> str:
        return ascii_text(text) if self._ascii else text

    # Keys

    @property
    def _view_app(self) -> ViewApp:
        return cast("ViewApp", self.app)

    def action_play(self) -> None:
        """Replay, or pause."""
        self.replay.play(1)
        self.update_all()

    def action_play_back(self) -> None:
        """Replay backwards, or pause."""
        self.replay.play(-1)
        self.update_all()

    def action_step(self) -> None:
        """One step on."""
        self.replay.step(1)
        self.update_all()

    def action_back(self) -> None:
        """One step back."""
        self.replay.step(-1)
        self.update_all()

    def action_jump(self) -> None:
        """Some steps on."""
        self.replay.jump(1)
        self.update_all()

    def action_jump_back(self) -> None:
        """Some steps back."""
        self.replay.jump(-1)
        self.update_all()

    def action_start(self) -> None:
        """The first step alone."""
        self.replay.start()
        self.update_all()

    def action_finish(self) -> None:
        """All steps."""
        self.replay.finish()
        self.update_all()

    def action_slower(self) -> None:
        """The next lower speed."""
        self.replay.slower()
        self._tell_speed()

    def action_faster(self) -> None:
        """The next higher speed."""
        self.replay.faster()
        self._tell_speed()

    def _tell_speed(self) -> None:
        if self.replay.position is None:
            speed = f"{self.replay.speed:g} steps a second" if self.replay.speed else "no limit"
            self._view_app.say(f"Replay speed: {speed}")
        self.update_all()

    def action_log_scale(self) -> None:
        """Logarithmic or linear axes."""
        self.log_scale = not self.log_scale
        for pane in self.panes:
            pane.chart.log_scale = self.log_scale

    def action_marker(self) -> None:
        """The next way to draw curves."""
        self._marker = MARKERS[(MARKERS.index(self._marker) + 1) % len(MARKERS)]
        for pane in self.panes:
            pane.chart.marker = self._marker
        self.update_all()

    def action_picture(self) -> None:
        """Ask where to draw a picture."""
        self._view_app.ask_picture()

    def action_export(self) -> None:
        """Ask where to write the table."""
        self._view_app.ask_export()

    def action_save_svg(self) -> None:
        """Save the screen."""
        self._view_app.save_svg()

    def action_help(self) -> None:
        """Show all keys."""
        self._view_app.show_help()

    def action_leave(self) -> None:
        """Leave."""
        self.app.exit()


def _parts(charts: Sequence[Chart]) -> list[tuple[str, tuple[tuple[str, int], ...]]]:
    """What makes charts the same ones as before."""
    return [
        (chart.title, tuple((curve.label, id(curve.track)) for curve in chart.curves))
        for chart in charts
    ]


def _colour(number: int) -> str:
    return f"$series-{number % len(SERIES_COLOURS)}"
