"""Makes the pictures in README: the real app with a real training process, driven by keys.

``python screenshots/capture.py`` writes all of them beside this file; names after it, those alone.
Everything is waited for by what the app knows, never by time.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot

from zgtui.config.settings import EVERY, NEVER, RunSettings, Settings
from zgtui.curves.recordings.opening import Opening
from zgtui.launch.command import ScriptOptions
from zgtui.launch.script_comparison import ScriptComparison
from zgtui.runlog.sessions import new_session
from zgtui.tui.app import ZgtuiApp
from zgtui.tui.run_app import ScriptsApp
from zgtui.tui.screens.help_screen import HelpScreen
from zgtui.tui.screens.view_screen import ViewDisplay
from zgtui.tui.svg import settled
from zgtui.tui.view_app import ViewApp
from zgtui.worker.client import WorkerClient

FOLDER = Path(__file__).parent
EXAMPLES = FOLDER.parent / "tests" / "examples"
PATIENCE_SECONDS = 60.0


async def until(pilot: Pilot[None], condition: Callable[[], object], what: str) -> None:
    """Wait until ``condition`` holds; TimeoutError after PATIENCE_SECONDS."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while not condition():
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"never came: {what}")
        await pilot.pause(0.05)


@dataclass(frozen=True)
class Stage:
    """The app and what presses its keys."""

    app: ZgtuiApp
    pilot: Pilot[None]

    async def until(
        self, condition: Callable[[], object], what: str = "the state asked for"
    ) -> None:
        """Wait until ``condition`` holds; TimeoutError after PATIENCE_SECONDS."""
        await until(self.pilot, condition, what)

    async def trained(self, steps: int) -> None:
        """Wait until both charts show ``steps`` steps."""
        runs = self.app.live.runs.values()
        await self.until(lambda: all(run.history.steps >= steps for run in runs))

    async def paused_after(self, steps: int) -> None:
        """Train on, step by step, to exactly ``steps`` steps."""
        for step in range(self.app.live.step + 1, steps + 1):
            await self.pilot.press("n")
            await self.trained(step)


async def finished(stage: Stage) -> None:
    """The article's twenty epochs."""
    await stage.until(lambda: stage.app.live.phase == "finished")
    await stage.trained(20)


async def toggled(stage: Stage) -> None:
    """B begins to clear in the middle, then both learning rates go up."""
    await stage.paused_after(11)
    await stage.pilot.press("z")
    await stage.until(lambda: stage.app.live.runs["B"].clear == EVERY)
    await stage.paused_after(16)
    await stage.pilot.press("plus")
    await stage.until(lambda: all(run.lr != 0.1 for run in stage.app.live.runs.values()))
    await stage.paused_after(20)


async def overlaid(stage: Stage) -> None:
    """Both runs in one chart, smoothed, with the crosshair at a step that both have."""
    await finished(stage)
    await stage.pilot.press("A", "S", "I", *["left"] * 12)


async def diverged(stage: Stage) -> None:
    """The correct loop diverges where the faulty one only oscillates."""
    await stage.until(lambda: stage.app.live.phase == "finished")
    await stage.trained(100)
    await stage.pilot.press("y")


async def helped(stage: Stage) -> None:
    """The help screen above a finished comparison."""
    await finished(stage)
    await stage.pilot.press("question_mark")
    await stage.until(lambda: isinstance(stage.app.screen, HelpScreen))


async def predicted(stage: Stage) -> None:
    """Theory over both charts, ahead of what is trained."""
    await stage.paused_after(8)
    await stage.pilot.press("t")
    await stage.until(lambda: stage.app.main_screen.theory, "theory")


async def taught(stage: Stage) -> None:
    """The second lesson, on the page that tells what is seen."""
    await stage.pilot.press("L", "down", "enter")
    pane = stage.app.main_screen.lesson_pane
    await stage.until(lambda: pane.opened is not None, "the lesson")
    await stage.pilot.press("right", "right")
    await stage.trained(24)
    await stage.until(lambda: stage.app.live.phase != "training", "the lesson's last step")


async def presented(stage: Stage) -> None:
    """The presenter's screen, as a class sees it."""
    await finished(stage)
    await stage.pilot.press("P")


ARTICLE = Settings(device="cpu")


@dataclass(frozen=True)
class Picture:
    """One file: what is trained, how large the terminal is, and what is done before the click."""

    play: Callable[[Stage], Awaitable[None]]
    settings: Settings = ARTICLE
    size: tuple[int, int] = (100, 30)
    running: bool = True


