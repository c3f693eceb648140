"""From settings to a comparison at step 0, and what its log says of it first."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import torch

from zgtui.config.settings import Settings
from zgtui.experiments import load
from zgtui.experiments.experiment import Experiment
from zgtui.experiments.own import as_usage_error
from zgtui.training.comparison import Comparison, fill_in
from zgtui.training.devices import resolve_device


def prepare(
    settings: Settings, devices: Mapping[str, str], experiment: Experiment | None = None
) -> tuple[Comparison, Settings]:
    """The comparison that ``settings`` describe, and the settings with every default filled in.

    ``devices`` are those of this machine. ``experiment`` stands in for the one that ``settings``
    name.

    Raises:
        UsageError: the settings do not fit one another, the experiment or this machine.
    """
    if experiment is None:
        experiment = load(settings.experiment, settings.size)
    filled = fill_in(settings, experiment, resolve_device(settings.device, dict(devices)))
    with as_usage_error(settings.experiment):
        return Comparison(experiment, filled), filled


def start_event(comparison: Comparison, settings: Settings) -> dict[str, Any]:
    """The fields of the log's start event, plain JSON types; ``settings`` are the filled ones."""
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "settings": settings.to_dict(),
        "torch": torch.__version__,
        "device": settings.device,
        "optimizer": type(comparison.runs["A"].optimizer).__name__,
        "steps_per_epoch": comparison.batches.per_epoch,
        "full_batch": comparison.batches.full,
        "twins": comparison.twins,
        "diagnostics": comparison.columns,
        "modes": comparison.outlook.modes,
        "floor": comparison.outlook.floor,
        "sharpness": dict(comparison.outlook.sharpness),
    }
