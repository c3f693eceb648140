"""A log is followed while it is written: everything comes once, in order, some at a time."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest

from zgtui.config.settings import RUNS
from zgtui.errors import LogError
from zgtui.runlog.events import LrChanged, RunsPaused, Sampled
from zgtui.runlog.follow import CHUNK, EVENT_LINES, Chunk, Follower, Update
from zgtui.runlog.log import LogWriter, losses_path


@pytest.fixture
def log(tmp_path: Path) -> LogWriter:
    return LogWriter(tmp_path, RUNS)


def doubles(*values: float) -> array[float]:
    return array("d", values)


def test_losses_and_events_come_once_each_run_at_its_own_pace(log: LogWriter) -> None:
    follower = Follower(log.folder)
    assert not follower.read()
    log.losses("A", [3.0, 2.0])
    log.write(change := LrChanged("B", 0.5, 1))
    assert follower.read() == Update([change], [Chunk(1, {"A": doubles(3.0, 2.0)})], more=False)
    assert not follower.read()
    assert Update([change], [], more=False), "an event alone is news"
    assert Update([], [Chunk(1, {"A": doubles(1.0)})], more=False), "and so is a loss"
    log.losses("A", [1.0])
    log.losses("B", [9.0])
    assert follower.read() == Update(
        [], [Chunk(3, {"A": doubles(1.0)}), Chunk(1, {"B": doubles(9.0)})], more=False
    )
    assert follower.share == 1.0


def test_a_read_is_bounded_and_says_that_more_is_left(log: LogWriter) -> None:
    log.losses("A", range(10))
    follower = Follower(log.folder, ["A"])
    found, more, reads = list[float](), True, 0
    while more:
        update = follower.read(4)
        found += [loss for chunk in update.chunks for loss in chunk.losses["A"]]
        more, reads = update.more, reads + 1
    assert (found, reads) == (list(range(10)), 3)


def test_how_much_was_read_is_told(log: LogWriter) -> None:
    follower = Follower(log.folder)
    assert follower.share == 1.0, "there is nothing to read"
    log.losses("A", [1.0, 2.0, 3.0])
    log.losses("B", [9.0])
    assert follower.share == 0.0
    follower.read(1, until={"A": 1, "B": 0})
    assert follower.share == 0.25
    follower.read()
    losses_path(log.folder, "A").write_bytes(bytes(8))
    assert follower.share == 1.0, "of a log that was cut no more than all"


def test_no_loss_comes_before_the_events_of_its_step_however_many_there_are(
    log: LogWriter,
) -> None:
    for step in range(1, 2 * EVENT_LINES + 10):
        log.write(Sampled("A", step))
        log.event("of another version")
    log.losses("A", [1.0])
    follower, events = Follower(log.folder, ["A"]), 0
    while not (update := follower.read()).chunks:
        assert update.more
        assert len(update.events) <= EVENT_LINES
        events += len(update.events)
    assert events + len(update.events) == 2 * EVENT_LINES + 9


def test_a_reader_may_hold_back_steps_that_are_there(log: LogWriter) -> None:
    log.losses("A", [1.0, 2.0, 3.0])
    follower = Follower(log.folder)
    assert follower.read(until={"A": 2, "B": 0}).chunks == [Chunk(1, {"A": doubles(1.0, 2.0)})]
    for step in (2, 1):
        assert not follower.read(until={"A": step, "B": 0})
    assert follower.written() == {"A": 3, "B": 0}
    assert follower.read().chunks == [Chunk(3, {"A": doubles(3.0)})]


def test_side_by_side_a_run_waits_for_the_other_until_the_end(log: LogWriter) -> None:
    follower = Follower(log.folder)
    log.losses("A", range(CHUNK + 2))
    log.losses("B", range(CHUNK + 1))
    assert [(chunk.first_step, chunk.steps) for chunk in follower.chunks()] == [
        (1, CHUNK),
        (CHUNK + 1, 1),
    ]
    assert list(follower.chunks()) == []
    (rest,) = follower.chunks(rest=True)
    assert rest == Chunk(CHUNK + 2, {"A": doubles(CHUNK + 1), "B": doubles()})


@pytest.mark.parametrize("rest", [False, True])
def test_nothing_is_side_by_side_where_no_run_is_met_yet(log: LogWriter, *, rest: bool) -> None:
    log.losses("A", [1.0])
    assert list(Follower(log.folder, ()).chunks(rest=rest)) == []


def test_a_run_that_is_met_later_is_followed_from_its_first_step(log: LogWriter) -> None:
    follower = Follower(log.folder, ())
    log.losses("B", [1.0])
    log.write(RunsPaused(2))
    assert follower.read() == Update([RunsPaused(2)], [], more=False)
    follower.add("B")
    follower.add("B")
    assert follower.share == 0.0
    assert follower.read().chunks == [Chunk(1, {"B": doubles(1.0)})]


def test_a_log_that_was_begun_anew_is_seen(log: LogWriter) -> None:
    follower = Follower(log.folder)
    log.losses("A", [1.0, 2.0])
    follower.read()
    assert not follower.cut_short
    losses_path(log.folder, "A").write_bytes(bytes(8))
    assert follower.cut_short


def test_where_there_is_no_log_a_sentence_says_so(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="is not a run log"):
        Follower(tmp_path / "nothing").read()
