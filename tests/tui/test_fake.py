from __future__ import annotations

import pytest

from tests.tui.fake import LR, SHARPNESS, FakeRun, cleared_loss, uncleared_loss
from zgtui.config.settings import EVERY, NEVER


@pytest.mark.parametrize("lr", [0.01, LR, 0.15])
def test_the_fake_trains_as_the_closed_forms_of_the_article_say(lr: float) -> None:
    cleared, uncleared = FakeRun(EVERY, lr), FakeRun(NEVER, lr)
    for step in range(1, 101):
        q = lr * SHARPNESS
        assert cleared.train(step) == pytest.approx(cleared_loss(step, q), rel=1e-9, abs=1e-12)
        assert uncleared.train(step) == pytest.approx(uncleared_loss(step, q), rel=1e-6, abs=1e-9)
