"""The action for GitHub: its shell part is run here, and its inputs reach it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.command import environment, on_path
from tests.support.script_runs import SCRIPTS

FOLDER = Path(__file__).parents[2] / ".github" / "actions" / "check"


def act(tmp_path: Path, script: str, options: str = "", **more: str) -> tuple[int, str]:
    """Run the shell part as a runner does; returns its exit code and what it printed."""
    gh = 'printf "%s\\n" "$@" >gh-arguments; cat "${@: -1}" >gh-comment'
    variables = {
        "PATH": on_path(tmp_path / "bin", gh=gh),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "GITHUB_REPOSITORY": "me/mine",
        "ZGTUI_ACTION_SCRIPT": script,
        "ZGTUI_ACTION_OPTIONS": options,
        "ZGTUI_ACTION_SARIF": "zgtui.sarif",
        **more,
    }
    done = subprocess.run(
        [FOLDER / "check.sh"],
        cwd=tmp_path,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_a_mistake_is_annotated_and_told_in_each_form(tmp_path: Path) -> None:
    shutil.copy(SCRIPTS / "check" / "wrong" / "ZG101_classifier.py", tmp_path / "my train.py")
    code, said = act(
        tmp_path, "'my train.py' --small", "--steps 5 --quiet", ZGTUI_ACTION_PULL_REQUEST="7"
    )
    assert code == 1, said
    assert "::error file=my train.py,line=13,title=ZG101 never cleared::" in said
    assert (tmp_path / "output").read_text() == "verdict=fail\n"
    assert "ZG101" in (tmp_path / "summary").read_text()
    (run,) = json.loads((tmp_path / "zgtui.sarif").read_text())["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["ZG101"]
    assert (tmp_path / "gh-arguments").read_text().split()[:5] == [
        "pr", "comment", "7", "--repo", "me/mine",
    ]  # fmt: skip
    assert (tmp_path / "gh-comment").read_text() == (tmp_path / "summary").read_text()


def test_a_usage_error_ends_with_its_own_code_and_no_report(tmp_path: Path) -> None:
    code, said = act(tmp_path, "nosuch.py", "--steps 0")
    assert (code, (tmp_path / "zgtui.sarif").exists()) == (2, False)
    assert "--steps" in said


def test_the_inputs_of_the_action_reach_its_shell_part() -> None:
    action: dict[str, Any] = yaml.safe_load((FOLDER / "action.yml").read_text("utf-8"))
    (step,) = action["runs"]["steps"]
    assert action["runs"]["using"] == "composite"
    assert step["run"] == '"$GITHUB_ACTION_PATH/check.sh"'
    script = (FOLDER / "check.sh").read_text("utf-8")
    assert all(name in script for name in step["env"] if name != "GH_TOKEN")
    named = " ".join(step["env"].values())
    assert all(f"inputs.{name}" in named for name in action["inputs"])
    assert os.access(FOLDER / "check.sh", os.X_OK)
