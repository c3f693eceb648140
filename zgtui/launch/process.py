"""One run's process: started through the supervisor, ended with everything it started.

How it ended is put into a sentence by `describe`.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from zgtui.errors import LogError, WorkerError
from zgtui.instrument.protocol import ERROR, OTHER_RANK, OUTPUT, WRITTEN
from zgtui.ipc import LineBuffer
from zgtui.launch.words.launcher_errors import not_met, signal_name, what_failed
from zgtui.plural import plural
from zgtui.terminal import printable

SUPERVISOR = Path(__file__).resolve().parent / "supervisor.py"


class RunProcess:
    """A supervised script. When ``fileno()`` becomes readable, call ``read()``."""

    def __init__(self, command: list[str], environment: Mapping[str, str], output: Path) -> None:
        """Start ``command``, its output in the file ``output``.

        Raises:
            WorkerError: if it cannot be started.
        """
        self.pid: int | None = None
        self.code: int | None = None
        """The script's exit code, negative for a signal, once it and all it started have ended."""
        self._lines = LineBuffer()
        try:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-I", "-S", str(SUPERVISOR), str(output), *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=dict(environment),
                start_new_session=True,
            )
        except OSError as error:
            raise WorkerError(f"the script cannot be started: {error.strerror}") from error
        assert self._supervisor.stdout is not None
        os.set_blocking(self._supervisor.stdout.fileno(), False)

    def fileno(self) -> int:
        """Where the supervisor reports."""
        assert self._supervisor.stdout is not None
        return self._supervisor.stdout.fileno()

    def read(self) -> bool:
        """Take in what the supervisor has reported; whether the run has ended.

        Raises:
            WorkerError: if the script could not be started.
        """
        try:
            received = os.read(self.fileno(), 4096)
        except BlockingIOError:
            return False
        if not received:
            if self.code is None:  # the supervisor itself was killed
                self.code = -9
            return True
        for line in self._lines.take(received):
            fields = json.loads(line)
            self.pid = fields.get("pid", self.pid)
            self.code = fields.get("code", self.code)
            if "error" in fields:
                raise WorkerError(f"the script cannot be started: {fields['error']}")
        return self.code is not None

    def stop(self) -> None:
        """Ask the supervisor to end the run; ``read()`` says when it has."""
        assert self._supervisor.stdin is not None
        with contextlib.suppress(OSError):
            self._supervisor.stdin.close()

    def close(self, seconds: float = 5.0) -> None:
        """End the run and wait for it."""
        self.stop()
        try:
            self._supervisor.wait(seconds)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()
        assert self._supervisor.stdout is not None
        self._supervisor.stdout.close()


TAIL_BYTES = 65536
ALTERNATE_SCREEN = b"\x1b[?1049h"
NO_STEP = "the script ended without a training step that has a loss"
NOT_CHARTED = "the script ended; the losses of this rank were not charted"


@dataclass(frozen=True)
class Frame:
    """One of the user's frames of a traceback, outermost first in a list of them."""

    file: str
    line: int
    function: str
    text: str


@dataclass(frozen=True)
class Ending:
    """``code`` is the exit code, negative for a signal; ``sentence`` is for the user."""

    code: int
    sentence: str
    frames: tuple[Frame, ...] = ()
    written: tuple[str, ...] = ()
    """Files that the script wrote, renamed or removed, not redirected."""
    gpu_full: bool = False
    """Whether a GPU had no memory left for it."""

    @property
    def failed(self) -> bool:
        """Whether the script itself did not end well."""
        return self.code != 0

    @property
    def exit_code(self) -> int:
        """As a shell has it: 128 + n after signal n."""
        return self.code if self.code >= 0 else 128 - self.code


