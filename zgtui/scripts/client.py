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

import contextlib
import os
import selectors
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zgtui.errors import WorkerError
from zgtui.losses.log import LogWriter, LossReader, losses_path, read_losses
from zgtui.scripts import wire
from zgtui.scripts.endings import Ending, describe
from zgtui.scripts.process import RunProcess
from zgtui.scripts.spec import OUTPUT, Policy, RunSpec
from zgtui.settings import RUNS, RunName

if TYPE_CHECKING:
    from zgtui.scripts.command import ScriptOptions


@dataclass(frozen=True)
class Ended:
    """A run is over, with everything that it started."""

    run: RunName
    ending: Ending


@dataclass(eq=False)
class Run:
    """What is known of one run."""

    name: RunName
    folder: Path
    policy: Policy
    process: RunProcess | None = None
    line: socket.socket | None = None
    incoming: bytes = b""
    ending: Ending | None = None
    stopped: bool = False
    intervened: bool = False
    running: bool = True
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
        self.runs: dict[RunName, Run] = {}
        self._base, self._starts = folder, 0
        self._selector = selectors.DefaultSelector()
        self._place = ""
        self._listener: socket.socket | None = None
        self._strangers: dict[socket.socket, bytes] = {}
        self._events: LogWriter | None = None
        self._number = 0
        self._sent: dict[int, wire.Command] = {}

    def fileno(self) -> int:
        """Readable when ``poll()`` has news; of epoll or kqueue, which may itself be polled."""
        return int(self._selector.fileno())  # type: ignore[attr-defined]  # both kinds have it

    def start(self) -> None:
        """Start both runs, or the first where they run one after the other; WorkerError if not."""
        self._starts += 1
        if self._starts > 1:
            self.log = self._base.with_name(f"{self._base.name}-{self._starts}")
        self._place = tempfile.mkdtemp(prefix="zgtui-")
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(f"{self._place}/line")
        self._listener.listen()
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ, None)
        options = self.options
        self.runs = {
            name: Run(name, self.log / name, options.policies[name], running=not options.paused)
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
        for run in list(self.runs.values())[: 1 if options.one_after_the_other else None]:
            self._launch(run)

    def _launch(self, run: Run) -> None:
        run.folder.mkdir(parents=True)
        options = self.options
        spec = RunSpec(
            name=run.name,
            policy=run.policy,
            log=str(self.log.resolve()),
            folder=str(run.folder.resolve()),
            socket=f"{self._place}/line",
            seed=options.seed,
            limit=options.steps,
            keep_writes=options.keep_writes and run.name == "A",
            paused=not run.running,
            lr_scale=run.lr_scale,
        )
        environment = options.environment(spec, os.environ)
        run.process = RunProcess(options.command(run.name), environment, run.output)
        self._selector.register(run.process, selectors.EVENT_READ, run)

    def poll(self, timeout: float = 0.0) -> list[wire.Notice | Ended]:
        """What has happened, in order; waits at most ``timeout`` seconds for something."""
        notices: list[wire.Notice | Ended] = []
        for key, _ in self._selector.select(timeout):
            if key.fileobj is self._listener:
                self._accept()
            elif isinstance(key.fileobj, socket.socket):
                notices += self._read(key.fileobj)
            else:
                notices += self._process_news(key.data)
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
            run.running = running
            self._send(run, wire.Run(running))

    def step(self) -> None:
        """One step of each run, then pause."""
        for run in self.runs.values():
            run.running = False
            self._send(run, wire.StepTo(self.steps(run.name) + 1))

    def set_policy(self, name: RunName, policy: Policy) -> None:
        """Another clearing policy for a run from its next step on."""
        self.runs[name].policy = policy
        self._send(self.runs[name], wire.SetPolicy(policy))

    def scale_lr(self, name: RunName, factor: float) -> None:
        """Multiply the script's learning rates by ``factor`` from the next step on."""
        self.runs[name].lr_scale = factor
        self._send(self.runs[name], wire.ScaleLr(factor))

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
                if run.ending is None:
                    self._selector.unregister(run.process)
                run.process.close()
                if run.ending is None:
                    self._over(run, 0)
            self._hang_up(run)
        for stranger in [*self._strangers]:
            self._selector.unregister(stranger)
            stranger.close()
        self._strangers.clear()
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None
            shutil.rmtree(self._place, ignore_errors=True)
        if self._events is not None:
            self._events.close()
            self._events = None

    def _send(self, run: Run, command: wire.Command) -> None:
        if run.line is None:
            return  # it gets its state when it says hello
        self._number += 1
        self._sent[self._number] = command
        with contextlib.suppress(OSError):  # it is ending; poll() will tell
            run.line.sendall(wire.encode(command, self._number))

    def _accept(self) -> None:
        assert self._listener is not None
        with contextlib.suppress(BlockingIOError):
            while True:
                line, _ = self._listener.accept()
                line.settimeout(1.0)
                self._strangers[line] = b""
                self._selector.register(line, selectors.EVENT_READ, None)

    def _read(self, line: socket.socket) -> list[wire.Notice]:
        run = next((run for run in self.runs.values() if run.line is line), None)
        before = self._strangers.get(line, b"") if run is None else run.incoming
        try:
            received = line.recv(65536)
        except OSError:
            received = b""
        *lines, rest = (before + received).split(b"\n")
        notices = [wire.decode_notice(text) for text in lines]
        if run is None and notices:
            del self._strangers[line]
            run = self.runs[notices[0].run]  # type: ignore[index]  # the child was told its name
            run.line = line
            self._catch_up(run)
        if run is None:
            self._strangers[line] = rest
        else:
            run.incoming = rest
            for notice in notices:
                self._note(run, notice)
        if not received:
            self._selector.unregister(line)
            line.close()
            self._strangers.pop(line, None)
            if run is not None:
                run.line = None
        return notices

    def _catch_up(self, run: Run) -> None:
        """Send what was asked of a run before it was connected."""
        if run.policy != self.options.policies[run.name]:
            self._send(run, wire.SetPolicy(run.policy))
        if run.lr_scale != 1.0:
            self._send(run, wire.ScaleLr(run.lr_scale))
        if run.running == self.options.paused:
            self._send(run, wire.Run(run.running))

    def _note(self, run: Run, notice: wire.Notice) -> None:
        if isinstance(notice, wire.Ack):
            command = self._sent.pop(notice.ack, None)
            if isinstance(command, wire.SetPolicy):
                clear = _settings(command.policy)["clear"]
                self._event(
                    "set_clearing",
                    run=run.name,
                    step=notice.step,
                    clear=clear,
                    policy=command.policy,
                )
            elif isinstance(command, wire.ScaleLr):
                self._event("scale_lr", run=run.name, step=notice.step, factor=command.factor)
            return
        if isinstance(notice, wire.Paused | wire.Resumed):
            return
        if isinstance(notice, wire.Intervened):
            run.intervened = True
        self._event(notice.op, **vars(notice))

    def _event(self, kind: str, **fields: Any) -> None:
        if self._events is not None:
            self._events.event(kind, **fields)

    def _process_news(self, run: Run) -> list[wire.Notice | Ended]:
        assert run.process is not None
        try:
            if not run.process.news():
                return []
            code = run.process.code
        except WorkerError:
            self._selector.unregister(run.process)
            raise
        self._selector.unregister(run.process)
        notices: list[wire.Notice | Ended] = []
        self._accept()  # a short script may end before it was listened to
        for stranger in [*self._strangers]:
            notices += self._read(stranger)
        while run.line is not None:  # what it said last; its end is certain
            notices += self._read(run.line)
        assert code is not None
        notices.append(self._over(run, code))
        following = [other for other in self.runs.values() if other.process is None]
        if following and not run.stopped:
            self._launch(following[0])
        return notices

    def _over(self, run: Run, code: int) -> Ended:
        steps = self.steps(run.name)
        run.ending = describe(run.folder, code, steps, stopped=run.stopped)
        self._event(
            "end",
            run=run.name,
            step=steps,
            code=run.ending.exit_code,
            sentence=run.ending.sentence,
            written=list(run.ending.written),
        )
        return Ended(run.name, run.ending)

    def _hang_up(self, run: Run) -> None:
        if run.line is not None:
            self._selector.unregister(run.line)
            run.line.close()
            run.line = None


def _settings(policy: Policy) -> dict[str, str | None]:
    """A run's settings as every log has them; only the script knows when it clears as it is."""
    return {"clear": None if policy == "as-is" else policy, "lr": None}
