"""The events of a log: each comes back as it was written; whatever else is there is no error."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import get_args

import pytest

from zgtui.config.settings import EVERY, NEVER, Clearing
from zgtui.runlog.events import (
    ClearingChanged,
    ClearingSeen,
    Done,
    Ended,
    Event,
    Hello,
    Intervened,
    LimitChanged,
    LrChanged,
    LrScaled,
    ObservationOff,
    OptimizerSeen,
    RunsCompared,
    RunsPaused,
    RunsResumed,
    Sampled,
    SeriesFound,
    Started,
    SteppedBack,
    TrainingSeen,
    change_of,
    decode,
    encode,
    from_fields,
    is_milestone,
    next_milestone,
    to_fields,
)
from zgtui.runlog.log import LogWriter, read_events

WRITTEN: dict[str, Event] = {
    '{"event":"start","time":"2026-01-01T00:00:00Z","settings":{"seed":42},"modes":null}': Started(
        {"time": "2026-01-01T00:00:00Z", "settings": {"seed": 42}, "modes": None}
    ),
    '{"event":"set_lr","run":"A","lr":0.5,"step":4}': LrChanged("A", 0.5, 4),
    '{"event":"set_clearing","run":"B","clear":"4","accumulate":2,"step":4}': ClearingChanged(
        "B", Clearing(4), 2, step=4
    ),
    '{"event":"scale_lr","run":"A","step":3,"factor":0.5}': LrScaled("A", 3, 0.5),
    '{"event":"set_limit","steps":9,"step":4}': LimitChanged(9, 4),
    '{"event":"pause","step":7}': RunsPaused(7),
    '{"event":"resume","step":7}': RunsResumed(7),
    '{"event":"step_back","step":3,"log":"/a/1"}': SteppedBack(3, "/a/1"),
    '{"event":"sample","run":"B","step":2,"grad_norm":1.5,"cosine":Infinity}': Sampled(
        "B", 2, {"grad_norm": 1.5, "cosine": math.inf}
    ),
    '{"event":"end","step":5,"reason":"worker ended"}': Ended(5, "worker ended"),
    '{"event":"hello","run":"A","pid":7,"torch":"2.13.0","world":4,"rank":2,"local_world":2}': (
        Hello("A", 7, "2.13.0", 4, 2, 2)
    ),
    '{"event":"series","run":"A","name":"A.1","file":"t","line":7,"function":"","first_step":2}': (
        SeriesFound("A", "A.1", "t", 7, "", 2)
    ),
    '{"event":"optimizer","run":"A","name":"SGD","lrs":[0.1]}': OptimizerSeen("A", "SGD", [0.1]),
    '{"event":"intervened","run":"B","step":1}': Intervened("B", 1),
    '{"event":"clearing_seen","run":"A","step":12,"habits":[],"scale":2.0,"looked":12}': (
        ClearingSeen("A", 12, [], 2.0, 12)
    ),
    '{"event":"training_seen","run":"A","step":2,"backwards":3,"grads":0,"optimizers":[],'
    '"threads":2,"shared_draws":true}': (
        TrainingSeen("A", 2, 3, 0, [], threads=2, shared_draws=True)
    ),
    '{"event":"compared","step":9,"reasons":["no reason"]}': RunsCompared(9, ["no reason"]),
    '{"event":"observation_off","run":"B","reason":"no"}': ObservationOff("B", "no"),
    '{"event":"done","run":"B","steps":9,"interventions":9}': Done("B", 9, 9),
}  # fmt: skip
"""Lines as logs have held them since the first version, and what they say."""


def test_every_kind_of_event_is_tested_here() -> None:
    assert {type(event) for event in WRITTEN.values()} == set(get_args(Event))


@pytest.mark.parametrize("line", WRITTEN)
def test_a_line_of_a_log_is_read_and_written_byte_for_byte(line: str) -> None:
    event = decode(line.encode() + b"\n")
    assert event == WRITTEN[line]
    assert encode(event) == line.encode() + b"\n"
    assert from_fields(json.loads(line)) == event
    assert to_fields(event) == json.loads(line)


@pytest.mark.parametrize(
    ("line", "event"),
    [
        # A user's script: the policy, and no micro-batches.
        (
            '{"event":"set_clearing","run":"B","step":3,"clear":null,"policy":"as-is"}',
            ClearingChanged("B", None, step=3, policy="as-is"),
        ),
        (
            '{"event":"set_clearing","run":"B","step":3,"clear":"sometimes"}',
            ClearingChanged("B", None, step=3),
        ),
        (
            '{"event":"end","run":"A","step":6,"code":3,"sentence":"s","written":["f"]}',
            Ended(6, run="A", code=3, sentence="s", written=["f"]),
        ),
        # A later version says more.
        ('{"event":"set_lr","run":"A","lr":1,"step":4,"why":{"a":[1]}}', LrChanged("A", 1, 4)),
    ],
)
def test_other_forms_of_an_event_are_understood(line: str, event: Event) -> None:
    assert decode(line.encode()) == event


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"nonsense",
        b"\xff\xfe",
        b"[1]",
        b"3",
        b"null",
        b'"event"',
        b"{}",
        b"[" * 100_000,
        b'{"event":null}',
        b'{"event":{}}',
        b'{"event":"applause","step":3}',
        b'{"event":"set_lr","run":"A","step":4}',
        b'{"event":"set_lr","run":"A","lr":"high","step":4}',
        b'{"event":"set_lr","run":["A"],"lr":1,"step":4}',
        b'{"event":"set_clearing","run":"A","clear":"every","step":"x"}',
        b'{"event":"sample","run":"A"}',
        b'{"event":"end","step":5,"reason',
    ],
)
def test_what_is_no_event_is_passed_over_and_the_rest_is_read(tmp_path: Path, line: bytes) -> None:
    assert decode(line) is None
    log = LogWriter(tmp_path, [])
    log.write(RunsPaused(1))
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(line + b"\n")
    log.write(RunsResumed(1))
    log.close()
    assert list(read_events(tmp_path)) == [RunsPaused(1), RunsResumed(1)]


def test_a_change_is_found_by_its_run() -> None:
    lr, clearing = LrChanged("A", 0.5, 4), ClearingChanged("B", NEVER, step=2)
    assert [change_of(event, "A") for event in (lr, clearing, Ended())] == [lr, None, None]
    assert change_of(clearing, "B") == clearing
    assert ClearingChanged("B", EVERY, step=2) != clearing


def test_milestones_are_the_first_steps_and_three_of_each_power_of_ten() -> None:
    milestones = [*range(1, 21), 50, 100, 200, 500, 1000, 2000, 5000, 10000]
    assert [step for step in range(1, 10001) if is_milestone(step)] == milestones
    for step in range(10001):
        assert next_milestone(step) == next(one for one in milestones if one >= step)
