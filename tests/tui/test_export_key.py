"""The loss table as a user gets it from the running app."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.tui.stage import Stage, running_app
from zgtui.config.settings import Settings
from zgtui.outputs.processes import FollowerProcess
from zgtui.tables.destination import Draft
from zgtui.tui.screens.dialogs import ExportDialog
from zgtui.worker.protocol import Sync


async def ask(stage: Stage, path: Path | str | None = None) -> None:
    """Open the dialog, type ``path``, press enter."""
    await stage.press("e")
    await stage.until(lambda: isinstance(stage.app.screen, ExportDialog), "the dialog")
    if path is not None:
        stage.app.screen.query_one(Input).value = str(path)
        await stage.pilot.pause()
    await stage.press("enter")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


async def test_enter_alone_writes_every_step_and_tells_where(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        await stage.train(10)
        await stage.press("z")
        await stage.train(2)
        await ask(stage)
        path = folder / "losses.csv"
        await stage.tells(f"Wrote 12 steps of both runs to {path}")
        table = rows(path)
        assert [(row["run"], int(row["step"])) for row in table] == [
            (run, step) for run in ("A", "B") for step in range(1, 13)
        ]
        assert [row["zero_grad"] for row in table if row["run"] == "B"] == (
            ["false"] * 10 + ["true"] * 2
        )
        exact = [loss.hex() for loss in stage.app.live.runs["B"].history.tail(12)]
        assert [float(row["loss"]).hex() for row in table if row["run"] == "B"] == exact
        facts = json.loads((folder / "losses.json").read_text())
        assert facts["seed"] == 42
        assert facts["changes"] == [
            {"event": "set_clearing", "run": "B", "clear": "every", "accumulate": 1, "step": 11}
        ]


async def test_an_export_holds_exactly_the_steps_of_its_acknowledgement(folder: Path) -> None:
    async with running_app(folder.parent, Settings(steps=0, speed=0)) as stage:
        await stage.train(10)
        stage.worker.hold()
        await ask(stage)
        await stage.until(lambda: Sync() in stage.worker.commands, "the question how far it is")
        stage.worker.train(7)
        stage.worker.release()
        stage.worker.train(100)
        await stage.tells("Wrote 17 steps of both runs")
        assert len(rows(folder / "losses.csv")) == 2 * 17


async def test_the_next_proposal_leaves_the_last_table_alone(folder: Path) -> None:
    async with running_app(folder.parent) as stage:
        for steps in (3, 5):
            await stage.train(steps)
            await ask(stage)
            await stage.until(lambda: stage.app.files.writing is None, "written")
        assert len(rows(folder / "losses.csv")) == 2 * 3
        assert len(rows(folder / "losses-2.csv")) == 2 * 8


async def test_an_existing_file_is_replaced_only_at_the_second_enter(folder: Path) -> None:
    path = folder / "mine.csv"
    path.write_text("precious")
    async with running_app(folder.parent) as stage:
        await stage.train(4)
        await ask(stage, path)
        await stage.shows("mine.csv already exists: press Enter again to overwrite")
        assert path.read_text() == "precious"
        stage.app.screen.query_one(Input).value = str(folder / "other.csv")
        await stage.until(lambda: "already exists" not in stage.text, "another question")
        stage.app.screen.query_one(Input).value = str(path)
        await stage.press("enter")
        await stage.shows("already exists")
        assert path.read_text() == "precious"
        await stage.press("enter")
        await stage.tells("Wrote 4 steps")
        assert len(rows(path)) == 2 * 4


async def test_escape_leaves_an_existing_file_as_it_is(folder: Path) -> None:
    path = folder / "mine.csv"
    path.write_text("precious")
    async with running_app(folder.parent) as stage:
        await stage.train(4)
        await ask(stage, path)
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.screen, "the dialog gone")
        assert path.read_text() == "precious"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("missing/losses.csv", "there is no folder"),
        ("a-folder.csv", "it is a folder"),
        ("losses.xls", "has no known table format"),
        ("", "type a path"),
    ],
)
async def test_an_unusable_path_is_told_in_place_and_can_be_mended(
    folder: Path, typed: str, sentence: str
) -> None:
    (folder / "a-folder.csv").mkdir()
    async with running_app(folder.parent) as stage:
        await stage.train(4)
        await ask(stage, typed)
        problem = stage.app.screen.query_one(".problem")
        await stage.until(lambda: sentence in " ".join(str(problem.render()).split()), sentence)
        assert isinstance(stage.app.screen, ExportDialog)
        stage.app.screen.query_one(Input).value = "good.tsv"
        await stage.press("enter")
        await stage.tells(f"Wrote 4 steps of both runs to {folder / 'good.tsv'}")


async def test_a_folder_that_is_not_ours_to_write_in_is_told_in_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # a superuser may write anywhere
    async with running_app(folder.parent) as stage:
        await stage.train(4)
        await ask(stage)
        problem = stage.app.screen.query_one(".problem")
        sentence = "no permission to write in the folder"
        await stage.until(lambda: sentence in str(problem.render()), sentence)
        assert problem.region.height > 1, "the whole sentence is on the screen"
        assert os.listdir(folder) == []  # noqa: PTH208 - an empty folder is read at once


async def test_a_full_disk_is_told_and_training_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    async with running_app(folder.parent) as stage:
        await stage.train(4)
        monkeypatch.setattr("zgtui.tables.destination.write_all", full)
        await ask(stage)
        await stage.tells("no space left on device; free some space")
        assert os.listdir(folder) == []  # noqa: PTH208 - an empty folder is read at once
        monkeypatch.undo()
        monkeypatch.chdir(folder)
        await stage.train(4)
        await ask(stage)
        await stage.tells("Wrote 8 steps")


async def test_a_table_kept_beside_training_is_whole_when_the_app_is_left(folder: Path) -> None:
    out = folder / "kept.csv"
    async with running_app(folder.parent, out=out) as stage:
        await stage.train(12)
        await stage.press("r")
        await stage.train(5)
        await stage.press("q")
        await stage.until(lambda: stage.app._exit, "the app left")
        assert stage.app.return_code == 0
    assert len(rows(out)) == 2 * 12
    assert len(rows(folder / "kept-2.csv")) == 2 * 5


async def test_leaving_gives_up_a_table_that_is_half_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(_log: Path, path: Path, **_how: object) -> Iterator[tuple[int, int]]:
        with closing(Draft(path)) as draft:
            while True:
                draft.write("1\n")
                yield 1, 2

    monkeypatch.setattr("zgtui.tui.files.export", endless)
    async with running_app(folder.parent) as stage:
        await stage.train(4)
        await ask(stage)
        await stage.until(lambda: list(folder.iterdir()), "the first rows")
        await stage.press("q")
    assert os.listdir(folder) == []  # noqa: PTH208 - an empty folder is read at once


async def test_a_tensorboard_writer_that_cannot_be_started_is_told_once_and_training_goes_on(
    folder: Path,
) -> None:
    (folder / "file").touch()
    async with running_app(folder.parent, out=folder / "t.csv") as stage:
        writer = FollowerProcess("zgtui.outputs.tensorboard", [], folder / "file" / "errors.log")
        stage.app.files._tensorboard = writer
        await stage.train(3)
        await stage.tells("cannot start zgtui.outputs.tensorboard: ")
        await stage.train(3)
        assert sum("cannot start" in one for one in stage.told) == 1
