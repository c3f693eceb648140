"""What is asked of CUDA, in which order, in which stream: of something in place of torch.cuda."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import torch

from tests.cuda.target import GPU as REAL
from tests.cuda.target import TRIAL
from zgtui.training.joint.capturers import CudaCapturer

GPU = torch.device("cuda:1")


class FakeCuda:
    """Tells each call with the stream that was current; ``fails`` has the ends of captures fail."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.fails = False
        self.current = FakeStream(self, "outside")
        self.device, self.sync, self.made = "cuda:0", "default", 0

    def tell(self, what: str) -> None:
        self.told.append(f"{self.current.name}: {what}")

    def stream(self, device: torch.device) -> FakeStream:
        assert device == GPU
        self.made += 1
        return FakeStream(self, f"stream {self.made}")

    def pool(self) -> str:
        return f"pool {self.made}"

    @contextmanager
    def on(self, stream: FakeStream) -> Iterator[None]:
        before, self.current = self.current, stream
        try:
            yield
        finally:
            self.current = before

    @contextmanager
    def on_device(self, device: torch.device) -> Iterator[None]:
        before, self.device = self.device, str(device)
        try:
            yield
        finally:
            self.device = before

    @contextmanager
    def graph(self, graph: FakeGraph, pool: str = "", *, stream: FakeStream) -> Iterator[None]:
        """As PyTorch's, it stays in its stream where the end of the capture fails."""
        assert self.device == str(GPU), "it would wait for another device"
        self.current, before = stream, self.current
        self.tell(f"capture in {pool}")
        try:
            yield
        finally:
            if self.fails:
                self.fails = False
                raise RuntimeError("operation failed due to a previous error during capture")
        self.tell("captured")
        self.current = before


class FakeStream:
    def __init__(self, cuda: FakeCuda, name: str) -> None:
        self._cuda, self.name = cuda, name

    def wait_stream(self, other: FakeStream) -> None:
        self._cuda.told.append(f"{self.name} waits for {other.name}")


class FakeGraph:
    cuda: FakeCuda

    def replay(self) -> None:
        self.cuda.tell("replay")


class FakeEvent:
    cuda: FakeCuda
    there = False

    def record(self, stream: FakeStream) -> None:
        assert stream is self.cuda.current
        self.cuda.tell("event")

    def query(self) -> bool:
        self.cuda.tell("query")
        return self.there

    def synchronize(self) -> None:
        self.cuda.tell("wait")


def unpinned(make: Callable[..., Any], *words: Any, pin_memory: bool, **more: Any) -> Any:
    assert pin_memory, "a copy from and to other memory waits"
    return make(*words, **more)


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> FakeCuda:
    fake = FakeCuda()
    FakeGraph.cuda = FakeEvent.cuda = fake
    FakeEvent.there = False

    def set_stream(stream: FakeStream) -> None:
        fake.current, fake.device = stream, str(GPU)

    def set_sync(mode: str) -> None:
        fake.sync = mode

    replaced = {
        "Stream": fake.stream,
        "stream": fake.on,
        "set_stream": set_stream,
        "current_stream": lambda _: fake.current,
        "device": fake.on_device,
        "graph_pool_handle": fake.pool,
        "CUDAGraph": FakeGraph,
        "graph": fake.graph,
        "Event": FakeEvent,
        "get_sync_debug_mode": lambda: fake.sync,
        "set_sync_debug_mode": set_sync,
    }
    for name, thing in replaced.items():
        monkeypatch.setattr(torch.cuda, name, thing)
    for name in ("empty", "tensor"):
        monkeypatch.setattr(torch, name, partial(unpinned, getattr(torch, name)))
    # What is allocated on the GPU to be captured in a trial.
    monkeypatch.setattr(torch, "zeros", lambda count, **_: torch.ones(count))
    return fake


def test_two_runs_are_captured_and_replayed_in_streams_and_pools_of_their_own(
    cuda: FakeCuda,
) -> None:
    first = CudaCapturer(GPU)
    second = first.another()
    replays = [capturer.capture(partial(cuda.tell, "work")) for capturer in (first, first, second)]
    assert cuda.told == [
        line
        for stream in (1, 1, 2)
        for line in (
            f"stream {stream}: capture in pool {stream}",
            f"stream {stream}: work",
            f"stream {stream}: captured",
        )
    ]
    cuda.told.clear()
    for capturer in (first, second):
        capturer.begin()
    for replay in replays[1:]:
        replay()
    for capturer in (first, second):
        capturer.join()
    assert cuda.told == [
        "stream 1 waits for outside",
        "stream 2 waits for outside",
        "stream 1: replay",
        "stream 2: replay",
        "outside waits for stream 1",
        "outside waits for stream 2",
    ]


