"""Whatever hands do, no screen breaks; ``python -m tests.faults hands`` does it for hours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.stages import SCREENS
from tests.tui.stage import clock, folder

__all__ = ["clock", "folder"]
SEED, THINGS = "FAULTS_SEED", "FAULTS_THINGS"
"""Variables: where random hands begin, and how much they do."""


@pytest.mark.parametrize("screen", SCREENS)
async def test_random_hands_break_nothing(screen: str, folder: Path) -> None:
    seed, count = int(os.environ.get(SEED, "1")), int(os.environ.get(THINGS, "40"))
    await SCREENS[screen](folder, seed, count)
