"""When steps were done: few pairs for many steps, true in between, and none in older logs."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest

from zgtui.runlog.events import Ended, LrChanged
from zgtui.runlog.log import LogWriter, LossReader, branch, read_events
from zgtui.runlog.times import StepTimes, TimeKeeper, read_times, times_path, to_bytes
from zgtui.tables.rows import logged_runs


def kept(notes: list[tuple[int, float]]) -> list[tuple[float, float]]:
    keeper = TimeKeeper()
    pairs = [one for steps, now in notes for one in keeper.note(steps, now)]
    pairs += keeper.rest()
    return list(zip(pairs[::2], pairs[1::2], strict=True))


def test_a_day_of_losses_fifty_times_a_second_is_some_thousand_pairs() -> None:
    notes = [(step, 1e9 + step / 50) for step in range(0, 50 * 86_400, 25)]
    pairs = kept(notes)
    assert 5_000 < len(pairs) < 10_000
    assert [pairs[0], pairs[-1]] == [(float(steps), now) for steps, now in (notes[0], notes[-1])]


def test_a_pause_does_not_look_like_slow_steps() -> None:
    pairs = kept([(1, 0.0), (2, 0.2), (3, 0.25), (4, 60.0), (5, 60.2)])
    assert pairs == [(1, 0.0), (2, 0.2), (3, 0.25), (4, 60.0), (5, 60.2)]


def test_times_are_a_tenth_of_a_second_apart() -> None:
    assert kept([(1, 0.0), (2, 0.05), (3, 0.1), (4, 0.15)]) == [(1, 0.0), (3, 0.1), (4, 0.15)]
    assert kept([(1, 0.0), (2, 0.0), (3, 0.1)]) == [(1, 0.0), (2, 0.0), (3, 0.1)], "a pause"


def test_seconds_and_steps_are_each_other_s_inverse(tmp_path: Path) -> None:
    times_path(tmp_path, "A").write_bytes(
        to_bytes(array("d", [10, 100.0, 20, 101.0, 20, 105.0, 40, 104.0, 60, 107.0]))
    )
    times = StepTimes(tmp_path, "A")
    times.read()
    assert times.known
    assert [times.seconds(step) for step in (1, 10, 15, 20, 50, 99)] == [0, 0, 0.5, 1, 6, 7]
    assert [times.step(seconds) for seconds in (-1, 0.5, 3, 6, 99)] == [10, 15, 20, 50, 60]


def test_the_writer_notes_times_and_closing_keeps_the_last(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path / "log", ["A", "B"])
    for _ in range(5):
        writer.losses("A", [1.0, 2.0])
    writer.close()
    pairs = read_times(tmp_path / "log", "A")
    assert (pairs[0], pairs[-2]) == (2, 10)
    assert not read_times(tmp_path / "log", "B")
    assert logged_runs(tmp_path / "log") == ("A", "B")


def test_a_branch_has_the_times_of_the_steps_it_took_over(tmp_path: Path) -> None:
    old = LogWriter(tmp_path / "1", ["A"])
    old.copy("A", [1.0] * 30)
    old.times("A", array("d", [10, 100.0, 20, 101.0, 30, 102.0]))
    new = branch(tmp_path / "1", tmp_path / "2", ["A"], 20)
    assert read_times(tmp_path / "2", "A").tolist() == [10, 100.0, 20, 101.0]
    assert LossReader(tmp_path / "2", "A").available() == 20
    old.close()
    new.close()


def test_half_a_pair_waits_for_its_other_half(tmp_path: Path) -> None:
    path = times_path(tmp_path, "A")
    path.write_bytes(to_bytes(array("d", [10, 100.0, 20, 101.0]))[:-3])
    assert read_times(tmp_path, "A").tolist() == [10, 100.0]


def test_a_branch_has_what_held_at_its_step_and_no_end(tmp_path: Path) -> None:
    old = LogWriter(tmp_path / "1", ["A"])
    old.copy("A", [1.0] * 30)
    early, late = LrChanged("A", 0.5, 20), LrChanged("A", 0.1, 21)
    for event in (early, late, Ended(12)):
        old.write(event)
    old.close()
    branch(tmp_path / "1", tmp_path / "2", ["A"], 20).close()
    kept = list(read_events(tmp_path / "2"))
    assert early in kept
    assert late not in kept
    assert not [event for event in kept if isinstance(event, Ended)]


def test_two_moments_are_enough_to_tell_time_and_what_is_read_once_is_not_read_again(
    tmp_path: Path,
) -> None:
    times = StepTimes(tmp_path, "A")
    for pairs, known in (([10, 100.0], False), ([20, 100.0], False), ([30, 101.0], True)):
        with times_path(tmp_path, "A").open("ab") as file:
            file.write(to_bytes(array("d", pairs)))
        times.read()
        assert times.known is known
    assert times.seconds(25) == 0.5
    assert read_times(tmp_path, "A", 1).tolist() == [20, 100.0, 30, 101.0]


def test_an_older_log_has_none(tmp_path: Path) -> None:
    times = StepTimes(tmp_path, "A")
    times.read()
    assert not times.known


@pytest.mark.parametrize("text", [b"", b"\x00" * 15])
def test_a_file_with_nothing_in_it_is_no_time(tmp_path: Path, text: bytes) -> None:
    times_path(tmp_path, "A").write_bytes(text)
    times = StepTimes(tmp_path, "A")
    times.read()
    assert not times.known
