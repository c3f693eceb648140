"""Loss tables to look at, with losses that anyone can work out."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from zgtui.curves.recordings.opening import Opening
from zgtui.curves.recordings.recording import Recording
from zgtui.errors import TableError
from zgtui.tables.compressed import open_lines
from zgtui.tables.read import TableRows

TIDY_HEADER = "run,step,epoch,loss,lr,zero_grad\n"


def loss(run: str, step: int) -> float:
    """A falls as 1/step, B oscillates between 1 and 3."""
    return 1 / step if run == "A" else 2.0 + (-1) ** step


def tidy_rows(steps: range, run: str, *, lr: float = 0.1, cleared: bool | None = None) -> str:
    clears = run == "A" if cleared is None else cleared
    truth = "true" if clears else "false"
    return "".join(f"{run},{step},{step},{loss(run, step)!r},{lr},{truth}\n" for step in steps)


def tidy_table(path: Path, steps: int) -> Path:
    """A table of ours: A clears every step, B never; each at learning rate 0.1."""
    text = TIDY_HEADER + "".join(tidy_rows(range(1, steps + 1), run) for run in "AB")
    path.write_text(text, encoding="utf-8")
    return path


class Series(NamedTuple):
    """One curve, in the order of the table's lines."""

    steps: array[float]
    losses: array[float]

    def append(self, step: float, loss: float) -> None:
        self.steps.append(step)
        self.losses.append(loss)

    def extend(self, steps: Sequence[float], losses: array[float]) -> None:
        self.steps.extend(steps)
        self.losses.extend(losses)


@dataclass(frozen=True)
class Table:
    """The curves of a table by name; ``axis`` is the column that counts their steps."""

    axis: str
    series: dict[str, Series]


def read_table(path: Path) -> Table:
    """All curves of the table ``path``, through the reader that the charts use."""
    file = open_lines(path)
    rows = TableRows(path, lambda: Series(array("d"), array("d")))
    while (piece := file.read())[0] == "lines":
        rows.take(piece[1])
    if piece[0] == "gone":
        raise TableError(f"cannot read {path}: no such file or directory")
    rows.take(file.rest())
    rows.check_complete()
    return Table(rows.axis, rows.curves())


def open_recording(path: Path, *, follow: bool = False) -> Recording:
    """The one recording at ``path``, nothing of it read yet; raises as ``Opening.find``."""
    return Opening([path], follow=follow).find()[0]
