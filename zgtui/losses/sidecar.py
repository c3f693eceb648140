"""The sidecar of a loss table: how its numbers came about, as one JSON object."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zgtui.losses.rows import Facts

CONSTANTS = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}


def sidecar_text(facts: Facts, table: str, steps: Mapping[str, int]) -> str:
    """The sidecar of the table named ``table``, which holds ``steps`` of each run.

    First the experiment, its seed and where it ran, then everything else that the start event
    holds, all settings, and every change with the step from which it holds, as far as the table
    reaches. inf and nan, which JSON lacks, stand as strings.
    """
    start = {key: value for key, value in facts.start.items() if key not in {"event", "settings"}}
    settings = facts.start.get("settings", {})
    last = max(steps.values(), default=0)
    record = {
        "table": table,
        "experiment": settings.get("experiment"),
        "seed": settings.get("seed"),
        "zgtui": version("zgtui"),
        **start,
        "settings": settings,
        "steps": dict(steps),
        "changes": [event for event in facts.changes if event.get("step", 0) <= last],
    }
    valid = json.loads(json.dumps(record), parse_constant=CONSTANTS.__getitem__)
    return json.dumps(valid, indent=2, ensure_ascii=False) + "\n"
