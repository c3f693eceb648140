"""What is told while training goes on: plain lines, a progress bar, or nothing."""

from __future__ import annotations

import math
from typing import IO, Protocol, cast

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from zgtui.charts.words import run_labels, step_word
from zgtui.config.settings import RunName
from zgtui.outputs.stdout import SafeStdout
from zgtui.outputs.terminal_keeper import CURSOR, TerminalKeeper
from zgtui.runlog.follow import Chunk
from zgtui.worker.protocol import ComparisonStarted

LINES = 20
"""About so many lines over the planned length, where nobody says how many."""
EVERY_UNLIMITED = 1000
"""Steps from line to line where there is no planned length."""


class ProgressReporter(Protocol):
    """Who tells of the training."""

    def begin(self) -> None:
        """Training is being started."""

    def started(self, started: ComparisonStarted) -> None:
        """Training has started."""

    def chunk(self, chunk: Chunk) -> None:
        """These losses are new."""

    def close(self) -> None:
        """Training has ended; every loss was told."""


class NullReporter:
    """Tells nothing."""

    def begin(self) -> None:
        """Nothing."""

    def started(self, started: ComparisonStarted) -> None:
        """Nothing."""

    def chunk(self, chunk: Chunk) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class LineReporter(NullReporter):
    """One line a run at every ``every`` steps, in the article's form."""

    def __init__(self, outlet: SafeStdout, every: int | None) -> None:
        self._outlet = outlet
        self._every = every or 0
        self._word = ""
        self._labels: dict[RunName, str] = {}

    def started(self, started: ComparisonStarted) -> None:
        """Learn what a step is called here, and how far lines are apart."""
        planned = started.settings.steps or 0
        self._every = self._every or (math.ceil(planned / LINES) if planned else EVERY_UNLIMITED)
        self._word = step_word(started.steps_per_epoch)
        self._labels = run_labels(started.settings)

    def chunk(self, chunk: Chunk) -> None:
        """Write the lines of these steps."""
        first = -(-chunk.first_step // self._every) * self._every
        lines = [
            f"{self._word} {step} ({self._labels[name]}): Loss = {losses[at]!r}"
            for step in range(first, chunk.first_step + chunk.steps, self._every)
            for name, losses in chunk.losses.items()
            if (at := step - chunk.first_step) < len(losses)
        ]
        if lines:
            self._outlet.tell_lines(*lines)


class _Rate(ProgressColumn):
    """Steps a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} steps/s")


class Bar:
    """A progress bar with both losses, for a terminal."""

    def __init__(self, outlet: SafeStdout) -> None:
        console = Console(file=cast("IO[str]", outlet))
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(compact=True),
            console=console,
            auto_refresh=False,  # a thread of its own is not needed for ten pictures a second
            expand=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("starting PyTorch", total=None, start=False)
        self._outlet = outlet
        self._keeper: TerminalKeeper | None = None

    def begin(self) -> None:
        """Show the bar."""
        self._progress.start()  # hides the cursor
        self._progress.refresh()
        if self._outlet.isatty():
            self._keeper = TerminalKeeper(self._outlet.fileno(), CURSOR)

    def started(self, started: ComparisonStarted) -> None:
        """Learn the planned length."""
        self._progress.start_task(self._task)
        self._progress.update(self._task, total=started.settings.steps or None)

    def chunk(self, chunk: Chunk) -> None:
        """Show the newest losses."""
        told = "  ".join(
            f"{name} {losses[-1]:<10.4g}" for name, losses in chunk.losses.items() if losses
        )
        done = chunk.first_step + chunk.steps - 1
        self._progress.update(self._task, completed=done, description=told)
        self._progress.refresh()

    def close(self) -> None:
        """Leave the bar as it is and free the terminal."""
        self._progress.stop()
        if self._keeper is not None:
            self._keeper.put_back()
