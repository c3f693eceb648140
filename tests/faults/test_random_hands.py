"""Whatever hands do, no screen breaks; ``python -m tests.faults hands`` does it for hours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.stages import SCREENS
from tests.tui.stage import clock, folder

__all__ = ["clock", "folder"]
SEEDS = (1,)
COUNT = 50


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("screen", SCREENS)
async def test_random_hands_break_nothing(screen: str, seed: int, folder: Path) -> None:
    await SCREENS[screen](folder, seed, COUNT)
