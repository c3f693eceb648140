"""``--out``: the table beside training, from one comparison to the next and on a full disk."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path
from typing import Any

import pytest

from zgtui.config.settings import Settings
from zgtui.errors import TableError, UsageError
from zgtui.outputs import autosave
from zgtui.outputs.autosave import TableKeeper, free_path, in_slices, table_keeper
from zgtui.runlog.log import LogWriter
from zgtui.tables.streaming import StreamingTable


@pytest.fixture(autouse=True)
def _always_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autosave, "UPDATE_SECONDS", 0.0)


def make_log(folder: Path, *losses: float) -> LogWriter:
    log = LogWriter(folder, ["A"])
    log.event("start", settings=Settings().to_dict(), steps_per_epoch=1)
    log.losses("A", losses)
    return log


def losses(path: Path) -> list[str]:
    return [row.split(",")[3] for row in path.read_text().splitlines()[1:]]


def values(**given: Any) -> dict[str, Any]:
    return {"out": None, "wide": False, "overwrite": False, **given}


def test_each_comparison_has_a_table_of_its_own_and_none_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("mine")
    (tmp_path / "t-2.csv").write_text("mine too")
    keeper = TableKeeper(tmp_path / "t.csv", overwrite=True)
    for number, loss in enumerate((3.0, 2.0, 1.0), 1):
        log = make_log(tmp_path / f"log-{number}", loss)
        for _ in range(3):
            keeper.follow(str(log.folder))
        log.close()
    keeper.close()
    keeper.close()
    assert losses(tmp_path / "t.csv") == ["3.0"], "which was to be overwritten, once"
    assert (tmp_path / "t-2.csv").read_text() == "mine too"
    assert losses(tmp_path / "t-2-2.csv") == ["2.0"]
    assert losses(tmp_path / "t-3.csv") == ["1.0"]


def test_a_free_path_is_free_of_a_sidecar_too(tmp_path: Path) -> None:
    assert free_path(tmp_path / "t.csv") == tmp_path / "t.csv"
    (tmp_path / "t.csv").touch()
    (tmp_path / "t-2.json").touch()
    assert free_path(tmp_path / "t.csv") == tmp_path / "t-3.csv"


def test_a_full_disk_is_told_once_and_what_waited_is_written_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = make_log(tmp_path / "log", 3.0)
    keeper = TableKeeper(tmp_path / "t.csv", overwrite=False)
    keeper.follow(str(log.folder))

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(TableError, match="no space left"):
            keeper.follow(str(log.folder))
        keeper.follow(str(log.folder))
    log.losses("A", [2.0])
    keeper.close()
    assert losses(tmp_path / "t.csv") == ["3.0", "2.0"]


def refused(*_: object, **__: object) -> StreamingTable:
    raise TableError("no space left")


def test_a_table_that_cannot_be_begun_is_told_once_and_begun_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = make_log(tmp_path / "log", 3.0)
    keeper = TableKeeper(tmp_path / "t.csv", overwrite=False)
    with monkeypatch.context() as patched:
        patched.setattr(autosave, "StreamingTable", refused)
        with pytest.raises(TableError, match="no space left"):
            keeper.follow(str(log.folder))
        keeper.follow(str(log.folder))
    keeper.follow(str(log.folder))
    keeper.close()
    assert losses(tmp_path / "t.csv") == ["3.0"]


def test_a_table_that_could_never_be_begun_is_told_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = make_log(tmp_path / "log", 3.0)
    keeper = TableKeeper(tmp_path / "t.csv", overwrite=False)
    monkeypatch.setattr(autosave, "StreamingTable", refused)
    with pytest.raises(TableError):
        keeper.follow(str(log.folder))
    with pytest.raises(TableError, match="no space left"):
        keeper.close()
    keeper.close()  # once more says nothing new
    keeper.follow(str(log.folder))
    assert not (tmp_path / "t.csv").exists()


def test_a_table_that_is_not_due_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autosave, "UPDATE_SECONDS", 1e9)
    log = make_log(tmp_path / "log", 3.0)
    keeper = TableKeeper(tmp_path / "t.csv", overwrite=False)
    for _ in range(3):
        keeper.follow(str(log.folder))
    assert losses(tmp_path / "t.csv") == []
    keeper.close()
    assert losses(tmp_path / "t.csv") == ["3.0"]


def test_what_the_options_ask_for(tmp_path: Path) -> None:
    assert table_keeper(values()) is None
    with pytest.raises(UsageError, match="--wide changes the loss table: add --out FILE"):
        table_keeper(values(wide=True))
    keeper = table_keeper(values(out=str(tmp_path / "t.parquet"), wide=True))
    assert keeper is not None
    log = make_log(tmp_path / "log", 3.0)
    for _ in range(3):
        keeper.follow(str(log.folder))
    assert not keeper.path.exists(), "which is written at the end alone"
    keeper.close()
    assert keeper.path.exists()


def test_long_work_tells_how_far_it_is_and_lets_others_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(autosave, "SLICE_SECONDS", -1.0)
    shares: list[float] = []
    beside: list[int] = []

    async def other() -> None:
        while True:
            beside.append(len(shares))
            await asyncio.sleep(0)

    async def both() -> None:
        task = asyncio.ensure_future(other())
        await in_slices([(0, 0), (1, 4), (4, 4)], shares.append)
        task.cancel()

    asyncio.run(both())
    assert shares == [1.0, 0.25, 1.0]
    assert beside[-1] >= 2
