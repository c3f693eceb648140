"""Both runs of a script, driven from the process that draws; no threads, no torch.

    comparison = ScriptComparison(options, folder)
    comparison.start()
    loop.add_reader(comparison.fileno(), on_news)      # one descriptor for everything
    for notice in comparison.poll(): …                 # never waits

The losses are in the run log ``comparison.log``: `A`, `B`, and `A.1`, `A.2`, … for each line that
calls ``backward()``. This process alone writes the log's ``events.jsonl``; the scripts append to
their own files of losses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zgtui.config.settings import Policy
from zgtui.instrument.spec import OUTPUT

if TYPE_CHECKING:
    from pathlib import Path

    from zgtui.config.settings import RunName
    from zgtui.launch.endings import Ending
    from zgtui.launch.process import RunProcess
import contextlib
import os
import selectors
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zgtui.config.settings import RUNS, RunName
from zgtui.errors import WorkerError
from zgtui.instrument import protocol
from zgtui.instrument.spec import RunSpec
from zgtui.launch.endings import describe
from zgtui.launch.process import RunProcess
from zgtui.launch.server import ControlServer
from zgtui.runlog.log import LogWriter, LossReader, losses_path, read_losses

if TYPE_CHECKING:
    from zgtui.config.settings import Policy
    from zgtui.launch.command import ScriptOptions


@dataclass(frozen=True)
class Ended:
    """A run is over, with everything that it started."""

    run: RunName
    ending: Ending


@dataclass(eq=False)
class LaunchedRun:
    """What is known of one run."""

    name: RunName
    folder: Path
    policy: Policy
    spec_policy: Policy = "as-is"
    """The policy that it was started with."""
    process: RunProcess | None = None
    ending: Ending | None = None
    stopped: bool = False
    intervened: bool = False
    running: bool = True
    step_to: int = 0
    """The last single step that was asked for; 0 where none was since it ran freely."""
    lr_scale: float = 1.0

    @property
    def output(self) -> Path:
        """What the script prints, stdout and stderr in order."""
        return self.folder / OUTPUT

    @property
    def title(self) -> str:
        """The policy; ``your script`` where it had nothing to change."""
        if self.policy == "as-is" or (self.ending is not None and not self.intervened):
            return "your script"
        return {"every": "zero_grad() every step", "never": "zero_grad() never"}[self.policy]


class ScriptComparison:
    """Two runs of one script."""

    def __init__(self, options: ScriptOptions, folder: Path) -> None:
        """``folder`` becomes the run log; a restart writes beside it, ``folder-2`` and so on."""
        self.options = options
        self.log = folder
        self.runs: dict[RunName, LaunchedRun] = {}
        self._base, self._starts = folder, 0
        self._selector = selectors.DefaultSelector()
        self._lines: ControlServer | None = None
        self._events: LogWriter | None = None

    def fileno(self) -> int:
        """Readable when ``poll()`` has news; of epoll or kqueue, which may itself be polled."""
        return int(self._selector.fileno())

    def start(self) -> None:
        """Start both runs, or the first where they run one after the other; WorkerError if not."""
        self._starts += 1
        if self._starts > 1:
            self.log = self._base.with_name(f"{self._base.name}-{self._starts}")
        self._lines = ControlServer(self._selector)
        options = self.options
        self.runs = {
            name: LaunchedRun(
                name, self.log / name, options.policies[name], running=not options.paused
            )
            for name in RUNS
        }
        self._events = LogWriter(self.log, RUNS)
        self._events.event(
            "start",
            source="script",
            command=options.command_line,
            threads=options.threads_per_run(),
            cwd=str(Path.cwd()),
            policies=dict(options.policies),
            settings={
                "experiment": options.command_line,
                "seed": options.seed,
                "steps": options.steps,
                **{name.lower(): _settings(policy) for name, policy in options.policies.items()},
            },
        )
        for run in list(self.runs.values())[: 1 if options.sequential else None]:
            self._launch(run)

    def _launch(self, run: LaunchedRun) -> None:
        assert self._lines is not None
        run.folder.mkdir(parents=True)
        run.spec_policy = run.policy
        options = self.options
        spec = RunSpec(
            name=run.name,
            policy=run.policy,
            log=str(self.log.resolve()),
            folder=str(run.folder.resolve()),
            socket=self._lines.path,
            seed=options.seed,
            limit=options.steps,
            keep_checkpoints=options.keep_checkpoints and run.name == "A",
            paused=not run.running,
            lr_scale=run.lr_scale,
        )
        environment = options.environment(spec, os.environ)
        run.process = RunProcess(options.command(run.name), environment, run.output)
        self._selector.register(run.process, selectors.EVENT_READ, run)

    def poll(self, timeout: float = 0.0) -> list[protocol.Notice | Ended]:
        """What has happened, in order; waits at most ``timeout`` seconds for something."""
        notices: list[protocol.Notice | Ended] = []
        for key, _ in self._selector.select(timeout):
            if isinstance(key.data, LaunchedRun):
                notices += self._process_news(key.data)
            elif isinstance(key.fileobj, socket.socket) and key.fileobj.fileno() >= 0:
                # One that was read to its end with its run's is closed by now.
                notices += self._note(key.data.take(key.fileobj))
        return notices

    @property
    def finished(self) -> bool:
        """Whether both runs are over."""
        return bool(self.runs) and all(run.ending is not None for run in self.runs.values())

    def steps(self, run: RunName) -> int:
        """Steps of ``run`` in the log."""
        return LossReader(self.log, run).available()

    def twins(self) -> bool | None:
        """Whether both runs saw the same first loss, bit for bit; None while that is open."""
        first = [read_losses(losses_path(self.log, name), 0, 1).tobytes() for name in RUNS]
        return first[0] == first[1] if all(first) else None

    def set_running(self, *, running: bool) -> None:
        """Pause both runs after the step under way, or let them go on."""
        for run in self.runs.values():
            run.running, run.step_to = running, 0
            self._send(run, protocol.SetRunning(running))

    def step(self) -> None:
        """One step of each run, then pause."""
        for run in self.runs.values():
            run.running = False
            run.step_to = max(run.step_to, self.steps(run.name)) + 1
            self._send(run, protocol.StepTo(run.step_to))

    def set_policy(self, name: RunName, policy: Policy) -> None:
        """Another clearing policy for a run from its next step on."""
        self.runs[name].policy = policy
        self._send(self.runs[name], protocol.SetPolicy(policy))

    def scale_lr(self, name: RunName, factor: float) -> None:
        """Multiply the script's learning rates by ``factor`` from the next step on."""
        self.runs[name].lr_scale = factor
        self._send(self.runs[name], protocol.ScaleLr(factor))

    def stop(self) -> None:
        """End both runs; ``poll()`` tells when they have ended."""
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
        """End both runs and everything they started, and wait for it."""
        self.stop()
        for run in self.runs.values():
            if run.process is not None:
                with contextlib.suppress(KeyError):  # it has ended, or could not be started
                    self._selector.unregister(run.process)
                run.process.close()
                if run.ending is None:
                    self._over(run, 0)
        if self._lines is not None:
            self._lines.close()
            self._lines = None
        if self._events is not None:
            self._events.close()
            self._events = None

    def _send(self, run: LaunchedRun, command: protocol.Command) -> None:
        if self._lines is not None:
            self._lines.send(run.name, command)

    def _catch_up(self, run: LaunchedRun) -> None:
        """Send what was asked of a run after it was started and before it was connected."""
        if run.policy != run.spec_policy:
            self._send(run, protocol.SetPolicy(run.policy))
        if run.lr_scale != 1.0:
            self._send(run, protocol.ScaleLr(run.lr_scale))
        self._send(
            run, protocol.StepTo(run.step_to) if run.step_to else protocol.SetRunning(run.running)
        )

    def _note(self, notices: list[protocol.Notice]) -> list[protocol.Notice]:
        """Put into the log what belongs there."""
        assert self._lines is not None
        for notice in notices:
            run = self.runs[notice.run]  # type: ignore[index]  # the child was told its name
            if isinstance(notice, protocol.Ack):
                self._acknowledged(notice, self._lines.acknowledged(notice))
            elif isinstance(notice, protocol.Paused | protocol.Resumed):
                pass
            else:
                self._event(notice.op, **vars(notice))
            if isinstance(notice, protocol.Hello):
                self._catch_up(run)
            elif isinstance(notice, protocol.Intervened):
                run.intervened = True
        return notices

    def _acknowledged(self, ack: protocol.Ack, command: protocol.Command | None) -> None:
        if isinstance(command, protocol.SetPolicy):
            clear, policy = _settings(command.policy)["clear"], command.policy
            self._event("set_clearing", run=ack.run, step=ack.step, clear=clear, policy=policy)
        elif isinstance(command, protocol.ScaleLr):
            self._event("scale_lr", run=ack.run, step=ack.step, factor=command.factor)

    def _event(self, kind: str, **fields: Any) -> None:
        if self._events is not None:
            self._events.event(kind, **fields)

    def _process_news(self, run: LaunchedRun) -> list[protocol.Notice | Ended]:
        assert run.process is not None
        assert self._lines is not None
        try:
            if not run.process.news():
                return []
        except WorkerError:
            self._selector.unregister(run.process)
            raise
        self._selector.unregister(run.process)
        assert run.process.code is not None
        notices: list[protocol.Notice | Ended] = [*self._note(self._lines.drain(run.name))]
        notices.append(self._over(run, run.process.code))
        following = [other for other in self.runs.values() if other.process is None]
        if following and not run.stopped:
            self._launch(following[0])
        return notices

    def _over(self, run: LaunchedRun, code: int) -> Ended:
        steps, limit = self.steps(run.name), self.options.steps
        stopped = run.stopped or (limit is not None and steps >= limit)
        run.ending = describe(run.folder, code, steps, stopped=stopped)
        self._event(
            "end",
            run=run.name,
            step=steps,
            code=run.ending.exit_code,
            sentence=run.ending.sentence,
            written=list(run.ending.written),
        )
        return Ended(run.name, run.ending)


def _settings(policy: Policy) -> dict[str, str | None]:
    """A run's settings as every log has them; only the script knows when it clears as it is."""
    return {"clear": None if policy == "as-is" else policy, "lr": None}