UNSTABLE = Settings(
    device="cpu",
    steps=100,
    speed=0,
    a=RunSettings(clear=EVERY, lr=0.25),
    b=RunSettings(clear=NEVER, lr=0.25),
)
PICTURES = {
    "article": Picture(finished),
    "article-80x24": Picture(finished, size=(80, 24)),
    "article-160x50": Picture(finished, size=(160, 50)),
    "toggle": Picture(toggled, running=False),
    "diverged": Picture(diverged, UNSTABLE),
    "overlay": Picture(overlaid),
    "help": Picture(helped, size=(100, 36)),
    "theory": Picture(predicted, running=False),
    "lesson": Picture(taught),
    "presenter": Picture(presented),
}


def save(app: App[None], name: str) -> Path:
    """Write the screen of ``app`` to ``NAME.svg``."""
    path = FOLDER / f"{name}.svg"
    path.write_text(settled(app.export_screenshot(title="zgtui")), encoding="utf-8")
    return path


async def capture(name: str, picture: Picture, state: Path) -> Path:
    """Write ``NAME.svg``; logs go to ``state``."""
    app = ZgtuiApp(
        picture.settings, lambda: WorkerClient(new_session(state)), running=picture.running
    )
    try:
        async with app.run_test(size=picture.size, notifications=True) as pilot:
            stage = Stage(app, pilot)
            await stage.until(lambda: app.live.phase != "loading", "PyTorch")
            if app.live.phase == "failed":
                raise RuntimeError(app.live.failure)
            await picture.play(stage)
            app.clear_notifications()
            app.main_screen.update_all()
            await pilot.pause()
            path = save(app, name)
            await app.live.stop()
    finally:
        app.live.kill()
    return path


SCRIPTS = {"run": "train.py", "run-gan": "gan.py"}
"""The examples that are trained twice by ``zgtui run``, by the picture's name."""


async def capture_run(name: str, state: Path) -> Path:
    """Write ``NAME.svg``, once both runs of the example are over."""
    shutil.copy(EXAMPLES / SCRIPTS[name], state)
    comparison = ScriptComparison(ScriptOptions(script=SCRIPTS[name]), new_session(state) / "1")
    app = ScriptsApp(comparison)
    try:
        async with app.run_test(size=(110, 42), notifications=True) as pilot:
            await until(pilot, lambda: app.live.finished, "the end of both runs")
            while app.live.read():
                pass
            app.clear_notifications()
            app.main_screen.update_all()
            await pilot.pause()
            return save(app, name)
    finally:
        comparison.close()


VIEW = "view-tensorboard"
"""The picture of ``zgtui view``, with what ``zgtui train`` writes for TensorBoard."""
EXPERIMENT = ("--experiment", "spirals", "--steps", "600", "--device", "cpu")


def trained(events: Path) -> Path:
    """The folder ``events``, with the event files of a training."""
    train = [sys.executable, "-m", "zgtui", "train", *EXPERIMENT, "--quiet"]
    subprocess.run([*train, "--tensorboard", str(events)], check=True)
    return events


async def capture_view(events: Path) -> Path:
    """Write its picture: event files of two runs in one chart, with the crosshair over them."""
    opening = Opening([events], wanted=["loss"])
    app = ViewApp(opening.find(), ViewDisplay(series=["loss"]), opening)
    async with app.run_test(size=(110, 32), notifications=True) as pilot:
        await until(pilot, lambda: app.main_screen.complete, "the end of the files")
        await pilot.press("y", "S", "I", *["left"] * 30)
        app.main_screen.update_all()
        await pilot.pause()
        return save(app, VIEW)


async def captured(name: str, state: Path) -> Path:
    """Make one picture; what it needs is written to ``state``."""
    if name in PICTURES:
        return await capture(name, PICTURES[name], state)
    return await (
        capture_view(trained(state / "runs")) if name == VIEW else capture_run(name, state)
    )


def main(names: list[str]) -> None:
    """Make the pictures ``names``, or all."""
    known = [*PICTURES, *SCRIPTS, VIEW]
    unknown = set(names) - set(known)
    if unknown:
        sys.exit(f"no such picture: {', '.join(sorted(unknown))}; there is {', '.join(known)}")
    with tempfile.TemporaryDirectory() as state:
        os.chdir(state)
        for name in names or known:
            print(asyncio.run(captured(name, Path(state))))


if __name__ == "__main__":
    main(sys.argv[1:])
