"""What is said of both runs of a real script: why they are equal, what has no loss, each curve."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.launch.headless import run
from tests.support.script_runs import ROOT, SCRIPTS, series
from tests.support.tables import read_table
from zgtui.launch.command import ScriptOptions
from zgtui.outputs.autosave import TableKeeper
from zgtui.outputs.headless.headless_run import run_headless
from zgtui.runlog.events import RunsCompared
from zgtui.runlog.log import read_events

pytestmark = [pytest.mark.timeout(600)]
FOLDER = SCRIPTS / "run"
SGD = "SGD (line 8)"
EQUAL_BECAUSE = {
    "scale_infinite.py": f"GradScaler skipped every step of {SGD} (its scale is inf):"
    " its gradients were never finite",
    "gradients_lent.py": "the script sets the gradients of SGD (line 10) itself:"
    " no backward() adds to them",
    "multiplied_away.py": f"the script clears the gradients of {SGD} by means other than"
    " zero_grad() or None, which run B could not undo",
    "optimizer_anew.py": "each SGD (line 10) took only one step:"
    " the script makes a new one for every step",
    "rate_zero.py": "the learning rate of Adam (line 8) was 0 in every step",
    "optimizer_beside.py": "no backward() reached the parameters of SGD (line 9),"
    " and only their clearing differs",
    "one_step.py": "the first update that can apply a stale gradient is that of step 2",
    "restored.py": None,
}
NO_LOSSES = {
    "autograd_grad.py": "your script never called backward(): its 8 optimizer steps applied"
    " gradients that it set itself (it called torch.autograd.grad() 8 times)."
    " There is no loss to chart, so A and B cannot be compared",
    "autograd_grad_by_hand.py": "your script called neither backward() nor the step() of an"
    " optimizer: it called torch.autograd.grad() 8 times."
    " There is no loss to chart and no gradient to clear",
    "forward_mode.py": "your script called neither backward() nor the step() of an optimizer:"
    " there is no loss to chart and no gradient to clear",
    "never_steps.py": f"your script called backward() 8 times, but {SGD} has never stepped:"
    " there is no step to chart",
}


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.mark.parametrize("script", EQUAL_BECAUSE)
def test_runs_that_stay_equal_are_said_to_be_so_and_why(tmp_path: Path, script: str) -> None:
    said = run(FOLDER / script, tmp_path / "log")
    (sentence,) = [line for line in said if line.startswith("A and B are bit-equal")]
    reason = EQUAL_BECAUSE[script]
    assert sentence.partition(": ")[2] == (reason or "no reason for that was seen")
    (compared,) = [
        event for event in read_events(tmp_path / "log") if isinstance(event, RunsCompared)
    ]
    assert compared.differ_at is None
    assert compared.reasons == ([reason] if reason else [])
    assert compared.step == len(series(tmp_path / "log", "A"))


def test_a_policy_that_finds_nothing_to_do_is_why_runs_are_equal(tmp_path: Path) -> None:
    script, kept = SCRIPTS / "plain_loop.py", SCRIPTS / "forgotten.py"
    said = run(script, tmp_path / "every", policies={"A": "as-is", "B": "every"})
    assert any(line.endswith(": run B (every) had nothing to clear") for line in said)
    said = run(kept, tmp_path / "never", policies={"A": "as-is", "B": "never"})
    assert any(line.endswith(": run B (never) had nothing to preserve") for line in said)
    said = run(script, tmp_path / "both", policies={"A": "every", "B": "every"})
    assert any(line.endswith(": both runs have the clearing policy 'every'") for line in said)


def test_runs_that_begin_apart_are_said_to(tmp_path: Path) -> None:
    script = tmp_path / "own_seed.py"
    loop = (SCRIPTS / "plain_loop.py").read_text(encoding="utf-8")
    seed = "torch.manual_seed(0)"
    assert seed in loop
    own = "torch.manual_seed(__import__('os').getpid())"
    script.write_text(loop.replace(seed, own), encoding="utf-8")
    assert "the two runs had different first losses" in run(script, tmp_path / "log")


FULL = """
import torch
raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
"""


@pytest.mark.parametrize("sequential", [False, True])
def test_where_the_gpu_has_no_room_for_both_another_way_is_told(
    tmp_path: Path, *, sequential: bool
) -> None:
    script = tmp_path / "full.py"
    script.write_text(FULL, encoding="utf-8")
    said: list[str] = []
    options = ScriptOptions(script=str(script), sequential=sequential)
    assert run_headless(options, tmp_path / "log", say=said.append) == 1
    told = "both runs share the memory of the GPU: --sequential trains B after A"
    assert (told in said) != sequential
    assert any("CUDA out of memory. Tried to allocate 2.00 GiB." in line for line in said)


@pytest.mark.parametrize("script", NO_LOSSES)
def test_a_loop_without_a_loss_to_chart_is_told(tmp_path: Path, script: str) -> None:
    assert NO_LOSSES[script] in run(FOLDER / script, tmp_path / "log")


def test_lines_that_take_turns_are_curves_of_their_own_unless_joined(tmp_path: Path) -> None:
    script = FOLDER / "critic_twice.py"
    said = run(script, tmp_path / "log")
    rows = re.findall(r"^.* (critic_loss|generator_loss) +(\d+) ", "\n".join(said), re.MULTILINE)
    assert rows == [("critic_loss", "12"), ("generator_loss", "6")] * 2
    verdicts = [line for line in said if "loss" in line and "against" in line]
    assert sum(line.count("critic_loss") for line in verdicts) == 1
    assert sum(line.count("generator_loss") for line in verdicts) == 1
    steps = "RMSprop (line 8) 12 steps, lr 0.02; Adam (line 9) 6 steps, lr 0.01, 0.001"
    assert {f"A: {steps}", f"B: {steps}"} <= set(said)
    joined = run(script, tmp_path / "joined", curves="sum")
    assert not any("critic_loss" in line for line in joined)
    assert any(line.startswith("A  ") and " 18 " in line for line in joined)


@pytest.mark.parametrize("wide", [False, True])
def test_the_table_has_a_column_for_each_line(tmp_path: Path, wide: bool) -> None:  # noqa: FBT001 - a case
    script, out = FOLDER / "critic_twice.py", tmp_path / "losses.csv"
    keeper = TableKeeper(out, wide=wide, overwrite=False)
    options = ScriptOptions(script=str(script))
    run_headless(options, tmp_path / "log", table=keeper, say=lambda _: None)
    header = out.read_text().splitlines()[0].split(",")
    lines = ["critic_twice.py:17", "critic_twice.py:21"]
    if wide:
        assert header[-4:] == [f"loss_{run} {line}" for run in "ab" for line in lines]
    else:
        assert header[6:8] == [f"loss {line}" for line in lines]
    table = read_table(out)
    for name in ("A", "B"):
        for number, line in enumerate(lines, 1):
            shown = table.series[f"{name} {line}"]
            assert list(shown.losses) == series(tmp_path / "log", f"{name}.{number}")
    critic = table.series["A critic_twice.py:17"]
    assert list(critic.steps) == [step for step in range(1, 19) if step % 3]


def test_json_holds_what_the_summary_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ScriptOptions(script=str(FOLDER / "rate_zero.py"))
    run_headless(options, tmp_path / "log", json=True)
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert "run log" in err
    assert (told["version"], told["equal"], told["differ_at"]) == (1, True, None)
    assert told["equal_because"] == [EQUAL_BECAUSE["rate_zero.py"]]
    assert told["runs"]["B"]["optimizers"][0] == {
        "optimizer": "Adam (line 8)",
        "made": 1,
        "steps": 8,
        "skipped": 0,
        "lrs": [0.0],
        "moves": False,
    }
    (curve,) = told["curves"]
    assert curve["runs"]["A"]["losses"] == 8
