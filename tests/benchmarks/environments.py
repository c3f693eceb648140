"""Environments of their own for what is measured beside zgtui, from PyPI.

They stay in the user's cache folder for the next time. A package that cannot be installed is named,
with the last line that pip said, and left out.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import platformdirs

ENVIRONMENTS: dict[str, Sequence[str]] = {
    "loops": (
        "numpy", "tensorboard", "trackio", "wandb", "matplotlib", "livelossplot", "textual-plotext",
    ),
    "posting": ("posting",),
    "harlequin": ("harlequin",),
}  # fmt: skip
"""Packages by environment; the first also has the PyTorch of the one at hand."""
INSTALL_SECONDS = 1800


class InstallError(Exception):
    """Why there is no such environment, in one line."""


def environment(name: str) -> Path:
    """The folder with the programs of the environment ``name``, installed where it is not yet.

    Raises:
        InstallError: if pip fails.
    """
    folder = platformdirs.user_cache_path("zgtui-benchmarks") / name
    programs, ready = folder / "bin", folder / "ready"
    packages = list(ENVIRONMENTS[name])
    if name == "loops":
        packages.append(f"torch=={re.sub(r'[+].*', '', version('torch'))}")
    if not ready.exists() or ready.read_text(encoding="utf-8").split() != packages:
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        _run([str(programs / "pip"), "install", "--quiet", *packages])
        ready.write_text("\n".join(packages), encoding="utf-8")
    return programs


def _run(words: Sequence[str]) -> None:
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise InstallError(said[-1] if said else f"{words[0]} failed")


def installed(programs: Path) -> dict[str, str]:
    """The version of each package in the environment of ``programs``."""
    lines = subprocess.run(
        [programs / "pip", "list", "--format", "freeze"], capture_output=True, text=True, check=True
    ).stdout.split()
    return dict(line.split("==", 1) for line in lines if "==" in line)
