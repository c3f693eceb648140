"""The border between the parent and a running script.

A `RunSpec` in the environment tells the script's process what to do when it starts; then both
sides send JSON lines over a Unix socket. Commands are absolute, so that repeating one is harmless;
each is answered by an Ack with the step from which it holds. They are read between steps. Losses
never travel here. What a notice says of the training goes into the run's log as it is, so that
most notices are its events.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, get_args

from zgtui.config.settings import Policy
from zgtui.ipc import Ack, MessageRegistry, SetRunning, StepTo
from zgtui.runlog.events import ScriptEvent, TrainingSeen

VARIABLE = "ZGTUI_SCRIPT_RUN"
"""The environment variable that hands a RunSpec to the child and to everything it starts."""


@dataclass(frozen=True, kw_only=True)
class RunSpec:
    """One run of a script.

    ``log`` is the folder of the comparison's run log, ``folder`` the run's own (its output, its
    redirected files). ``socket`` is where the parent listens; empty where nobody does. ``limit``
    ends the script after that many steps. ``recorder`` is ``module:function`` of a further
    observer, called with the instrument, for tools beside the loss chart. ``replaced`` maps source
    files of modules to changed copies that are loaded in their place.
    """

    name: str
    policy: Policy
    log: str
    folder: str
    socket: str = ""
    seed: int | None = None
    limit: int | None = None
    keep_checkpoints: bool = False
    paused: bool = False
    lr_scale: float = 1.0
    recorder: str = ""
    replaced: Mapping[str, str] = field(default_factory=dict)

    @property
    def own(self) -> Path:
        """The run's own folder."""
        return Path(self.folder)

    def to_json(self) -> str:
        """One line for the environment."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> RunSpec:
        """The spec in ``environment``.

        Raises:
            KeyError: if there is none.
        """
        values: dict[str, Any] = json.loads(environment[VARIABLE])
        return cls(**values)


OUTPUT = "output.log"
"""What the script printed, stdout and stderr in order, in the run's own folder."""
FILES = "files"
"""Checkpoints that the script wrote, under the names they would have had in its folder."""
WRITTEN = "written.jsonl"
"""Other files that the script opened for writing, one JSON string a line."""
ERROR = "error.json"
"""The exception that ended the script, cut to the user's frames."""
IMPORTED = "imported"
"""Made once PyTorch is imported and its calls are watched."""
REPORTER = "reporter"
"""Made by the one process of a run that reports; holds its process id."""
RANKS = "ranks"
"""Made when a rank of several processes starts: the nodes have met."""
OTHER_RANK = "other-rank"
"""Made by a rank that trains here and is not charted; says which it is."""
OTHER_PROCESS = "other-process"
"""Made by a process of a script that trains beside or after the one that reports, not as a rank."""
STARTED_AGAIN = "started-again"
"""Made by the first rank that a launcher starts anew, after the one that reported has ended."""
WEIGHTS = "weights.json"
"""Hashes of the weights ``before`` the first step and ``after`` the last."""
PLAN = "plan.jsonl"
"""Changes by step, for the ranks of a run of several processes."""


@dataclass(frozen=True)
class SetPolicy:
    """Another clearing policy from the next step on."""

    op: ClassVar[str] = "set_policy"
    policy: Policy


@dataclass(frozen=True)
class ScaleLr:
    """Multiply the learning rates of all parameter groups by ``factor`` (1: the script's own)."""

    op: ClassVar[str] = "scale_lr"
    factor: float


@dataclass(frozen=True)
class Paused:
    """The run waits after ``step``; every loss up to it is in the log."""

    op: ClassVar[str] = "paused"
    run: str
    step: int


@dataclass(frozen=True)
class Resumed:
    """The run goes on after ``step``."""

    op: ClassVar[str] = "resumed"
    run: str
    step: int


Command = SetRunning | StepTo | SetPolicy | ScaleLr
Notice = ScriptEvent | TrainingSeen | Ack | Paused | Resumed
COMMANDS: MessageRegistry[Command] = MessageRegistry("command", get_args(Command))
NOTICES: MessageRegistry[Notice] = MessageRegistry("notice", get_args(Notice))
