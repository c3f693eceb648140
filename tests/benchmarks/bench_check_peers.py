"""`zgtui check` beside dslinter's W5517 on the same scripts: found, false alarms, seconds.

    python -m tests.benchmarks.bench_check_peers PYTHON [EVERY]

PYTHON is the interpreter of an environment that has dslinter, whose pins no environment of ours
meets: ``python -m venv peer``, ``peer/bin/pip install --no-deps dslinter``, ``peer/bin/pip install
"pylint<3" mypy toml``. Every EVERY-th script of tests/scripts/check is taken (default 8); its first
line says whether it is right. One that only `inconclusive` fits is left out. ``--static`` is the
mode of ours that runs nothing either.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.support.expectations import CHECK, expectation_of

Judge = Callable[[list[Path]], Iterable[Path]]
"""Which of the scripts are said to be wrong."""


def is_wrong(script: Path) -> bool | None:
    """Whether its first line says that it is wrong; None where nobody could tell."""
    verdict = expectation_of(script).verdict
    return None if verdict == "inconclusive" else verdict == "fail"


def checked(scripts: list[Path], *options: str) -> Iterable[Path]:
    """Those in which `zgtui check` finds a mistake."""
    for script in scripts:
        command = [sys.executable, "-m", "zgtui", "check", "--json", "--quiet", *options]
        done = subprocess.run([*command, script], capture_output=True, text=True, check=False)
        if json.loads(done.stdout)["verdict"] == "fail":
            yield script


def linted(python: str, scripts: list[Path]) -> Iterable[Path]:
    """Those in which dslinter finds a loop that does not clear."""
    options = ["--load-plugins=dslinter", "--disable=all", "--enable=W5517"]
    done = subprocess.run(
        [python, "-m", "pylint", *options, "--output-format=parseable", *scripts],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode & 32 or "rated" not in done.stdout:
        sys.exit(f"pylint did not run: {done.stderr[-500:]}")
    named = set(re.findall(r"^(.*?):\d+: \[W5517", done.stdout, re.MULTILINE))
    return [script for script in scripts if any(str(script).endswith(name) for name in named)]


def main() -> None:
    """Print a line for each tool."""
    python, every = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 8
    found = sorted(
        path for name in ("wrong", "right", "loops") for path in (CHECK / name).glob("*.py")
    )
    scripts = [path for path in found if is_wrong(path) is not None][::every]
    faults = {path for path in scripts if is_wrong(path)}
    print(f"{len(scripts)} scripts, {len(faults)} of them wrong")
    judges: dict[str, Judge] = {
        "zgtui check": checked,
        "zgtui check --static": lambda these: checked(these, "--static"),
        "dslinter W5517": lambda these: linted(python, these),
    }
    for name, judge in judges.items():
        begin = time.perf_counter()
        blamed = set(judge(scripts))
        seconds = time.perf_counter() - begin
        right, false = len(blamed & faults), len(blamed - faults)
        print(f"{name:<21} found {right:>3} of {len(faults)}, {false} false, {seconds:6.1f} s")


if __name__ == "__main__":
    main()
