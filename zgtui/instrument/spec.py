"""What a run of a user's script is told when it starts; read by the parent and by the child."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zgtui.config.settings import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "ZGTUI_SCRIPT_RUN"
"""The environment variable that hands a RunSpec to the child and to everything it starts."""


@dataclass(frozen=True, kw_only=True)
class RunSpec:
    """One run of a script.

    ``log`` is the folder of the comparison's run log, ``folder`` the run's own (its output, its
    redirected files). ``socket`` is where the parent listens; empty where nobody does. ``limit``
    ends the script after that many steps. ``recorder`` is ``module:function`` of a further
    observer, called with the instrument, for tools beside the loss chart.
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

    @property
    def own(self) -> Path:
        """The run's own folder."""
        return Path(self.folder)

    def to_json(self) -> str:
        """One line for the environment."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> RunSpec:
        """The spec in ``environment``; raises KeyError where there is none."""
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
REPORTER = "reporter"
"""Made by the one process of a run that reports; holds its process id."""
PLAN = "plan.jsonl"
"""Changes by step, for the ranks of a run of several processes."""
