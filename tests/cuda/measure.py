"""How fast each device trains each experiment: prints it, and writes $OUT/measured.json.

    python tests/cuda/measure.py

Steps of both runs a second in the training process, everything that it does included, as ``zgtui
devices --measure`` has them.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from zgtui.config.settings import Settings
from zgtui.worker.measuring import device_speeds

MEASURED: tuple[tuple[str, str | None], ...] = (
    ("article", None),
    ("spirals", None),
    ("digits", None),
    ("chars", None),
    ("chars", "large"),
)


def main() -> int:
    """Measure all; returns 1 where a device could not be measured."""
    rows: list[dict[str, Any]] = []
    for experiment, size in MEASURED:
        settings = Settings(experiment=experiment, size=size)
        try:
            found = asyncio.run(device_speeds(settings, measure=True))
        except Exception as error:  # noqa: BLE001 - the others are measured all the same
            rows.append({"experiment": experiment, "size": size, "problem": str(error)})
        else:
            rows += [
                {"experiment": experiment, "size": size, **asdict(one)} for one in found.devices
            ]
        Path(os.environ.get("OUT", "."), "measured.json").write_text(json.dumps(rows, indent=2))
    for row in rows:
        print(json.dumps(row))
    return int(any(row["problem"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
