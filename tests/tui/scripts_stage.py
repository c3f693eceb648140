"""The app of a script's two runs on a comparison that starts no process: tests say what happens."""

from __future__ import annotations

import os
from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from textual.pilot import Pilot

from tests.support.waiting import until_then
from tests.tui.stage import noted
from zgtui.config.settings import RUNS, Policy, RunName
from zgtui.instrument import protocol
from zgtui.instrument.protocol import FILES
from zgtui.launch.command import ScriptOptions
from zgtui.launch.launched_run import LaunchedRun
from zgtui.launch.process import Ending, Frame, RunProcess
from zgtui.launch.script_comparison import RunEnded
from zgtui.outputs.autosave import TableKeeper
from zgtui.outputs.followers import Followers
from zgtui.runlog import events
from zgtui.runlog.events import ClearingChanged, LrScaled
from zgtui.runlog.log import (
    LogWriter,
    LossReader,
    losses_path,
    read_losses,
    series_steps_path,
)
from zgtui.tui.run_app import ScriptsApp
from zgtui.tui.screens.chart_screen import Display
from zgtui.tui.screens.run_screen import ScriptsScreen
from zgtui.tui.widgets.chart import LossChart
from zgtui.tui.widgets.key_footer import KeyFooter


class FakeProcess(RunProcess):
    """Stands where a process would; nothing is started."""

    def __init__(self) -> None:
        self.pid, self.code = 1, None


class FakeScripts:
    """Keeps the promises of a script's two runs towards the screen; its log is a real one."""

    def __init__(self, options: ScriptOptions, folder: Path) -> None:
        self.options = options
        self.log = folder
        self.runs: dict[RunName, LaunchedRun] = {}
        self.calls: list[tuple[object, ...]] = []
        self.starts = 0
        self._base = folder
        self._news: list[protocol.Notice | RunEnded] = []
        self._read, self._write = os.pipe()
        self._events: LogWriter | None = None

    @property
    def finished(self) -> bool:
        return bool(self.runs) and all(run.ending is not None for run in self.runs.values())

    def fileno(self) -> int:
        return self._read

    def start(self) -> None:
        self.starts += 1
        self._close_log()
        self.log = self._base.with_name(f"{self._base.name}-{self.starts}")
        self._events = LogWriter(self.log, RUNS)
        self._events.event("start", source="script", settings={"a": {}, "b": {}})
        policies = self.options.policies
        self.runs = {name: LaunchedRun(name, self.log / name, policies[name]) for name in RUNS}
        for run in self.runs.values():
            run.folder.mkdir()
            if run.name == "A" or not self.options.sequential:
                run.process = FakeProcess()

    def _close_log(self) -> None:
        if self._events is not None:
            self._events.close()

    def poll(self) -> list[protocol.Notice | RunEnded]:
        with suppress(BlockingIOError):
            os.set_blocking(self._read, False)
            os.read(self._read, 4096)
        news, self._news = self._news, []
        return news

    def same_first_loss(self) -> bool | None:
        first = [read_losses(losses_path(self.log, name), 0, 1) for name in RUNS]
        return first[0] == first[1] if all(first) else None

    def set_running(self, *, running: bool) -> None:
        self.calls.append(("set_running", running))
        for run in self.runs.values():
            self.tell(protocol.Resumed(run.name, 0) if running else protocol.Paused(run.name, 0))

    def step(self) -> None:
        self.calls.append(("step",))

    def set_policy(self, name: RunName, policy: Policy) -> None:
        self.calls.append(("set_policy", name, policy))
        self.runs[name].policy = policy
        self._change(ClearingChanged(name, None, step=self._next_step(name), policy=policy))

    def scale_lr(self, name: RunName, factor: float) -> None:
        self.calls.append(("scale_lr", name, factor))
        self.runs[name].lr_scale = factor
        self._change(LrScaled(name, self._next_step(name), factor))

    def _next_step(self, name: RunName) -> int:
        return LossReader(self.log, name).available() + 1

    def _change(self, change: ClearingChanged | LrScaled) -> None:
        assert self._events is not None
        self._events.write(change)
        self.tell(protocol.Ack(1, change.step, run=change.run))

    def stop(self) -> None:
        self.calls.append(("stop",))
        for run in self.runs.values():
            if run.ending is None:
                run.stopped = True
                self.end(run.name, Ending(0, "stopped after some steps"))

    def restart(self) -> None:
        self.calls.append(("restart",))
        self.start()

    # What a test makes happen

    def tell(self, *notices: protocol.Notice | RunEnded) -> None:
        self._news += notices
        for notice in notices:
            if isinstance(notice, events.SeriesFound):
                self.runs[notice.run].series.append(notice)  # type: ignore[index]  # A or B
        os.write(self._write, b"!")

    def connect(self) -> None:
        self.tell(*(events.Hello(name, 1, "2.0", 1) for name in RUNS))

    def train(self, name: str, losses: Sequence[float], steps: Sequence[int] = ()) -> None:
        """Append ``losses``; those of a line that calls ``backward()`` belong to ``steps``."""
        if steps:
            with series_steps_path(self.log, name).open("ab") as file:
                file.write(array("q", steps).tobytes())
        with losses_path(self.log, name).open("ab") as file:
            file.write(array("d", losses).tobytes())

    def end(self, name: RunName, ending: Ending) -> None:
        self.runs[name].ending = ending
        self.tell(RunEnded(name, ending))

    def dispose(self) -> None:
        """Leave no file open."""
        self._close_log()
        os.close(self._read)
        os.close(self._write)


