"""The app, ``zgtui train`` and ``zgtui.compare`` say the same of the same training."""

from __future__ import annotations

from pathlib import Path

import pytest

import zgtui
from tests.sentences.driver import Case, trained
from tests.support.command import run
from zgtui.config.settings import Settings
from zgtui.tui.model import texts

MOMENTS = (
    ("article", 20, "A converged (loss 0). B oscillates"),
    ("spirals", 500, "A learned ("),
)


@pytest.mark.parametrize(("experiment", "steps", "begins"), MOMENTS)
def test_one_sentence_everywhere(experiment: str, steps: int, begins: str, tmp_path: Path) -> None:
    result = zgtui.compare(experiment=experiment, steps=steps)
    assert result.verdict.startswith(begins)
    assert result.verdict in repr(result)
    code, out, _ = run(
        "train", "--experiment", experiment, "--steps", str(steps), ZGTUI_STATE_DIR=str(tmp_path)
    )
    assert code == 0
    assert result.verdict in out.splitlines()
    case = Case("the app", Settings(experiment=experiment, steps=steps), steps)
    *_, live = trained(case, tmp_path / "log")
    assert texts.notes(live, theory=False, secret=False)[0] == result.verdict
