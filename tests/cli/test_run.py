"""`zgtui run` as it is typed: which words are ours, which are the script's, and what is refused."""

from __future__ import annotations

import re
import signal
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import finish, logged, newest_log, started
from tests.support.processes import mentioning, zgtui
from tests.support.terminal import Terminal
from tests.support.waiting import until
from zgtui.cli import run as run_module
from zgtui.cli.main import main
from zgtui.cli.run import COMMAND, script_options
from zgtui.config.sources import resolve
from zgtui.launch.command import ScriptOptions
from zgtui.launch.launcher import Launcher


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder with a script in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("import sys\nprint(sys.argv[1:])\nsys.exit(5)\n")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[ScriptOptions, dict[str, Any]]]:
    """What the command would run, instead of running it."""
    found: list[tuple[ScriptOptions, dict[str, Any]]] = []

    def note(options: ScriptOptions, folder: Path, **how: Any) -> int:
        found.append((options, how))
        return 0

    monkeypatch.setattr(run_module, "run_headless", note)
    return found


Asked = list[tuple[ScriptOptions, dict[str, Any]]]


@pytest.mark.parametrize(
    ("words", "command_line"),
    [
        (["train.py"], "python train.py"),
        (["train.py", "--help"], "python train.py --help"),
        (["train.py", "--steps", "3", "--", "-x"], "python train.py --steps 3 -- -x"),
        (["--steps=7", "train.py", "--lr", "1"], "python train.py --lr 1"),
        (["--keep-checkpoints", "train.py", "-m", "x"], "python train.py -m x"),
        (["--", "train.py", "--seed"], "python train.py --seed"),
        (["-m", "pkg.train", "--seed", "1"], "python -m pkg.train --seed 1"),
        (["--a", "as-is", "-m", "pkg.train", "-h"], "python -m pkg.train -h"),
    ],
)
def test_everything_after_the_script_is_the_scripts(
    asked: Asked, words: list[str], command_line: str
) -> None:
    assert main(["run", "--headless", *words]) == 0
    ((options, _),) = asked
    assert options.command_line == command_line
    assert options.module == ("-m" in command_line.split()[:2])


def test_without_options_a_is_cleared_and_b_is_not(asked: Asked) -> None:
    assert main(["run", "--headless", "train.py"]) == 0
    ((options, how),) = asked
    assert options == ScriptOptions(script="train.py", seed=42)
    assert options.policies == {"A": "every", "B": "never"}
    assert how == {"table": None, "tensorboard": None, "json": False, "plain": False}


def test_every_option_reaches_the_comparison(asked: Asked, tmp_path: Path) -> None:
    typed = (
        "--a never --b as-is --seed 7 --steps 9 --threads 2 --sequential --keep-checkpoints"
        " --out losses.csv --wide --overwrite --nproc-per-node 4 --nnodes 2 --node-rank 1"
        " --rdzv-endpoint host:29400 --rdzv-id night --rdzv-timeout 90 --curves sum --json"
    )
    assert main(["run", *typed.split(), "train.py"]) == 0
    ((options, how),) = asked
    assert options == ScriptOptions(
        script="train.py",
        policies={"A": "never", "B": "as-is"},
        seed=7,
        steps=9,
        threads=2,
        sequential=True,
        keep_checkpoints=True,
        curves="sum",
        launcher=Launcher(
            nproc_per_node="4",
            nnodes="2",
            node_rank=1,
            rdzv_endpoint="host:29400",
            rdzv_id="night",
            rdzv_timeout=90.0,
        ),
    )
    assert how["table"].path == tmp_path / "losses.csv"


