"""How fast the article's two runs train beside what shows or records them, over the bare loops."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from tests.benchmarks.bench_app import Terminal, cpu_seconds, logged
from tests.benchmarks.environments import InstallError, environment
from tests.benchmarks.loops import RECORDS, TEXTUAL
from tests.benchmarks.results import Result, progress

LOOPS = Path(__file__).with_name("loops.py")
BARE = "bare loop"
WALL, CPU = "Training: steps per second", "Training: steps per second of CPU time of what trains"
LATEST = 600.0
"""Seconds that a contestant may take in all."""

Speed = Mapping[str, float]
"""Steps per second: ``wall``, and ``cpu`` of the process that trains."""


def measure(rounds: int, seconds: float) -> list[Result]:
    """All contestants in turn, ``rounds`` times; each round's ratios are to its own bare loop."""
    found: dict[str, list[Speed]] = {}
    missing: dict[str, str] = {}
    for at in range(rounds):
        for name, run in contestants(seconds).items():
            if name in missing:
                continue
            progress(f"training, round {at + 1} of {rounds}: {name}")
            try:
                with tempfile.TemporaryDirectory() as folder:
                    found.setdefault(name, []).append(run(Path(folder)))
            except (InstallError, OSError, subprocess.SubprocessError) as error:
                missing[name] = str(error)
                found.pop(name, None)
    return [
        _result(group, measure, name, found)
        for group, measure in ((WALL, "wall"), (CPU, "cpu"))
        for name in sorted(found, key=lambda one: -_median(measure, found[one]))
    ] + [Result(WALL, name, note=why) for name, why in missing.items()]


def contestants(seconds: float) -> dict[str, Callable[[Path], Speed]]:
    """By name, each of them run for ``seconds`` in a folder."""
    peers = {name: partial(_loop, name, seconds) for name in (*RECORDS, TEXTUAL)}
    return {**peers, "zgtui": partial(_app, seconds), "zgtui train": partial(_train, seconds)}


def _median(measure: str, speeds: list[Speed]) -> float:
    return statistics.median(one[measure] for one in speeds)


def _result(group: str, measure: str, name: str, found: dict[str, list[Speed]]) -> Result:
    mine, bare = found[name], found.get(BARE, [])
    ratios = [one[measure] / other[measure] for one, other in zip(mine, bare, strict=False)]
    if not ratios:
        return Result(group, name, _median(measure, mine), "steps/s")
    ratio = statistics.median(ratios)
    value = _median(measure, mine)
    return Result(group, name, value, "steps/s", ratio, min(ratios), max(ratios))


def _loop(name: str, seconds: float, folder: Path) -> Speed:
    python = environment("loops") / "python"
    words = [str(LOOPS), name, str(seconds), str(folder)]
    found = folder / "speed.json"
    if name == TEXTUAL:
        terminal = Terminal(words, folder, python)
        until = time.perf_counter() + LATEST
        while not found.exists() and time.perf_counter() < until:
            terminal.read(0.05)
        terminal.end()
    else:
        with (folder / "out.txt").open("w", encoding="utf-8") as out:
            subprocess.run(
                [python, *words], stdout=out, stderr=out, check=True, cwd=folder, timeout=LATEST
            )
    speed: Speed = json.loads(found.read_text(encoding="utf-8"))
    return speed


def _app(seconds: float, state: Path) -> Speed:
    options = ["--device", "cpu", "--steps", "unlimited", "--speed", "unlimited"]
    terminal = Terminal(["-m", "zgtui", *options], state)
    try:
        terminal.wait_for(b"steps/s", LATEST)
        return _grown(state, seconds, terminal.worker(), terminal.read)
    finally:
        terminal.end()


def _train(seconds: float, state: Path) -> Speed:
    """Its progress bar is drawn on a terminal too."""
    options = ["--device", "cpu", "--steps", "100000000", "--speed", "unlimited"]
    terminal = Terminal(["-m", "zgtui", "train", *options], state)
    try:
        until = time.perf_counter() + LATEST
        while not any(path.stat().st_size for path in logged(state)):
            terminal.read(0.05)
            if time.perf_counter() > until:
                raise TimeoutError("zgtui train did not begin")
        return _grown(state, seconds, terminal.worker(), terminal.read)
    finally:
        terminal.end()


def _grown(state: Path, seconds: float, worker: int, read: Callable[[float], None]) -> Speed:
    """How fast the log grows, after half a second."""
    (log,) = logged(state)
    _read_for(0.5, read)
    begin, first, cpu = time.perf_counter(), log.stat().st_size, cpu_seconds(worker)
    _read_for(seconds, read)
    steps = (log.stat().st_size - first) / 8
    return {
        "wall": steps / (time.perf_counter() - begin),
        "cpu": steps / max(1e-9, cpu_seconds(worker) - cpu),
    }


def _read_for(seconds: float, read: Callable[[float], None]) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        read(0.05)


if __name__ == "__main__":
    for one in measure(1, 3.0):
        sys.stdout.write(f"{one}\n")
