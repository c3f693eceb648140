"""The script that does all checks on a GPU: what it does without one, and with checks that fail."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cuda import checks
from tests.cuda.checks import CHECKS, ROOT, Check, Checks
from tests.cuda.measure import ratios
from tests.cuda.target import GPU, TRIAL
from tests.support.processes import alive
from tests.support.waiting import until

SCRIPT = Path(__file__).with_name("run.sh")
pytestmark = pytest.mark.started  # a process that forks others would be ended as one left behind


@pytest.mark.skipif(
    any(Path("/dev").glob("nvidia[0-9]*")) or Path("/dev/dxg").exists(), reason="there is a GPU"
)
def test_without_a_gpu_it_says_so_at_once(tmp_path: Path) -> None:
    begin = time.monotonic()
    done = subprocess.run(
        [SCRIPT],
        env={**os.environ, "OUT": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout == "no NVIDIA GPU here: nothing was checked\n"
    assert json.loads((tmp_path / "results.json").read_text()) == {"gpu": None, "checks": []}
    assert time.monotonic() - begin < 30


def test_a_gpu_that_pytorch_cannot_use_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "DESCRIBE", "raise SystemExit('RuntimeError: no CUDA')")
    assert checks.main(tmp_path) == 3
    assert "PyTorch finds no NVIDIA GPU here" in capsys.readouterr().out


def test_each_check_is_bounded_and_told_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = Checks(tmp_path).run(
        [
            Check("hangs", 2, ("-c", "import time; print('hanging', flush=True); time.sleep(99)")),
            Check("fine", 60, ("-c", "print('well')")),
            Check("wrong", 60, ("-c", "print('a reason'); raise SystemExit(4)")),
        ]
    )
    assert [(one.name, one.how, one.code) for one in ended] == [
        ("hangs", "too slow", None),
        ("fine", "passed", 0),
        ("wrong", "failed", 4),
    ]
    log = "== hangs\nhanging\n== fine\nwell\n== wrong\na reason\n"
    assert (tmp_path / "checks.log").read_text() == log
    told = capsys.readouterr().out
    assert "a reason" in told
    assert "hanging" in told
    assert "well" not in told


LEAVES_ONE = """
import subprocess, sys, time
command = [sys.executable, "-c", "import time; time.sleep(99)"]
left = subprocess.Popen(command, start_new_session=True)
open("left", "w").write(str(left.pid))
time.sleep(99)
"""


def test_what_a_check_started_in_a_session_of_its_own_is_ended_too(tmp_path: Path) -> None:
    left = tmp_path / "left"
    code = LEAVES_ONE.replace('"left"', repr(str(left)))
    (one,) = Checks(tmp_path).run([Check("leaves", 10, ("-c", code))])
    assert one.how == "too slow"
    until(lambda: not alive(int(left.read_text())), "its end")


def test_a_row_that_a_kill_cut_off_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"check": "cut", "test": "a", "how": "passed"}\n{"che')
    (one,) = Checks(tmp_path).run([Check("cut", 60, ("-c", "pass"))])
    assert one.tests == [{"test": "a", "how": "passed"}]


TWO_TESTS = """
import os, signal
def test_wrong():
    assert 1 + 1 == 3, "sums"
def test_fine():
    pass
def test_killed():
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_every_test_has_a_row_though_one_fails_and_another_kills_them_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_two.py").write_text(TWO_TESTS)
    plugin = ("-p", "tests.cuda.rows", "-p", "no:cacheprovider", "-c", "/dev/null")
    command = ("-m", "pytest", "-q", *plugin, str(tmp_path / "test_two.py"))
    checks = Checks(tmp_path)
    checks.run([Check("two", 120, command), Check("next", 60, ("-c", "pass"))])
    two, following = json.loads((tmp_path / "results.json").read_text())["checks"]
    assert [(row["test"].partition("::")[2], row["how"]) for row in two["tests"]] == [
        ("test_wrong", "failed"),
        ("test_fine", "passed"),
    ]
    assert "sums" in two["tests"][0]["why"]
    assert (two["how"], two["code"]) == ("failed", -9)
    assert following["how"] == "passed"
    assert "test_wrong: AssertionError: sums" in capsys.readouterr().out