def test_what_is_warmed_up_finds_all_before_it_and_waits_for_nothing(cuda: FakeCuda) -> None:
    modes: list[str] = []

    def work() -> None:
        cuda.tell("work")
        modes.append(cuda.sync)

    CudaCapturer(GPU).warm_up(work)
    assert cuda.told == [
        "stream 1 waits for outside",
        "stream 1: work",
        "outside waits for stream 1",
    ]
    assert modes == ["error"]
    assert cuda.sync == "default"


def test_no_garbage_is_collected_while_something_is_captured(cuda: FakeCuda) -> None:
    on: list[bool] = []
    CudaCapturer(GPU).capture(lambda: on.append(gc.isenabled()))
    assert on == [False]
    assert gc.isenabled()


def test_what_waits_is_refused_before_a_capture_would_fail(cuda: FakeCuda) -> None:
    def work() -> None:
        raise RuntimeError("called a synchronizing CUDA operation")

    with pytest.raises(RuntimeError, match="synchronizing"):
        CudaCapturer(GPU).warm_up(work)
    assert (cuda.sync, cuda.current.name) == ("default", "outside")


def test_a_capture_that_fails_leaves_the_stream_and_frees_the_generator(cuda: FakeCuda) -> None:
    cuda.fails = True
    with pytest.raises(RuntimeError, match="previous error"):
        CudaCapturer(GPU).capture(partial(cuda.tell, "work"))
    assert cuda.current.name == "outside"
    assert cuda.told[-2:] == ["stream 2: capture in ", "stream 2: captured"]
    assert cuda.device == "cuda:0", "another device is not meant from now on"


@pytest.mark.parametrize("there", [True, False])
def test_losses_are_read_after_their_event(cuda: FakeCuda, *, there: bool) -> None:
    FakeEvent.there = there
    arriving = CudaCapturer(GPU).send(torch.arange(3.0))
    assert cuda.told == ["stream 1: event"]
    cuda.told.clear()
    assert arriving.read() == [0.0, 1.0, 2.0]
    assert cuda.told == ["outside: query", *([] if there else ["outside: wait"])]


def test_rates_are_put_where_graphs_read_them(cuda: FakeCuda) -> None:
    place = torch.ones(4)
    CudaCapturer(GPU).put([0.1, 0.2], place)
    assert place.tolist() == pytest.approx([0.1, 0.2, 1.0, 1.0])


@pytest.mark.cuda
@pytest.mark.skipif(TRIAL, reason="asks CUDA itself")
def test_a_capture_that_fails_leaves_cuda_as_it_was() -> None:
    device = torch.device(REAL)
    capturer, number = CudaCapturer(device), torch.ones(1, device=REAL)

    def waits() -> None:
        number.item()

    def doubles() -> None:
        number.mul_(2)

    with pytest.raises(RuntimeError, match="synchronizing"):
        capturer.warm_up(waits)
    with pytest.raises(RuntimeError):
        capturer.capture(waits)
    assert torch.cuda.current_stream(device) == torch.cuda.default_stream(device)
    torch.rand(1, device=REAL)
    torch.cuda.set_rng_state(torch.cuda.get_rng_state(device), device)
    replay = capturer.capture(doubles)
    assert number.item() == 1.0, "a capture computes nothing"
    capturer.begin()
    replay()
    assert capturer.send(number).read() == [2.0]
    capturer.join()


@pytest.mark.cuda
@pytest.mark.skipif(TRIAL, reason="asks CUDA itself")
def test_two_streams_meet_where_they_are_joined() -> None:
    """Each waits for what came before it, and what comes after waits for both."""
    device = torch.device(REAL)
    first = CudaCapturer(device)
    capturers = (first, first.another())
    start = torch.linspace(-1, 1, 512 * 512, device=REAL).view(512, 512)
    matrices = [start.clone() for _ in capturers]

    def many(matrix: torch.Tensor) -> None:
        for _ in range(50):  # it stays between -1 and 1, and never comes to rest
            matrix.copy_(matrix @ matrix).sin_()

    replays = []
    for capturer, matrix in zip(capturers, matrices, strict=True):
        capturer.warm_up(partial(many, matrix))
        replays.append(capturer.capture(partial(many, matrix)))
    for _ in range(20):
        for matrix in matrices:
            matrix.copy_(start)
        for capturer in capturers:
            capturer.begin()
        for replay in replays:
            replay()
        for capturer in capturers:
            capturer.join()
        alone = start.clone()
        many(alone)
        assert alone.abs().max() > 0
        assert all(torch.equal(matrix, alone) for matrix in matrices)
