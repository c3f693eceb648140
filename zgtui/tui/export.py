"""Writing the loss table from the app: never in the way of the screen, exact to the step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from zgtui.losses.destination import sidecar_path
from zgtui.losses.export import export
from zgtui.settings import RUNS

SLICE_SECONDS = 0.01


def free_path(path: Path) -> Path:
    """``path``, or the first of ``NAME-2``, ``NAME-3``, … at which nothing is there yet."""
    free, count = path, 1
    while free.exists() or sidecar_path(free).exists():
        count += 1
        free = path.with_stem(f"{path.stem}-{count}")
    return free


async def write_table(
    log: Path, path: Path, steps: int, *, overwrite: bool, progress: Callable[[float], None]
) -> None:
    """Write the first ``steps`` steps in ``log`` to ``path``, a slice at a time.

    ``progress`` hears the share done, from 0 to 1. Raises TableError; then no file is left behind.
    """
    writing = export(log, path, steps=dict.fromkeys(RUNS, steps), overwrite=overwrite)
    await in_slices(writing, progress)


async def in_slices(writing: Iterable[tuple[int, int]], progress: Callable[[float], None]) -> None:
    """Go through ``writing``, which yields (done, in all), with the screen alive beside it."""
    loop = asyncio.get_running_loop()
    until = loop.time() + SLICE_SECONDS
    for done, total in writing:
        if loop.time() >= until:
            progress(done / total if total else 1.0)
            await asyncio.sleep(0)
            until = loop.time() + SLICE_SECONDS
