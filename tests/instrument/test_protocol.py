"""The border to a script's process: every message comes back as it was sent."""

from __future__ import annotations

from typing import get_args

import pytest

from zgtui.instrument.protocol import (
    COMMANDS,
    NOTICES,
    VARIABLE,
    Ack,
    Command,
    Notice,
    Paused,
    Resumed,
    RunSpec,
    ScaleLr,
    SetPolicy,
    SetRunning,
    StepTo,
)
from zgtui.runlog.events import (
    ClearingSeen,
    Done,
    Hello,
    Intervened,
    ObservationOff,
    OptimizerSeen,
    SeriesFound,
    TrainingSeen,
)

HABIT = {"optimizer": "SGD", "outcome": "cleared", "period": 1, "backwards": 2, "called": True}
SENT_COMMANDS: list[Command] = [
    SetRunning(running=True),
    SetRunning(running=False),
    StepTo(2**60),
    SetPolicy("never"),
    ScaleLr(0.1 + 0.2),
]
SENT_NOTICES: list[Notice] = [
    Hello("A", 7, "2.13.0+cpu", 4, 2, 2),
    SeriesFound("B", "B.1", 'a "file"\nof two lines', 7, "train·½", 3, "loss"),
    OptimizerSeen("A", "SGD", [0.1 + 0.2, 0.0]),
    ClearingSeen("A", 12, [HABIT], 65536.0, 12, "never"),
    Intervened("B", 1),
    ObservationOff("B", "the disk is full", unwritten=True),
    Done("B", 9, 9),
    TrainingSeen("A", 2, 3, 0, [{"optimizer": "SGD", "lrs": [0.1]}], 2.0),
    Ack(3, 17, run="A"),
    Ack(4, 17, error="no", run="B"),
    Paused("A", 5),
    Resumed("B", 5),
]


def test_every_kind_of_message_is_tested_here() -> None:
    assert {type(command) for command in SENT_COMMANDS} == set(get_args(Command))
    assert {type(notice) for notice in SENT_NOTICES} == set(get_args(Notice))


@pytest.mark.parametrize("command", SENT_COMMANDS, ids=repr)
def test_a_command_comes_back_with_its_number(command: Command) -> None:
    line = COMMANDS.encode(command, 41)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert COMMANDS.decode_numbered(line) == (41, command)


@pytest.mark.parametrize("notice", SENT_NOTICES, ids=repr)
def test_a_notice_comes_back(notice: Notice) -> None:
    line = NOTICES.encode(notice)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert NOTICES.decode(line) == notice


def test_what_a_run_is_to_do_comes_back_from_the_environment() -> None:
    spec = RunSpec(
        name="B", policy="never", log="/a b/1", folder="/a b/1/B", socket="/s", seed=7, limit=60,
        paused=True, lr_scale=0.5, recorder="module:function", replaced={"/a.py": "/b.py"},
    )  # fmt: skip
    assert RunSpec.from_environment({VARIABLE: spec.to_json()}) == spec
    with pytest.raises(KeyError):
        RunSpec.from_environment({})
