"""What became of two runs of a script, told by how the script itself clears."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zgtui.config.settings import EVERY, NEVER, Clearing
from zgtui.launch.launched_run import LaunchedRun
from zgtui.launch.words.script_verdict import _clearing
from zgtui.runlog.events import ClearingSeen


@pytest.mark.parametrize(
    ("habits", "clearing"),
    [
        ([{"outcome": "cleared", "period": 1}], EVERY),
        ([{"outcome": "cleared", "period": 4}], Clearing(4)),
        ([{"outcome": "kept", "period": 1}], NEVER),
        ([{"outcome": "cleared", "period": 1}, {"outcome": "cleared", "period": 4}], EVERY),
        ([{"outcome": None, "period": 1}], EVERY),
        ([], EVERY),
    ],
)
def test_a_script_left_as_it_is_clears_as_it_was_seen_to(
    habits: list[dict[str, Any]], clearing: Clearing
) -> None:
    run = LaunchedRun("A", Path("log"), "as-is")
    assert _clearing(run) == EVERY
    run.seen = ClearingSeen("A", 9, habits, looked=9)
    assert _clearing(run) == clearing
    run.repaired = True
    assert _clearing(run) == EVERY
    assert _clearing(LaunchedRun("B", Path("log"), "never")) == NEVER
