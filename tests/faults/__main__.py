"""``python -m tests.faults [PART …] [--times N]``: all faults, or those of the parts named.

hands   random keys, pastes, clicks and sizes on every screen, 10,000 in all unless N says
        otherwise, and a fifth as many over a real training process
kills   every command, ended by every signal at several moments
text    hostile names and texts in every input, on a terminal and in a pipe: as many others
        each time, N / 5,000
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.hands import SEED, THINGS
from tests.faults.kills import CASES, judge

TEXT = ("tests/cli/test_text_from_outside.py", "tests/tui/test_text_from_outside.py")
PYTEST = (sys.executable, "-m", "pytest", "-q", "-n", "0")
COUNT = 200
"""Things done to one app: a thousand more would find it in the state that a hundred left."""


def hands(times: int) -> int:
    """How many of the seeds break something; pytest prepares each app and tells what happened."""
    failed = 0
    for seed in range(max(1, times // (COUNT * 5))):
        done = subprocess.run(
            [*PYTEST, "tests/faults/test_random_hands.py"],
            check=False,
            env={**os.environ, SEED: str(seed + 100), THINGS: str(COUNT)},
        )
        failed += done.returncode != 0
    return failed


def kills(_times: int) -> int:
    """How many cells of the matrix fail."""
    failed = 0
    for case in CASES:
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            faults = judge(case, Path(folder).resolve())
        print(f"{case}: {'; '.join(faults) or 'ok'}", flush=True)
        failed += bool(faults)
    print(f"{failed} of {len(CASES)} failed")
    return failed


def text(times: int) -> int:
    """How often a text from outside commands the terminal, or breaks what reads it."""
    failed = int(subprocess.run([*PYTEST, *TEXT], check=False).returncode != 0)
    for seed in range(max(1, times // 5000)):
        done = subprocess.run(
            [*PYTEST, "tests/faults/test_text.py"],
            check=False,
            env={**os.environ, SEED: str(seed + 100)},
        )
        failed += done.returncode != 0
    return failed


PARTS = {"hands": hands, "kills": kills, "text": text}


def main() -> int:
    """Try the parts; 1 where one fails."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.faults")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--times", type=int, default=10_000)
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}")
    failed = [PARTS[name](given.times) for name in given.parts or PARTS]
    return int(any(failed))


if __name__ == "__main__":
    sys.exit(main())
