"""Both runs of a log as TensorBoard runs.

``python -m zgtui.outputs.tensorboard DIR [--overwrite]`` is a process of its own (see
`zgtui.outputs.processes`), for TensorBoard's writer takes some 30 µs for each number: what it
cannot keep up with it takes in afterwards, from the log.
"""

from __future__ import annotations

import signal
import sys
from collections import deque
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from zgtui.outputs.processes import Orders
from zgtui.outputs.tensorboard_folder import event_files
from zgtui.runlog.log import EventReader, LossReader
from zgtui.tables.rows import Event, Timeline, belongs, read_facts

TICK_SECONDS = 0.5
SLICE = 2048


class BoardRun:
    """One run of a log, written as the TensorBoard run ``folder``."""

    def __init__(self, log: Path, run: str, folder: Path) -> None:
        self.name = run
        self._writer = SummaryWriter(str(folder))
        self._losses = LossReader(log, run)
        self._changes: deque[Event] = deque()
        self._timeline = Timeline(
            read_facts(log),
            run,
            lambda: self._changes.popleft() if self._changes else None,
            lambda: None,
        )
        self._step = 0
        self._lr: float | None = None
        self._lr_step = 0

    def event(self, event: Event) -> None:
        """Take in a change or a sample of this run."""
        if event["event"] != "sample":
            self._changes.append(event)
            return
        for name, value in event.items():
            if name != "step" and isinstance(value, (int, float)):
                self._writer.add_scalar(name, value, event["step"])

    def take_in(self, steps: int) -> bool:
        """Write what is new up to ``steps``, SLICE steps at most; whether more is left."""
        losses = self._losses.read(min(SLICE, steps - self._losses.position))
        for loss in losses:
            self._step += 1
            self._writer.add_scalar("loss", loss, self._step)
            self._timeline.advance(self._step)
            self._note_lr(self._timeline.scheduled_lr(self._step))
        return bool(losses) and self._losses.position < steps

    @property
    def logged(self) -> int:
        """Steps in the log now."""
        return self._losses.available()

    def flush(self) -> None:
        """Let TensorBoard see everything written."""
        self._writer.flush()

    def close(self) -> None:
        """Write the rest."""
        if self._lr_step < self._step:
            self._write_lr(self._step)
        self._writer.close()

    def _note_lr(self, lr: float | None) -> None:
        """Write the learning rate where it changes alone, so that its curve has clear edges."""
        if lr == self._lr:
            return
        if self._lr_step < self._step - 1:
            self._write_lr(self._step - 1)
        self._lr = lr
        self._write_lr(self._step)

    def _write_lr(self, step: int) -> None:
        if self._lr is not None:
            self._writer.add_scalar("lr", self._lr, step)
            self._lr_step = step


class Board:
    """All runs of one log, in ``folder``."""

    def __init__(self, log: Path, folder: Path) -> None:
        self._events = EventReader(log)
        self._runs = {run: BoardRun(log, run, folder / run) for run in read_facts(log).runs}

    def take_in(self) -> bool:
        """Write some of what is new; whether more is left."""
        # Counted before the events are read: whatever holds for these steps is then among them.
        steps = {name: run.logged for name, run in self._runs.items()}
        for event in self._events.read():
            name = str(event.get("run"))
            if name in self._runs and belongs(event, name):
                self._runs[name].event(event)
        more = [run.take_in(steps[name]) for name, run in self._runs.items()]
        for run in self._runs.values():
            run.flush()
        return any(more)

    def close(self) -> None:
        """Write the rest."""
        while self.take_in():
            pass
        for run in self._runs.values():
            run.close()


def main() -> int:
    """Write the logs told on stdin to DIR, those after a restart to DIR/2, DIR/3 and so on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder = Path(sys.argv[1])
    if "--overwrite" in sys.argv[2:]:
        for file in event_files(folder):
            file.unlink()
    orders = Orders(sys.stdin.fileno())
    board: Board | None = None
    number, more = 0, False
    while True:
        if not orders.over:
            orders.wait(0 if more else TICK_SECONDS)
        while number < len(orders.logs):
            if board is not None:
                board.close()
            number += 1
            place = folder if number == 1 else folder / str(number)
            board = Board(orders.logs[number - 1], place)
        if orders.over:
            break
        more = board.take_in() if board is not None else False
    if board is not None:
        board.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
