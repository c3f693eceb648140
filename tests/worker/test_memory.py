"""The memory of a GPU when another comparison is begun, in a worker that this test drives."""

from __future__ import annotations

import os
import weakref
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch

from zgtui.config.settings import Settings
from zgtui.ipc import LineWriter
from zgtui.runlog.events import Ended
from zgtui.runlog.log import read_events
from zgtui.training.comparison import Comparison, prepare
from zgtui.worker import loop
from zgtui.worker.loop import Worker
from zgtui.worker.protocol import Start

SETTINGS = Settings(device="cpu", steps=0, speed=0.0)
REFUSED = "CUDA out of memory. Tried to allocate 16.00 GiB."


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    stdin, _ = os.pipe()
    _, notices = os.pipe()
    return Worker(stdin, LineWriter(notices), tmp_path)


def trained(worker: Worker) -> weakref.ref[Comparison]:
    assert worker._logged is not None
    return weakref.ref(worker._logged.comparison)


def test_where_two_have_no_room_the_one_under_way_makes_way(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker._apply(Start(SETTINGS))
    old = trained(worker)

    def with_room_for_one(
        settings: Settings, devices: Mapping[str, str]
    ) -> tuple[Comparison, Settings]:
        if old() is not None:
            raise torch.cuda.OutOfMemoryError(REFUSED)
        return prepare(settings, devices)

    monkeypatch.setattr(loop, "prepare", with_room_for_one)
    worker._apply(Start(SETTINGS))
    new = trained(worker)()
    assert new is not None
    assert new.step == 0
    *_, end = read_events(tmp_path / "1")
    assert isinstance(end, Ended)
    assert end.reason == "restarted"


def test_where_not_even_one_has_room_it_fails(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_room(settings: Settings, devices: Mapping[str, str]) -> None:
        raise torch.cuda.OutOfMemoryError(REFUSED)

    monkeypatch.setattr(loop, "prepare", without_room)
    with pytest.raises(torch.cuda.OutOfMemoryError):
        worker._apply(Start(SETTINGS))


def test_what_was_trained_before_is_given_back_to_others(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker._apply(Start(SETTINGS))
    old, given_back = trained(worker), list[bool]()
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: given_back.append(old() is None))
    worker._apply(Start(SETTINGS))
    assert given_back == [True]
