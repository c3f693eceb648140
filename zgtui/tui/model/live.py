"""The comparison that the worker trains: what its log holds, and what was asked of it.

What is shown is read from the log. The worker's own notices say where its log is, whether it
trains, and that a command was carried out: by then the log holds what it changed.
"""

from __future__ import annotations

import asyncio
import random
import time
from array import array
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.config.settings import RUNS, Clearing, RunName, Settings, scaled_lr
from zgtui.curves.trend import Trend
from zgtui.errors import LogError
from zgtui.explain.outcome import Difference, Outcome, RunOutcome, run_outcome
from zgtui.runlog.events import Event, Started
from zgtui.runlog.log import MOMENTUM_TWIN, EventReader, LossReader
from zgtui.theory.stability_map import MapGrid, StabilityMap
from zgtui.tui.model.base import READ_LIMIT, Listener, LossCurve, Phase, StepRate
from zgtui.tui.model.live_run import Acknowledged, ChangeReplay, CommandTold, LiveRun, WorkerLink
from zgtui.tui.model.undo import Changes
from zgtui.worker import protocol
from zgtui.worker.client import ClientFactory, silent_seconds
from zgtui.worker.protocol import Ack, Command, Notice

if TYPE_CHECKING:
    from zgtui.tui.model.tried import Tried

SYNC_SECONDS = 2.0
"""How long an export waits for the worker to write its log before taking what is there."""
SEEDS = 10_000


