"""A worker that trains nothing and answers at once, so that tests say what happens when.

It keeps to the protocol and writes a real log; its losses are those of one quadratic direction,
which is the article's model exactly: two numbers a run take the place of PyTorch.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from zgtui.config.settings import RUNS, Clearing, RunName, Settings
from zgtui.runlog.log import LogWriter
from zgtui.theory.prediction import Mode
from zgtui.theory.stability_map import MapGrid, encode, outcome_of
from zgtui.worker.client import WorkerListener
from zgtui.worker.protocol import (
    Ack,
    AtLine,
    Command,
    ComparisonStarted,
    Failed,
    MapMade,
    MapStability,
    Notice,
    Progress,
    Ready,
    SetClearing,
    SetLimit,
    SetLr,
    SetRunning,
    SetSpeed,
    Start,
    StepBack,
    StepTo,
    Sync,
)

DEVICES = {"cpu": "8 cores", "cuda:0": "NVIDIA H100"}
FIRST_LOSS = 0.3
SHARPNESS = 12.0
"""λ of the article's model: 2·(1² + 2² + 1²)."""
LR, STEPS, SPEED = 0.1, 20, 10.0
"""The article's learning rate, epochs, and steps a second."""


def cleared_loss(step: int, q: float) -> float:
    """Loss at ``step`` of a run that clears every step; ``q`` is learning rate × sharpness."""
    return FIRST_LOSS * (1 - q) ** (2 * (step - 1))


def uncleared_loss(step: int, q: float) -> float:
    """Loss at ``step`` of a run that never clears; ``q`` lies between 0 and 4."""
    omega = math.acos(1 - q / 2)
    share = math.cos((step - 0.5) * omega) / math.cos(omega / 2)
    return FIRST_LOSS * share * share


@dataclass
class FakeRun:
    """One quadratic direction under SGD: its error and the sum that ``.grad`` holds."""

    clear: Clearing
    lr: float
    error: float = math.sqrt(FIRST_LOSS)
    summed: float = 0.0

    def train(self, step: int) -> float:
        """Do ``step``; returns the loss before it, as the training loop does."""
        loss = self.error * self.error
        gradient = SHARPNESS * self.error
        self.summed = gradient if self.clear.due(step) else self.summed + gradient
        self.error -= self.lr * self.summed
        return loss


