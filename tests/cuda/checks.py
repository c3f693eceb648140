"""Runs the checks that need a GPU one after the other: ``python tests/cuda/checks.py FOLDER``.

With ``--trial`` before FOLDER they are tried on the processor, without a GPU; see target.py.

Each has so many seconds and is ended with all it started when they are over; so has the whole. What
a check prints goes to FOLDER/NAME.log, how each ended to FOLDER/results.json.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALL_SECONDS = 470.0
TAIL_LINES = 15
TRIAL_FACTOR = 10
"""A processor may take so many times as long."""
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
    """How a check ended: ``passed``, ``failed``, ``too slow`` or ``not run``."""

    name: str
    how: str
    code: int | None = None
    seconds: float = 0.0


def pytest(name: str, seconds: float, *words: str) -> Check:
    """The tests of one file."""
    common = ("-q", "-x", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib")
    return Check(name, seconds, ("-m", "pytest", *common, "-m", "cuda", *words))


CHECKS = (
    pytest("training", 60, "tests/cuda/test_training.py", "tests/training/test_devices.py"),
    pytest(
        "graphs", 60, "tests/training/test_graphed_steps.py", "tests/training/test_capturers.py"
    ),
    pytest("worker", 90, "tests/cuda/test_worker.py"),
    pytest("scripts", 115, "tests/cuda/test_scripts.py"),
    pytest("screen", 35, "tests/cuda/test_screen.py"),
    pytest("seen", 40, "tests/cuda/test_seen.py"),
    Check("measured", 70, ("tests/cuda/measure.py",)),
)


def run_checks(
    checks: Sequence[Check], folder: Path, seconds: float = ALL_SECONDS, *, trial: bool = False
) -> list[Ended]:
    """Run ``checks`` in ``seconds``; those for which none are left are not run."""
    factor = TRIAL_FACTOR if trial else 1
    end, ended = time.monotonic() + seconds * factor, []
    for check in checks:
        left = min(check.seconds * factor, end - time.monotonic())
        one = Ended(check.name, "not run") if left <= 0 else _run(check, left, folder, trial=trial)
        ended.append(one)
        print(f"== {one.name}: {one.how} ({one.seconds:.0f} s)", flush=True)
        if one.how not in {"passed", "not run"}:
            lines = (folder / f"{one.name}.log").read_text(errors="replace").splitlines()
            print("\n".join(lines[-TAIL_LINES:]), flush=True)
    return ended


def _run(check: Check, seconds: float, folder: Path, *, trial: bool) -> Ended:
    begin = time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OUT": str(folder)}
    environment |= {"CUDA_CHECKS_ON": "cpu"} if trial else {}
    with (folder / f"{check.name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *check.command],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            code: int | None = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    how = "too slow" if code is None else "failed" if code else "passed"
    return Ended(check.name, how, code, round(time.monotonic() - begin, 1))


def main(folder: Path, *, trial: bool = False) -> int:
    """Run all, and write what came out; returns the exit code of `run.sh`."""
    described = subprocess.run(
        [sys.executable, "-c", TRIED if trial else DESCRIBE],
        capture_output=True,
        text=True,
        check=False,
    )
    if described.returncode:
        print("PyTorch finds no NVIDIA GPU here: nothing was checked")
        print(described.stderr.strip().rpartition("\n")[2])
        (folder / "results.json").write_text('{"gpu": null, "checks": []}\n')
        return 3
    machine = json.loads(described.stdout)
    print(f"== {machine['gpu'] or 'a trial without GPU'}, PyTorch {machine['torch']}", flush=True)
    ended = run_checks(CHECKS, folder, trial=trial)
    results = {**machine, "checks": [asdict(one) for one in ended]}
    (folder / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    return int(any(one.how != "passed" for one in ended))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[-1]), trial="--trial" in sys.argv))
