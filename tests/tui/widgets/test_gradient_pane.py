"""What the gradient pane tells at every width: whole numbers, or none."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from zgtui.tui.model.gradients import GradientView
from zgtui.tui.widgets.gradient_pane import gauge, gradient_text

VIEW = GradientView(
    grad=2.7314,
    fresh=0.61237,
    carried=3.1416,
    ratio=4.4603,
    cosine=-0.5123,
    uphill=True,
    q=1.2345,
    ranges=((0.0, 3.8),),
    energy=0.30114,
    first_loss=0.30127,
)
NUMBERS = {"2.73", "0.612", "3.14", "4.46", "0.51", "1.23", "0.3011", "0.3013", "3.8"}
LARGE = replace(VIEW, grad=1.414e6, fresh=2.5e-12, carried=1.41e6, ratio=5.6e17, q=1.234e-5)
LARGE_NUMBERS = {
    "1.41e+06", "2.5e-12", "5.6e+17", "1.23e-05", "0.51", "0.3011", "0.3013", "3.8",
}  # fmt: skip


@pytest.mark.parametrize("ascii_only", [False, True], ids=["unicode", "ascii"])
@pytest.mark.parametrize("width", range(4, 70))
@pytest.mark.parametrize(("view", "numbers"), [(VIEW, NUMBERS), (LARGE, LARGE_NUMBERS)])
def test_no_number_is_ever_cut(
    view: GradientView, numbers: set[str], width: int, *, ascii_only: bool
) -> None:
    lines = gradient_text("B", view, width, ascii_only=ascii_only).plain.splitlines()
    assert max(map(len, lines)) <= width
    assert set(re.findall(r"\d[\d.]*(?:e[-+]\d+)?", "\n".join(lines))) <= numbers


def test_a_wide_pane_tells_everything() -> None:
    first, second, *_ = gradient_text("B", VIEW, 60, ascii_only=False).plain.splitlines()
    assert first == "B  ‖.grad‖ 2.73 = 4.46 × ‖g‖ 0.612"
    assert second == "cosine -0.51 uphill · energy 0.3011 of 0.3013"


def test_a_cosine_that_rounds_to_nothing_is_not_uphill() -> None:
    view = replace(VIEW, cosine=-0.001, energy=None)
    assert gradient_text("B", view, 60, ascii_only=False).plain.splitlines()[1] == "cosine +0.00"


def test_a_run_that_clears_carries_nothing() -> None:
    view = replace(VIEW, carried=0.0)
    assert gradient_text("A", view, 60, ascii_only=False).plain.splitlines()[2] == "carried   0"


def test_half_of_a_screen_of_160_columns_has_room_for_ratio_and_energy() -> None:
    view = replace(VIEW, cosine=1.0, uphill=False)
    first, second, *_ = gradient_text("B", view, 26, ascii_only=False).plain.splitlines()
    assert first == "B  ‖.grad‖ = 4.46 × ‖g‖"
    assert second == "cos +1.00 · energy 0.3011"


def test_the_scale_is_heavy_where_the_run_is_stable_and_ends_at_its_own_limit() -> None:
    line = gauge(1.2, 36, ((0.0, 2.0),), ascii_only=False)
    label, scale = line[:11], line[11:]
    assert label == "lr·λ 1.2   "
    assert scale.index("●") < scale.index("2") < scale.index("─")
    assert "━" not in scale[scale.index("2") :]
    assert "4" not in scale


def test_ranges_apart_are_shown_apart() -> None:
    scale = gauge(1.5, 61, ((0.0, 1.0), (2.0, 3.0)), ascii_only=True)[len("lr*lambda 1.5   ") :]
    assert re.fullmatch(r"=+1-+o-+2=+3-+", scale)


def test_without_a_limit_that_holds_there_is_no_scale() -> None:
    assert gauge(1.2, 60, None, ascii_only=False) == "lr·λ 1.2"
    assert gauge(1.2, 60, (), ascii_only=False) == "lr·λ 1.2   unstable at any rate"


def test_a_gauge_of_an_earlier_step_says_so() -> None:
    stable = ((0.0, 2.0),)
    dated = gauge(1.2, 60, stable, ascii_only=False, step=1200)
    assert dated.startswith("lr·λ 1.2 at step 1,200 ━")
    assert gauge(1.2, 26, stable, ascii_only=False, step=1200) == "lr·λ 1.2 at step 1,200"
