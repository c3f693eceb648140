"""What is said of two or more finished tables, held against their numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.support.tables import TIDY_HEADER, tidy_rows
from zgtui.curves.arrange import arrange
from zgtui.curves.recordings.opening import Opening, read_all
from zgtui.explain.table_verdict import table_verdicts

Losses = Callable[[int], float]


def table(path: Path, losses: Losses, steps: Sequence[int], column: str = "loss") -> Path:
    rows = "".join(f"{step},{losses(step)!r}\n" for step in steps)
    path.write_text(f"step,{column}\n{rows}")
    return path


def verdicts(*paths: Path, limit: float = math.inf) -> list[str]:
    return table_verdicts(arrange(read_all(Opening(paths))), limit)


def test_two_tables_say_which_is_better_from_which_step_and_by_how_much(tmp_path: Path) -> None:
    steps = range(1, 41)
    a = table(tmp_path / "a.csv", lambda step: 40.0 - step / 2, steps)
    b = table(tmp_path / "b.csv", lambda step: 45.0 - step, steps)  # lower from step 11 on
    # The newest ten steps: the mean of 35.5 is 22.25 for a, 9.5 for b.
    (said,) = verdicts(a, b)
    assert said == (
        "b.csv ended ahead (loss 9.5 against 22.2, means of the newest 10 steps)."
        " b.csv's loss is lower at every step from step 11 on, in the end by 57.3 %."
    )


def test_a_replay_is_judged_up_to_the_step_shown(tmp_path: Path) -> None:
    steps = range(1, 41)
    a = table(tmp_path / "a.csv", lambda step: 40.0 - step / 2, steps)
    b = table(tmp_path / "b.csv", lambda step: 45.0 - step, steps)
    (early,) = verdicts(a, b, limit=8)
    assert early.startswith("a.csv ended ahead")
    assert "at every step from the start" in early


@pytest.mark.parametrize("swapped", [False, True])
def test_tables_of_different_lengths_are_compared_as_far_as_both_go(
    tmp_path: Path, *, swapped: bool
) -> None:
    long = table(tmp_path / "long.csv", lambda step: 2000.0 - step, range(1, 1501))
    short = table(tmp_path / "short.csv", lambda step: 1500.0 - step, range(1, 1001))
    (said,) = verdicts(*([short, long] if swapped else [long, short]))
    assert said.startswith(
        "Compared up to step 1,000, where short.csv ends (long.csv goes on to 1,500)."
        " short.csv ended ahead (loss 510 against 1.01e+03, means of the newest 20 steps)."
    )
    assert "Averaged over 20 steps at a time, short.csv's loss is lower from the start" in said


def test_a_lead_in_many_steps_is_told_as_about_where_it_began(tmp_path: Path) -> None:
    steps = range(1, 10_001)
    a = table(tmp_path / "a.csv", lambda step: 20_000.0 - step, steps)
    b = table(tmp_path / "b.csv", lambda step: 25_000.0 - 2 * step, steps)  # from 5,001 on
    (said,) = verdicts(a, b)
    assert "from about step 5,001 on" in said or "from about step 5,000 on" in said, said


def test_a_lead_that_does_not_last_is_not_told(tmp_path: Path) -> None:
    steps = range(1, 41)
    a = table(tmp_path / "a.csv", lambda step: 10.0 if step < 40 else 0.0, steps)
    b = table(tmp_path / "b.csv", lambda _: 5.0, steps)
    (said,) = verdicts(a, b)
    assert said == "b.csv ended ahead (loss 5 against 9, means of the newest 10 steps)."


def test_nearly_equal_losses_have_no_lead(tmp_path: Path) -> None:
    steps = range(1, 41)
    a = table(tmp_path / "a.csv", lambda step: 40.0 - step / 2, steps)
    b = table(tmp_path / "b.csv", lambda step: 40.0001 - step / 2, steps)
    (said,) = verdicts(a, b)
    assert "lower" not in said, said


def test_a_lead_between_losses_of_other_steps_is_told_of_parts_that_have_both(
    tmp_path: Path,
) -> None:
    a = table(tmp_path / "a.csv", lambda step: 2.0 - step / 1000, range(1, 401, 2))
    b = table(tmp_path / "b.csv", lambda step: 1.0 - step / 1000, [*range(1, 101, 2), 399])
    (said,) = verdicts(a, b)
    assert "Averaged over 8 steps at a time, b.csv's loss is lower from the start" in said, said


def test_nothing_is_said_before_both_have_a_loss(tmp_path: Path) -> None:
    a = table(tmp_path / "a.csv", float, range(1, 41))
    b = table(tmp_path / "b.csv", lambda step: step + 1.0, range(20, 41))
    c = table(tmp_path / "c.csv", lambda step: step + 2.0, range(20, 41))
    assert verdicts(a, b, limit=10) == []
    assert verdicts(a, b, c, limit=10) == []
    assert len(verdicts(a, b, c, limit=20)) == 1


def test_losses_that_are_not_of_every_step_are_called_values(tmp_path: Path) -> None:
    steps = range(10, 401, 10)
    a = table(tmp_path / "a.csv", lambda _: 1.0 + _ / 1e4, steps)
    b = table(tmp_path / "b.csv", lambda _: 2.0 + _ / 1e4, steps)
    assert "means of the newest 10 values" in verdicts(a, b)[0]


def test_equal_and_diverged_tables_are_said_to_be(tmp_path: Path) -> None:
    steps = range(1, 31)
    one = table(tmp_path / "one.csv", lambda step: 5.0 / step, steps)
    same = table(tmp_path / "same.csv", lambda step: 5.0 / step, steps)
    bad = table(tmp_path / "bad.csv", lambda step: 1.0 if step < 20 else math.nan, steps)
    assert verdicts(one, same) == ["one.csv and same.csv are equal (loss 0.167)."]
    (said,) = verdicts(one, bad)
    assert said.startswith("bad.csv diverged at step 20. one.csv's loss averages")
    assert "lower" not in said


def test_runs_of_one_table_of_ours_get_the_verdict_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    steps = range(1, 41)
    path.write_text(TIDY_HEADER + tidy_rows(steps, "A") + tidy_rows(steps, "B"))
    settings = '{"seed": 1, "a": {"clear": "every", "lr": 0.1}, "b": {"clear": "never", "lr": 0.1}}'
    path.with_suffix(".json").write_text(
        f'{{"table": "t.csv", "settings": {settings}, "same_init": true}}'
    )
    (said,) = verdicts(path)
    assert "A ended ahead" in said
    assert "B never clears its gradients" in said
    path.with_suffix(".json").unlink()
    assert "never clears" not in verdicts(path)[0]  # whether all else was equal is not known


def test_different_seeds_are_said_to_be(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 2)):
        table(tmp_path / f"{name}.csv", lambda step, k=seed: k / step, range(1, 41))  # type: ignore[misc] # bound now
        (tmp_path / f"{name}.json").write_text(
            f'{{"table": "{name}.csv", "settings": {{"seed": {seed}}}}}'
        )
    (said,) = verdicts(tmp_path / "a.csv", tmp_path / "b.csv")
    assert "Their seeds differ (1 and 2): one run of each cannot separate" in said


def test_of_many_the_lowest_are_told(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.csv" for name in "abcd"]
    for path in paths:
        path.write_text(TIDY_HEADER + tidy_rows(range(1, 11), "A") + tidy_rows(range(1, 11), "B"))
    (told,) = verdicts(*paths)
    assert told.startswith("Lowest loss, by the mean of the newest values: a.csv: A (")
    assert told.count("then ") == 6
    assert told.endswith(", then 2 more.")


def test_several_seeds_of_two_settings_are_told_as_two(tmp_path: Path) -> None:
    def seeds(name: str, *losses: float) -> list[Path]:
        return [
            table(tmp_path / f"{name}-seed{at}.csv", lambda _, k=loss: k, range(1, 11))  # type: ignore[misc] # bound now
            for at, loss in enumerate(losses)
        ]

    low, high = seeds("low", 1.0, 2.0), seeds("high", 3.0, 4.0)
    (told,) = verdicts(*low, *high)
    assert told == (
        "Lowest loss, by the mean of the newest values:"
        " low.csv (1.5, 2 seeds: 1 to 2), then high.csv (3.5, 2 seeds: 3 to 4)."
    )
    mixed = seeds("mixed", 1.5, 5.0)
    (said,) = verdicts(*low, *mixed)
    assert said.endswith("The seeds of low.csv and mixed.csv overlap: they may do equally well.")


def test_of_many_those_that_diverged_come_last_and_one_setting_alone_is_told(
    tmp_path: Path,
) -> None:
    steps = range(1, 11)
    fine = [table(tmp_path / f"fine-seed{at}.csv", lambda _: 1.5, steps) for at in range(3)]
    assert verdicts(*fine) == [
        "Lowest loss, by the mean of the newest values: fine.csv (1.5, 3 seeds: 1.5 to 1.5)."
    ]
    bad = [table(tmp_path / f"bad-seed{at}.csv", lambda _: math.nan, steps) for at in range(2)]
    one = table(tmp_path / "one.csv", lambda _: math.inf, steps)
    (said,) = verdicts(*bad, one, *fine)
    assert said.endswith(
        " fine.csv (1.5, 3 seeds: 1.5 to 1.5), then bad.csv (2 seeds, diverged),"
        " then one.csv (diverged)."
    ), "and nothing of seeds that overlap"


def test_what_is_no_loss_or_counted_otherwise_gets_no_verdict(tmp_path: Path) -> None:
    steps = range(1, 11)
    a = table(tmp_path / "a.csv", lambda _: 1.0, steps, "accuracy")
    b = table(tmp_path / "b.csv", lambda _: 2.0, steps, "accuracy")
    assert verdicts(a, b) == []
    assert verdicts(table(tmp_path / "c.csv", lambda _: 2.0, steps)) == []
    epochs = tmp_path / "d.csv"
    epochs.write_text("epoch,loss\n1,2\n2,1\n")
    assert verdicts(tmp_path / "c.csv", epochs) == []
