"""What the user asked to run, checked, as the command line that starts it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.config.settings import POLICIES, RUNS, Curves, Policy, RunName
from zgtui.errors import UsageError
from zgtui.instrument.protocol import VARIABLE, RunSpec
from zgtui.launch.launcher import Launcher
from zgtui.launch.masking import masked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

THREADS = frozenset({"OMP_NUM_THREADS", "MKL_NUM_THREADS"})
"""What PyTorch takes its number of threads from. To set but one can make it use more, not fewer."""
INJECT = Path(__file__).resolve().parents[1] / "instrument" / "inject"


def what_to_run(command: str, words: Sequence[str]) -> tuple[str, tuple[str, ...], bool]:
    """The script or module that ``words`` name, its arguments, and whether it is a module.

    Raises:
        UsageError: if none is named.
    """
    module = list(words[:1]) == ["-m"]
    named = words[1:] if module else words
    if not named:
        raise UsageError(
            f"-m needs the name of a module, such as zgtui {command} -m package.train"
            if module
            else f"name a training script, such as zgtui {command} train.py --epochs 3"
        )
    return named[0], tuple(named[1:]), module


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A changed copy of a script's sources, to be run in its place.

    ``words`` stand for the script and its arguments; ``replaced`` maps files of imported modules
    to their changed copies.
    """

    words: tuple[str, ...]
    replaced: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ScriptOptions:
    """A script and how to compare its two runs.

    ``script`` is a file or, with ``module``, the name of a module, as for ``python -m``.
    ``threads`` is per run; None shares the cores out, or leaves them alone where a run is
    ``as-is``. ``steps`` ends each run early. ``curves`` says
    which losses are a curve. ``variants`` are runs of a changed copy. ``subject`` is what
    sentences call the script, ``titles`` what they call a run whose clearing is the script's own,
    and ``lesson`` what there is to learn from both.
    """

    script: str
    arguments: tuple[str, ...] = ()
    module: bool = False
    policies: Mapping[RunName, Policy] = field(
        default_factory=lambda: {"A": POLICIES[1], "B": POLICIES[2]}
    )
    seed: int | None = 42
    steps: int | None = None
    threads: int | None = None
    sequential: bool = False
    keep_checkpoints: bool = False
    paused: bool = False
    curves: Curves = "auto"
    launcher: Launcher | None = None
    variants: Mapping[RunName, Variant] = field(default_factory=dict)
    subject: str = "your script"
    titles: Mapping[RunName, str] = field(default_factory=dict)
    lesson: str = ""
    python: str = sys.executable

    def __post_init__(self) -> None:
        """Check that there is something to start.

        Raises:
            UsageError: if the file cannot be started.
        """
        if self.module:
            return
        path = Path(self.script)
        if not path.exists():
            raise UsageError(f"there is no script {self.script!r}; use -m MODULE to run a module")
        if path.is_dir() and not (path / "__main__.py").is_file():
            raise UsageError(f"{self.script!r} is a folder without a __main__.py")

    @property
    def command_line(self) -> str:
        """The command as the user would type it, secrets masked: it is logged and shown."""
        words = ["-m", self.script] if self.module else [self.script]
        return " ".join(["python", *words, *masked(self.arguments)])

    def command(self, run: RunName) -> list[str]:
        """The words of the command that starts ``run``."""
        what = [*(["-m"] if self.module else []), self.script, *self.arguments]
        if run in self.variants:
            what = list(self.variants[run].words)
        if self.launcher is None:
            return [self.python, *what]
        options = self.launcher.arguments(run)
        return [self.python, "-m", "torch.distributed.run", *options, *what]

    def threads_per_run(self) -> int | None:
        """The cores of this machine, shared out among the runs that train at the same time.

        None where they are left alone: a script that is watched as it is keeps what it would have,
        and the other run has the same, so that both can be compared.
        """
        if self.threads is not None or "as-is" in self.policies.values():
            return self.threads
        cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
        return max(1, cores // (1 if self.sequential else len(RUNS)))

    def environment(self, spec: RunSpec, outer: Mapping[str, str]) -> dict[str, str]:
        """``outer`` with all that a run needs beside; what the user has set stays as it is."""
        inner = dict(outer)
        path = inner.get("PYTHONPATH")
        inner["PYTHONPATH"] = f"{INJECT}{os.pathsep}{path}" if path else str(INJECT)
        inner[VARIABLE] = spec.to_json()
        inner["PYTHONUNBUFFERED"] = "1"
        inner |= self._threads(outer)
        if spec.seed is not None:
            inner.setdefault("PYTHONHASHSEED", str(spec.seed % 2**32))
        return inner

    def _threads(self, outer: Mapping[str, str]) -> dict[str, str]:
        """How many threads a run is told to use; nothing where the user has already said it."""
        threads = self.threads_per_run()
        chosen = self.threads is None and not THREADS.isdisjoint(outer)
        # A launcher gives each of its processes one thread unless it is told otherwise.
        if threads is None or chosen or (self.threads is None and self.launcher is not None):
            return {}
        return dict.fromkeys(THREADS, str(threads))
