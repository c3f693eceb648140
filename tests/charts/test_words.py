"""Texts for terminals that show ASCII alone."""

from __future__ import annotations

import pytest

from zgtui.charts.words import ascii_text
from zgtui.lessons import LESSONS
from zgtui.tui.widgets.gradient_pane import LEGEND

PAGES = [page.text for lesson in LESSONS.values() for page in lesson.pages]


@pytest.mark.parametrize("text", [*LEGEND, *PAGES])
def test_nothing_that_is_said_is_lost(text: str) -> None:
    assert ascii_text(text).count("?") == text.count("?")


def test_a_product_is_told_from_a_separator() -> None:
    assert ascii_text("step 3 · lr·wd 0.1, ½·lr·λ") == "step 3 - lr*wd 0.1, 1/2*lr*lambda"
