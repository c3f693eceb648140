"""``p`` in the app that trains: a picture of the steps in the run's log."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.support.tables import loss
from tests.support.waiting import until_then
from zgtui.config.settings import EVERY, NEVER, RunSettings, Settings
from zgtui.runlog.log import LogWriter
from zgtui.tui.app import ZgtuiApp
from zgtui.worker.client import Client
from zgtui.worker.protocol import ComparisonStarted


def no_client() -> Client:
    raise AssertionError("nothing is trained here")


def draws(app: ZgtuiApp) -> bool:
    return app.files.writing is not None


async def test_p_draws_what_the_log_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ZgtuiApp, "begin", lambda _app: None)
    writer = LogWriter(tmp_path / "log", ("A", "B"))
    writer.event("start", settings={"a": {"clear": "every"}, "b": {"clear": "never"}})
    for run in "AB":
        writer.losses(run, [loss(run, step) for step in range(1, 41)])
    writer.close()
    settings = Settings(a=RunSettings(clear=EVERY, lr=0.1), b=RunSettings(clear=NEVER, lr=0.1))
    app = ZgtuiApp(settings, no_client)
    async with app.run_test() as pilot:
        await pilot.press("p")
        assert not app.screen.query(Input)
        started = ComparisonStarted(
            log=str(tmp_path / "log"), settings=settings, optimizer="SGD", steps_per_epoch=1,
            full_batch=True, same_init=True,
        )  # fmt: skip
        app.live.worker_notice(started)
        app.live.phase = "failed"
        await pilot.press("p")
        app.screen.query_one(Input).value = "both.svg"
        await pilot.press("enter")
        assert draws(app)
        await until_then(lambda: not draws(app), lambda: "the picture")
    assert (tmp_path / "both.svg").read_bytes().startswith(b"<?xml")
