"""Users' scripts that train on an NVIDIA GPU, under `zgtui run` and `zgtui check`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cuda.target import TRIAL
from tests.support.command import environment
from tests.support.script_runs import SCRIPTS, printed_losses, same_bits
from tests.support.tables import read_table
from zgtui.config.settings import RUNS

pytestmark = pytest.mark.cuda
ON_THE_PROCESSOR = {
    '"cuda"': '"cpu"',
    ".cuda()": "",
    '"nccl"': '"gloo"',
    ", device_ids=[local]": "",
    "torch.cuda.set_device(local)": "",
    "capturable=True": "foreach=True",
}
"""What is another in a script for a trial."""
SECONDS = 600.0 if TRIAL else 120.0
AT_ONCE = 2 if TRIAL else 6
"""Each imports PyTorch, which takes seconds that can be shared."""
CLEARS = (
    "compiled",
    "amp_fp16",
    "amp_fused",
    "amp_bf16",
    "fused",
    "capturable",
)  # what takes longest is first
OUT = ("--out", "losses.csv")
ONE_RANK = {
    "RANK": "0",
    "LOCAL_RANK": "0",
    "WORLD_SIZE": "1",
    "MASTER_ADDR": "127.0.0.1",
    "MASTER_PORT": "0",
}
"""What a launcher tells its only rank."""
STEPS_PROFILED = 100
ENDS = 8
"""Waits of the profiler itself, at its ends, at most."""
ALONE: tuple[str, ...] = ()
"""The script by itself."""


@dataclass(frozen=True)
class Run:
    """What a script came to: as it is, under `zgtui run` or under `zgtui check`."""

    folder: Path
    code: int
    said: str

    @property
    def printed(self) -> list[float]:
        return printed_losses(self.said)

    def output(self, run: str) -> str:
        """What one of both printed, as the JSON that was asked for says."""
        fields, _ = json.JSONDecoder().raw_decode(self.said[self.said.index("{\n") :])
        return (Path(fields["log"]) / run / "output.log").read_text()

    def charted(self, run: str) -> list[float]:
        return list(read_table(self.folder / "losses.csv").series[run].losses)


Ran = Callable[[str, str], Run]
COMMANDS: dict[tuple[str, str], tuple[str, ...]] = {
    **{("alone", name): ALONE for name in (*CLEARS, "forgotten", "graphed")},
    **{
        ("run", name): ("run", "--headless", "--a", "as-is", "--b", "never", *OUT)
        for name in (*CLEARS, "forgotten")
    },
    **{("check", name): ("check", "--steps", "12") for name in (*CLEARS, "forgotten")},
    ("run", "graphed"): ("run", "--headless", "--json", "--a", "as-is", "--b", "as-is"),
    ("check", "graphed"): ("check",),
    ("run", "quiet"): ("run", "--headless", "--json"),
    ("seen", "slow"): ("run", "--headless"),
    ("check", "ddp_nccl"): ("check", "--steps", "12"),
    ("run", "ddp_nccl"): ("run", "--headless", "--nproc-per-node", "1", *OUT),
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """How one of COMMANDS ended; all are started with the first that is asked for."""
    folders = {key: tmp_path_factory.mktemp("-".join(key)) for key in COMMANDS}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs: dict[tuple[str, str], Future[Run]] = {
            key: pool.submit(_run, folders[key], key[1], words) for key, words in COMMANDS.items()
        }
        yield lambda how, name: runs[how, name].result()


def _run(folder: Path, name: str, words: tuple[str, ...]) -> Run:
    zgtui = ["-m", "zgtui", *words] if words else []
    ranks = ONE_RANK if words[:1] == ("check",) and name == "ddp_nccl" else {}
    done = subprocess.run(
        [sys.executable, *zgtui, str(_script(folder, name))],
        cwd=folder,
        env=environment(ZGTUI_STATE_DIR=str(folder / "state"), **ranks),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Run(folder, done.returncode, done.stdout)


def _skip_without_compiler(name: str, ran: Ran) -> None:
    """Where torch.compile has no compiler, or a GPU too old for it, the script fails by itself."""
    alone = ran("alone", name)
    if name == "compiled" and alone.code:
        pytest.skip(f"the script fails by itself: {alone.said.strip().splitlines()[-1]}")


def _script(folder: Path, name: str) -> Path:
    script = SCRIPTS / "cuda" / f"{name}.py"
    if not TRIAL:
        return script
    text = script.read_text(encoding="utf-8")
    for there, here in ON_THE_PROCESSOR.items():
        text = text.replace(there, here)
    (folder / script.name).write_text(text, encoding="utf-8")
    return folder / script.name


@pytest.mark.parametrize("name", [*CLEARS, "forgotten"])
def test_run_charts_the_very_losses_of_the_script(name: str, ran: Ran) -> None:
    _skip_without_compiler(name, ran)
    run = ran("run", name)
    assert run.code == 0, run.said
    assert "is off" not in run.said
    a, b = run.charted("A"), run.charted("B")
    assert len(a) == 12
    assert same_bits(a, ran("alone", name).printed)
    assert a[:2] == b[:2]
    assert (a == b) == (name == "forgotten")


@pytest.mark.parametrize(
    ("name", "code", "status"), [*((name, 0, "pass") for name in CLEARS), ("forgotten", 1, "fail")]
)
def test_check_judges_as_on_the_processor(name: str, code: int, status: str, ran: Ran) -> None:
    _skip_without_compiler(name, ran)
    check = ran("check", name)
    assert check.code == code, check.said
    assert status in check.said.splitlines()[-1]


@pytest.mark.skipif(TRIAL, reason="the processor has no graphs")
def test_a_script_with_a_graph_of_its_own_is_left_as_it_is(ran: Ran) -> None:
    """Replays call no backward(): the steps that are seen are those before and in the capture."""
    run = ran("run", "graphed")
    assert run.code == 0, run.said
    printed = printed_losses(run.output("A"))
    assert same_bits(printed, ran("alone", "graphed").printed)
    assert ran("check", "graphed").code in {0, 3}, ran("check", "graphed").said


@pytest.mark.parametrize("name", RUNS)
def test_no_step_of_a_script_waits_for_the_gpu(name: str, ran: Ran) -> None:
    run = ran("run", "quiet")
    assert run.code == 0, run.said
    told = dict(re.findall(r"^(\w+): (\d+)$", run.output(name), re.MULTILINE))
    assert TRIAL or int(told["launches"]) >= STEPS_PROFILED, "the profiler saw no work"
    assert int(told["waits"]) <= ENDS, told


def test_one_rank_over_nccl(ran: Ran) -> None:
    run = ran("run", "ddp_nccl")
    assert run.code == 0, run.said
    a, b = run.charted("A"), run.charted("B")
    assert len(a) == len(b) == 12
    assert a[:2] == b[:2]
    assert a != b
    check = ran("check", "ddp_nccl")
    assert check.code == 0, check.said
    assert "pass" in check.said.splitlines()[-1]


def test_the_gpu_is_told_beside_a_run(ran: Ran) -> None:
    pytest.importorskip("pynvml")
    if TRIAL:
        pytest.skip("there is no driver")
    said = ran("seen", "slow").said
    assert re.search(r"\d+ %  \d+\.\d GiB, others \d+\.\d, of \d+|\d+ of \d+ GiB used", said), said
