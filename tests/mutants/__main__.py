"""``python -m tests.mutants [AREA …] [--most N]``: which mistakes would no test notice?

Each function of the areas is changed in one place at a time: a comparison, a sign, a number, a
condition, a returned value, a call left out. In a fork the changed function takes the place of
the other, and the tests that run it are run. What no test notices is printed, unless
``explained.txt`` says why it makes no difference, and so is what that explains in vain. Words and
what runs in other processes alone are left out.

AREA is one of those below; --most tries so many of the mutants of each area, drawn at random, and
--seed says which.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import FunctionType

from tests.mutants.mutations import Mutant, mutants
from tests.mutants.trials import live, noticed, prepare, who_runs

ROOT = Path(__file__).parents[2]
EXPLAINED = Path(__file__).with_name("explained.txt")
CURVES = (
    "tests/curves/recordings/test_recording.py",
    "tests/curves/test_trace.py",
    "tests/test_log.py",
)
RULES = ("rules", "stale", "lost", "scale", "leaks")
AREAS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "theory": (("theory/*.py",), ("tests/theory",)),
    "runlog": (("runlog/*.py",), ("tests/runlog", *CURVES)),
    "rules": (
        tuple(f"check/judging/{one}.py" for one in RULES),
        tuple(f"tests/check/judging/test_{one}.py" for one in RULES),
    ),
    "protocol": (
        ("worker/protocol.py", "ipc.py"),
        ("tests/worker/test_protocol.py", "tests/test_ipc.py", "tests/worker/test_measuring.py"),
    ),
}
"""Name → the files in zgtui/, and the tests that should notice."""


def try_area(name: str, most: int, seed: int) -> list[str]:
    """The mutants of one area that no test notices."""
    patterns, tests = AREAS[name]
    paths = [path for one in patterns for path in sorted((ROOT / "zgtui").glob(one))]
    for path in paths:
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    importlib.import_module("torch").set_num_threads(1)
    prepare(tests)
    files = [str(path) for path in paths]
    every = [one for path in paths for one in mutants(str(path), path.read_text(encoding="utf-8"))]
    chosen = random.Random(seed).sample(every, most) if 0 < most < len(every) else every
    functions, callers = live(files), who_runs(files, tests)
    gc.freeze()  # a collection in a fork would have all memory copied
    for key, called in callers.items():  # nothing changed, nothing noticed
        if key in functions:
            assert not noticed(functions[key][0].__code__, functions[key], called), key
            break
    counted: Counter[str] = Counter()
    explained = reasons()
    unnoticed = []
    for at, mutant in enumerate(chosen, 1):
        outcome = verdict(mutant, callers.get(mutant.key, []), functions.get(mutant.key, []))
        if outcome != "noticed" and told(mutant) in explained:
            outcome = "explained"
        counted[outcome] += 1
        if outcome not in {"noticed", "explained"}:
            unnoticed.append(told(mutant))
            print(f"{outcome}: {told(mutant)}  (line {mutant.line})", flush=True)
        if at % 100 == 0:
            print(f"{name}: {at} of {len(chosen)}", file=sys.stderr, flush=True)
    print(f"{name}: {len(every)} mutants, {len(chosen)} tried: {dict(counted)}", flush=True)
    return unnoticed + obsolete(explained, files, every)


def obsolete(explained: Iterable[str], files: Sequence[str], every: Sequence[Mutant]) -> list[str]:
    """What is explained of those files and is none of their mutants any more."""
    here = {str(Path(file).relative_to(ROOT)) for file in files}
    left = {one for one in explained if one.partition(": ")[0] in here} - {*map(told, every)}
    for one in sorted(left):
        print(f"explained, and no mutant: {one}", flush=True)
    return sorted(left)


def verdict(mutant: Mutant, called: list[tuple[float, str]], functions: list[FunctionType]) -> str:
    """What became of it, in a word or two."""
    if not functions or not called:
        return "never run"
    return "noticed" if noticed(mutant.code, functions, called) else "survived"


def reasons() -> dict[str, str]:
    """Why nobody notices some mutants, by what they are."""
    lines = EXPLAINED.read_text(encoding="utf-8").splitlines()
    pairs = [line.rpartition(" = ") for line in lines if line and not line.startswith("#")]
    return {what: reason for what, _, reason in pairs}


def told(mutant: Mutant) -> str:
    """The mutant as ``explained.txt`` names it."""
    return f"{Path(mutant.file).relative_to(ROOT)}: {mutant.what}"


def main() -> int:
    """Try the areas; 1 where what survives is not what is explained."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("areas", nargs="*", metavar="AREA", help=", ".join(AREAS))
    parser.add_argument("--most", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    unknown = set(given.areas) - set(AREAS)
    if unknown:
        parser.error(f"there is no area {', '.join(unknown)}")
    left = [one for name in given.areas or AREAS for one in try_area(name, given.most, given.seed)]
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main())
