"""The process border: every message comes back as it was sent, and nothing else is one."""

from __future__ import annotations

import json

import pytest

from zgtui.config.settings import EVERY, NEVER, Clearing, RunSettings, Settings
from zgtui.theory.prediction import Mode
from zgtui.theory.stability_map import MapGrid, StabilityMap, decode
from zgtui.worker.protocol import (
    COMMANDS,
    NOTICES,
    Ack,
    AtLine,
    Command,
    ComparisonStarted,
    Failed,
    MapMade,
    MapStability,
    Notice,
    Progress,
    Ready,
    Remark,
    SetClearing,
    SetLimit,
    SetLr,
    SetRunning,
    SetSpeed,
    Start,
    StepBack,
    StepTo,
    Sync,
)

SETTINGS = Settings(
    seed=7, steps=0, speed=0.5, a=RunSettings(clear=Clearing(3), lr=0.1 + 0.2), device="cuda:1"
)
SENT_COMMANDS: list[Command] = [
    Start(Settings()),
    Start(SETTINGS, running=False),
    SetRunning(running=True),
    SetRunning(running=False),
    StepTo(2**60),
    SetClearing("A", EVERY),
    SetClearing("B", NEVER),
    SetClearing("B", Clearing(12)),
    SetLr("A", 0.1 + 0.2),
    SetSpeed(0.0),
    SetLimit(0),
    StepBack(12),
    MapStability("momentum", 60, 20, EVERY),
    Sync(),
]
SENT_NOTICES: list[Notice] = [
    Ready("2.13.0+cpu", {"cuda:0": 'a "GPU"\nof two lines', "cpu": "the processor, ½"}),
    ComparisonStarted("/a b/1", SETTINGS, "SGD", 3, full_batch=False, same_init=True),
    Progress(12, running=True, finished=False),
    AtLine("B", 13, 2),
    Ack(3, 17),
    Ack(4, 17, error="no"),
    MapMade("clearing", NEVER, [[12.0, 0.3, 0.5]], ["cb", "cd"], [], 200, 2000),
    Remark("a step cannot be captured"),
    Failed("the disk is full"),
]


def test_a_map_arrives_as_the_screens_have_it() -> None:
    made = MapMade("clearing", NEVER, [[12.0, 0.3, 0.5]], ["cbd"], [], 200, 2000)
    grid = MapGrid("clearing", columns=3, rows=1, clearing=NEVER)
    modes = (Mode(12.0, 0.3, 0.5),)
    assert made.map() == StabilityMap(grid, modes, decode(["cbd"]), [], 200, 2000)


def test_every_kind_of_message_is_tested_here() -> None:
    assert {type(command) for command in SENT_COMMANDS} == set(COMMANDS.kinds.values())
    assert {type(notice) for notice in SENT_NOTICES} == set(NOTICES.kinds.values())


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


GARBAGE = [b"", b"\xff\xfe", b"hello", b"3", b"null", b"[]", b"{}", b'"x"', b'{"id":1}']


@pytest.mark.parametrize(
    "line",
    [
        *GARBAGE,
        b'{"id":1,"op":"fly"}',
        b'{"op":"sync"}',
        b'{"id":"x","op":"sync"}',
        b'{"id":1,"op":"sync","more":1}',
        b'{"id":1,"op":"set_lr","run":"A"}',
        b'{"id":1,"op":"set_lr","run":"A","lr":"fast"}',
        b'{"id":1,"op":"set_lr","run":"C","lr":0.1}',
        b'{"id":1,"op":"set_clearing","run":"A","clear":"sometimes"}',
        b'{"id":1,"op":"start","settings":{},"running":true}',
        b'{"id":1,"op":"start","settings":5,"running":true}',
        json.dumps(
            {"id": 1, "op": "start", "settings": {**Settings().to_dict(), "b": {"clear": "x"}}}
        ).encode(),
    ],
)
def test_what_is_no_command_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="not a command"):
        COMMANDS.decode_numbered(line)


@pytest.mark.parametrize(
    "line",
    [*GARBAGE, b'{"op":"gossip"}', b'{"op":"ack"}', b'{"op":"failed","text":"x"}'],
)
def test_what_is_no_notice_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="not a notice"):
        NOTICES.decode(line)