class RemoteComparison:
    """The comparison under way, and the worker that trains it."""

    def __init__(
        self,
        settings: Settings,
        make_client: ClientFactory,
        listener: Listener,
        *,
        running: bool = True,
    ) -> None:
        self.settings = settings
        self.running = running
        self.phase: Phase = "loading"
        self.started: protocol.ComparisonStarted | None = None
        self.ready: protocol.Ready | None = None
        self.failure = ""
        self.at: protocol.AtLine | None = None
        self.together = False
        """Whether both runs are trained at once since the progress before."""
        self._steps_together = 0
        """Where inside of a step it is, in slow motion."""
        self.runs = {name: LiveRun(settings=settings.run(name), name=name) for name in RUNS}
        self.momentum_twin = LossCurve()
        """Empty where none is trained."""
        self.map: StabilityMap | None = None
        """The last one that was asked for, as far as it is made."""
        self.map_problem = ""
        """Why there is none."""
        self.difference = Difference()
        self.exit_code = 0
        self.left: list[Tried] = []
        """The comparisons before the present one, oldest first."""
        self._worker = WorkerLink(make_client)
        self._listener = listener
        self._rate = StepRate()
        self._events: EventReader | None = None
        self._replay: ChangeReplay | None = None
        # Commands are about where the worker is, which may be ahead of what was read.
        self._worker_step = self._step_wanted = 0
        self._changes, self._press, self._undos = Changes(), 0, 0

    # What the screen reads

    @property
    def log(self) -> Path | None:
        """The log of the comparison under way."""
        return Path(self.started.log) if self.started is not None else None

    @property
    def step(self) -> int:
        """The steps of both runs that were read from the log."""
        return min(run.history.steps for run in self.runs.values())

    @property
    def rate(self) -> float:
        """Steps per second; 0 where nothing moves, or it cannot be told yet."""
        return self._rate.value if self.phase == "training" else 0.0

    @property
    def loading_seconds(self) -> float:
        """How long the worker has been starting."""
        return time.monotonic() - self._worker.began

    @property
    def silence(self) -> float:
        """Seconds without a sign of life from a worker that should give one; else 0."""
        alive = self.phase in {"training", "paused", "finished"}
        return silent_seconds(self._worker.heard) if alive else 0.0

    @property
    def full_batch(self) -> bool:
        """Whether each step sees all the data."""
        return self.started is not None and self.started.full_batch

    def trend(self, name: RunName) -> Trend:
        """What the losses of run ``name`` are doing."""
        return self.runs[name].trend(full_batch=self.full_batch)

    @property
    def outcome(self) -> Outcome:
        """What became of both runs so far."""
        a, b = (self._outcome(name) for name in RUNS)
        return Outcome(
            a=a,
            b=b,
            step=self.step,
            settings=self.settings,
            finished=self.phase == "finished",
            chance=self.started.chance if self.started else None,
            differ_at=self.difference.at,
            same_init=self.started is not None and self.started.same_init,
        )

    def _outcome(self, name: RunName) -> RunOutcome:
        run = self.runs[name]
        return run_outcome(
            name,
            run.settings,
            run.history,
            self.trend(name),
            accuracy=run.accuracy,
            changed=run.until is not None,
        )

    @property
    def tried(self) -> list[Tried]:
        """Every comparison of this session that trained at all, the present one last."""
        return [*self.left, *self._present]

    @property
    def _present(self) -> list[Tried]:
        if self.log is None or not self.step:
            return []
        settings = self.settings
        for name, run in self.runs.items():
            settings = settings.with_run(
                name, clear=run.clear, accumulate=run.settings.accumulate, lr=run.lr
            )
        from zgtui.tui.model.tried import Tried  # noqa: PLC0415 - at its first use

        return [Tried(self.outcome, settings, self.log)]

    def lr(self, name: RunName) -> float | None:
        """The learning rate of run ``name`` at the step shown, the schedule applied."""
        lr = self.runs[name].lr
        factor = self.settings.lr_factor(self.step)
        return None if lr is None else lr * factor

    def present_settings(self) -> Settings:
        """The settings with the clearing and learning rates that keys have changed them to."""
        settings = self.settings
        for name, run in self.runs.items():
            clear, accumulate = self._worker.policy(run)
            lr = self._worker.lr(run)
            settings = settings.with_run(name, clear=clear, accumulate=accumulate, lr=lr)
        return settings

    def read(self, limit: int = READ_LIMIT) -> bool:
        """Take in what is new in the log, so many losses a run at most; whether there was any.

        Both runs are read equally far, and losses before events: a change is in the log before the
        losses that it affects, so what is shown at a step is the same however it was read.
        """
        losses = self._read_losses(limit)
        self._read_events()
        self.momentum_twin.read(limit)
        for name, run in self.runs.items():
            values = losses.get(name, array("d"))
            self.difference.extend(name, values)
            run.extend(values)
        self._rate.note(self.step)
        return any(losses.values())

    def _read_losses(self, limit: int) -> dict[RunName, array[float]]:
        readers = {name: run.reader for name, run in self.runs.items() if run.reader is not None}
        waiting = [reader.available() - reader.position for reader in readers.values()]
        count = min([limit, *waiting])
        return {name: reader.read(count) for name, reader in readers.items()} if count else {}

    def _read_events(self) -> None:
        try:
            for event in self._events.read() if self._events else ():
                self._take(event)
        except LogError as error:
            self._events = None
            self._listener.say(f"{error}; changes and gradients are no longer shown", error=True)

    def _take(self, event: Event) -> None:
        # A log that goes on from an earlier step begins with the settings of step 0.
        began = Settings.from_dict(event.settings) if isinstance(event, Started) else None
        for name, run in self.runs.items():
            if began is not None:
                run.begin(began.run(name))
            run.take(event)

    # What the screen asks for

    def start(self, told: CommandTold | None = None) -> None:
        """Start the training process and the first comparison; ``told`` as in ``restart``."""
        self.phase, self.failure = "loading", ""
        self._worker.start(self)
        self._ask(protocol.Start(self.settings, self.running), told=told)

    def restart(
        self,
        settings: Settings | None = None,
        *,
        running: bool | None = None,
        told: CommandTold | None = None,
    ) -> None:
        """Begin at step 0, in a new process where the present one is gone.

        ``settings``: None keeps seed and all as they are set now. ``running``: train at once; None
        goes on as before. ``told`` hears what came of it, in place of the user.
        """
        self.settings, self._replay = settings or self.present_settings(), None
        self._undos = 0
        self.running = self.running or self.phase in {"finished", "failed"}
        self.running = self.running if running is None else running
        if self.phase == "failed" or self.silence or not self._worker.there:
            self.kill()
            self.start(told)
        else:
            self._ask(protocol.Start(self.settings, self.running), told=told)

    def new_seed(self) -> None:
        """Restart with another random seed, short enough to be read out and typed again."""
        seed = random.SystemRandom().randrange(SEEDS - 1)
        seed += seed >= self.settings.seed
        self.restart(replace(self.present_settings(), seed=seed))

    def replay(self, log: Path | None = None) -> None:
        """Restart from step 0 as ``log`` began, with each change at its own step.

        None: the log of this comparison.
        """
        log = log or self.log
        if log is None:
            self._listener.say("There is nothing to replay yet.")
            return
        from zgtui.tables.rows import read_facts  # noqa: PLC0415 - at its first use

        try:
            facts = read_facts(log)
        except LogError as error:
            self._listener.say(str(error), error=True)
            return
        self.restart(Settings.from_dict(facts.start["settings"]), running=False)
        self._replay = ChangeReplay(facts.changes)

    def step_back(self) -> None:
        """Go back by one step, and pause there."""
        present = self._worker.step_back(self._worker_step)
        if present:
            self._replay, self.running = None, False
            self._ask(protocol.StepBack(present - 1))

    def undo(self) -> None:
        """Undo what the last key changed: go back to the step before it, and pause there."""
        self._undos += 1
        self._undo_what_is_known()

    def _undo_what_is_known(self) -> None:
        """Undo one change after the other, each once it is known what came of all before."""
        while self._undos and (self._worker.idle or not self._worker.there):
            self._undos -= 1
            self._undo()

    def _undo(self) -> None:
        undo = self._changes.undo
        if undo is None:
            self._undos = 0
            self._listener.say(
                "Nothing to undo: no key has changed a run since step 0."
                " {key:tried} lists what was tried before."
            )
            return

        # Changed after the last step, a comparison is as finished as it was.
        state = "" if self.phase == "finished" and undo.to == self._worker_step else ", paused"

        def told(problem: str) -> None:
            done = f"Undid {undo.words}: at step {undo.to}{state}."
            self._listener.say(problem or done, error=bool(problem))

        self._replay, self.running = None, False
        self._ask(protocol.StepBack(undo.to), told=told)
        for change in undo.again:
            self._ask(change.command, press=change.press)

    def toggle_running(self) -> None:
        """Pause, or resume; a finished comparison has neither."""
        if self.phase == "finished":
            self._listener.say(
                "Finished: press {key:continue} to continue, {key:restart} to restart."
            )
        else:
            self.set_running(running=not self.running)

    def set_running(self, *, running: bool) -> None:
        """Train or pause."""
        self.running, self._replay = running, None
        self._step_wanted = 0
        self._ask(protocol.SetRunning(running))

    def single_step(self) -> None:
        """Pause a running comparison; train a paused one by one step."""
        if self.running and self.phase == "training":
            self.set_running(running=False)
        elif self.phase == "finished":
            self._listener.say("Finished: press {key:continue} to continue.")
        else:
            self.train_to(max(self._step_wanted, self._worker_step) + 1)

    def train_to(self, step: int) -> None:
        """Train on to ``step`` at the speed set, and pause there."""
        self._replay = None
        self._step_wanted = max(step, self._worker_step)
        self._ask(protocol.StepTo(step))

    def continue_training(self) -> None:
        """Train on beyond the planned length."""
        self._ask(protocol.SetLimit(0))
        self.set_running(running=True)

    def toggle_clearing(self, names: tuple[RunName, ...]) -> None:
        """Switch each run between clearing every step and never."""
        self._press += 1
        for name in names:
            clear, accumulate = self._worker.policy(self.runs[name])
            self._ask(protocol.SetClearing(name, clear.toggled, accumulate))

    def set_policy(
        self, name: RunName, clear: Clearing, accumulate: int, *, told: CommandTold | None = None
    ) -> None:
        """Give run ``name`` a clearing policy and a number of micro-batches per step.

        ``told`` hears what came of it, in place of the user.
        """
        self._press += 1
        self._ask(protocol.SetClearing(name, clear, accumulate), told=told)

    def set_lr(self, names: tuple[RunName, ...], lr: float) -> None:
        """Give each run the learning rate ``lr``."""
        self._press += 1
        for name in names:
            self._ask(protocol.SetLr(name, lr))

    def scale_lr(self, names: tuple[RunName, ...], presses: int) -> None:
        """Move each run's learning rate by even ratio steps."""
        self._press += 1
        for name in names:
            current = self._worker.lr(self.runs[name])
            if current is None:
                self._listener.say("The learning rate is not known until PyTorch is imported.")
                return
            self._ask(protocol.SetLr(name, scaled_lr(current, presses)))

    def set_speed(self, steps_per_second: float) -> None:
        """Train at most so many steps per second; 0 is without limit."""
        self.settings = replace(self.settings, speed=steps_per_second)
        self._ask(protocol.SetSpeed(steps_per_second))

    def ask_map(self, grid: MapGrid) -> None:
        """Have the map of where each loop is stable made, beside the training."""
        self.map, self.map_problem = None, ""
        self._ask(protocol.MapStability(grid.axis, grid.columns, grid.rows, grid.clearing))

    async def settle(self) -> Mapping[str, int]:
        """The steps done now, all of them in the log; what is there if the worker is silent."""
        reached: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def acknowledged(ack: Ack) -> None:
            if not reached.done():
                reached.set_result(ack.step)

        readers = [run.reader for run in self.runs.values() if run.reader is not None]
        steps = min((reader.available() for reader in readers), default=0)
        if self.phase != "failed":
            self._ask(protocol.Sync(), acknowledged)
            done, _ = await asyncio.wait([reached], timeout=SYNC_SECONDS)
            steps = reached.result() if done else steps
        return dict.fromkeys(RUNS, steps)

    async def stop(self) -> None:
        """End the training process in order."""
        await self._worker.stop()

    def kill(self) -> None:
        """End the training process at once."""
        self._worker.kill()

    def _ask(
        self,
        command: Command,
        then: Acknowledged | None = None,
        told: CommandTold | None = None,
        press: int | None = None,
    ) -> None:
        if self._worker.there:
            self._worker.send(command, then, told, self._press if press is None else press)
        else:
            do = "press {key:restart} to restart" if told is None else "close this and restart"
            self._complain(f"The training process is gone: {do}.", told)

    def _complain(self, problem: str, told: CommandTold | None) -> None:
        """Tell whoever asked, or the user."""
        if told is None:
            self._listener.say(problem, error=True)
        else:
            told(problem)

    # What the worker says

    def worker_notice(self, notice: Notice) -> None:
        """Take in a notice; called on the event loop's thread."""
        self._worker.heard = time.monotonic()
        self.at = notice if isinstance(notice, protocol.AtLine) else None
        if isinstance(notice, protocol.Progress):
            self._progress(notice)
        elif isinstance(notice, Ack):
            self._acknowledged(notice)
        elif isinstance(notice, protocol.ComparisonStarted):
            self._comparison_started(notice)
        elif isinstance(notice, protocol.Ready):
            self.ready = notice
        elif isinstance(notice, protocol.MapMade):
            self.map = notice.map()
        elif isinstance(notice, protocol.Remark):
            self._listener.say(f"{notice.text}.")
        elif isinstance(notice, protocol.Failed):
            self.failure = notice.message
        if isinstance(notice, Ack | protocol.AtLine):
            self._listener.refresh_soon()

    def worker_ended(self, _exit_code: int, reason: str) -> None:
        """The worker is gone without having been asked to go."""
        self.read()
        self.phase, self.at = "failed", None
        self.failure = f"{self.failure} ({reason})" if self.failure else reason
        self._worker.lost()
        self._listener.say(f"{self.failure}. Press {{key:restart}} to restart.", error=True)

    def _progress(self, notice: protocol.Progress) -> None:
        if notice.step != self._worker_step:
            self.together = notice.together > self._steps_together
        self._steps_together = notice.together
        self._worker_step, self.running = notice.step, notice.running
        self.phase = "training" if notice.running else "paused"
        self.phase = "finished" if notice.finished else self.phase
        if self._replay is not None and not notice.running and self._worker.idle:
            for command in self._replay.next_commands(notice.step):
                self._press += 1
                self._ask(command)
            self._replay = None if self._replay.over else self._replay

    def _acknowledged(self, ack: Ack) -> None:
        asked = self._worker.answered(ack.ack)
        if ack.error is not None:
            self._refused(asked.command, ack.error, asked.told)
        else:
            self._read_events()
            self._changes.note(ack.step, asked.command, asked.press)
            if asked.then is not None:
                asked.then(ack)
            if asked.told is not None:
                asked.told("")
        self._undo_what_is_known()

    def _refused(self, command: Command, error: str, told: CommandTold | None) -> None:
        if self.started is None:
            self.phase, self.failure = "failed", error
            self._listener.cannot_start(error)
            return
        if isinstance(command, protocol.MapStability):
            self.map_problem = error
            return
        if isinstance(command, protocol.Start):
            self.settings = self.started.settings
            if self.phase == "loading":  # in a new process, which has nothing else to train
                self.phase, self.failure = "failed", error
        self._complain(error, told)

    def _comparison_started(self, notice: protocol.ComparisonStarted) -> None:
        if not notice.step:  # one that was stepped back goes on
            self.read()
            self.left += self._present
        self.started, self.settings = notice, notice.settings
        self._worker_step, self._step_wanted = notice.step, 0
        self._changes.back_to(notice.step)
        self._rate, self.difference = StepRate(), Difference()
        log = Path(notice.log)
        self.runs = {
            name: LiveRun(
                settings=notice.settings.run(name), name=name, reader=LossReader(log, name)
            )
            for name in RUNS
        }
        twin = LossReader(log, MOMENTUM_TWIN) if notice.settings.twin else None
        self.momentum_twin = LossCurve(reader=twin)
        self._events = EventReader(log)
        self._read_events()
        self.phase = "training" if self.running else "paused"
        if notice.device_note:
            self._listener.say(f"{notice.device_note}.")
