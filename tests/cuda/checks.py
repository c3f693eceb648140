"""Runs the checks that need a GPU one after the other: ``python tests/cuda/checks.py FOLDER``.

With ``--trial`` before FOLDER they are tried on the processor, without a GPU; see target.py.
``--seconds N`` is what all may take.

Each has so many seconds, and what those before it have left of theirs, and is ended with all it
started when they are over; so has the whole. What the checks print goes to FOLDER/checks.log, how
each test ended to FOLDER/rows.jsonl at once, and after each check how all ended until then to
FOLDER/results.json.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
ALL_SECONDS = 470.0
TAIL_LINES = 15
TRIAL_FACTOR = 10
"""A processor may take so many times as long."""
ONE_TEST = 0.75
"""The part of the time of a check that a single test may take: one that hangs is not the last."""
END_SECONDS = 5.0
"""How long a process may take to be gone after SIGKILL: in a driver that hangs it never is."""
DESCRIBE_SECONDS = 60.0
PR_SET_CHILD_SUBREAPER = 36
DESCRIBE = (
    "import json, torch; print(json.dumps({'gpu': torch.cuda.get_device_name(0),"
    " 'torch': torch.__version__, 'cuda': torch.version.cuda}))"
)


TRIED = "import json, torch; print(json.dumps({'gpu': None, 'torch': torch.__version__}))"


@dataclass(frozen=True)
class Check:
    """``command`` follows the interpreter; ``seconds`` is what it may take."""

    name: str
    seconds: float
    command: tuple[str, ...]


@dataclass(frozen=True)
class Ended:
    """How a check ended: ``passed``, ``failed``, ``too slow`` or ``not run``, and its tests."""

    name: str
    how: str
    code: int | None = None
    seconds: float = 0.0
    tests: list[dict[str, Any]] = field(default_factory=list)


def pytest(name: str, seconds: float, *words: str) -> Check:
    """The tests of some files."""
    common = ("-q", "-p", "no:cacheprovider", "-p", "tests.cuda.rows", "-m", "cuda")
    # What PyTorch warns of differs by its version and by the card, and is no failure here.
    changed = ("-o", "addopts=--import-mode=importlib", "-o", "filterwarnings=default")
    return Check(name, seconds, ("-m", "pytest", *common, *changed, *words))


CHECKS = (
    pytest("training", 55, "tests/cuda/test_training.py", "tests/training/test_devices.py"),
    pytest(
        "graphs",
        50,
        "tests/training/joint/test_graphed_steps.py",
        "tests/training/joint/test_capturers.py",
    ),
    Check("measured", 55, ("tests/cuda/measure.py",)),
    pytest("worker", 80, "tests/cuda/test_worker.py"),
    pytest("scripts", 110, "tests/cuda/test_scripts.py"),
    pytest("screen", 60, "tests/cuda/test_screen.py"),
    pytest("seen", 60, "tests/cuda/test_seen.py"),
)


class Checks:
    """Runs checks in ``seconds``; what they come to goes into ``folder``."""

    def __init__(self, folder: Path, seconds: float = ALL_SECONDS, *, trial: bool = False) -> None:
        self.machine: dict[str, Any] = {"gpu": None}
        self.ended: list[Ended] = []
        self._folder, self._trial = folder, trial
        self._factor = TRIAL_FACTOR if trial else 1
        self._end = time.monotonic() + seconds * self._factor

    def run(self, checks: Sequence[Check]) -> list[Ended]:
        """Run ``checks``, each with what those before it have left of their time.

        Those for which none is left at all are not run.
        """
        spare = 0.0
        for check in checks:
            own = check.seconds * self._factor
            left = min(own + spare, self._end - time.monotonic())
            log = self._folder / "checks.log"
            before = log.stat().st_size if log.exists() else 0
            one = Ended(check.name, "not run") if left <= 0 else self._run(check, left, log)
            spare = max(0.0, spare + own - one.seconds)
            self.ended.append(one)
            self.write()
            print(f"== {one.name}: {one.how} ({one.seconds:.0f} s)", flush=True)
            for row in one.tests:
                if row["how"] == "failed":
                    print(f"   {row['test']}: {row['why'].partition(chr(10))[0]}", flush=True)
            if one.how not in {"passed", "not run"}:
                said = log.read_bytes()[before:].decode(errors="replace")
                print("\n".join(said.splitlines()[-TAIL_LINES:]), flush=True)
        return self.ended

    def write(self) -> None:
        """How all have ended so far."""
        results = {**self.machine, "checks": [asdict(one) for one in self.ended]}
        text = json.dumps(results, indent=2, ensure_ascii=False)
        (self._folder / "results.json").write_text(text + "\n", encoding="utf-8")

    def _run(self, check: Check, seconds: float, log: Path) -> Ended:
        begin = time.monotonic()
        rows = self._folder / "rows.jsonl"
        environment = {**os.environ, "OUT": str(self._folder)}
        paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        environment |= {"CUDA_CHECK_ROWS": str(rows), "CUDA_CHECK": check.name}
        environment["CUDA_VISIBLE_DEVICES"] = first_two(os.environ.get("CUDA_VISIBLE_DEVICES"))
        environment |= {"CUDA_CHECKS_ON": "cpu"} if self._trial else {}
        limit = [f"--timeout={seconds * ONE_TEST:.0f}"] if "pytest" in check.command else []
        with log.open("ab") as output:
            output.write(f"== {check.name}\n".encode())
            output.flush()
            others = set(_below(os.getpid()))
            process = subprocess.Popen(
                [sys.executable, *check.command, *limit],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            code = _wait(process, seconds, others)
        how = "too slow" if code is None else "failed" if code else "passed"
        return Ended(
            check.name, how, code, round(time.monotonic() - begin, 1), _rows(rows, check.name)
        )


def first_two(visible: str | None) -> str:
    """All that is checked: to measure each of eight GPUs would take longer than there is time.

    CUDA leaves out a second one that is not there.
    """
    return "0,1" if visible is None else ",".join(visible.split(",")[:2])


def _wait(process: subprocess.Popen[bytes], seconds: float, others: AbstractSet[int]) -> int | None:
    """Its exit code, None where it was not over in time; all below this but ``others`` is ended."""
    code: int | None = None
    with contextlib.suppress(subprocess.TimeoutExpired):
        code = process.wait(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    # What has left its group: a worker that hangs in a driver does not see that nobody listens.
    for pid in set(_below(os.getpid())) - others - {process.pid}:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    return code


def _below(pid: int) -> Iterator[int]:
    """All that ``pid`` started, and what those did."""
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, file.read_text(encoding="ascii").split()):
                yield child
                yield from _below(child)


def _adopt_orphans() -> None:
    """Have what a check leaves behind handed to this process, which then finds and ends it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _rows(file: Path, check: str) -> list[dict[str, Any]]:
    """Those of ``check``, without its name; one that a kill cut off is left out."""
    rows = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        with contextlib.suppress(json.JSONDecodeError):
            rows.append(json.loads(line))
    return [row for row in rows if row.pop("check") == check]


