"""What the parent knows of each run of a script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zgtui.scripts.spec import OUTPUT, Policy

if TYPE_CHECKING:
    from pathlib import Path

    from zgtui.scripts.endings import Ending
    from zgtui.scripts.process import RunProcess
    from zgtui.settings import RunName


@dataclass(frozen=True)
class Ended:
    """A run is over, with everything that it started."""

    run: RunName
    ending: Ending


@dataclass(eq=False)
class Run:
    """What is known of one run."""

    name: RunName
    folder: Path
    policy: Policy
    spec_policy: Policy = "as-is"
    """The policy that it was started with."""
    process: RunProcess | None = None
    ending: Ending | None = None
    stopped: bool = False
    intervened: bool = False
    running: bool = True
    step_to: int = 0
    """The last single step that was asked for; 0 where none was since it ran freely."""
    lr_scale: float = 1.0

    @property
    def output(self) -> Path:
        """What the script prints, stdout and stderr in order."""
        return self.folder / OUTPUT

    @property
    def title(self) -> str:
        """The policy; ``your script`` where it had nothing to change."""
        if self.policy == "as-is" or (self.ending is not None and not self.intervened):
            return "your script"
        return {"every": "zero_grad() every step", "never": "zero_grad() never"}[self.policy]
