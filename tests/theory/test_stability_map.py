"""The cells of a stability map, and what theory says of them."""

from __future__ import annotations

from itertools import product

import pytest

from zgtui.config.settings import EVERY, NEVER, Clearing
from zgtui.theory.dynamics import Rule
from zgtui.theory.prediction import Mode
from zgtui.theory.stability import verdict
from zgtui.theory.stability_map import (
    MapGrid,
    Outcomes,
    StabilityMap,
    decode,
    encode,
    on_boundary,
    outcome_of,
)

ARTICLE = (Mode(12.0, 0.3, 0.5),)


def outcomes(grid: MapGrid, modes: tuple[Mode, ...] = ARTICLE) -> Outcomes:
    return [
        [outcome_of(grid.prediction(row, column, modes)) for column in range(grid.columns)]
        for row in range(grid.rows)
    ]


def test_cells_are_in_the_middle_of_their_columns_from_0_to_5() -> None:
    grid = MapGrid("clearing", columns=50, rows=4)
    assert [grid.q(0), grid.q(49)] == pytest.approx([0.05, 4.95])


def test_rows_of_clearing_go_from_every_step_to_never() -> None:
    grid = MapGrid("clearing", columns=5, rows=4)
    assert [grid.rule(row).clearing for row in range(4)] == [EVERY, Clearing(2), Clearing(3), NEVER]


@pytest.mark.parametrize("clearing", [EVERY, NEVER])
def test_rows_of_momentum_and_weight_decay_begin_without_it(clearing: Clearing) -> None:
    momentum = MapGrid("momentum", 5, 10, clearing)
    decay = MapGrid("weight-decay", 5, 10, clearing)
    assert [momentum.rule(row).momentum for row in (0, 9)] == pytest.approx([0, 0.9])
    assert [decay.rule(row).decay for row in (0, 9)] == pytest.approx([0, 0.9])
    assert {rule.rule(3).clearing for rule in (momentum, decay)} == {clearing}


def test_the_correct_loop_ends_at_2_and_the_faulty_one_at_4() -> None:
    """claims.md 3."""
    grid = MapGrid("clearing", columns=50, rows=6)
    every, *_, never = outcomes(grid)
    for column in range(50):
        assert every[column] == ("converged" if grid.q(column) < 2 else "diverged")
        assert never[column] == ("bounded" if grid.q(column) < 4 else "diverged")


def test_momentum_on_top_of_never_clearing_is_unstable_everywhere() -> None:
    """claims.md 7."""
    without, *others = outcomes(MapGrid("momentum", columns=20, rows=5))
    assert "bounded" in without
    assert {outcome for row in others for outcome in row} == {"diverged"}


def test_weight_decay_damps_a_run_that_never_clears() -> None:
    """claims.md 8: up to q = 4 - 2·lr·wd."""
    grid = MapGrid("weight-decay", columns=50, rows=5)
    for row, cells in list(enumerate(outcomes(grid)))[1:]:
        for column, outcome in enumerate(cells):
            stable = grid.q(column) < 4 - 2 * grid.rule(row).decay
            assert outcome == ("converged" if stable else "diverged")


def test_the_sharpest_direction_sets_the_rate_and_the_worst_one_the_outcome() -> None:
    grid = MapGrid("clearing", columns=50, rows=3)
    both = outcomes(grid, (Mode(12.0, 0.3, 0.5), Mode(6.0, 0.3, 0.5)))
    alone = outcomes(grid)
    assert both[0] == alone[0], "the flatter one is stable wherever the sharper one is"
    assert both[1] != alone[1], "clearing every second step, the flatter one fails elsewhere"


def test_a_boundary_has_another_outcome_beside_it_or_at_a_corner() -> None:
    rows = decode(["ccc", "ccc", "ccd"])
    assert [on_boundary(rows, 0, column) for column in range(3)] == [False, False, False]
    assert [on_boundary(rows, 1, column) for column in range(3)] == [False, True, True]
    assert encode(rows) == ["ccc", "ccc", "ccd"]


@pytest.mark.parametrize("other", [(0, 0), (2, 2), (1, 3), (4, 4)])
def test_a_single_cell_borders_on_all_around_it_and_no_others(other: tuple[int, int]) -> None:
    rows = [["c"] * 5 for _ in range(5)]
    rows[other[0]][other[1]] = "d"
    cells = decode(["".join(row) for row in rows])
    for cell in product(range(5), repeat=2):
        away = max(abs(here - there) for here, there in zip(cell, other, strict=True))
        assert on_boundary(cells, *cell) == (away <= 1), cell


def test_agreement_is_told_once_everything_is_trained() -> None:
    grid = MapGrid("clearing", columns=3, rows=3)
    predicted = decode(["ccd", "ccc", "ccc"])

    def told(measured: list[str]) -> str:
        return StabilityMap(grid, ARTICLE, predicted, decode(measured), 9, 9).agreement()

    assert told([]) == ""
    assert told(["ccd", "ccc", "ccc"]) == "training and theory agree in all 9 cells"
    assert told(["ccc", "ccc", "ccc"]).endswith("theory differs in 1 of 9 cells, all on a boundary")
    assert told(["ccd", "ccc", "dcc"]).endswith("theory differs in 1 of 9 cells, 1 inside an area")


def test_what_was_trained_takes_the_place_of_what_theory_says() -> None:
    grid = MapGrid("clearing", columns=3, rows=1)
    predicted, measured = decode(["ccd"]), decode(["cdd"])
    assert StabilityMap(grid, ARTICLE, predicted, [], 0, 9).outcomes == predicted
    assert StabilityMap(grid, ARTICLE, predicted, measured, 9, 9).outcomes == measured


def test_a_cell_knows_its_rate_and_weight_decay() -> None:
    grid = MapGrid("weight-decay", columns=5, rows=10)
    made = StabilityMap(grid, ARTICLE, outcomes(grid), [], 0, 9)
    assert made.lr(2) * 12 == pytest.approx(2.5)
    assert made.weight_decay(4, 2) * made.lr(2) == pytest.approx(0.4)
    assert made.prediction(4, 2) == verdict(Rule(NEVER, decay=0.4), 2.5)
