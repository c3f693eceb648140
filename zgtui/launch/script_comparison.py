"""Both runs of a script, driven from the process that draws; no threads, no torch.

    comparison = ScriptComparison(options, folder)
    comparison.start()
    loop.add_reader(comparison.fileno(), readable)     # one descriptor for everything
    for notice in comparison.poll(): …                 # never waits

The losses are in the run log ``comparison.log``: `A`, `B`, and `A.1`, `A.2`, … for each line that
calls ``backward()``. This process alone writes the log's ``events.jsonl``; the scripts append to
their own files of losses. Where a change holds, and what it is, stands in the log alone.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.config.settings import RUNS, Clearing, Policy, RunName
from zgtui.errors import LogError, WorkerError
from zgtui.instrument.protocol import Command, Notice, RunSpec, ScaleLr, SetPolicy
from zgtui.ipc import Ack, SetRunning, StepTo
from zgtui.launch.launched_run import LaunchedRun
from zgtui.launch.process import Ending, RunProcess, describe, unwritten
from zgtui.launch.server import ControlServer
from zgtui.launch.words.equality import equality_reasons, first_difference
from zgtui.launch.words.launcher_errors import not_met_in_time
from zgtui.runlog.events import (
    ClearingChanged,
    Ended,
    Event,
    Hello,
    LrScaled,
    RunsCompared,
    ScriptEvent,
    Started,
)
from zgtui.runlog.log import LogWriter, LossReader, losses_path, make_private, read_losses
from zgtui.runlog.sessions import ELSEWHERE

if TYPE_CHECKING:
    from zgtui.launch.command import ScriptOptions


@dataclass(frozen=True)
class RunEnded:
    """A run is over, with everything that it started."""

    run: RunName
    ending: Ending


class ScriptComparison:
    """Two runs of one script."""

    def __init__(self, options: ScriptOptions, folder: Path) -> None:
        """``folder`` becomes the run log; a restart writes beside it, ``folder-2`` and so on."""
        self.options = options
        self.log = folder
        self.runs: dict[RunName, LaunchedRun] = {}
        self._base, self._starts = folder, 0
        self._selector = selectors.DefaultSelector()
        self._server: ControlServer | None = None
        self._events: LogWriter | None = None

    def fileno(self) -> int:
        """Readable when there is something to ``poll()``; of epoll or kqueue, and can be polled."""
        return int(self._selector.fileno())

    def start(self) -> None:
        """Start both runs, or the first where they run one after the other.

        Raises:
            WorkerError: if a script cannot be started.
            LogError: if the log cannot be written.
        """
        self._starts += 1
        if self._starts > 1:
            self.log = self._base.with_name(f"{self._base.name}-{self._starts}")
        self._server = ControlServer(self._selector)
        options = self.options
        self.runs = {
            name: LaunchedRun(
                name,
                self.log / name,
                options.policies[name],
                meeting=options.launcher.meeting(name) if options.launcher else "",
                running=not options.paused,
                repaired=name in options.variants,
                called=options.titles.get(name, options.subject),
            )
            for name in RUNS
        }
        try:
            self._events = LogWriter(self.log, RUNS)
        except LogError as error:
            raise LogError(f"{error}; {ELSEWHERE}") from error
        self._events.write(
            Started(
                {
                    "source": "script",
                    "command": options.command_line,
                    "threads": options.threads_per_run(),
                    "cwd": str(Path.cwd()),
                    "policies": dict(options.policies),
                    "settings": {
                        "experiment": options.command_line,
                        "seed": options.seed,
                        "steps": options.steps,
                        **{
                            name.lower(): {"clear": _clear(policy), "lr": None}
                            for name, policy in options.policies.items()
                        },
                    },
                }
            )
        )
        for run in list(self.runs.values())[: 1 if options.sequential else None]:
            self._launch(run)

    def _launch(self, run: LaunchedRun) -> None:
        assert self._server is not None
        make_private(run.folder)
        run.confirmed = run.policy
        options = self.options
        spec = RunSpec(
            name=run.name,
            policy=run.policy,
            log=str(self.log.resolve()),
            folder=str(run.folder.resolve()),
            socket=self._server.path,
            seed=options.seed,
            limit=options.steps,
            keep_checkpoints=options.keep_checkpoints and run.name == "A",
            paused=not run.running,
            lr_scale=run.lr_scale,
            replaced=options.variants[run.name].replaced if run.name in options.variants else {},
        )
        environment = options.environment(spec, os.environ)
        run.process = RunProcess(options.command(run.name), environment, run.output)
        if options.launcher is not None:
            run.meet_until = time.monotonic() + options.launcher.rdzv_timeout
        self._selector.register(run.process, selectors.EVENT_READ, run)

    def poll(self, timeout: float = 0.0) -> list[Notice | RunEnded]:
        """What has happened, in order; waits at most ``timeout`` seconds for something.

        A run whose nodes do not meet is ended here when its time is over.

        Raises:
            WorkerError: if a script could not be started.
        """
        notices: list[Notice | RunEnded] = []
        for key, _ in self._selector.select(timeout):
            if isinstance(key.data, LaunchedRun):
                notices += self._process_readable(key.data)
            elif self._server is not None:
                notices += self._note(self._server.serve(key.data))
        self._end_meetings()
        return notices

    def _end_meetings(self) -> None:
        """End the runs whose nodes have not met in time; ``poll()`` says when they have ended."""
        for run in self.runs.values():
            late = time.monotonic() > run.meet_until and not run.stopped
            if run.process is not None and late and not run.unmet and run.waits_for:
                run.unmet = True
                run.process.stop()

    @property
    def finished(self) -> bool:
        """Whether both runs are over."""
        return bool(self.runs) and all(run.ending is not None for run in self.runs.values())

    def steps(self, run: RunName) -> int:
        """Steps of ``run`` in the log."""
        return LossReader(self.log, run).available()

    def same_first_loss(self) -> bool | None:
        """Whether both runs saw the same first loss, bit for bit; None while that is open."""
        first = [read_losses(losses_path(self.log, name), 0, 1).tobytes() for name in RUNS]
        return first[0] == first[1] if all(first) else None

    def set_running(self, *, running: bool) -> None:
        """Pause both runs after the step under way, or let them go on."""
        for run in self.runs.values():
            run.running, run.step_to = running, 0
            self._send(run, SetRunning(running))

    def step(self) -> None:
        """One step of each run, then pause."""
        for run in self.runs.values():
            run.running = False
            run.step_to = max(run.step_to, self.steps(run.name)) + 1
            self._send(run, StepTo(run.step_to))

    def set_policy(self, name: RunName, policy: Policy) -> None:
        """Another clearing policy for a run from its next step on."""
        self.runs[name].policy = policy
        self._send(self.runs[name], SetPolicy(policy))

    def scale_lr(self, name: RunName, factor: float) -> None:
        """Multiply the script's learning rates by ``factor`` from the next step on."""
        self.runs[name].lr_scale = factor
        self._send(self.runs[name], ScaleLr(factor))

    def stop(self) -> None:
        """End both runs; ``poll()`` says when they have ended."""
        for run in self.runs.values():
            run.stopped = True
            if run.process is None:
                run.ending = run.ending or describe(run.folder, 0, 0, stopped=True)
            elif run.ending is None:
                run.process.stop()

    def restart(self) -> None:
        """End both runs and start them again, in a new log."""
        self.close()
        self.start()

    def close(self) -> None:
        """End both runs and everything they started, and wait for it.

        Raises:
            LogError: if the log cannot be written; all is ended all the same.
        """
        self.stop()
        with contextlib.ExitStack() as closing:  # in reverse, each also where another one fails
            closing.callback(self._close_log)
            for run in self.runs.values():
                closing.callback(self._close_run, run)
            if self._server is not None:
                closing.callback(self._server.close)
                self._server = None

    def _close_run(self, run: LaunchedRun) -> None:
        if run.process is not None:
            # It has ended, could not be started, or was closed before.
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(run.process)
            run.process.close()
            if run.ending is None:
                self._over(run, 0)

    def _close_log(self) -> None:
        if self._events is not None:
            self._events.close()
            self._events = None

    def _send(self, run: LaunchedRun, command: Command) -> None:
        if self._server is not None:
            self._server.send(run.name, command)

    def _catch_up(self, run: LaunchedRun) -> None:
        """Send what was asked of a run after it was started and before it was connected."""
        if run.policy != run.confirmed:
            self._send(run, SetPolicy(run.policy))
        if run.lr_scale != 1.0:
            self._send(run, ScaleLr(run.lr_scale))
        self._send(run, StepTo(run.step_to) if run.step_to else SetRunning(run.running))

    def _note(self, notices: list[Notice]) -> list[Notice]:
        """Put into the log what belongs there."""
        for notice in notices:
            run = self.runs[notice.run]  # type: ignore[index]  # the child was given its name
            if isinstance(notice, Ack):
                self._confirmed(run, notice)
            elif isinstance(notice, ScriptEvent):
                self._event(notice)
            run.note(notice)
            if isinstance(notice, Hello):
                self._catch_up(run)
        return notices

    def _confirmed(self, run: LaunchedRun, ack: Ack) -> None:
        command = self._server.acknowledged(ack.ack) if self._server is not None else None
        if isinstance(command, SetPolicy | ScaleLr):
            run.changed = run.changed or ack.step > 1
        if isinstance(command, SetPolicy):
            policy = run.confirmed = command.policy
            clear = None if policy == "as-is" else Clearing.parse(policy)
            self._event(ClearingChanged(run.name, clear, step=ack.step, policy=policy))
        elif isinstance(command, ScaleLr):
            self._event(LrScaled(run.name, ack.step, command.factor))

    def _event(self, event: Event) -> None:
        if self._events is not None:
            self._events.write(event)

    def _process_readable(self, run: LaunchedRun) -> list[Notice | RunEnded]:
        assert run.process is not None
        assert self._server is not None
        try:
            if not run.process.read():
                return []
        except WorkerError:
            self._selector.unregister(run.process)
            raise
        self._selector.unregister(run.process)
        assert run.process.code is not None
        notices: list[Notice | RunEnded] = [*self._note(self._server.drain(run.name))]
        notices.append(self._over(run, run.process.code))
        following = [other for other in self.runs.values() if other.process is None]
        if following and not run.stopped:
            self._launch(following[0])
        return notices

    def _over(self, run: LaunchedRun, code: int) -> RunEnded:
        steps, limit = self.steps(run.name), self.options.steps
        stopped = run.stopped or (limit is not None and steps >= limit)
        run.ending = describe(run.folder, code, steps, stopped=stopped)
        if run.unwritten and not run.ending.failed:
            run.ending = unwritten(run.ending, steps, run.unwritten)
        if run.unmet and not run.stopped:
            assert self.options.launcher is not None
            seconds = self.options.launcher.rdzv_timeout
            run.ending = Ending(1, not_met_in_time(run.meeting, seconds))
        if run.training is not None:  # of all that were told, the last
            self._event(run.training)
        self._event(
            Ended(
                steps,
                run=run.name,
                code=run.ending.exit_code,
                sentence=run.ending.sentence,
                written=list(run.ending.written),
            )
        )
        if self.finished and self._events is not None:
            self._event(self._compared())
        return RunEnded(run.name, run.ending)

    def _compared(self) -> RunsCompared:
        steps, differ_at = first_difference(self.log)
        equal = steps > 0 and differ_at is None
        return RunsCompared(steps, equality_reasons(self.runs, steps) if equal else [], differ_at)


def _clear(policy: Policy) -> str | None:
    """As every log has it; only the script knows when it clears as it is."""
    return None if policy == "as-is" else policy
