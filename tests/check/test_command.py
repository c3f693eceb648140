"""`zgtui check` as a user starts it: what it prints, and its exit codes."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.support.expectations import COMMAND, assert_expected, expectation_of, names_in
from tests.support.processes import zgtui
from tests.support.script_runs import SCRIPTS
from zgtui.check.findings import EXIT_CODES
from zgtui.check.formats import FORMATS, json_report

WRONG, RIGHT = SCRIPTS / "check" / "wrong", SCRIPTS / "check" / "right"
MODULE = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


@pytest.mark.started
def test_a_mistake_is_reported_with_line_evidence_fix_and_theory() -> None:
    script = WRONG / "ZG101_classifier.py"
    code, out, err = zgtui("check", "--quiet", str(script))
    assert (code, err) == (1, "")
    assert f"ZG101 error: never cleared  {script}:14" in out
    assert "the gradient applied at step 5 held 5 backward passes, 4 of them already applied" in out
    assert "opt.step()    ← step" in out
    assert "+    opt.zero_grad()\n" in out
    assert "acts as momentum 1" in out
    assert out.endswith("fail: ZG101\n")
    assert "\x1b" not in out


def test_a_clean_script_ends_well() -> None:
    code, out, _ = zgtui("check", str(RIGHT / "begin_of_loop.py"))
    assert code == 0
    assert out.endswith("pass: every optimizer's gradients are cleared when they should be\n")


def test_json_follows_its_schema() -> None:
    script = WRONG / "ZG201_between.py"
    code, out, _ = zgtui("check", "--json", str(script))
    report = json.loads(out)
    assert code == 1
    assert (report["version"], report["verdict"], report["advisory"]) == (2, "fail", False)
    (finding,) = report["findings"]
    assert finding["code"] == "ZG201"
    assert finding["severity"] == "error"
    assert finding["optimizer"] == "SGD"
    assert "cleared between backward() and step()" in finding["message"]
    assert (finding["file"], finding["line"], finding["steps_seen"]) == (str(script), 10, 5)
    assert finding["sites"]["backward"] == {"file": str(script), "line": 9}
    moved = "+    optimizer.step()\n     optimizer.zero_grad()\n-    optimizer.step()\n"
    assert finding["fix"].endswith(moved)


def test_a_script_is_ended_after_the_steps_asked_for_and_gets_its_arguments(
    tmp_path: Path,
) -> None:
    script = tmp_path / "long.py"
    script.write_text(
        "import pathlib, sys, torch\n"
        "model = torch.nn.Linear(2, 1)\n"
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "while True:\n"
        "    optimizer.zero_grad()\n"
        "    model(torch.randn(4, 2)).pow(2).mean().backward()\n"
        "    optimizer.step()\n"
        "    torch.save(model.state_dict(), 'model.pt')\n"
        "    pathlib.Path('arguments').write_text(' '.join(sys.argv[1:]))\n",
        encoding="utf-8",
    )
    code, out, _ = zgtui("check", "--steps", "4", script.name, "--lr", "3", cwd=tmp_path)
    assert code == 0
    assert "pass: SGD at long.py:3 (weight): 4 steps judged" in out
    assert "ended early, after 4 steps" in out
    assert (tmp_path / "arguments").read_text() == "--lr 3"
    assert not (tmp_path / "model.pt").exists()


def test_how_a_script_comes_down_that_was_ended_early_is_not_its_fault(tmp_path: Path) -> None:
    aborts = "import atexit, os\natexit.register(os.abort)\n"
    (tmp_path / "aborts.py").write_text(aborts + (RIGHT / "begin_of_loop.py").read_text())
    code, out, _ = zgtui("check", "--steps", "4", "aborts.py", cwd=tmp_path)
    assert code == 0, out
    assert "ended early, after 4 steps" in out
    code, out, _ = zgtui("check", "--all", "aborts.py", cwd=tmp_path)
    assert code == 3
    assert "the script was ended by SIGABRT" in out


def test_a_script_that_fails_is_inconclusive_and_its_output_is_shown(tmp_path: Path) -> None:
    (tmp_path / "fails.py").write_text("import torch\nraise RuntimeError('no data')\n")
    code, out, _ = zgtui("check", "fails.py", cwd=tmp_path)
    assert code == 3
    assert "RuntimeError: no data" in out
    assert "fix: fix the error, then rerun the check" in out
    assert out.splitlines()[-1].startswith("inconclusive: ")


def test_a_script_that_does_not_train_is_inconclusive(tmp_path: Path) -> None:
    (tmp_path / "nothing.py").write_text("print('hello')\n")
    code, out, _ = zgtui("check", "nothing.py", cwd=tmp_path)
    assert code == 3
    assert "no optimizer's training was seen" in out
    assert "fix: name the script, with the arguments, that calls backward() and step()" in out


def test_github_annotations_name_the_file_as_the_repository_does() -> None:
    code, out, _ = zgtui("check", "--github", "ZG103_once_per_epoch.py", cwd=WRONG)
    assert code == 1
    first = out.splitlines()[0]
    assert first.startswith("::error file=ZG103_once_per_epoch.py,line=12,title=ZG103 cleared only")
    assert "%0A" in first
    assert out.endswith("zgtui check: fail\n")


def test_sarif_names_rule_and_place() -> None:
    code, out, _ = zgtui("check", "--sarif", "ZG105_twice.py", cwd=WRONG)
    assert code == 1
    (run,) = json.loads(out)["runs"]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("ZG105", "warning")
    assert run["tool"]["driver"]["rules"][0]["id"] == "ZG105"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "ZG105_twice.py"
    assert place["region"]["startLine"] == 19


SHOWN = {
    "check/crashing/clipped_after_clearing.py": (
        "clipped_after_clearing.py:12 found None where backward() had left a gradient",
        "the script failed before its first step: AttributeError",
    ),
    "check/crashing/scaler_finds_nothing.py": (
        "ZG201 error: cleared between backward() and step()",
        "no gradient was left to unscale, and GradScaler raised an error",
        "+    scaler.step(opt)\n",
    ),
    "check/distributed/ddp.py": ("5 steps judged",),
    "check/distributed/fsdp2.py": ("5 steps judged",),
    "check/distributed/fsdp2_forgotten.py": ("5 steps judged", "ZG101 error: never cleared"),
    "check/loops/mutual_learning_of_three.py": (
        "a backward pass that another SGD made at that line stepped with",
        "which another SGD made at that line trains with",
    ),
}
"""What the report shows of each, beside its verdict."""


@pytest.mark.parametrize("script", names_in(*COMMAND))
def test_a_crash_and_several_processes_are_judged_as_the_first_line_says(script: str) -> None:
    path = SCRIPTS / script
    expected = expectation_of(path)
    several = MODULE if path.parent.name == "distributed" else ()
    code, out, _ = zgtui("check", "--json", *several, str(path))
    report = json_report.read(out)
    assert code == EXIT_CODES[expected.verdict], out
    assert_expected(report, expected)
    assert len(report.findings) == len(expected.told)
    shown = str(report)
    for text in SHOWN[script]:
        assert text in shown


def test_the_steps_of_a_killed_script_are_those_that_were_observed(tmp_path: Path) -> None:
    (tmp_path / "killed.py").write_text(
        "import os, signal\n"
        + (RIGHT / "begin_of_loop.py").read_text()
        + "\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    code, out, _ = zgtui("check", "killed.py", cwd=tmp_path)
    assert code == 3
    judged = next(line for line in out.splitlines() if line.endswith(" steps judged"))
    assert f"the script was ended by SIGKILL after {judged.split()[-3]} steps" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name a training script, such as zgtui check train.py"),
        (("missing.py",), "there is no script 'missing.py'"),
        (("--steps", "none", "x.py"), "the number of steps"),
        (("--json", "--sarif", "x.py"), "not allowed with"),
        (("--static",), "needs the files"),
        (("--static", "--all", "x.py"), "cannot be combined with --steps"),
        (("--static", "-m", "x"), "cannot be combined with -m"),
        (("--all", "--steps", "3", "x.py"), "not allowed with"),
        (("--format", "jsn", "x.py"), "Did you mean 'json'?"),
        (("--show", "missing.json"), "cannot read missing.json: No such file or directory"),
        (("--show", "r.json", "x.py"), "--show runs nothing; it cannot be combined with x.py"),
    ],
)
def test_wrong_use_ends_in_one_sentence(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    code, out, err = zgtui("check", *words, cwd=tmp_path)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


PRINTS_ITS_SEED = """
import torch
print("drawn", torch.initial_seed())
raise SystemExit(7)
"""


def test_options_come_from_the_command_line_the_environment_the_configuration_or_the_default(
    tmp_path: Path,
) -> None:
    (tmp_path / "seed.py").write_text(PRINTS_ITS_SEED)
    (tmp_path / "config.toml").write_text('seed = 11\nformat = "json"\n')
    config = {"ZGTUI_CONFIG": str(tmp_path / "config.toml")}

    def drawn(*words: str, **variables: str) -> tuple[int, str]:
        code, out, err = zgtui("check", *words, "seed.py", cwd=tmp_path, **variables)
        assert (code, err) == (3, "")
        return int(re.search(r"drawn (\d+)", out)[1]), out  # type: ignore[index]

    assert drawn(**config)[0] == 11
    assert json.loads(drawn(**config)[1])["verdict"] == "inconclusive"
    assert drawn(ZGTUI_SEED="12", **config)[0] == 12
    assert drawn("--seed", "13", "--format", "text", ZGTUI_SEED="12", **config)[0] == 13
    assert drawn()[0] not in {11, 12, 13, 42}, "the script's own"


def test_a_saved_report_is_shown_again_without_running_or_reading_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # paths are told as seen from here
    script = tmp_path / "train.py"
    shutil.copy(WRONG / "ZG201_between.py", script)
    code, told, _ = zgtui("check", "--json", "train.py", cwd=tmp_path)
    (tmp_path / "report.json").write_text(told)
    _, live, _ = zgtui("check", "train.py", cwd=tmp_path)
    script.unlink()
    assert zgtui("check", "--show", "report.json", cwd=tmp_path) == (code, live, "")
    for form in FORMATS:
        shown = zgtui("check", "--show", "report.json", "--format", form, cwd=tmp_path)
        assert shown == (code, FORMATS[form].render(json_report.read(told)) + "\n", "")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"version": 2}', "7", "[" * 100_000])
def test_what_is_no_report_is_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(text)
    code, out, err = zgtui("check", "--show", "report.json", cwd=tmp_path)
    assert (code, out) == (2, "")
    assert err.endswith("this is not a report that 'zgtui check --json' printed\n")
    (tmp_path / "report.json").write_text('{"version": 1}')
    _, _, err = zgtui("check", "--show", "report.json", cwd=tmp_path)
    assert "this is a report of version 1; this zgtui reads 2" in err


def test_what_a_script_prints_does_not_reach_the_terminal_as_commands(tmp_path: Path) -> None:
    (tmp_path / "fails.py").write_text("print('\\x1b[2Jcleared')\nraise SystemExit(3)\n")
    _, out, _ = zgtui("check", "fails.py", cwd=tmp_path)
    assert "\u241b[2Jcleared" in out
    assert "\x1b" not in out
