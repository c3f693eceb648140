"""``zgtui``: the app, or plain text where there is no terminal."""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping
from typing import Any

from zgtui.cli import Invocation, Subcommand
from zgtui.config.options import COMPARISON_OPTIONS, pick, settings_from
from zgtui.errors import UsageError, suggest
from zgtui.outputs.stdout import no_terminal
from zgtui.terminal import warn


def app(call: Invocation) -> int:
    """Show the app; returns the exit code."""
    check_marker(call.values)
    check_lesson(call)
    settings = settings_from(call.values)
    reason = no_terminal(keys=True)
    if reason:
        from zgtui.outputs.headless.headless_train import train_headless  # noqa: PLC0415 - imports rich

        warn(f"{reason}: training in plain text, as with 'zgtui train'")
        return train_headless(settings, call.values)
    gc.disable()  # until the first frame: what is imported and mounted by then stays
    _import_asyncio_alone()
    from zgtui.tui.start import start_app  # noqa: PLC0415 - textual is for this case alone

    return start_app(settings, call.values, call.keys)


def _import_asyncio_alone() -> None:
    """Import asyncio as where Python has no OpenSSL: no connection is ever made by the screen.

    Loading it takes as long as a tenth of all that a screen imports.
    """
    if "ssl" in sys.modules:
        return
    sys.modules["ssl"] = None  # type: ignore[assignment]  # which import takes as not there
    try:
        import asyncio  # noqa: F401, PLC0415
    finally:
        del sys.modules["ssl"]


def check_lesson(call: Invocation) -> None:
    """Raise UsageError if there is no such lesson, or it cannot be given as asked."""
    name = call.values["lesson"]
    if name is None:
        return
    from zgtui.lessons import LESSONS  # noqa: PLC0415 - most start without one

    if name not in LESSONS:
        raise UsageError(
            f"there is no lesson {name!r}.{suggest(name, LESSONS)} Available: {', '.join(LESSONS)}"
        )
    both = sorted(call.given.intersection(COMPARISON_OPTIONS) - {"device"})
    if both:
        raise UsageError(f"--lesson sets up its own comparison: leave out --{', --'.join(both)}")
    if reason := no_terminal(keys=True):
        raise UsageError(f"{reason}: a lesson needs a screen")


def check_marker(values: Mapping[str, Any]) -> None:
    """Raise UsageError if ``--ascii`` and ``--marker`` contradict each other."""
    if values["ascii"] and values["marker"] not in {None, "ascii"}:
        raise UsageError("--ascii cannot be combined with another --marker")


COMMAND = Subcommand(
    "app",
    "watch two PyTorch runs train side by side, one clearing its gradients and one not",
    pick(
        *COMPARISON_OPTIONS,
        "speed", "lesson", "paused", "out", "overwrite", "tensorboard", "fps", "marker", "ascii",
        "theme",
    ),
    app,
    trains=True,
    examples=(
        "zgtui                                   # the article's model, both runs",
        "zgtui --experiment spirals --optimizer Adam --lr 0.01",
        "zgtui --paused --speed 2                # for a class: step with n",
    ),
)  # fmt: skip
