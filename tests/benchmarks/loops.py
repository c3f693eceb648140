"""The article's two loops, with their losses recorded as people record them.

    PYTHON loops.py NAME SECONDS FOLDER

It runs in the environment of the peers, which has no zgtui: nothing of it is imported here. What it
finds is in ``FOLDER/speed.json``: steps a second, and steps per second of the process's CPU time.
"""

from __future__ import annotations

import copy
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

Record = Callable[[int, float, float], Any]
"""What is done with the losses of both runs after each step, which is counted from 1."""


def train(seconds: float, record: Record) -> dict[str, float]:
    """Train both runs for so long, as in bench_app; how fast it went."""
    torch.set_num_threads(1)
    torch.manual_seed(42)
    a = nn.Linear(2, 1)
    b = copy.deepcopy(a)
    x, y = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0]])
    criterion = nn.MSELoss()
    optimizer_a = torch.optim.SGD(a.parameters(), lr=0.1)
    optimizer_b = torch.optim.SGD(b.parameters(), lr=0.1)
    step = 0
    begin, cpu = time.perf_counter(), time.process_time()
    while time.perf_counter() < begin + seconds:
        step += 1
        optimizer_a.zero_grad()
        loss_a = criterion(a(x), y)
        loss_a.backward()
        optimizer_a.step()
        loss_b = criterion(b(x), y)
        loss_b.backward()
        optimizer_b.step()
        record(step, loss_a.item(), loss_b.item())
    return {
        "wall": step / (time.perf_counter() - begin),
        "cpu": step / (time.process_time() - cpu),
    }


def bare(_folder: Path) -> Record:
    """Kept in two lists."""
    losses: list[tuple[float, float]] = []
    return lambda _step, a, b: losses.append((a, b))


def printed(_folder: Path) -> Record:
    """A line a step; stdout is a file."""
    return lambda step, a, b: print(f"step {step}: A {a:.6g}, B {b:.6g}")


def csv_file(folder: Path) -> Record:
    """A row a step, for which the file is opened each time."""
    path = folder / "losses.csv"

    def record(step: int, a: float, b: float) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{step},{a},{b}\n")

    return record


def summary_writer(folder: Path) -> Record:
    """TensorBoard: two scalars a step."""
    from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - this one alone needs it

    writer = SummaryWriter(folder)

    def record(step: int, a: float, b: float) -> None:
        writer.add_scalar("loss/A", a, step)
        writer.add_scalar("loss/B", b, step)

    return record


def trackio(folder: Path) -> Record:
    """trackio, with its store in ``folder``."""
    os.environ["TRACKIO_DIR"] = str(folder)
    import trackio as peer  # noqa: PLC0415 - this one alone needs it

    peer.init(project="article")
    return lambda _step, a, b: peer.log({"A": a, "B": b})


def wandb_offline(folder: Path) -> Record:
    """W&B without a server."""
    import wandb  # noqa: PLC0415 - this one alone needs it

    run = wandb.init(
        project="article", mode="offline", dir=folder, settings=wandb.Settings(silent=True)
    )
    return lambda _step, a, b: run.log({"A": a, "B": b})


def matplotlib_redraw(_folder: Path) -> Record:
    """Both curves drawn anew after each step, in memory."""
    import matplotlib as mpl  # noqa: PLC0415 - this one alone needs it

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - this one alone needs it

    figure, axes = plt.subplots(1, 2)
    lines = [one.plot([], [])[0] for one in axes]
    steps: list[int] = []
    losses: tuple[list[float], list[float]] = ([], [])

    def record(step: int, a: float, b: float) -> None:
        steps.append(step)
        for one, line, known, loss in zip(axes, lines, losses, (a, b), strict=True):
            known.append(loss)
            line.set_data(steps, known)
            one.relim()
            one.autoscale_view()
        figure.canvas.draw()

    return record


def livelossplot(_folder: Path) -> Record:
    """livelossplot, sent after each step."""
    import matplotlib as mpl  # noqa: PLC0415 - this one alone needs it

    mpl.use("Agg")
    from livelossplot import PlotLosses  # noqa: PLC0415 - this one alone needs it
    from livelossplot.outputs import MatplotlibPlot  # noqa: PLC0415 - this one alone needs it

    plot = PlotLosses(outputs=[MatplotlibPlot()])

    def record(_step: int, a: float, b: float) -> None:
        plot.update({"A": a, "B": b})
        plot.send()

    return record


RECORDS: dict[str, Callable[[Path], Record]] = {
    "bare loop": bare,
    "print": printed,
    "CSV opened per step": csv_file,
    "SummaryWriter": summary_writer,
    "trackio": trackio,
    "W&B offline": wandb_offline,
    "matplotlib redraw": matplotlib_redraw,
    "livelossplot": livelossplot,
}
TEXTUAL = "textual-plotext and a thread"


def textual_app(seconds: float) -> dict[str, float]:
    """Two charts of textual-plotext, drawn ten times a second beside a training thread."""
    from textual.app import App, ComposeResult  # noqa: PLC0415 - this one alone needs it
    from textual.containers import Horizontal  # noqa: PLC0415 - this one alone needs it
    from textual_plotext import PlotextPlot  # noqa: PLC0415 - this one alone needs it

    losses: tuple[list[float], list[float]] = ([], [])
    found: dict[str, float] = {}

    class Charts(App[None]):
        def compose(self) -> ComposeResult:
            yield Horizontal(PlotextPlot(), PlotextPlot())

        def on_mount(self) -> None:
            self.set_interval(0.1, self.draw)
            threading.Thread(target=self.work, daemon=True).start()

        def draw(self) -> None:
            for plot, known in zip(self.query(PlotextPlot), losses, strict=True):
                shown = list(known)
                plot.plt.clear_data()
                plot.plt.plot(shown[:: max(1, len(shown) // 200)])
                plot.refresh()

        def work(self) -> None:
            def record(_step: int, a: float, b: float) -> None:
                losses[0].append(a)
                losses[1].append(b)

            found.update(train(seconds, record))
            self.call_from_thread(self.exit)

    Charts().run()
    return found


def main() -> None:
    """Run one of them and tell how fast it was."""
    name, seconds, folder = sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])
    if name == TEXTUAL:
        found = textual_app(seconds)
    else:
        record = RECORDS[name](folder)
        train(0.2, record)
        found = train(seconds, record)
    (folder / "speed.json").write_text(json.dumps(found), encoding="utf-8")
    sys.stdout.flush()
    os._exit(0)  # what a tracker still has to send is not what is measured


if __name__ == "__main__":
    main()
