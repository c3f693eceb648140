"""What is known of one run of a script, from its start to its end."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

from zgtui.config.settings import Clearing, Policy, RunName
from zgtui.instrument.protocol import IMPORTED, OTHER_PROCESS, OTHER_RANK, OUTPUT, RANKS, Notice
from zgtui.launch.process import Ending, RunProcess
from zgtui.runlog.events import (
    ClearingSeen,
    Hello,
    Intervened,
    ObservationOff,
    SeriesFound,
    TrainingSeen,
)


@dataclass(eq=False)
class LaunchedRun:
    """What is known of one run."""

    name: RunName
    folder: Path
    policy: Policy
    """What was asked for last."""
    confirmed: Policy | None = None
    """What it was started with or has confirmed since; None before it is started."""
    process: RunProcess | None = None
    ending: Ending | None = None
    stopped: bool = False
    intervened: bool = False
    intervened_at: int | None = None
    """The step in which it first did; None where it did not, or in no step that was done."""
    seen: ClearingSeen | None = None
    """How the script was seen to clear in this run; None while too little was seen."""
    kept: ClearingSeen | None = None
    """What became of gradients that were not to be cleared; None while too little was seen."""
    training: TrainingSeen | None = None
    """What its training has done; None before its first backward or step."""
    series: list[SeriesFound] = field(default_factory=list)
    """The lines that were seen to call ``backward()``, in that order."""
    changed: bool = False
    """Whether it was set otherwise after it had begun."""
    meeting: str = ""
    """What has to meet before it can train, in words; empty for one node."""
    meet_until: float = math.inf
    """Until when, on the monotonic clock."""
    unwritten: str = ""
    """Why its losses are written no further; empty where they are."""
    unmet: bool = False
    """Whether it was ended because that did not come about."""
    rank: int = 0
    """The one of several ranks whose losses these are."""
    world: int = 1
    local_world: int = 1
    """How many of ``world`` processes train on this machine."""
    running: bool = True
    repaired: bool = False
    """Whether it is a changed copy of the script."""
    called: str = "your script"
    """What it is called where its clearing is the script's own."""
    step_to: int = 0
    """The last single step that was asked for; 0 where none was since it ran freely."""
    lr_scale: float = 1.0

    def note(self, notice: Notice) -> None:
        """Keep what the script's process tells of it."""
        if isinstance(notice, Hello):
            self.rank, self.world = notice.rank, notice.world
            self.local_world = notice.local_world or notice.world
        elif isinstance(notice, ObservationOff) and notice.unwritten:
            self.unwritten = notice.reason
        elif isinstance(notice, Intervened):
            self.intervened, self.intervened_at = True, notice.step
        elif isinstance(notice, ClearingSeen) and notice.policy == "never":
            self.kept = notice
        elif isinstance(notice, ClearingSeen):
            self.seen = notice
        elif isinstance(notice, TrainingSeen):
            self.training = notice
        elif isinstance(notice, SeriesFound):
            self.series.append(notice)

    @property
    def imported(self) -> bool:
        """Whether PyTorch is imported there, so that what it trains would be seen."""
        return (self.folder / IMPORTED).exists()

    @property
    def waits_for(self) -> str:
        """What has to meet before its first rank is started, in words; empty once it has."""
        if not self.meeting or self.ending is not None or (self.folder / RANKS).exists():
            return ""
        return self.meeting

    @property
    def other_rank(self) -> str:
        """Which rank trains here and is not charted, such as ``2 of 4``; empty for none."""
        try:
            return (self.folder / OTHER_RANK).read_text(encoding="utf-8")
        except OSError:
            return ""

    @property
    def other_process(self) -> bool:
        """Whether another process of the script trains as well, and is not charted."""
        return (self.folder / OTHER_PROCESS).exists()

    @property
    def output(self) -> Path:
        """What the script prints, stdout and stderr in order."""
        return self.folder / OUTPUT

    @property
    def title(self) -> str:
        """The policy that it trains with; what it is ``called`` where it had nothing to change."""
        policy = self.confirmed or self.policy
        if policy == "as-is" or (self.ending is not None and not self.intervened):
            return self.called
        return Clearing.parse(policy).title
