"""What is told of the GPUs: by a library in place of nvidia-ml-py, in a poller of our own."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.waiting import PATIENCE, until
from tests.tui.scripts_stage import running_scripts
from tests.tui.stage import clock, running_app
from zgtui.config.settings import Settings
from zgtui.launch.command import ScriptOptions
from zgtui.outputs import gpu_monitor
from zgtui.outputs.gpu_monitor import GpuMonitor, GpuUsage, gpu_words
from zgtui.outputs.gpu_poller import visible
from zgtui.outputs.headless.headless_run import run_headless

__all__ = ["clock"]
FAKE = Path(__file__).parents[1] / "support" / "nvml"
GIB = 1 << 30
H100 = {
    "uuid": "GPU-aaaa-1",
    "name": "NVIDIA H100 80GB HBM3",
    "memory": {"used": 16 * GIB, "total": 80 * GIB},
    "utilization": 87,
    "temperature": 54,
    "milliwatts": 310_400,
    "processes": [[0, 12 * GIB], [1, 4 * GIB]],
    "instances": [],
}
OLD = {
    **H100,
    "uuid": "GPU-bbbb-2",
    "name": "Tesla K80",
    "utilization": "unsupported",
    "milliwatts": "unsupported",
    "processes": "unsupported",
}
Machine = Callable[..., None]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with these GPUs."""
    monkeypatch.syspath_prepend(str(FAKE))
    monkeypatch.setenv("PYTHONPATH", f"{FAKE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    monkeypatch.setattr(gpu_monitor, "POLL_SECONDS", 0.05)

    def have(*gpus: dict[str, Any]) -> None:
        (tmp_path / "gpus.json").write_text(json.dumps(gpus), encoding="utf-8")
        monkeypatch.setenv("FAKE_NVML", str(tmp_path / "gpus.json"))

    return have


@pytest.fixture
def monitor() -> Iterator[GpuMonitor]:
    with closing(GpuMonitor()) as monitor:
        yield monitor


def read_until(monitor: GpuMonitor, condition: Callable[[], object]) -> None:
    def comes() -> object:
        monitor.read()
        return condition()

    until(comes, "what the GPUs do")


def test_each_gpu_is_told_with_our_memory_and_that_of_others(
    machine: Machine, monitor: GpuMonitor
) -> None:
    machine(H100, OLD)
    monitor.start()
    read_until(monitor, lambda: monitor.newest)
    first, second = monitor.newest
    assert first == GpuUsage("NVIDIA H100 80GB HBM3", 16 * GIB, 80 * GIB, 12 * GIB, 87, 54, 310.4)
    assert second == GpuUsage("Tesla K80", 16 * GIB, 80 * GIB, None, None, 54, None)
    assert list(gpu_words(monitor.of("cuda:0"))) == [
        "H100 80GB HBM3 87 %",
        "12.0 GiB, others 4.0, of 80",
        "54 °C",
        "310 W",
    ]
    assert list(gpu_words(monitor.of("cuda:1"))) == [
        "Tesla K80",
        "16.0 of 80 GiB used",
        "54 °C",
    ]
    assert list(monitor.of("cpu")) == list(monitor.of("cuda:2")) == []
    assert list(monitor.ours) == [first]


def test_it_changes_as_the_gpu_does(machine: Machine, monitor: GpuMonitor) -> None:
    machine(H100)
    monitor.start()
    read_until(monitor, lambda: monitor.newest)
    machine({**H100, "utilization": 3})
    read_until(monitor, lambda: monitor.newest[0].utilization == 3)


def test_without_the_library_nothing_is_started(
    monitor: GpuMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pynvml" else find(name)
    )
    monitor.start()
    monitor.read()
    assert monitor._process is None
    assert list(gpu_words([*monitor.newest, *monitor.ours, *monitor.of("cuda:0")])) == []


def test_without_a_driver_the_poller_ends_and_nothing_is_told(
    machine: Machine, monitor: GpuMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAKE_NVML", raising=False)
    monitor.start()
    assert monitor._process is not None
    read_until(monitor, lambda: monitor._process is None)
    assert not monitor.newest
    monitor.start()
    assert monitor._process is None, "it is not tried again"


def test_a_driver_that_hangs_hinders_nothing(machine: Machine, monitor: GpuMonitor) -> None:
    machine({**H100, "memory": "hang"})
    monitor.start()
    process = monitor._process
    assert process is not None
    begin = time.monotonic()
    for _ in range(100):
        monitor.read()
    assert time.monotonic() - begin < 1.0
    assert not monitor.newest
    monitor.close()
    assert process.poll() is not None


def test_what_is_old_is_not_shown(
    machine: Machine, monitor: GpuMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(H100)
    monitor.start()
    read_until(monitor, lambda: monitor.newest)
    monkeypatch.setattr(gpu_monitor, "FRESH_SECONDS", 0.0)
    assert not monitor.newest


@pytest.mark.skipif(sys.platform != "linux", reason="closes the other end of a pipe")
def test_the_poller_ends_with_whoever_started_it(machine: Machine, monitor: GpuMonitor) -> None:
    machine(H100)
    monitor.start()
    process = monitor._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()  # as the kernel does for a process that was killed
    assert process.wait(PATIENCE) == 0
    process.stdin = open(os.devnull, "wb")  # noqa: SIM115, PTH123 - closed by the monitor


@pytest.mark.parametrize(
    ("chosen", "order"),
    [
        (None, [0, 1, 2]),
        ("2,0", [2, 0]),
        ("GPU-b", [1]),
        ("GPU-c,0", [2, 0]),
        ("", []),
        ("-1", []),
        ("1,7,0", [1]),
        ("GPU-", []),
    ],
)
def test_the_gpus_are_those_that_cuda_sees(chosen: str | None, order: list[int]) -> None:
    assert visible(["GPU-a1", "GPU-b2", "GPU-c3"], chosen, 3) == order


def test_a_gpu_that_is_lost_is_no_longer_told(machine: Machine, monitor: GpuMonitor) -> None:
    machine(H100, H100)
    monitor.start()
    read_until(monitor, lambda: monitor.newest)
    machine({**H100, "lost": True}, H100)
    read_until(monitor, lambda: not list(gpu_words(monitor.of("cuda:0"))))
    assert "H100 80GB HBM3 87 %" in gpu_words(monitor.of("cuda:1")), "the other goes on"


def test_a_driver_that_goes_away_is_told_by_nothing(
    machine: Machine, monitor: GpuMonitor, tmp_path: Path
) -> None:
    machine(H100)
    monitor.start()
    read_until(monitor, lambda: monitor.newest)
    (tmp_path / "gpus.json").unlink()
    read_until(monitor, lambda: monitor._process is None)
    assert monitor.newest, "what was told a moment ago"


PARTS = [
    {
        "uuid": f"MIG-{letter}",
        "name": "NVIDIA H100 80GB HBM3 MIG 1g.10gb",
        "memory": {"used": used * GIB, "total": 10 * GIB},
        "processes": [],
    }
    for letter, used in (("a", 2), ("b", 5))
]


@pytest.mark.parametrize(
    ("chosen", "used"), [(None, "2.0"), ("0", "2.0"), ("MIG-b", "5.0"), ("MIG-b,MIG-a", "5.0")]
)
def test_of_a_gpu_that_is_divided_the_instance_is_told(
    chosen: str | None,
    used: str,
    machine: Machine,
    monitor: GpuMonitor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine({**H100, "instances": PARTS})
    if chosen is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)
    monitor.start()
    read_until(monitor, lambda: monitor.newest)
    told = ["H100 80GB HBM3 MIG 1g.10gb", f"{used} of 10 GiB used"]
    assert list(gpu_words(monitor.newest)) == told


@pytest.mark.parametrize("chosen", [None, "0", "GPU-aaaa"])
def test_among_cards_that_differ_the_one_that_we_use_is_told(
    chosen: str | None, machine: Machine, monitor: GpuMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CUDA has the fastest first, which the driver does not tell."""
    monkeypatch.delenv("CUDA_DEVICE_ORDER")
    if chosen is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)
    machine({**OLD, "processes": [[1, 4 * GIB]]}, H100)
    monitor.start()
    read_until(monitor, lambda: monitor.newest)
    assert [gpu.name for gpu in monitor.of("cuda:0")] == ["NVIDIA H100 80GB HBM3"]


def test_of_the_cards_that_a_cluster_lends_the_first_is_cudas_first(
    machine: Machine, monitor: GpuMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    machine({**H100, "lent": False}, {**H100, "utilization": 33})
    monitor.start()
    read_until(monitor, lambda: monitor.newest)
    assert [gpu.utilization for gpu in monitor.of("cuda:0")] == [33]


def test_in_a_container_the_numbers_of_processes_mean_nothing(
    machine: Machine, monitor: GpuMonitor
) -> None:
    machine({**H100, "processes": [[0, 12 * GIB], [2**22 + 1, 4 * GIB]]})
    monitor.start()
    read_until(monitor, lambda: monitor.newest)
    assert monitor.newest[0].ours is None
    assert "16.0 of 80 GiB used" in gpu_words(monitor.newest)


async def test_the_app_shows_the_gpu_that_trains(tmp_path: Path, machine: Machine) -> None:
    machine(OLD, H100)
    settings = Settings(device="cuda:1")
    async with running_app(tmp_path, settings, size=(160, 30)) as stage:
        await stage.shows("H100 80GB HBM3 87 % · 12.0 GiB, others 4.0, of 80 · 54 °C · 310 W")
        assert "K80" not in stage.text
        poller = stage.app.gpus._process
        assert poller is not None
    assert poller.poll() is not None, "it ends with the app"


async def test_on_the_processor_no_gpu_is_shown(tmp_path: Path, machine: Machine) -> None:
    machine(H100)
    async with running_app(tmp_path, Settings(device="cpu"), size=(160, 30)) as stage:
        await stage.until(lambda: stage.app.gpus.newest, "a word of the poller")
        stage.app.tick()
        await stage.pilot.pause()
        assert "H100" not in stage.text


async def test_run_shows_the_gpus_on_which_its_scripts_hold_memory(
    tmp_path: Path, machine: Machine
) -> None:
    machine({**H100, "processes": [[1, GIB]]}, H100, OLD)
    async with running_scripts(tmp_path, size=(160, 30)) as stage:
        stage.fake.connect()
        stage.fake.train("A", [1.0, 2.0])
        await stage.shows("H100 80GB HBM3 87 %", "12.0 GiB, others 4.0, of 80")
        assert stage.text.count("H100") == 1


TRAINS_UNTIL_TOLD = """
import pathlib, time, torch

model = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
while not pathlib.Path("enough").exists():
    optimizer.zero_grad()
    model(torch.ones(4, 1)).mean().backward()
    optimizer.step()
    time.sleep(0.01)
"""


def test_run_without_a_screen_tells_the_gpus_with_its_progress(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(H100)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(TRAINS_UNTIL_TOLD, encoding="utf-8")
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if "H100" in line:
            (tmp_path / "enough").touch()

    options = ScriptOptions(script="train.py")
    assert run_headless(options, tmp_path / "log", say=say, every=0.1) == 0
    assert any("H100 80GB HBM3 87 %  12.0 GiB, others 4.0, of 80  54 °C" in line for line in said)
