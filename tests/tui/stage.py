"""The app on a fake worker, driven as a user would and waited for by what the screen shows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.widget import Widget

from tests.support.waiting import until_then
from tests.tui.fake import FakeClient
from zgtui.config.settings import RunName, Settings
from zgtui.lessons.lesson import Lesson
from zgtui.outputs.autosave import TableKeeper
from zgtui.outputs.followers import Followers
from zgtui.tui.app import ZgtuiApp
from zgtui.tui.base_app import BaseApp
from zgtui.tui.keys import with_keys
from zgtui.tui.model import base, live, live_run
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.screens.train_screen import ComparisonScreen
from zgtui.tui.widgets.chart import LossChart
from zgtui.worker import client
from zgtui.worker.protocol import Command

Kind = TypeVar("Kind")


class Clock:
    """The time that rates and waiting are told by; it moves when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


def noted(app: BaseApp[Any]) -> list[str]:
    """The notifications of ``app``, also those that are gone from the screen by now."""
    messages: list[str] = []
    notify = app.notify

    def note(message: str, **how: Any) -> None:
        messages.append(with_keys(message, app.display_options.keys))
        notify(message, **how)

    app.notify = note  # type: ignore[method-assign]  # for this app alone
    return messages


class Stage:
    """The running app, its pilot and its fake workers."""

    def __init__(self, app: ZgtuiApp, workers: list[FakeClient]) -> None:
        self.app = app
        self.told = noted(app)
        """The notifications so far, oldest first."""
        self.workers = workers
        self._pilot: Pilot[None] | None = None

    @property
    def pilot(self) -> Pilot[None]:
        assert self._pilot is not None
        return self._pilot

    @pilot.setter
    def pilot(self, pilot: Pilot[None]) -> None:
        self._pilot = pilot

    @property
    def worker(self) -> FakeClient:
        """The worker at work."""
        return self.workers[-1]

    @property
    def screen(self) -> ComparisonScreen:
        return self.app.main_screen

    def chart(self, name: RunName) -> LossChart:
        return self.screen.pane(name).chart

    @property
    def text(self) -> str:
        """Everything on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    def drawn(self, widget: Widget) -> list[str]:
        """What stands in the area of ``widget``, line by line."""
        area = widget.content_region
        strips = self.app.screen._compositor.render_strips()[area.y : area.bottom]
        return [strip.crop(area.x, area.right).text for strip in strips]

    def since(self, count: int) -> list[Command]:
        """The commands sent after the first ``count``."""
        return self.worker.commands[count:]

    def last(self, kind: type[Kind]) -> Kind:
        """The last command of this kind; others may have been sent after it."""
        return [one for one in self.worker.commands if isinstance(one, kind)][-1]

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait until ``condition`` holds."""
        await until_then(
            condition,
            lambda: f"{what}\nnotices: {self.told}\n{self.text}",
            lambda: self.pilot.pause(0.02),
        )

    async def shows(self, *texts: str) -> None:
        """Wait until all ``texts`` stand on the screen."""
        await self.until(lambda: all(text in self.text for text in texts), " and ".join(texts))

    async def tells(self, text: str) -> None:
        """Wait for a notification that holds ``text``."""
        await self.until(lambda: any(text in told for told in self.told), text)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def train(self, steps: int) -> None:
        """Train, and wait until the screen has read it all."""
        self.worker.train(steps)
        await self.caught_up()

    async def caught_up(self) -> None:
        """Wait until both runs are read to where the worker is."""
        runs = self.app.live.runs.values()
        await self.until(
            lambda: all(run.history.steps == self.worker.step for run in runs), "all losses read"
        )
        self.app.tick()
        await self.pilot.pause()

    def dispose(self) -> None:
        """Leave no file of a worker open."""
        for worker in self.workers:
            worker.dispose()

    async def click_text(self, widget: Widget, text: str) -> None:
        """Click where ``text`` stands in ``widget``."""
        area = widget.content_region
        for y, line in enumerate(self.drawn(widget), area.y):
            if text in line:
                await self.pilot.click(offset=Offset(area.x + line.index(text), y))
                await self.pilot.pause()
                return
        pytest.fail(f"{text!r} does not stand in {widget}:\n{self.text}")


def staged(
    folder: Path,
    settings: Settings | None = None,
    display: Display | None = None,
    *,
    loading: bool = False,
    running: bool = True,
    out: Path | None = None,
    lesson: Lesson | None = None,
) -> Stage:
    """The app, not yet running, with its logs in ``folder``."""
    workers: list[FakeClient] = []

    def hire() -> FakeClient:
        worker = FakeClient(folder / f"worker-{len(workers) + 1}", loading=loading)
        workers.append(worker)
        return worker

    app = ZgtuiApp(
        settings or Settings(),
        hire,
        display or Display(fps=30, theme="zgtui-dark"),
        running=running,
        followers=Followers(TableKeeper(out, overwrite=False) if out is not None else None),
        lesson=lesson,
    )
    return Stage(app, workers)


@asynccontextmanager
async def running_app(
    folder: Path,
    settings: Settings | None = None,
    display: Display | None = None,
    *,
    size: tuple[int, int] = (80, 24),
    loading: bool = False,
    running: bool = True,
    out: Path | None = None,
    lesson: Lesson | None = None,
) -> AsyncIterator[Stage]:
    """The app on the screen, its first comparison started unless it is ``loading``."""
    stage = staged(
        folder, settings, display, loading=loading, running=running, out=out, lesson=lesson
    )
    try:
        async with stage.app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            stage.pilot = pilot
            await stage.until(lambda: stage.workers, "a worker")
            if not loading:
                await stage.until(lambda: stage.app.live.phase != "loading", "the first comparison")
                stage.app.tick()
                await pilot.pause()
            yield stage
    finally:
        stage.dispose()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time as the test wants it, for the comparison and what it hears of its worker alone.

    None passes by itself: on a busy machine a quiet fake would be taken for a hung worker.
    """
    clock = Clock()
    for module in (base, live, live_run, client):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of the app, empty; its logs lie beside it."""
    working = tmp_path / "work"
    working.mkdir()
    monkeypatch.chdir(working)
    return working
