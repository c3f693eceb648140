"""Looking at processes from outside: by what their command line says, or by their number."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.waiting import PATIENCE


def zgtui(*arguments: str, cwd: Path | None = None, **variables: str) -> tuple[int, str, str]:
    """Run the program as a user does, without a terminal: exit code, stdout, stderr.

    Without the lines by which a check on a busy machine tells every ten seconds that it goes on.
    """
    done = subprocess.run(
        [sys.executable, "-m", "zgtui", *arguments],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd=cwd,
        env={**os.environ, **variables},
    )
    told = re.sub(r"(?m)^zgtui: checking .* process \d+.*\n", "", done.stderr)
    return done.returncode, done.stdout, told


def _listed() -> dict[int, tuple[str, str]]:
    """Every process: number → (state, command line)."""
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = (line.split(maxsplit=2) for line in listing.stdout.splitlines())
    return {int(row[0]): (row[1], row[2] if len(row) > 2 else "") for row in rows}


def state(number: int) -> str:
    """The letter by which ``ps`` tells what process ``number`` does; Z once it has ended."""
    return _listed().get(number, ("Z", ""))[0][0]


def alive(number: int) -> bool:
    """Whether process ``number`` runs; one that merely waits to be collected does not."""
    return state(number) != "Z"


def mentioning(text: str) -> list[int]:
    """The processes, other than this one, whose command line holds ``text``."""
    return [
        number
        for number, (letters, words) in _listed().items()
        if text in words and not letters.startswith("Z") and number != os.getpid()
    ]