def describe(folder: Path, code: int, steps: int, *, stopped: bool) -> Ending:
    """Read what run ``folder`` left behind; ``stopped`` says that zgtui ended it.

    How a script that was ended from outside comes down says nothing of the script: gloo's threads,
    for one, abort many an interpreter that is left while they live.
    """
    written = _written(folder)
    if stopped:
        return Ending(0, f"stopped after {plural(steps, 'step')}", (), written)
    error = _error(folder)
    if code > 0 and not error.kind and _is_full(folder):
        said = f"the script failed after {plural(steps, 'step')}: the disk with {folder} is full"
        return Ending(LogError.exit_code, said, (), written)
    full = error.kind == "OutOfMemoryError"
    return Ending(code, _sentence(folder, code, steps, error), error.frames, written, gpu_full=full)


def unwritten(ending: Ending, steps: int, reason: str) -> Ending:
    """That of a script whose losses could be written up to ``steps`` only."""
    said = f"the script ended; only its first {plural(steps, 'step')} could be recorded: {reason}"
    return replace(ending, code=LogError.exit_code, sentence=said)


def _is_full(folder: Path) -> bool:
    """Whether what a script prints, or the error that ended it, can no longer be kept."""
    try:
        return os.statvfs(folder).f_bavail == 0
    except OSError:
        return False


@dataclass(frozen=True)
class _Error:
    """The exception that ended a script; without a kind where none is known."""

    kind: str = ""
    message: str = ""
    frames: tuple[Frame, ...] = ()


def _sentence(folder: Path, code: int, steps: int, error: _Error) -> str:
    done = f"after {plural(steps, 'step')}"
    if code == 0 and not steps:
        return NOT_CHARTED if (folder / OTHER_RANK).exists() else NO_STEP
    if code == 0:
        return f"the script ended {done}"
    return _signalled(code, done) if code < 0 else _failed(folder, code, steps, error)


def _signalled(code: int, done: str) -> str:
    return f"the script was ended by {signal_name(-code)} {done}"


def _failed(folder: Path, code: int, steps: int, error: _Error) -> str:
    frames = error.frames
    where = f" at {Path(frames[-1].file).name}:{frames[-1].line}" if frames else ""
    done = f"after {plural(steps, 'step')}"
    tail = output_tail(folder / OUTPUT)
    if error.kind == "EOFError":
        return f"the script reads from stdin{where}, which a run does not provide"
    if ALTERNATE_SCREEN in tail:
        return f"the script draws its own screen, which a run does not provide (exit code {code})"
    unmet = not_met(error.kind, error.message) if not frames and not steps else ""
    if unmet:
        return unmet
    if error.kind:
        begun = done if steps else "before its first step"
        return f"the script failed {begun}: {_what(error)}{where}"
    last = tail.decode(errors="replace").strip().rpartition("\n")[2].rpartition("\r")[2]
    # what sys.exit() was given, or some other line: which of them nobody can tell
    said = f": its last line is '{printable(last)}'" if last else ""
    return f"the script ended with exit code {code} {done}{said}"


def _what(error: _Error) -> str:
    """The exception in one line."""
    told = what_failed(error.kind, error.message)
    if told:
        return told
    first = next((line for line in error.message.splitlines() if line.strip()), "")
    return f"{error.kind}: {printable(first.strip())}" if first else error.kind


def _error(folder: Path) -> _Error:
    try:
        values = json.loads((folder / ERROR).read_text(encoding="utf-8"))
        frames = tuple(Frame(**frame) for frame in values["frames"])
        return _Error(values["type"], values["message"], frames)
    except (OSError, ValueError):
        return _Error()


def _written(folder: Path) -> tuple[str, ...]:
    """In the order in which they were opened, each once."""
    try:
        lines = (folder / WRITTEN).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()
    return tuple(dict.fromkeys(filter(None, map(_name_in, lines))))


def _name_in(line: str) -> str:
    """A name that was noted; empty where a full disk cut it off."""
    try:
        return str(json.loads(line))
    except ValueError:
        return ""


def output_tail(path: Path, size: int = TAIL_BYTES) -> bytes:
    """The last ``size`` bytes of what a script printed."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - size))
            return file.read()
    except OSError:
        return b""
