"""A comparison without the app: trained to its end, told on stdout and written to files."""

from __future__ import annotations

import asyncio
import errno
import signal
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from zgtui.charts.words import run_labels, step_word
from zgtui.config.settings import RUNS, Settings
from zgtui.config.sources import state_path
from zgtui.errors import UsageError, WorkerError, ZgtuiError
from zgtui.explain.outcome import Difference, Outcome, run_outcome
from zgtui.explain.verdict import verdict
from zgtui.launch.interruption import ENDING_SIGNALS
from zgtui.outputs.autosave import table_keeper
from zgtui.outputs.followers import NOTICED_SECONDS, incomplete, loss_window, tensorboard_writer
from zgtui.outputs.headless.plain_lines import WordsReporter
from zgtui.outputs.headless.progress import Bar, LineReporter, NullReporter, ProgressReporter
from zgtui.outputs.headless.results import RunSummary, SummaryFacts, summary_lines
from zgtui.outputs.stdout import SafeStdout, no_terminal
from zgtui.runlog.follow import Follower
from zgtui.runlog.sessions import new_session
from zgtui.terminal import warn
from zgtui.worker.client import HUNG_SECONDS, WorkerClient
from zgtui.worker.protocol import ComparisonStarted
from zgtui.worker.training import Training

TICK_SECONDS = 0.1
HUNG = f"no answer from the training process for {HUNG_SECONDS:g} s: a slow step, or it is stuck"


def train_headless(settings: Settings, values: Mapping[str, Any]) -> int:
    """Train as ``settings`` say; ``values`` are the resolved options. Returns the exit code.

    Raises:
        ZgtuiError: if an option cannot be used; nothing was trained.
    """
    if settings.speed is None and not values.get("live"):
        settings = replace(settings, speed=0.0)  # an experiment's own speed is for watching
    return asyncio.run(Job(settings, values).run())


