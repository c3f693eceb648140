"""What the tests of user scripts share: variants of a script, and ways to run one."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from zgtui.config.settings import Policy
from zgtui.instrument.protocol import RunSpec
from zgtui.runlog.log import losses_path, read_losses

if TYPE_CHECKING:
    from types import TracebackType

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
ROOT = SCRIPTS.parents[1]
CLEARING = re.compile(
    r"zero_grad\(|\.grad = None|\.grad\.zero_\(|\.grad\.data\.zero_\(|\.grad\.detach\(\)\.fill_"
    r"|\.grad = torch\.zeros_like"
)
Variant = Literal["bare", "deleted", "correct"]
LOSS = re.compile(r"loss(?:_\w+)?=(\S+)")


def variant_of(text: str, variant: Variant) -> str:
    """The script with its clearing lines deleted, or written correctly, or as it is.

    A line ``# right: CODE`` is what a faulty script lacks, a line with ``# wrong`` what it has
    too much of.
    """
    if variant == "bare":
        return text
    lines = []
    for line in text.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        if variant == "deleted" and CLEARING.search(line) and not line.lstrip().startswith("def"):
            lines.append(f"{indent}pass")
        elif variant == "correct" and line.lstrip().startswith("# right: "):
            lines.append(line.replace("# right: ", ""))
        elif variant == "correct" and line.endswith("# wrong"):
            lines.append(f"{indent}pass")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def printed_losses(text: str) -> list[float]:
    """The losses that a script printed by ``repr``."""
    return [float(found) for found in LOSS.findall(text)]


def same_bits(left: list[float], right: list[float]) -> bool:
    """Whether two lists hold the same doubles, NaN included."""
    return array("d", left).tobytes() == array("d", right).tobytes()


NO_SCALER = "module 'torch.amp' has no attribute 'GradScaler'"
"""What scripts for PyTorch 2.3 and newer say in an older one."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A run that has ended: what it printed and, if it was observed, what was logged."""

    code: int
    text: str
    printed: list[float]
    logged: list[float]


def losses_of_two_ranks(folder: Path, variant: Variant) -> list[float]:
    """What rank 0 of ``ddp.py`` prints where nobody observes it."""
    folder.mkdir()
    text = (SCRIPTS / "run" / "ddp.py").read_text()
    (folder / "ddp.py").write_text(variant_of(text, variant))
    group = {"WORLD_SIZE": "2", "MEETING": f"file://{folder / 'meeting'}"}
    ranks = [
        subprocess.Popen(
            [sys.executable, "ddp.py"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**os.environ, **group, "RANK": str(rank)},
        )
        for rank in range(2)
    ]
    printed = [rank.communicate()[0] for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], printed
    return printed_losses(printed[0])


def series(log: Path, name: str) -> list[float]:
    """All losses in the log under ``name``."""
    return list(read_losses(losses_path(log, name), 0, 1_000_000))


class Warm:
    """The process that runs scripts in forks of itself, torch and ``modules`` imported before.

    It has those ``variables`` beside this process's.
    """

    def __init__(self, *modules: str, **variables: str) -> None:
        self._modules, self._variables = modules, variables

    def __enter__(self) -> Warm:  # noqa: PYI034 - Self came with Python 3.11
        ours = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        environment = os.environ | ours | self._variables
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-W",
                "ignore",
                str(Path(__file__).with_name("warm.py")),
                *self._modules,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def run(
        self,
        folder: Path,
        script: str,
        *,
        variant: Variant = "bare",
        policy: Policy | None = None,
        recorder: str = "",
        limit: int | None = None,
        prefix: str = "",
        tail: str = "",
        socket: str = "",
    ) -> Outcome:
        """Run a ``script`` of ours between ``prefix`` and ``tail`` in a fresh ``folder``.

        What it reports goes to ``socket``, where something listens.
        """
        folder.mkdir(parents=True)
        text = (SCRIPTS / script).read_text(encoding="utf-8")
        file = folder / Path(script).name
        file.write_text(prefix + variant_of(text, variant) + tail, encoding="utf-8")
        spec = None
        if policy is not None:
            spec = RunSpec(
                name="A",
                policy=policy,
                log=str(folder),
                folder=str(folder),
                recorder=recorder,
                limit=limit,
                socket=socket,
            )
        job: dict[str, Any] = {
            "folder": str(folder),
            "script": str(file),
            "arguments": [],
            "spec": None if spec is None else dataclasses.asdict(spec),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        text = (folder / "printed").read_text(encoding="utf-8")
        return Outcome(code, text, printed_losses(text), series(folder, "A"))
