"""How fast each device is: told for those that train, and why not for the others."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from zgtui.cli.devices import as_json, lines
from zgtui.cli.main import main
from zgtui.config.settings import Settings
from zgtui.ipc import Ack
from zgtui.worker import measuring
from zgtui.worker.client import WorkerListener
from zgtui.worker.measuring import DeviceSpeeds, device_speeds
from zgtui.worker.protocol import Command, ComparisonStarted, Failed, Progress, Ready, Start

DEVICES = {
    "cuda:0": "a GPU, 80 GiB",
    "cuda:1": "a full one",
    "cuda:2": "one that hangs",
    "cpu": "CPU",
}
STEPS = {"cuda:0": 10, "cpu": 40}
"""Steps between two words of a worker that trains."""


class MachineWithGpus:
    """A worker on a machine of several devices; it trains nothing."""

    alive = 0
    started: list[Start] = []  # noqa: RUF012 - emptied before each test

    def __init__(self, folder: Path) -> None:
        self._listener: WorkerListener | None = None
        self._training: asyncio.Task[None] | None = None

    def start(self, listener: WorkerListener) -> None:
        MachineWithGpus.alive += 1
        self._listener = listener
        listener.worker_notice(Ready("2.13.0", DEVICES))

    def send(self, command: Command) -> int:
        assert isinstance(command, Start)
        assert self._listener is not None
        self.started.append(command)
        settings = command.settings
        if settings.experiment == "none":
            self._listener.worker_notice(Ack(1, 0, error="there is no experiment 'none'"))
        elif settings.device == "auto":
            chosen = Settings(device="cpu")
            self._listener.worker_notice(
                ComparisonStarted("/", chosen, "SGD", 1, full_batch=True, same_init=True)
            )
        elif settings.device == "cuda:1":
            self._listener.worker_notice(Failed("CUDA out of memory"))
            self._listener.worker_ended(1, "the training process ended with exit code 1")
        else:
            self._training = asyncio.create_task(self._train(settings.device))
        return 1

    async def _train(self, device: str) -> None:
        assert self._listener is not None
        step = 0
        while True:
            step += STEPS.get(device, 0)
            self._listener.worker_notice(Progress(step, running=True, finished=False))
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        MachineWithGpus.alive -= 1
        if self._training is not None:
            self._training.cancel()


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> type[MachineWithGpus]:
    monkeypatch.setattr(measuring, "WorkerClient", MachineWithGpus)
    monkeypatch.setattr(measuring, "START_SECONDS", 1.0)
    monkeypatch.setattr(measuring, "WARM_SECONDS", 0.02)
    monkeypatch.setattr(measuring, "MEASURED_SECONDS", 0.2)
    monkeypatch.setattr(MachineWithGpus, "alive", 0)
    monkeypatch.setattr(MachineWithGpus, "started", [])
    return MachineWithGpus


def measured(settings: Settings, *, measure: bool = True) -> DeviceSpeeds:
    return asyncio.run(device_speeds(settings, measure=measure))


def test_each_device_is_measured_and_one_that_fails_or_hangs_says_why(
    gpus: type[MachineWithGpus],
) -> None:
    settings = Settings(experiment="digits", batch_size=7)
    found = measured(settings)
    by_name = {device.name: device for device in found.devices}
    assert list(by_name) == list(DEVICES)
    assert [name for name, device in by_name.items() if device.picked] == ["cpu"]
    fast, slow = by_name["cpu"].rate, by_name["cuda:0"].rate
    assert fast is not None
    assert slow is not None
    assert fast > slow > 0
    assert found.fastest == "cpu"
    assert by_name["cuda:1"].problem.startswith("CUDA out of memory (the training process ended")
    assert by_name["cuda:2"].problem == "no first step within 1 s"
    assert by_name["cuda:1"].rate is by_name["cuda:2"].rate is None
    assert gpus.alive == 0
    # Endless, at full speed, and as it was asked for.
    first, *trained = (start.settings for start in gpus.started)
    assert first.device == "auto"
    assert [one.device for one in trained] == list(DEVICES)
    for one in trained:
        assert (one.experiment, one.batch_size, one.steps, one.speed) == ("digits", 7, 0, 0.0)
    told = lines(found, settings)
    assert told[0].startswith("cuda:0  a GPU, 80 GiB ")
    assert told[0].endswith(" steps/s")
    assert "CUDA out of memory" in told[1]
    assert told[3].endswith(" steps/s  (auto picks this for digits, fastest here)")
    fields = json.loads(as_json(found, settings))
    assert fields["fastest"] == "cpu"
    assert [device["auto"] for device in fields["devices"]] == [False, False, False, True]
    assert fields["devices"][3]["steps_per_second"] == fast


def test_without_measure_nothing_is_trained(gpus: type[MachineWithGpus]) -> None:
    found = measured(Settings(), measure=False)
    assert [start.running for start in gpus.started] == [False]
    assert found.fastest == ""
    assert lines(found, Settings())[-2:] == [
        "cpu     CPU             (auto picks this for article)",
        "PyTorch 2.13.0",
    ]


def test_a_device_that_cannot_be_measured_is_exit_code_1(
    gpus: type[MachineWithGpus], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["devices"]) == 0
    assert main(["devices", "--measure", "--json"]) == 1
    printed = capsys.readouterr().out
    assert json.loads(printed[printed.index("{") :])["version"] == 1


def test_what_cannot_be_trained_at_all_is_told(gpus: type[MachineWithGpus]) -> None:
    assert main(["devices", "--experiment", "none"]) == 2
    assert gpus.alive == 0


def test_the_processor_of_this_machine_has_a_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "MEASURED_SECONDS", 0.5)
    found = measured(Settings())
    (cpu,) = (device for device in found.devices if device.name == "cpu")
    assert cpu.picked
    assert cpu.rate is not None
    assert cpu.rate > 10
