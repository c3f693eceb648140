"""A training process that does not keep to what was agreed is ended, and that is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.worker_process import Trainer
from zgtui.errors import WorkerError
from zgtui.worker import client


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "STOP_SECONDS", 0.05)


def started(monkeypatch: pytest.MonkeyPatch, session: Path, code: str) -> tuple[Trainer, int]:
    """A process that runs ``code`` instead, and its id."""
    monkeypatch.setattr(client, "_BOOT", f"import os, time\n{code}\ntime.sleep(600)")
    trainer = Trainer(session)
    return trainer, trainer.pid


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_message_that_cannot_be_read_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer, pid = started(monkeypatch, tmp_path / "s", "os.write(1, b'what is this\\n')")
    code, reason = await trainer.ended()
    assert code == 1
    assert reason.startswith("the training process sent a message that cannot be read: ")
    assert not alive(pid)
    trainer.client.kill()


async def test_one_that_says_nothing_more_and_stays_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer, pid = started(monkeypatch, tmp_path / "s", "os.close(1)")
    code, reason = await trainer.ended()
    log = trainer.client.worker_log
    assert (code, reason) == (0, f"the training process ended with exit code 0; see {log}")
    assert not alive(pid)


async def test_one_that_does_not_end_when_it_is_asked_to_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer, pid = started(monkeypatch, tmp_path / "s", "")
    await trainer.client.stop()
    assert not alive(pid)
    await trainer.client.stop()


async def test_where_nothing_can_be_written_it_is_not_started(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkerError, match="set ZGTUI_STATE_DIR to a folder that can be written"):
        Trainer(tmp_path / "file" / "s")