def test_a_gpu_that_never_answers_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "DESCRIBE", "import time; time.sleep(99)")
    monkeypatch.setattr(checks, "DESCRIBE_SECONDS", 1.0)
    assert checks.main(tmp_path) == 3
    assert "PyTorch does not answer within 1 s" in capsys.readouterr().out


def test_what_there_is_no_time_for_is_not_run(tmp_path: Path) -> None:
    checks = [Check("first", 1, ("-c", "import time; time.sleep(9)")), Check("second", 1, ())]
    assert [one.how for one in Checks(tmp_path, 0.5).run(checks)] == ["too slow", "not run"]


def test_a_check_may_take_what_those_before_it_have_left(tmp_path: Path) -> None:
    """A machine of few cores takes long where many processes start, and not elsewhere."""
    slow = ("-c", "import time; time.sleep(3)")
    checks = [Check("quick", 30, ("-c", "pass")), Check("slow", 1, slow), Check("late", 1, slow)]
    assert [one.how for one in Checks(tmp_path).run(checks)] == ["passed"] * 3
    assert [one.how for one in Checks(tmp_path).run(checks[1:])] == ["too slow"] * 2


def test_in_a_trial_checks_know_it_and_may_take_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    look = "import os, time; assert os.environ['CUDA_CHECKS_ON'] == 'cpu'; time.sleep(1.5)"
    monkeypatch.setattr(checks, "CHECKS", (Check("looks", 1, ("-c", look)),))
    monkeypatch.setattr(checks, "TRIAL_FACTOR", 100)
    assert checks.main(tmp_path, trial=True) == 0
    assert "== a trial without GPU, PyTorch" in capsys.readouterr().out
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["gpu"] is None
    assert [(one["name"], one["how"]) for one in results["checks"]] == [("looks", "passed")]


@pytest.mark.parametrize(
    ("visible", "used"), [(None, "0,1"), ("3", "3"), ("GPU-a,GPU-b,GPU-c", "GPU-a,GPU-b"), ("", "")]
)
def test_of_many_gpus_two_are_checked(
    visible: str | None, used: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    look = f"import os; assert os.environ['CUDA_VISIBLE_DEVICES'] == {used!r}"
    (one,) = Checks(tmp_path).run([Check("looks", 60, ("-c", look))])
    assert one.how == "passed"


def test_graphs_are_compared_with_single_steps_and_with_the_goal() -> None:
    def row(experiment: str, size: str | None, rate: float, *, graphs: bool) -> dict[str, Any]:
        place = {"experiment": experiment, "size": size, "device": GPU, "graphs": graphs}
        return {**place, "steps_per_second": rate}

    rows = [
        row("article", None, 1000.0, graphs=False),
        row("article", None, 6000.0, graphs=True),
        row("spirals", None, 1000.0, graphs=False),
        row("spirals", None, 2000.0, graphs=True),
        {"experiment": "digits", "size": None, "device": GPU, "graphs": True, "problem": "none"},
    ]
    assert [(one["experiment"], one["times"], one["goal"]) for one in ratios(rows)] == [
        ("article", 6.0, 5.0),
        ("spirals", 2.0, 3.0),
    ]
    if not TRIAL:
        assert [one["reached"] for one in ratios(rows)] == [True, False]


def test_all_checks_fit_into_eight_minutes() -> None:
    """With what is done before them and after the last, and whatever an installation takes."""
    assert sum(check.seconds for check in CHECKS) <= checks.ALL_SECONDS <= 475
    (seconds,) = re.findall(r"^ALL=(\d+)$", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)
    assert int(seconds) + checks.END_SECONDS <= 480
    files = [word for check in CHECKS for word in check.command if word.endswith(".py")]
    assert all((ROOT / file).is_file() for file in files)


def test_every_file_of_tests_for_a_gpu_is_run() -> None:
    run = {word for check in CHECKS for word in check.command}
    marked = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "tests").rglob("test_*.py")
        if "pytest.mark." + "cuda" in file.read_text(encoding="utf-8")
    }
    assert marked <= run, "add it to CHECKS"


def test_the_tests_of_the_gpu_are_found_and_left_out_without_one(tmp_path: Path) -> None:
    command = [sys.executable, *CHECKS[0].command]
    environment = {**os.environ, "CUDA_CHECK_ROWS": str(tmp_path / "rows.jsonl")}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "skipped" in done.stdout or "passed" in done.stdout
