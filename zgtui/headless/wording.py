"""How plain text, tables and windows name runs and their steps, in the words of the article."""

from __future__ import annotations

from zgtui.settings import RUNS, RunName, RunSettings, Settings


def run_labels(settings: Settings) -> dict[RunName, str]:
    """``With zero_grad``, ``Without zero_grad`` or what fits; never the same for both runs."""
    labels = {name: _label(settings.run(name)) for name in RUNS}
    if labels["A"] == labels["B"]:
        return {name: f"{name}, {label}" for name, label in labels.items()}
    return labels


def _label(run: RunSettings) -> str:
    parts = f", {run.accumulate} backwards a step" if run.accumulate > 1 else ""
    period = run.clear.period
    clearing = {0: "Without zero_grad", 1: "With zero_grad"}.get(
        period, f"zero_grad every {period} steps"
    )
    return f"{clearing}{parts}"


def step_word(steps_per_epoch: int) -> str:
    """``Epoch`` where a step is one pass over the data, else ``Step``."""
    return "Epoch" if steps_per_epoch == 1 else "Step"
