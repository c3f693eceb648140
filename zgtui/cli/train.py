"""``zgtui train``: the comparison without the app."""

from __future__ import annotations

from zgtui.cli import Invocation, Subcommand
from zgtui.config.options import COMPARISON_OPTIONS, pick, settings_from


def train(call: Invocation) -> int:
    """Train to the end; returns the exit code."""
    from zgtui.outputs.headless.headless_train import train_headless  # noqa: PLC0415 - imports rich

    return train_headless(settings_from(call.values), call.values)


COMMAND = Subcommand(
    "train",
    "train the two runs without the app, in plain text",
    pick(
        *COMPARISON_OPTIONS,
        "speed", "out", "wide", "overwrite", "tensorboard", "live", "print-every", "plain", "quiet",
        "fail-on-diverge",
    ),
    train,
    trains=True,
    examples=(
        "zgtui train --steps 500 --out losses.csv",
        "zgtui train --experiment digits --clear-b 4 --quiet",
        "zgtui train --lr 0.25 --fail-on-diverge # exit code 1 if a loss is inf or nan",
    ),
)  # fmt: skip
