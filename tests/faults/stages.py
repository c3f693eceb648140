"""Every screen with hands on it: no exception, it can be left, and nothing is lost."""

from __future__ import annotations

import csv
import random
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from tests.faults.hands import Hands
from tests.support.command import logged
from tests.support.tables import tidy_table
from tests.tui.docs_stage import reading
from tests.tui.map_stage import open_map
from tests.tui.scripts_stage import running_scripts
from tests.tui.stage import Stage, running_app
from tests.tui.view_stage import viewing
from tests.tui.waiting import until
from zgtui.config.settings import Settings
from zgtui.outputs.autosave import TableKeeper
from zgtui.outputs.followers import Followers
from zgtui.tui.app import ZgtuiApp
from zgtui.tui.screens.chart_screen import Display
from zgtui.worker.client import WorkerClient
from zgtui.worker.protocol import Start

Play = Callable[[Path, int, int], Awaitable[Hands]]
"""In a folder, from a seed, so many things; what was done."""


async def train(folder: Path, seed: int, count: int, *, with_map: bool = False) -> Hands:
    """The app, on a worker that also trains, is silent, and dies."""
    out = folder / "kept.csv"
    async with running_app(folder.parent, out=out) as stage:
        if with_map:
            await open_map(stage)
        hands = Hands(stage.app, seed, _happenings(stage, random.Random(seed)))
        await hands.play(count)
        for worker in stage.workers:
            worker.release()
        await hands.leave()
    _assert_whole(out, [worker._session for worker in stage.workers])
    return hands


async def on_a_real_worker(folder: Path, seed: int, count: int) -> Hands:
    """The app as it is started, in the working folder ``folder``."""
    out = folder / "kept.csv"
    sessions: list[Path] = []

    def hire() -> WorkerClient:
        sessions.append(folder.parent / "sessions" / str(len(sessions)))
        return WorkerClient(sessions[-1])

    app = ZgtuiApp(
        Settings(), hire, Display(), followers=Followers(TableKeeper(out, overwrite=False))
    )
    async with app.run_test(notifications=True, tooltips=True):
        await until(app, lambda: app.live.step > 10, "the first steps")
        hands = Hands(app, seed)
        await hands.play(count)
        await hands.leave()
    _assert_whole(out, sessions)
    return hands


async def stability_map(folder: Path, seed: int, count: int) -> Hands:
    """The same, from the map on."""
    return await train(folder, seed, count, with_map=True)


def _happenings(stage: Stage, draw: random.Random) -> list[Callable[[], object]]:
    def step() -> None:
        worker = stage.worker
        if worker.alive and any(isinstance(command, Start) for command in worker.commands):
            worker.train(draw.choice([1, 3, 40]))

    def hold() -> None:
        stage.worker.hold()

    def release() -> None:
        stage.worker.release()

    def fail() -> None:
        if stage.worker.alive and draw.random() < 0.2:
            stage.worker.fail("", "the training process was killed by SIGKILL")

    return [step, step, step, hold, release, fail]


def _assert_whole(out: Path, sessions: Sequence[Path]) -> None:
    """Each table that was kept holds each loss of its log, an exported one the first of them."""
    logs = [log for session in sessions for log in sorted(session.iterdir()) if log.is_dir()]
    held = {tuple(map(repr, logged(log, run))) for log in logs for run in "AB"}
    assert out.exists()
    for table in sorted(out.parent.glob("*.csv")):
        kept = table.name.startswith(out.stem)
        for losses in _written(table):
            whole = losses in held
            cut = not kept and any(losses == full[: len(losses)] for full in held)
            assert whole or cut, f"{table.name}: {len(losses)} losses are of no log"
    assert not list(out.parent.glob("**/*.part"))


def _written(table: Path) -> list[tuple[str, ...]]:
    """The losses of each run."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [tuple(row["loss"] for row in rows if row["run"] == run) for run in "AB"]


async def run(folder: Path, seed: int, count: int) -> Hands:
    """`zgtui run`, on scripts that start no process."""
    draw = random.Random(seed)
    async with running_scripts(folder) as stage:

        def step() -> None:
            if not stage.fake.finished:
                stage.fake.train(draw.choice("AB"), [draw.random()] * draw.choice([1, 5]))

        hands = Hands(stage.app, seed, [step])
        await hands.play(count)
        await hands.leave()
    return hands


async def view(folder: Path, seed: int, count: int) -> Hands:
    """Two tables."""
    tables = [tidy_table(folder / name, 40) for name in ("one.csv", "two.csv")]
    async with viewing(*tables) as viewer:
        hands = Hands(viewer.app, seed)
        await hands.play(count)
        await hands.leave()
    return hands


async def docs(_folder: Path, seed: int, count: int) -> Hands:
    """The reference."""
    async with reading("view") as reader:
        hands = Hands(reader.app, seed)
        await hands.play(count)
        await hands.leave()
    return hands


SCREENS: dict[str, Play] = {
    "train": train,
    "map": stability_map,
    "run": run,
    "view": view,
    "docs": docs,
}
