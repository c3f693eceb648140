"""Threads that a script starts are followed from their first line to their last."""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from zgtui.check.recording.recorder import Recorder


def follow_threads(current: Callable[[], Recorder | None]) -> None:
    """Follow what any further thread does; torch gives a thread no modes of the one before it.

    A script's own threads may have another ``run()``: all of them go through this one method.
    """
    original = getattr(threading.Thread, "_bootstrap_inner", None)
    if original is None:
        return  # another Python: then a thread is followed from its first backward on

    @functools.wraps(original)
    def bootstrap(self: threading.Thread, *args: Any, **kwargs: Any) -> Any:
        recorder = current()
        if recorder is None or not recorder.follower.on:
            return original(self, *args, **kwargs)
        recorder.begin()
        try:
            return original(self, *args, **kwargs)
        finally:
            recorder.end()

    threading.Thread._bootstrap_inner = bootstrap  # type: ignore[attr-defined]  # noqa: SLF001 - the point of it
