"""Both runs of a script with no screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zgtui.launch.command import ScriptOptions
from zgtui.outputs.headless.headless_run import run_headless


def run(script: Path, log: Path, **options: Any) -> list[str]:
    """Both runs of ``script``, to their end; returns what was said."""
    said: list[str] = []
    code = run_headless(ScriptOptions(script=str(script), **options), log, say=said.append)
    assert code == 0, said
    return said