class FakeClient:
    """Stands in for the worker: ``commands`` is what it was sent, ``train`` makes it move.

    With ``loading`` it is silent until ``load``, as a worker is while it imports PyTorch. Between
    ``hold`` and ``release`` commands wait. ``refuse`` holds the sentence with which the next
    command is refused.
    """

    def __init__(self, session: Path, *, loading: bool = False) -> None:
        self.commands: list[Command] = []
        self.refuse: str | None = None
        self.step = 0
        self.running = False
        self.alive = False
        self.stopped = False
        self._session = session
        self._waiting: list[tuple[int, Command]] = []
        self._held = loading
        self._listener: WorkerListener | None = None
        self._number = 0
        self._comparisons = 0
        self._limit = 0
        self._runs: dict[RunName, FakeRun] = {}
        self._log: LogWriter | None = None
        self._began = Settings()
        self._changes: list[tuple[int, SetLr | SetClearing]] = []
        self.together = 0
        """Steps at which both runs were trained at once."""
        self.map_asked: MapStability | None = None
        self.device_note = ""

    # What the app calls

    def start(self, listener: WorkerListener) -> None:
        self._listener, self.alive = listener, True
        if not self._held:
            self._tell(Ready(torch="2.13.0", devices=DEVICES))

    def send(self, command: Command) -> int:
        self._number += 1
        self.commands.append(command)
        self._waiting.append((self._number, command))
        asyncio.get_running_loop().call_soon(self._answer_waiting)
        return self._number

    def kill(self) -> None:
        self.alive = False
        self.dispose()

    async def stop(self) -> None:
        self.stopped = True
        self.kill()

    # What a test calls

    @property
    def filled(self) -> Settings:
        """The settings of the comparison under way, with every default filled in."""
        return self._began

    @property
    def folder(self) -> Path:
        """The log of the comparison under way."""
        assert self._log is not None
        return self._log.folder

    def load(self) -> None:
        """PyTorch is imported."""
        self._tell(Ready(torch="2.13.0", devices=DEVICES))
        self.release()

    def hold(self) -> None:
        """Let commands wait from now on."""
        self._held = True

    def release(self) -> None:
        """Answer what waits, and answer at once from now on."""
        self._held = False
        self._answer_waiting()

    def train(self, steps: int) -> None:
        """Train both runs, up to the limit."""
        if self._limit:
            steps = min(steps, self._limit - self.step)
        losses: dict[RunName, list[float]] = {
            name: [run.train(step) for step in range(self.step + 1, self.step + steps + 1)]
            for name, run in self._runs.items()
        }
        self.feed(losses["A"], losses["B"])

    def feed(self, losses_a: Sequence[float], losses_b: Sequence[float]) -> None:
        """Have both runs done these losses, equally many, in their next steps."""
        assert self._log is not None
        assert len(losses_a) == len(losses_b)
        self._log.losses("A", losses_a)
        self._log.losses("B", losses_b)
        self.step += len(losses_a)
        self.tell_progress()

    def come_to(self, run: RunName, line: int) -> None:
        """Be at this line of the next step, as in slow motion."""
        self._tell(AtLine(run, self.step + 1, line))

    def tell_progress(self) -> None:
        """The sign of life."""
        finished = bool(self._limit and self.step >= self._limit)
        going = self.running and not finished
        self._tell(Progress(self.step, going, finished, together=self.together))

    def fail(self, message: str, reason: str) -> None:
        """Say ``message`` and be gone for ``reason``."""
        assert self._listener is not None
        if message:
            self._tell(Failed(message))
        self.kill()
        self._listener.worker_ended(1, reason)

    # What a worker does

    def _tell(self, notice: Notice) -> None:
        assert self._listener is not None
        if self.alive:
            self._listener.worker_notice(notice)

    def _answer_waiting(self) -> None:
        while self._waiting and not self._held and self.alive:
            number, command = self._waiting.pop(0)
            if self.refuse is not None:
                error, self.refuse = self.refuse, None
                self._tell(Ack(number, self.step, error=error))
                continue
            self._apply(command)
            self._tell(Ack(number, self.step + (0 if isinstance(command, Sync) else 1)))
            self.tell_progress()

    def _apply(self, command: Command) -> None:
        if isinstance(command, Start):
            self._begin(command)
            return
        assert self._log is not None
        if isinstance(command, SetRunning):
            self.running = command.running
        elif isinstance(command, StepTo):
            self.running = False
            self.train(command.step - self.step)
        elif isinstance(command, SetClearing | SetLr):
            self._change(command)
        elif isinstance(command, StepBack):
            self._step_back(command.to)
        elif isinstance(command, SetLimit):
            self._limit = command.steps
        elif isinstance(command, MapStability):
            self.map_asked = command
            self.tell_map(trained=False)
        else:
            assert isinstance(command, SetSpeed | Sync)

    def tell_map(self, *, trained: bool) -> None:
        """The map that was asked for last: what theory says, and that training agrees."""
        asked = self.map_asked
        assert asked is not None
        grid = MapGrid(asked.axis, asked.columns, asked.rows, asked.clear)
        mode = Mode(SHARPNESS, math.sqrt(2 * FIRST_LOSS / SHARPNESS), 0.5)
        rows = [
            [outcome_of(grid.prediction(row, column, (mode,))) for column in range(grid.columns)]
            for row in range(grid.rows)
        ]
        self._tell(
            MapMade(
                axis=asked.axis,
                clear=asked.clear,
                modes=[[mode.sharpness, mode.error, mode.weight]],
                predicted=encode(rows),
                measured=encode(rows) if trained else [],
                step=2000 if trained else 0,
                steps=2000,
            )
        )

    def _change(self, command: SetClearing | SetLr) -> None:
        assert self._log is not None
        self._changes.append((self.step + 1, command))
        run = self._runs[command.run]
        if isinstance(command, SetLr):
            run.lr = command.lr
            self._log.event("set_lr", run=command.run, lr=command.lr, step=self.step + 1)
        else:
            run.clear = command.clear
            self._log.event(
                "set_clearing",
                run=command.run,
                clear=str(command.clear),
                accumulate=command.accumulate,
                step=self.step + 1,
            )

    def change(self, run: RunName, *, lr: float) -> None:
        """Have it changed in the log without having been asked to."""
        self._change(SetLr(run, lr))

    def _step_back(self, to: int) -> None:
        """Train the same again, up to ``to``, in a new log."""
        changes, limit = self._changes, self._limit
        self._open(self._began)
        assert self._log is not None
        for step in range(1, to + 1):
            for at, change in changes:
                if at == step:
                    self._change(change)
            for name, run in self._runs.items():
                self._log.losses(name, [run.train(step)])
            self.step = step
        self.running, self._limit = False, limit
        settings = self._began
        for name, run in self._runs.items():
            settings = settings.with_run(name, clear=run.clear, lr=run.lr)
        self._tell_started(settings)

    def dispose(self) -> None:
        """Leave no file open."""
        if self._log is not None:
            self._log.close()
            self._log = None

    def sample(self, run: RunName, **values: float) -> None:
        """Have measured ``values`` of ``run`` at the present step."""
        assert self._log is not None
        self._log.event("sample", run=run, step=self.step, **values)

    def _begin(self, command: Start) -> None:
        settings = self._filled(command.settings)
        self._open(settings)
        self.running, self._limit = command.running, settings.steps or 0
        self._tell_started(settings)

    def _open(self, settings: Settings) -> None:
        """A new log at step 0."""
        self.dispose()
        self._comparisons += 1
        self._began, self._changes = settings, []
        self._log = LogWriter(self._session / str(self._comparisons), RUNS)
        self._log.event(
            "start", settings=settings.to_dict(), steps_per_epoch=1, device=settings.device
        )
        self._runs = {
            name: FakeRun(settings.run(name).clear, settings.run(name).lr or LR) for name in RUNS
        }
        self.step = 0

    def _tell_started(self, settings: Settings) -> None:
        assert self._log is not None
        same_init = settings.experiment != "article-exact"
        error = math.sqrt(2 * FIRST_LOSS / SHARPNESS)
        quadratic = settings.experiment != "spirals"
        self._tell(
            ComparisonStarted(
                log=str(self._log.folder),
                settings=settings,
                optimizer="SGD",
                steps_per_epoch=1,
                full_batch=True,
                same_init=same_init,
                step=self.step,
                weights={"A": "59d8", "B": "59d8" if same_init else "7690"},
                batches="d0e9",
                modes={name: [[SHARPNESS, error, 0.0]] for name in RUNS} if quadratic else None,
                min_loss=0.0 if quadratic else None,
                sharpness=dict.fromkeys(RUNS, SHARPNESS),
                device_note=self.device_note,
            )
        )

    @staticmethod
    def _filled(settings: Settings) -> Settings:
        filled = replace(
            settings,
            optimizer=settings.optimizer or "SGD",
            device="cpu" if settings.device == "auto" else settings.device,
            steps=STEPS if settings.steps is None else settings.steps,
            speed=SPEED if settings.speed is None else settings.speed,
        )
        for name in RUNS:
            filled = filled.with_run(name, lr=filled.run(name).lr or LR)
        return filled