def describe(*, trial: bool) -> tuple[dict[str, Any] | None, str]:
    """The GPU and PyTorch; None and why where there is none."""
    command = [sys.executable, "-c", TRIED if trial else DESCRIBE]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        others = set(_below(os.getpid()))
        process = subprocess.Popen(command, stdout=out, stderr=err, start_new_session=True)
        code = _wait(process, DESCRIBE_SECONDS, others)
        said, problem = map(_written, (out, err))
    if code is None:
        return None, f"PyTorch does not answer within {DESCRIBE_SECONDS:.0f} s: nothing was checked"
    if code:
        last = problem.strip().rpartition("\n")[2]
        return None, f"PyTorch finds no NVIDIA GPU here: nothing was checked\n{last}"
    found: dict[str, Any] = json.loads(said)
    return found, ""


def _written(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def main(folder: Path, seconds: float = ALL_SECONDS, *, trial: bool = False) -> int:
    """Run all, and write what came out; returns the exit code of `run.sh`."""
    checks = Checks(folder, seconds, trial=trial)
    machine, problem = describe(trial=trial)
    if machine is None:
        print(problem)
        checks.machine["problem"] = problem
        checks.write()
        return 3
    checks.machine = machine
    print(f"== {machine['gpu'] or 'a trial without GPU'}, PyTorch {machine['torch']}", flush=True)
    ended = checks.run(CHECKS)
    return int(any(one.how != "passed" for one in ended))


def parsed(words: Sequence[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trial", action="store_true")
    parser.add_argument("--seconds", type=float, default=ALL_SECONDS)
    parser.add_argument("folder", type=Path)
    return parser.parse_args(words)


if __name__ == "__main__":
    asked = parsed(sys.argv[1:])
    _adopt_orphans()
    sys.exit(main(asked.folder, asked.seconds, trial=asked.trial))