def test_unlimited_steps_are_the_scripts_own() -> None:
    values = resolve(COMMAND.options, {"steps": "unlimited"}, {})
    assert script_options(["train.py"], values).steps is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "name a training script, such as zgtui run train.py --epochs 3"),
        (["-m"], "-m needs the name of a module, such as zgtui run -m package.train"),
        (["nowhere.py"], "there is no script 'nowhere.py'"),
        (["."], "'.' is a folder without a __main__.py"),
        (["--a", "sometimes", "train.py"], "--a: a script's clearing is 'as-is', 'every' or"),
        (["--threads", "0", "train.py"], "--threads: the number of threads must be a whole number"),
        (["--stps", "3", "train.py"], "there is no option --stps. Did you mean '--steps'"),
        (["-x", "train.py"], "there is no option -x. See 'zgtui run --help'."),
        (["--nnodes", "2", "train.py"], "--nnodes is for several processes: add --nproc-per-node"),
        (["--nproc-per-node", "some", "train.py"], "--nproc-per-node: the number of processes"),
        (
            ["--nproc-per-node", "2", "--nnodes", "2", "train.py"],
            "more than one node needs --rdzv-endpoint HOST:PORT",
        ),
        (["--nproc-per-node", "2", "--nnodes", "1:x", "train.py"], "--nnodes: the number of nodes"),
        (["--headless", "--paused", "train.py"], "--paused needs a screen to resume from"),
        (["--paused", "train.py"], "--paused needs a screen to resume from: stdout is not"),
        (["--out", "losses.txt", "train.py"], "losses.txt"),
        (["--wide", "train.py"], "--wide changes the loss table: add --out FILE"),
        (["--ascii", "--marker", "dot", "train.py"], "--ascii cannot be combined with"),
        (["--plain", "--json", "train.py"], "--plain and --json cannot be combined"),
    ],
)
def test_wrong_use_ends_in_one_sentence_and_exit_code_2(
    asked: Asked, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", *words]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("zgtui: ")
    assert sentence in printed.err
    assert printed.err.count("\n") == 1
    assert not printed.out
    assert not asked, "nothing was started"


def test_help_before_the_script_is_ours(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "zgtui run [options] SCRIPT" in told
    for option in COMMAND.options:
        assert f"--{option}" in told


def test_without_a_terminal_it_runs_in_plain_text_and_hands_on_the_worse_exit_code(
    tmp_path: Path,
) -> None:
    code, out, err = zgtui(
        "run", "train.py", "--help", "--seed", cwd=tmp_path,
        PYTHONPATH=str(Path(__file__).parents[2]), ZGTUI_STATE_DIR=str(tmp_path / "state"),
    )  # fmt: skip
    assert code == 5
    assert err == "zgtui: stdout is not a terminal: running in plain text, as with --headless\n"
    assert "A: the script ended with exit code 5 after 0 steps" in out
    assert "wrote" not in out, "the log of the run is no file of the script's"
    for output in (tmp_path / "state").rglob("output.log"):
        assert output.read_text() == "['--help', '--seed']\n"


SLOW_STEPS = """
import time, torch
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(8):
    time.sleep(0.4)
    optimizer.zero_grad()
    model(torch.ones(4, 2)).pow(2).mean().backward()
    optimizer.step()
"""


def test_plain_tells_both_runs_in_words_each_second(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SLOW_STEPS)
    code, out, err = zgtui(
        "run", "--plain", "train.py", cwd=tmp_path,
        PYTHONPATH=str(Path(__file__).parents[2]), ZGTUI_STATE_DIR=str(tmp_path / "state"),
    )  # fmt: skip
    assert (code, err) == (0, "")
    told = re.findall(r"^Run A: step (\d+), loss [\d.e-]+\. Run B: step \d+", out, re.MULTILINE)
    assert told, out
    assert all(1 <= int(step) <= 8 for step in told)


WIDE = ("--out", "losses.csv", "--wide", "train.py")
WAITS_FOR_ITS_TABLE = """
import pathlib, time, torch
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
def step():
    optimizer.zero_grad()
    model(torch.randn(4, 2)).pow(2).mean().backward()
    optimizer.step()
for _ in range(4):
    time.sleep(0.05)
    step()
table, end = pathlib.Path("losses.csv"), time.monotonic() + 60
while not table.exists() or len(table.read_text().splitlines()) < 5:
    assert time.monotonic() < end, "the table does not grow"
    time.sleep(0.05)
"""


def test_the_table_grows_while_both_runs_train(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(WAITS_FOR_ITS_TABLE)
    assert zgtui("run", *WIDE, cwd=tmp_path)[0] == 0
    assert_wide(tmp_path / "losses.csv")


def test_the_table_grows_beside_the_screen_too(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(WAITS_FOR_ITS_TABLE)
    with closing(Terminal(tmp_path, "run", *WIDE)) as terminal:
        terminal.shows("finished")
        terminal.type("q")
        assert terminal.ended() == 0
    assert_wide(tmp_path / "losses.csv")


TRAINS_ON = """
import os, pathlib, time, torch
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
while True:
    optimizer.zero_grad()
    model(torch.randn(4, 2)).pow(2).mean().backward()
    optimizer.step()
    time.sleep(0.01)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_the_table_up_to_then_and_nothing_left(
    number: signal.Signals, tmp_path: Path
) -> None:
    (tmp_path / "train.py").write_text(TRAINS_ON)
    table, state = tmp_path / "losses.csv", tmp_path / "state"
    words = ("run", "--headless", "--out", str(table), str(tmp_path / "train.py"))
    changes = {"ZGTUI_STATE_DIR": str(state), "TMPDIR": str(tmp_path)}
    with started(*words, changes=changes) as process:
        until(lambda: table.exists() and table.read_text().count("\n") > 4, "rows of both runs")
        process.send_signal(number)
        code, out, err = finish(process)
    assert (code, err) == (128 + number, "")
    assert "A: stopped after" in out
    assert f"loss table: {table}" in out
    losses = sum(len(logged(newest_log(state), run)) for run in "AB")
    assert table.read_text().count("\n") == losses + 1
    assert not list(tmp_path.glob("zgtui-*"))
    assert not mentioning(str(tmp_path / "train.py"))


@pytest.mark.parametrize("controlling", [True, False], ids=["sighup", "no signal"])
@pytest.mark.parametrize("words", [("--headless",), ()], ids=["headless", "screen"])
def test_a_closed_terminal_ends_it_with_129(
    words: tuple[str, ...], tmp_path: Path, *, controlling: bool
) -> None:
    (tmp_path / "train.py").write_text(TRAINS_ON)
    terminal = Terminal(tmp_path, "run", *words, "train.py", controlling=controlling)
    with closing(terminal):
        terminal.until(lambda _: bool(list(terminal.state.rglob("A.f64"))), "a loss")
        terminal.hang_up()
        assert terminal.ended() == 128 + signal.SIGHUP


def assert_wide(table: Path) -> None:
    """Both runs' losses stand in one row a step."""
    header, *rows = table.read_text().splitlines()
    assert header == "step,epoch,loss_a,loss_b"
    assert [row.split(",")[0] for row in rows] == ["1", "2", "3", "4"]
