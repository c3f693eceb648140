"""What the gradient pane tells at every width: whole numbers, or none."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from zgtui.tui.widgets.gradient_pane import GradientView, gauge, gradient_text

VIEW = GradientView(
    grad=2.7314,
    fresh=0.61237,
    carried=3.1416,
    ratio=4.4603,
    cosine=-0.5123,
    q=1.2345,
    energy=0.30114,
    first_loss=0.30127,
)
NUMBERS = {"2.73", "0.612", "3.14", "4.46", "0.51", "1.23", "0.3011", "0.3013", "2", "4"}


@pytest.mark.parametrize("ascii_only", [False, True], ids=["unicode", "ascii"])
@pytest.mark.parametrize("width", range(24, 70))
def test_no_number_is_ever_cut(width: int, *, ascii_only: bool) -> None:
    lines = gradient_text("B", VIEW, width, ascii_only=ascii_only).plain.splitlines()
    assert max(map(len, lines)) <= width
    assert set(re.findall(r"\d[\d.]*", "\n".join(lines))) <= NUMBERS


def test_a_wide_pane_tells_everything() -> None:
    first, second, *_ = gradient_text("B", VIEW, 60, ascii_only=False).plain.splitlines()
    assert first == "B  ‖.grad‖ 2.73 = 4.46 × ‖g‖ 0.612"
    assert second == "cosine -0.51 uphill · energy 0.3011 of 0.3013"


def test_half_of_a_screen_of_160_columns_has_room_for_ratio_and_energy() -> None:
    view = replace(VIEW, cosine=1.0)
    first, second, *_ = gradient_text("B", view, 26, ascii_only=False).plain.splitlines()
    assert first == "B  ‖.grad‖ = 4.46 × ‖g‖"
    assert second == "cos +1.00 · energy 0.3011"


def test_a_gauge_of_an_earlier_step_says_so() -> None:
    assert gauge(1.2, 60, ascii_only=False, step=1200).startswith("lr·λ 1.2 at step 1,200 ─")
    assert gauge(1.2, 26, ascii_only=False, step=1200) == "lr·λ 1.2 at step 1,200"