class Job:
    """One such comparison with all that follows it."""

    def __init__(self, settings: Settings, values: Mapping[str, Any]) -> None:
        session = new_session(state_path())
        self._settings = settings
        self._quiet = bool(values.get("quiet"))
        self._fail_on_diverge = bool(values.get("fail-on-diverge"))
        self._table = table_keeper(values)
        self._tensorboard = tensorboard_writer(values, session)
        self._window = loss_window(values, session)
        self._stdout = SafeStdout()
        self._reporter = self._choose_reporter(
            values.get("print-every"), plain=bool(values.get("plain"))
        )
        self._training = Training(WorkerClient(session))
        self._runs = {name: RunSummary() for name in RUNS}
        self._difference = Difference()
        self._follower: Follower | None = None
        self._signal: int | None = None
        self._errors: list[ZgtuiError] = []

    def _choose_reporter(self, print_every: int | None, *, plain: bool) -> ProgressReporter:
        if self._quiet:
            return NullReporter()
        if plain:
            return WordsReporter(self._stdout)
        if print_every or no_terminal():
            return LineReporter(self._stdout, print_every)
        return Bar(self._stdout)

    async def run(self) -> int:
        """Train until the end; returns the exit code."""
        self._signalled = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in ENDING_SIGNALS:
            # What was ignored when we were started, by nohup for example, stays ignored.
            if signal.getsignal(number) != signal.SIG_IGN:
                loop.add_signal_handler(number, self._end_by, number)
        try:
            await self._train()
        except ZgtuiError as error:
            self._errors.append(error)
        finally:
            self._training.kill()
            self._reporter.close()
        self._signalled.clear()  # from here on a signal cuts short what is still waited for
        self._close_table()
        self._tell_end()
        await self._close_tensorboard()
        await self._close_window()
        return self._exit_code()

    def _end_by(self, number: int) -> None:
        self._signal = self._signal or number
        self._signalled.set()
        self._training.end()

    async def _train(self) -> None:
        self._training.launch()
        if self._window is not None:
            self._window.start()
            word = await self._unless_signalled(self._window.first_line())
            if word not in {"open", None}:
                warn(f"{word or f'the window cannot be opened; see {self._window.errors}'}")
        self._reporter.begin()
        self._training.start(self._settings)
        while not self._training.ended:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._training.changed.wait(), TICK_SECONDS)
            self._training.changed.clear()
            self._take_in()
            if self._training.falls_silent() and not self._quiet:
                warn(HUNG)
        await self._training.stop()
        self._take_in(rest=True)
        if self._training.failure is not None:
            raise self._training.failure

    def _take_in(self, *, rest: bool = False) -> None:
        """Hand on what is new in the log."""
        started = self._training.started
        if started is None:
            return
        while self._training.remarks:
            remark = self._training.remarks.pop(0)
            if not self._quiet:
                warn(remark)
        log = Path(started.log)
        if self._follower is None:
            self._follower = Follower(log)
            self._reporter.started(started)
            if self._tensorboard is not None:
                self._tensorboard.start()
                self._tensorboard.follow(started.log)
            if self._window is not None:
                self._window.follow(started.log)
        for chunk in self._follower.chunks(rest=rest):
            for name, losses in chunk.losses.items():
                self._runs[name].extend(losses)
                self._difference.extend(name, losses)
            self._reporter.chunk(chunk)
        self._keep_table(started.log)
        if self._stdout.lost is not None:
            self._training.end()  # nobody reads on, as after ``| head``

    def _keep_table(self, log: str) -> None:
        if self._table is None:
            return
        try:
            self._table.follow(log)
        except ZgtuiError as error:
            warn(str(error))

    def _close_table(self) -> None:
        if self._table is None:
            return
        try:
            self._table.close()
        except ZgtuiError as error:
            self._errors.append(error)

    def _tell_end(self) -> None:
        """Print the summary; note what diverged."""
        started = self._training.started
        if started is None:
            return
        labels = run_labels(started.settings)
        if self._fail_on_diverge:
            for name, run in self._runs.items():
                step = run.tracker.first_diverged
                if step is not None:
                    self._errors.append(WorkerError(f"run {name} diverged at step {step}"))
        if self._quiet:
            return
        facts = SummaryFacts(
            labels,
            step_word(started.steps_per_epoch),
            started.full_batch,
            self._training.accuracy,
            self._training.seconds,
            verdict(self._outcome(started)),
            together=self._training.together,
        )
        lines = ["", *summary_lines(self._runs, Path(started.log), facts)]
        if not self._stdout.encoding.lower().startswith("utf"):
            lines = [line.replace("×", "x") for line in lines]
        self._stdout.tell_lines(*lines)

    def _outcome(self, started: ComparisonStarted) -> Outcome:
        """What became of both runs, as far as both have come."""
        settings = started.settings
        a, b = (
            run_outcome(
                name,
                settings.run(name),
                run.history,
                run.tracker.trend(full_batch=started.full_batch),
                accuracy=self._training.accuracy.get(name),
            )
            for name, run in self._runs.items()
        )
        return Outcome(
            a=a,
            b=b,
            step=min(a.steps, b.steps),
            settings=settings,
            finished=bool(settings.steps) and a.steps == b.steps == settings.steps,
            chance=started.chance,
            differ_at=self._difference.at,
            same_init=started.same_init,
        )

    async def _close_tensorboard(self) -> None:
        """Let TensorBoard's writer take in the rest."""
        if self._tensorboard is None or self._follower is None:
            return
        self._tensorboard.finish()
        ended = asyncio.ensure_future(self._tensorboard.ended())
        done, _ = await asyncio.wait([ended], timeout=NOTICED_SECONDS)
        if not done and not self._quiet:
            self._stdout.tell_lines("writing the rest of the TensorBoard events ...")
        exit_code = await self._unless_signalled(_result(ended))
        self._tensorboard.kill()
        if exit_code != 0:
            self._errors.append(WorkerError(incomplete(self._tensorboard)))

    async def _close_window(self) -> None:
        """Leave the window to be looked at until it is closed, unless training was cut short."""
        if self._window is None:
            return
        if self._follower is not None and self._signal is None and not self._errors:
            self._window.follow("")
            if self._window.exit_code is None and not self._quiet:
                self._stdout.tell_lines("close the window to exit")
            exit_code = await self._unless_signalled(self._window.ended())
            if exit_code:
                self._errors.append(
                    WorkerError(f"the window closed unexpectedly; see {self._window.errors}")
                )
        self._window.kill()

    async def _unless_signalled(self, waiting: Coroutine[Any, Any, Any]) -> Any:
        """What ``waiting`` returns; None where a signal comes first."""
        work = asyncio.ensure_future(waiting)
        signalled = asyncio.ensure_future(self._signalled.wait())
        await asyncio.wait([work, signalled], return_when=asyncio.FIRST_COMPLETED)
        signalled.cancel()
        if work.done():
            return work.result()
        work.cancel()
        return None

    def _exit_code(self) -> int:
        lost = self._stdout.lost
        if isinstance(lost, BrokenPipeError):
            self._signal = self._signal or signal.SIGPIPE
        elif lost is not None and lost.errno == errno.EIO:  # the terminal was closed
            self._signal = self._signal or signal.SIGHUP
        elif lost is not None and self._signal is None:
            self._errors.append(UsageError(f"cannot write to stdout: {lost.strerror}"))
        for error in self._errors:
            warn(str(error))
        if self._signal is not None:
            return 128 + self._signal
        return self._errors[0].exit_code if self._errors else 0


async def _result(future: asyncio.Future[int]) -> int:
    return await future
