"""A matplotlib window that follows both losses: ``python -m zgtui.outputs.pictures.window``.

A process of its own (see `zgtui.outputs.processes`): neither a closed window nor a lost display,
on which GUI toolkits end the process, can end the training. Its first line to stdout is ``open``,
or a sentence that says why there is no window.
"""

from __future__ import annotations

import signal
import sys
import time
import warnings
from array import array
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

from zgtui.charts.words import run_labels, step_word
from zgtui.config.settings import RUNS, RunName, Settings
from zgtui.curves.history import LossHistory
from zgtui.outputs.processes import Orders
from zgtui.runlog.follow import Follower
from zgtui.tables.rows import read_facts
from zgtui.terminal import tell

REDRAW_SECONDS = 0.1
PATIENCE_SECONDS = 0.03
COLUMNS = 1000
LIMIT = 1e300
"""What is beyond is drawn there: matplotlib's margins overflow near the largest float."""
COLOURS: dict[RunName, str] = {"A": "#0072b2", "B": "#d55e00"}
WIDTHS: dict[RunName, float] = {"A": 2.0, "B": 1.0}
"""Distinct without colour too; dashes would run together where a loss oscillates fast."""


class LossWindow:
    """Both losses over the steps, drawn anew at most every REDRAW_SECONDS."""

    def __init__(self) -> None:
        plt.ion()
        self._figure, self._axes = plt.subplots(num="zgtui")
        self._axes.set_ylabel("Loss")
        self._lines = {
            name: self._axes.plot([], [], color=COLOURS[name], linewidth=width)[0]
            for name, width in WIDTHS.items()
        }
        self._histories = {name: LossHistory() for name in RUNS}
        self._follower: Follower | None = None
        self._drawn_at = 0.0
        self._changed = False

    @property
    def interactive(self) -> bool:
        """Whether this is a window on a display, not a picture in memory."""
        return self._figure.canvas.required_interactive_framework is not None

    @property
    def open(self) -> bool:
        """Whether the user has left it open."""
        return bool(plt.fignum_exists(self._figure.number))

    def follow(self, log: Path) -> None:
        """Draw the losses in ``log`` from now on."""
        facts = read_facts(log)
        settings = Settings.from_dict(facts.start["settings"])
        self._follower = Follower(log)
        self._axes.set_title(f"{settings.experiment}, {facts.start['optimizer']}")
        self._axes.set_xlabel(step_word(facts.steps_per_epoch or 0))
        for name, label in run_labels(settings).items():
            self._lines[name].set_label(label)
        self._axes.legend()

    def update(self, *, last: bool = False) -> None:
        """Take in what is new; draw it if it is time to, or if it is the ``last``."""
        for chunk in self._follower.chunks() if self._follower else ():
            for name, losses in chunk.losses.items():
                self._histories[name].extend(losses)
                self._changed = True
        now = time.monotonic()
        if self._changed and (last or now >= self._drawn_at + REDRAW_SECONDS):
            self._draw()
            # Counted from the end of a redraw: a slow display is given time for its events.
            self._drawn_at, self._changed = time.monotonic(), False
        self._figure.canvas.flush_events()

    def _draw(self) -> None:
        for name, line in self._lines.items():
            history = self._histories[name]
            steps, losses = history.points(COLUMNS, 1, history.steps)
            line.set_data(steps, array("d", (max(-LIMIT, min(loss, LIMIT)) for loss in losses)))
        self._axes.relim()
        self._axes.autoscale_view()
        self._figure.canvas.draw_idle()


def main() -> int:
    """Follow the log that stdin names until the window is closed or the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.filterwarnings("ignore", message=".*non-interactive", category=UserWarning)
    window = LossWindow()
    if not window.interactive:
        tell(f"there is no display for a window (matplotlib draws with {mpl.get_backend()} here)")
        return 0
    tell("open")
    orders, following = Orders(sys.stdin.fileno()), 0
    while window.open and not orders.over:
        orders.wait(PATIENCE_SECONDS)
        if len(orders.logs) > following:
            following = len(orders.logs)
            window.follow(orders.logs[-1])
        window.update(last=orders.training_ended)
    return 0


if __name__ == "__main__":
    sys.exit(main())
