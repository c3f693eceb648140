"""The screen of two runs on a comparison that does nothing but note what it was asked for."""

from __future__ import annotations

from array import array
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.pilot import Pilot
from textual.screen import Screen
from textual.types import CSSPathType

from zgtui.config.settings import RUNS, RunName
from zgtui.curves.trend import Trend
from zgtui.tui.keys import bindings
from zgtui.tui.model.base import LiveComparison, Phase, RunCurve
from zgtui.tui.screens.chart_screen import STATES, Display
from zgtui.tui.screens.runs_screen import RunsScreen
from zgtui.tui.themes import curve_colours
from zgtui.tui.widgets.chart_pane import ChartView, run_numbers
from zgtui.tui.widgets.status_bar import StatusBar


class FakeLive:
    """A comparison that does nothing but note what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.runs: dict[RunName, RunCurve] = {name: RunCurve() for name in RUNS}
        self.log: Path | None = None
        self.phase: Phase = "training"
        self.exit_code = 0
        self.trends: dict[RunName, Trend] = {}

    def start(self) -> None:
        self.asked.append("start")

    def read(self, _limit: int = 0) -> bool:
        return False

    def trend(self, name: RunName) -> Trend:
        return self.trends.get(name, Trend("training"))

    def toggle_running(self) -> None:
        self.asked.append("toggle_running")

    def single_step(self) -> None:
        self.asked.append("single_step")

    def toggle_clearing(self, names: tuple[RunName, ...]) -> None:
        self.asked.append(("toggle_clearing", *names))

    def scale_lr(self, names: tuple[RunName, ...], presses: int) -> None:
        self.asked.append(("scale_lr", *names, presses))

    def restart(self) -> None:
        self.asked.append("restart")

    async def settle(self) -> Mapping[str, int]:
        return dict.fromkeys(RUNS, 0)

    async def stop(self) -> None:
        self.asked.append("stop")

    def kill(self) -> None:
        self.asked.append("kill")


class Runs(RunsScreen[LiveComparison]):
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("run")]

    def view(self, name: RunName) -> ChartView:
        numbers = run_numbers("0.5", "0.1")
        return ChartView(title=f"run {name}", numbers=numbers, state=self.live.trend(name).state)

    def planned(self, name: RunName) -> int:
        return 10

    def settings_words(self) -> Iterable[str]:
        return ["a fake", ""]

    def progress_words(self) -> str:
        return self.live.phase


class RunsApp(App[None]):
    CSS_PATH: ClassVar[CSSPathType | None] = [STATES.with_name("app.tcss"), STATES]

    def __init__(self, live: LiveComparison) -> None:
        super().__init__()
        self.main_screen = Runs(live, Display())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return curve_colours(dark=self.current_theme.dark)

    def get_default_screen(self) -> Screen[None]:
        return self.main_screen


@asynccontextmanager
async def showing(live: FakeLive) -> AsyncIterator[tuple[Runs, Pilot[None]]]:
    app = RunsApp(live)
    async with app.run_test() as pilot:
        app.main_screen.update_all()
        await pilot.pause()
        yield app.main_screen, pilot


def lose(live: FakeLive, name: RunName, losses: Iterable[float]) -> None:
    live.runs[name].history.extend(array("d", losses))


def status(screen: Runs) -> str:
    return screen.query_one(StatusBar).told
