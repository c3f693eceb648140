"""What columns count beside the steps: epochs, samples and times."""

from __future__ import annotations

import pytest

from zgtui.tables.step_counts import MAX_PAIRS, StepCounts, counted_columns


def test_columns_are_found_by_the_names_that_tools_give_them() -> None:
    lightning = ["epoch", "step", "train_loss"]
    assert counted_columns(lightning, 1) == {"epoch": 0}
    tensorboard = ["Wall time", "Step", "Value"]
    assert counted_columns(tensorboard, 1) == {"time": 0}
    assert counted_columns(["epoch", "loss"], 0) == {}, "what is the axis itself"


def test_fractions_of_an_epoch_lie_on_a_straight_line() -> None:
    counts = StepCounts("epoch")
    counts.note_block([10, 20, 30, 40], ["0.5", "1.0", "1.5", "2.0"])
    assert counts.seconds(25) == pytest.approx(1.25)
    assert counts.step(1.25) == pytest.approx(25)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_step_lies_within_its_whole_epoch_also_in_the_last_one(*, at_once: bool) -> None:
    counts, steps = StepCounts("epoch"), list(range(0, 50, 2))
    cells = [str(step // 20) for step in steps]
    if at_once:
        counts.note_block(steps, cells)
    else:
        for step, cell in zip(steps, cells, strict=True):
            counts.note(step, cell)
    assert [counts.seconds(step) for step in (0, 10, 20, 40)] == [0.0, 0.5, 1.0, 2.0]
    assert counts.seconds(48) == pytest.approx(2.4)


def test_times_begin_with_the_first_row_and_may_be_dates() -> None:
    counts = StepCounts("time")
    counts.note(1, "2026-01-01T10:00:00+00:00")
    counts.note(2, "2026-01-01T10:00:30Z")
    assert counts.seconds(2) == pytest.approx(30)
    assert counts.step(15) == pytest.approx(1.5)


def test_what_goes_back_or_is_no_number_is_passed_over() -> None:
    counts = StepCounts("samples")
    for step, cell in ((1, "32"), (2, "nan"), (3, "much"), (4, "16"), (5, ""), (6, "192")):
        counts.note(step, cell)
    assert counts.seconds(6) == 192
    assert counts.seconds(3.5) == pytest.approx(112)


def test_one_value_at_all_steps_is_no_axis() -> None:
    counts = StepCounts("epoch")
    counts.note_block(list(range(100)), ["0"] * 100)
    assert not counts.known


def test_millions_of_rows_take_little_memory_and_keep_their_places() -> None:
    counts, block = StepCounts("time"), 10_000
    for start in range(0, 10_000_000, block):
        counts.note_block(range(start, start + block), range(start, start + block))
    assert len(counts._steps) <= MAX_PAIRS
    assert counts.seconds(7_654_321) == pytest.approx(7_654_321)
