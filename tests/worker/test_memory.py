"""The memory of a GPU when another comparison is begun, in a worker that this test drives."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from zgtui.config.settings import Settings
from zgtui.errors import UsageError
from zgtui.ipc import LineWriter
from zgtui.runlog.events import Ended
from zgtui.runlog.log import read_events
from zgtui.training.comparison import Comparison
from zgtui.training.run import Run, make_run
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


class FullGpu:
    """Has room for one comparison, or for none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken: Callable[[], object] = lambda: None
        self._half_made: weakref.ref[Tensors] | None = None
        monkeypatch.setattr("zgtui.training.comparison.make_run", self._make_run)

    def _make_run(self, *args: Any, **kwargs: Any) -> Run:
        assert self._half_made is None or self._half_made() is None, "it still takes memory"
        if self.taken() is None:
            return make_run(*args, **kwargs)
        half_made = Tensors()
        self._half_made = weakref.ref(half_made)
        raise torch.cuda.OutOfMemoryError(REFUSED)


class Tensors:
    """What a comparison has made before there is no room for more."""


def test_where_two_have_no_room_the_one_under_way_makes_way(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker._apply(Start(SETTINGS))
    old = FullGpu(monkeypatch).taken = trained(worker)
    worker._apply(Start(SETTINGS))
    new = trained(worker)()
    assert old() is None
    assert new is not None
    assert new.step == 0
    *_, end = read_events(tmp_path / "1")
    assert isinstance(end, Ended)
    assert end.reason == "restarted"


def test_a_first_one_that_has_no_room_is_refused(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpu = FullGpu(monkeypatch)
    gpu.taken = lambda: "by somebody else"
    with pytest.raises(UsageError, match="CUDA out of memory"):
        worker._apply(Start(SETTINGS))
    gpu.taken = lambda: None
    worker._apply(Start(SETTINGS))
    assert trained(worker)() is not None


def test_a_worker_ends_that_has_made_way_in_vain(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker._apply(Start(SETTINGS))
    FullGpu(monkeypatch).taken = lambda: "by somebody else"
    with pytest.raises(torch.cuda.OutOfMemoryError):
        worker._apply(Start(SETTINGS))
    *_, end = read_events(tmp_path / "1")
    assert isinstance(end, Ended)


def test_what_fails_for_another_reason_leaves_the_one_under_way(worker: Worker) -> None:
    worker._apply(Start(SETTINGS))
    with pytest.raises(UsageError):
        worker._apply(Start(replace(SETTINGS, device="no such device")))
    assert trained(worker)() is not None


def test_what_was_trained_before_is_given_back_to_others(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker._apply(Start(SETTINGS))
    old, given_back = trained(worker), list[bool]()
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: given_back.append(old() is None))
    worker._apply(Start(SETTINGS))
    assert given_back == [True]
