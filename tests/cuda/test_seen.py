"""What is said of the GPU: which device is sensible, and how busy it is."""

from __future__ import annotations

import json
from contextlib import closing

import pytest
import torch

from tests.cuda.target import GPU, TRIAL
from tests.support.command import run
from tests.support.waiting import until
from zgtui.outputs.gpu_monitor import GpuMonitor

pytestmark = pytest.mark.cuda


def test_each_device_is_measured_on_the_chosen_experiment() -> None:
    code, out, said = run("devices", "--experiment", "spirals", "--measure", "--json")
    assert code == 0, said
    told = json.loads(out)
    rates = {device["name"]: device["steps_per_second"] for device in told["devices"]}
    assert {GPU, "cpu"} <= rates.keys()
    assert all(rate > 0 for rate in rates.values())
    assert told["fastest"] in rates


@pytest.mark.skipif(TRIAL, reason="there is no driver")
def test_the_driver_tells_the_memory_that_we_hold() -> None:
    pytest.importorskip("pynvml")
    held = torch.ones(1 << 28, device=GPU)  # 1 GiB
    torch.cuda.synchronize()
    with closing(GpuMonitor()) as monitor:
        monitor.start()

        def told() -> bool:
            monitor.read()
            return bool(monitor.newest)

        until(told, "the driver to tell")
        (usage,) = monitor.of(GPU)
    assert usage.name in torch.cuda.get_device_name(0) or usage.total is not None
    assert usage.used is not None
    assert usage.used >= held.nbytes
    assert usage.ours is None or held.nbytes <= usage.ours <= usage.used
