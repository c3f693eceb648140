"""Process start to the first frame, in CPU time: zgtui beside other programs for the terminal."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.bench_app import MINIMAL, Terminal
from tests.benchmarks.environments import InstallError, environment
from tests.benchmarks.results import Result, progress

GROUP = "First frame: CPU time"
BASE = "a minimal Textual app"
LATEST = 300.0


@dataclass(frozen=True)
class Program:
    """``words`` are its arguments, ``shows`` what its first frame has, ``of`` its environment."""

    words: Sequence[str]
    shows: bytes
    of: str = ""
    name: str = "python"


PROGRAMS = {
    BASE: Program(["-c", MINIMAL], b"ready to go"),
    "zgtui": Program(["-m", "zgtui", "--device", "cpu"], rb"zero_grad\(\) never"),
    "posting": Program([], b"Send", "posting", "posting"),
    "harlequin": Program([], b"Run Query|Data Catalog|Query Editor", "harlequin", "harlequin"),
    "LEET": Program(["leet", "."], b"Metrics", "loops", "wandb"),
}


def measure(rounds: int) -> list[Result]:
    """All in turn, ``rounds`` times after one that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    missing: dict[str, str] = {}
    for at in range(rounds + 1):
        for name, program in PROGRAMS.items():
            if name in missing:
                continue
            progress(f"first frame, round {at} of {rounds}: {name}")
            try:
                seconds = _first_frame(program)
            except (InstallError, OSError) as error:
                ended = "it ended before its first frame"
                missing[name] = str(error) if isinstance(error, InstallError) else ended
            else:
                times[name] += [seconds] if at else []
    known = {name: taken for name, taken in times.items() if taken and name not in missing}
    return [_result(name, taken, times[BASE]) for name, taken in known.items()] + [
        Result(GROUP, name, note=why) for name, why in missing.items()
    ]


def _first_frame(program: Program) -> float:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        words = [program.name, *program.words]
        path = environment(program.of) / program.name if program.of else None
        terminal = (
            Terminal(program.words, home) if path is None else Terminal(words[1:], home, path)
        )
        stack.callback(terminal.end)
        terminal.wait_for(program.shows, LATEST)
        return terminal.cpu()


def _result(name: str, taken: Sequence[float], base: Sequence[float]) -> Result:
    ratios = [one / other for one, other in zip(taken, base, strict=True)]
    value = statistics.median(taken) * 1000
    return Result(GROUP, name, value, "ms", statistics.median(ratios), min(ratios), max(ratios))
