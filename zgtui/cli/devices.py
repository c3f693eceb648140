"""``zgtui devices``: what can train here, which of it ``auto`` takes, and how fast it is."""

from __future__ import annotations

import asyncio
import json

from zgtui.cli import Invocation, Subcommand
from zgtui.config.options import Option, pick
from zgtui.config.settings import Settings
from zgtui.terminal import tell, tell_text
from zgtui.worker.measuring import DeviceSpeed, DeviceSpeeds, device_speeds

VERSION = 1
"""Of the form of the JSON object: it goes up when a field changes its meaning or goes."""


def show_devices(call: Invocation) -> int:
    """Print one line a device, or one JSON object; returns 1 if one could not be measured, else 0.

    Raises:
        ZgtuiError: if the experiment cannot be trained.
    """
    values = call.values
    settings = Settings(
        experiment=values["experiment"],
        size=values["size"],
        optimizer=values["optimizer"],
        batch_size=values["batch-size"],
        seed=values["seed"],
    )
    measure = bool(values["measure"])
    found = asyncio.run(device_speeds(settings, measure=measure))
    if values["json"]:
        tell_text(as_json(found, settings))
    else:
        for line in lines(found, settings):
            tell(line)
    return int(any(device.problem for device in found.devices))


def lines(found: DeviceSpeeds, settings: Settings) -> list[str]:
    """A line for each device, and one for PyTorch."""
    names = max(len(device.name) for device in found.devices)
    told = max(len(device.description) for device in found.devices)
    return [
        *(
            f"{device.name:<{names}}  {device.description:<{told}}"
            f"{_speed(device)}{_remarks(device, found, settings)}".rstrip()
            for device in found.devices
        ),
        f"PyTorch {found.torch}",
    ]


def _speed(device: DeviceSpeed) -> str:
    if device.problem:
        return f"  {device.problem}"
    return "" if device.rate is None else f"  {device.rate:>8,.0f} steps/s"


def _remarks(device: DeviceSpeed, found: DeviceSpeeds, settings: Settings) -> str:
    remarks = [f"auto picks this for {settings.experiment}"] if device.picked else []
    several = len(found.devices) > 1
    remarks += ["fastest here"] if several and device.name == found.fastest else []
    return f"  ({', '.join(remarks)})" if remarks else ""


def as_json(found: DeviceSpeeds, settings: Settings) -> str:
    """One object; `zgtui docs options` describes it."""
    fields = {
        "version": VERSION,
        "experiment": settings.experiment,
        "size": settings.size,
        "torch": found.torch,
        "fastest": found.fastest or None,
        "devices": [
            {
                "name": device.name,
                "description": device.description,
                "auto": device.picked,
                "steps_per_second": device.rate,
                "problem": device.problem,
            }
            for device in found.devices
        ],
    }
    return json.dumps(fields, indent=2, ensure_ascii=False)


OWN = {
    "measure": Option("train on each device for a few seconds and show its steps per second"),
    "json": Option("print the devices as JSON instead of text"),
}
COMMAND = Subcommand(
    "devices",
    "list the devices that can train here, and measure how fast they are",
    {**pick("experiment", "size", "optimizer", "batch-size", "seed"), **OWN},
    show_devices,
    trains=True,
    examples=(
        "zgtui devices",
        "zgtui devices --measure --experiment digits",
        "zgtui --device cuda:1",
    ),
)
