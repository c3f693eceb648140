"""What the charts cost: CPU of one update, and bytes to the terminal for each frame.

    python tests/benchmarks/bench_chart.py

Both charts show a run of the article's kind (one converges, one oscillates). Ratios are of two
things measured in turn in this process; bytes are those that a real Textual app writes to a real
pseudo-terminal of the size named.
"""

from __future__ import annotations

import asyncio
import fcntl
import math
import os
import pty
import statistics
import struct
import sys
import termios
import time
from array import array
from typing import TYPE_CHECKING

import plotext  # type: ignore[import-untyped]
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from zgtui.curves.history import LossHistory
from zgtui.tui.narrow_updates import NarrowCompositor
from zgtui.tui.widgets.chart import Curve, LossChart

if TYPE_CHECKING:
    from collections.abc import Callable

BYTES_ALLOWED = {(80, 24): 2000, (120, 36): 3500, (160, 50): 5000}
FRAMES = 60
POINTS = 120
SHORT, LONG = 1_000, 10_000_000


class Charts(App[None]):
    """Two panes side by side as in the program, above a third of the screen for the rest."""

    CSS = """
    #panes { height: 2fr; }
    Vertical { border: round $foreground 30%; }
    Static { height: 1fr; }
    .state { height: 1; }
    """

    def __init__(self, steps_a_frame: int = 1, *, frames: int = 0) -> None:
        super().__init__()
        self.steps_a_frame = steps_a_frame
        self.frames_left = frames
        self.written: list[int] = []
        self.histories = LossHistory(), LossHistory()

    def compose(self) -> ComposeResult:
        """Build the screen."""
        with Horizontal(id="panes"):
            for _ in self.histories:
                with Vertical():
                    yield LossChart()
                    yield Static("a line of state", classes="state")
        yield Static("what else there is")

    def get_default_screen(self) -> Screen[None]:
        """One that sends what changed alone, as the program's do."""
        screen = super().get_default_screen()
        screen._compositor = NarrowCompositor()
        return screen

    def on_mount(self) -> None:
        """Give each chart its curve, and start the clock where frames are wanted."""
        for chart, history, style in zip(
            self.query(LossChart), self.histories, ("#56b4e9", "#e69f00"), strict=True
        ):
            chart.curves = (Curve(history, style),)
        if self.frames_left:
            self.set_interval(0.1, self.frame)

    def train(self, steps: int) -> None:
        """Add ``steps`` losses to both runs."""
        first = self.histories[0].steps
        times = range(first, first + steps)
        frequency = math.acos(0.4)
        self.histories[0].extend(array("d", [0.3 * math.exp(-0.05 * t) for t in times]))
        self.histories[1].extend(array("d", [0.38 * math.cos(frequency * t) ** 2 for t in times]))

    def update(self) -> None:
        """Bring both charts up to date, to the last strip."""
        for chart in self.query(LossChart):
            chart.update_data()

    def frame(self) -> None:
        """One tick of the clock: note what the last one wrote, train, update."""
        assert self._driver is not None
        if not self.written:
            write = self._driver.write

            def counted(data: str) -> None:
                self.written[-1] += len(data.encode())
                write(data)

            self._driver.write = counted  # type: ignore[method-assign]
        self.written.append(0)
        self.train(self.steps_a_frame)
        self.update()
        self.frames_left -= 1
        if self.frames_left < 0:
            self.exit()


def timed(action: Callable[[], object]) -> float:
    """CPU seconds of ``action``."""
    started = time.process_time()
    action()
    return time.process_time() - started


def bare_build(width: int, height: int) -> object:
    """What plotext alone needs for one curve of 120 points."""
    figure = plotext.figure
    figure.clear()
    figure.plot_size(width, height)
    losses = [0.38 * math.cos(1.159 * step) ** 2 for step in range(POINTS)]
    figure.draw(figure.signal(list(range(POINTS)), losses, marker="braille").lines())
    return figure.build().string()


async def update_cost() -> tuple[float, float, float]:
    """CPU seconds of an update of both charts and of two bare builds; growth with the history."""
    app = Charts()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        app.train(POINTS)
        app.update()
        size = app.query(LossChart).first().size
        ours, bare = [], []
        for _ in range(60):
            app.train(1)
            ours.append(timed(app.update))
            bare.append(timed(lambda: bare_build(*size)) + timed(lambda: bare_build(*size)))
            await pilot.pause()
    kept = {steps: (LossHistory(), LossHistory()) for steps in (SHORT, LONG)}
    costs: dict[int, list[float]] = {SHORT: [], LONG: []}
    for _ in range(4):
        for steps, histories in kept.items():
            app = Charts()
            app.histories = histories
            async with app.run_test(size=(120, 36)) as pilot:
                await pilot.pause()
                while histories[0].steps < steps:
                    app.train(min(steps, 100_000))
                app.update()
                for _ in range(25):
                    app.train(1)
                    costs[steps].append(timed(app.update))
    growth = statistics.median(costs[LONG]) / statistics.median(costs[SHORT])
    return statistics.median(ours), statistics.median(bare), growth


def bytes_a_frame(size: tuple[int, int], steps_a_frame: int) -> float:
    """Mean bytes a frame that the app writes to a pseudo-terminal of ``size``."""
    report, answer = os.pipe()
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        app = Charts(steps_a_frame, frames=FRAMES)
        app.run()
        os.write(answer, str(statistics.mean(app.written[2:-1])).encode())
        os._exit(0)
    os.close(answer)
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:  # the child has closed its side
        pass
    os.waitpid(child, 0)
    with os.fdopen(report) as reader:
        return float(reader.read())


def main() -> int:
    """Print every figure beside what is to be reached; 1 if one is not."""
    ok = True

    def tell(what: str, value: float, most: float, unit: str = "") -> None:
        nonlocal ok
        ok = ok and value <= most
        sys.stdout.write(f"{what:<58} {value:8.2f} {unit:<3} (at most {most:g})\n")

    for size, most in BYTES_ALLOWED.items():
        for steps, pace in ((1, "10 steps/s"), (100, "1,000 steps/s"), (0, "paused")):
            what = f"bytes a frame at {size[0]}x{size[1]}, {pace}"
            tell(what, bytes_a_frame(size, steps), most if steps else 0)
    ours, bare, growth = asyncio.run(update_cost())
    tell("update of both charts at 120x36, CPU", ours * 1e3, 16, "ms")
    tell("the same ÷ two bare plotext builds of 120 points", ours / bare, 1.6)
    tell("update at 10⁷ points of history ÷ at 10³", growth, 1.2)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
