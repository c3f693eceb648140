"""``zgtui experiments``: what can be trained."""

from __future__ import annotations

from zgtui.cli import Invocation, Subcommand
from zgtui.experiments import EXPERIMENTS
from zgtui.terminal import tell


def print_experiments(_call: Invocation) -> int:
    """Print one line an experiment; returns the exit code."""
    width = max(map(len, EXPERIMENTS))
    for name, listing in EXPERIMENTS.items():
        tell(f"{name:<{width}}  {listing.summary}")
    return 0


COMMAND = Subcommand(
    "experiments",
    "list what can be trained",
    {},
    print_experiments,
    examples=(
        "zgtui experiments",
        "zgtui --experiment moons",
        "zgtui --experiment my_model.py:make     # your own: zgtui docs experiments",
    ),
)
