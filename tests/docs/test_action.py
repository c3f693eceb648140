"""The action for GitHub: its shell part is run here, and its inputs reach it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.command import environment, on_path
from tests.support.script_runs import SCRIPTS

FOLDER = Path(__file__).parents[2] / ".github" / "actions" / "check"


GH = """
import json, pathlib, sys
store = pathlib.Path("comments.json")
comments = json.loads(store.read_text()) if store.exists() else {}
words = sys.argv[1:]
assert words[0] == "api", words
(place,) = [word for word in words if word.startswith("repos/me/mine/issues/")]
if "--jq" in words:
    assert place == "repos/me/mine/issues/7/comments"
    for number, body in comments.items():
        print(number, body.splitlines()[0])
    sys.exit()
(body,) = [word for word in words if word.startswith("body=@")]
text = pathlib.Path(body[6:]).read_text("utf-8")
if "POST" in words:
    assert place == "repos/me/mine/issues/7/comments"
    comments[str(100 + len(comments))] = text
else:
    assert "PATCH" in words
    comments[place.removeprefix("repos/me/mine/issues/comments/")] = text
store.write_text(json.dumps(comments))
"""
"""As much of GitHub's program as is called: it keeps the comments of pull request 7 in a file."""


def act(
    tmp_path: Path, script: str, options: str = "", *, gh: str = GH, **more: str
) -> tuple[int, str]:
    """Run the shell part as a runner does; returns its exit code and what it printed."""
    shutil.rmtree(tmp_path / "bin", ignore_errors=True)
    (tmp_path / "gh.py").write_text(gh, encoding="utf-8")
    program = f'exec {shlex.quote(sys.executable)} {shlex.quote(str(tmp_path / "gh.py"))} "$@"'
    variables = {
        "PATH": on_path(tmp_path / "bin", gh=program),
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
    (comment,) = comments(tmp_path)
    assert comment.partition("\n\n")[2] == (tmp_path / "summary").read_text()
    assert "**Repair card**" in comment


def comments(folder: Path) -> list[str]:
    file = folder / "comments.json"
    return list(json.loads(file.read_text()).values()) if file.exists() else []


@pytest.mark.slow
def test_a_pull_request_has_one_comment_of_it_which_is_kept_up_to_date(tmp_path: Path) -> None:
    wrong, right = (
        (SCRIPTS / "check" / place).read_text("utf-8")
        for place in ("wrong/ZG201_between.py", "right/after_step.py")
    )
    (tmp_path / "comments.json").write_text(json.dumps({"1": "<!-- mine -->\nhello"}))
    told = []
    for number, text in enumerate((right, wrong, wrong + "\n", right)):
        (tmp_path / "train.py").write_text(text)
        code, said = act(tmp_path, "train.py", "--quiet", ZGTUI_ACTION_PULL_REQUEST="7")
        assert code == (number in {1, 2}), said
        assert "::warning::" not in said
        first, *ours = comments(tmp_path)
        assert first == "<!-- mine -->\nhello"
        told.append(ours)
    assert [len(ours) for ours in told] == [0, 1, 1, 1], "none before there is something to say"
    assert "ZG201" in told[1][0]
    assert "**Repair card**" in told[2][0]
    assert "zgtui check: pass" in told[3][0]
    assert "ZG201" not in told[3][0]


def test_a_comment_that_cannot_be_made_is_a_warning_and_no_more(tmp_path: Path) -> None:
    shutil.copy(SCRIPTS / "check" / "wrong" / "ZG101_classifier.py", tmp_path / "train.py")
    code, said = act(
        tmp_path, "train.py", "--quiet --steps 5 --compare", gh="raise SystemExit('HTTP 403')",
        ZGTUI_ACTION_PULL_REQUEST="7",
    )  # fmt: skip
    assert code == 1
    assert "::warning::the pull request could not be commented on" in said
    assert (tmp_path / "output").read_text() == "verdict=fail\n"


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq, which gh has built in, is missing")
def test_comments_are_told_apart_by_their_first_lines() -> None:
    (expression,) = re.findall("--jq '(.+?)'", (FOLDER / "check.sh").read_text("utf-8"))
    listed = [{"id": 7, "body": "<!-- a -->\r\n\nb"}, {"id": 8, "body": ""}]
    done = subprocess.run(
        ["jq", "-r", expression], input=json.dumps(listed), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["7 <!-- a -->", "8 null"]


def test_a_usage_error_ends_with_its_own_code_and_no_report(tmp_path: Path) -> None:
    code, said = act(tmp_path, "nosuch.py", "--steps 0")
    assert (code, (tmp_path / "zgtui.sarif").exists()) == (2, False)
    assert "--steps" in said


def test_the_inputs_of_the_action_reach_its_shell_part() -> None:
    action: dict[str, Any] = yaml.safe_load((FOLDER / "action.yml").read_text("utf-8"))
    step, upload = action["runs"]["steps"]
    assert action["runs"]["using"] == "composite"
    assert step["run"] == '"$GITHUB_ACTION_PATH/check.sh"'
    script = (FOLDER / "check.sh").read_text("utf-8")
    assert all(name in script for name in step["env"] if name != "GH_TOKEN")
    assert upload["uses"].startswith("github/codeql-action/upload-sarif@")
    assert upload["with"]["sarif_file"] == "${{ inputs.sarif }}"
    named = " ".join([*step["env"].values(), upload["if"]])
    assert all(f"inputs.{name}" in named for name in action["inputs"])
    assert os.access(FOLDER / "check.sh", os.X_OK)