class ScriptStage:
    """The running app and its comparison."""

    def __init__(self, app: ScriptsApp, fake: FakeScripts, pilot: Pilot[None]) -> None:
        self.app, self.fake, self.pilot = app, fake, pilot
        self.told = noted(app)
        """The notifications so far, oldest first."""

    @property
    def screen(self) -> ScriptsScreen:
        return self.app.main_screen

    def chart(self, name: RunName) -> LossChart:
        return self.screen.pane(name).chart

    @property
    def text(self) -> str:
        """Everything on the screen, line by line."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait until ``condition`` holds."""
        await until_then(
            condition,
            lambda: f"{what}\nnotices: {self.told}\n{self.text}",
            lambda: self.pilot.pause(0.02),
        )

    async def shows(self, *texts: str) -> None:
        await self.until(lambda: all(text in self.text for text in texts), " and ".join(texts))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()


@asynccontextmanager
async def running_scripts(
    folder: Path,
    options: ScriptOptions | None = None,
    display: Display | None = None,
    *,
    size: tuple[int, int] = (80, 24),
    out: Path | None = None,
) -> AsyncIterator[ScriptStage]:
    """The app on the screen, both scripts started and connected."""
    fake = FakeScripts(options or ScriptOptions(script="train.py", module=True), folder / "log")
    table = TableKeeper(out, overwrite=False) if out is not None else None
    app = ScriptsApp(fake, display or Display(fps=30), followers=Followers(table))
    try:
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            stage = ScriptStage(app, fake, pilot)
            await stage.until(lambda: app.live.runs, "the runs")
            fake.connect()
            await stage.until(lambda: all(run.connected for run in app.live.runs.values()))
            await stage.until(lambda: app.main_screen.query_one(KeyFooter).keys, "the footer")
            await pilot.pause()
            yield stage
    finally:
        fake.dispose()


def failed(file: Path) -> Ending:
    """How a script ends that raises."""
    frames = (Frame(str(file), 12, "main", "loss = criterion(out)"),)
    return Ending(1, "the script failed after 3 steps: ValueError: brittle at t.py:12", frames)


def checkpoint(run: LaunchedRun) -> None:
    """A checkpoint of ``run``, redirected."""
    (run.folder / FILES).mkdir()
    (run.folder / FILES / "best.pt").touch()
