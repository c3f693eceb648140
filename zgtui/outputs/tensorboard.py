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

from zgtui.outputs.followers import event_files
from zgtui.outputs.processes import Orders
from zgtui.runlog.events import Event, Sampled
from zgtui.runlog.follow import Chunk, Follower
from zgtui.tables.rows import Timeline, belongs, read_facts

TICK_SECONDS = 0.5
SLICE = 2048


class TensorBoardRun:
    """One run of a log, written as the TensorBoard run ``folder``."""

    def __init__(self, log: Path, run: str, folder: Path) -> None:
        self._writer = SummaryWriter(str(folder))
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
        if not isinstance(event, Sampled):
            self._changes.append(event)
            return
        for name, value in event.values.items():
            if isinstance(value, (int, float)):
                self._writer.add_scalar(name, value, event.step)

    def losses(self, chunk: Chunk) -> None:
        """Write new losses, of this run alone."""
        (losses,) = chunk.losses.values()
        for step, loss in enumerate(losses, chunk.first_step):
            self._step = step
            self._writer.add_scalar("loss", loss, step)
            self._timeline.advance(step)
            self._note_lr(self._timeline.scheduled_lr(step))

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


class TensorBoardLog:
    """All runs of one log, in ``folder``."""

    def __init__(self, log: Path, folder: Path) -> None:
        self._runs = {run: TensorBoardRun(log, run, folder / run) for run in read_facts(log).runs}
        self._follower = Follower(log, self._runs)

    def take_in(self) -> bool:
        """Write some of what is new; whether more is left."""
        update = self._follower.read(SLICE)
        for event in update.events:
            for name, run in self._runs.items():
                if belongs(event, name):
                    run.event(event)
        for chunk in update.chunks:
            for name in chunk.losses:
                self._runs[name].losses(chunk)
        for run in self._runs.values():
            run.flush()
        return update.more

    def close(self) -> None:
        """Write the rest."""
        while self.take_in():
            pass
        for run in self._runs.values():
            run.close()


def main() -> int:
    """Write the logs that stdin names to DIR, those after a restart to DIR/2, DIR/3 and so on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder = Path(sys.argv[1])
    if "--overwrite" in sys.argv[2:]:
        for file in event_files(folder):
            file.unlink()
    orders = Orders(sys.stdin.fileno())
    log: TensorBoardLog | None = None
    number, more = 0, False
    while True:
        if not orders.over:
            orders.wait(0 if more else TICK_SECONDS)
        while number < len(orders.logs):
            if log is not None:
                log.close()
            number += 1
            place = folder if number == 1 else folder / str(number)
            log = TensorBoardLog(orders.logs[number - 1], place)
        if orders.over:
            break
        more = log.take_in() if log is not None else False
    if log is not None:
        log.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
