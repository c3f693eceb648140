"""Whatever hands do, no screen breaks; ``python -m tests.faults hands`` does it for hours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.hands import SEED, THINGS
from tests.faults.stages import SCREENS, on_a_real_worker
from tests.tui.stage import clock, folder

__all__ = ["clock", "folder"]


@pytest.mark.parametrize("screen", SCREENS)
async def test_random_hands_break_nothing(screen: str, folder: Path) -> None:
    await SCREENS[screen](folder, *drawn())


@pytest.mark.slow
async def test_random_hands_break_no_training_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = tmp_path / "work"
    working.mkdir()
    monkeypatch.chdir(working)
    await on_a_real_worker(working, *drawn())


def drawn() -> tuple[int, int]:
    """Where hands begin, and how much they do."""
    return int(os.environ.get(SEED, "1")), int(os.environ.get(THINGS, "40"))
