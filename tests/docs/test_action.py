"""The action for GitHub: its shell part is run here, and its inputs reach it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

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


ASK = """
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect(sys.argv[1])
    asked.sendall(json.dumps([sys.argv[2:], os.getcwd(), dict(os.environ)]).encode() + b"\\n")
    code, out, err = json.load(asked.makefile())
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
"""
"""The program on the path: these tests do as it is told, in forks, where torch is imported."""


class Answer(socketserver.StreamRequestHandler):
    """Runs ``zgtui`` as it was called."""

    def handle(self) -> None:
        words, folder, variables = json.loads(self.rfile.readline())
        command = [sys.executable, "-m", "zgtui", *words]
        done = subprocess.run(
            command, cwd=folder, env=variables, capture_output=True, text=True, check=False
        )
        told = [done.returncode, done.stdout, done.stderr]
        self.wfile.write(json.dumps(told).encode())


class Act(Protocol):
    """Runs the shell part as a runner does; its exit code and what it printed."""

    def __call__(
        self, script: str, options: str = "", *, gh: str = GH, **more: str
    ) -> tuple[int, str]: ...


@pytest.fixture
def act(tmp_path: Path) -> Iterator[Act]:
    with TemporaryDirectory() as folder:
        place = Path(folder, "asked")
        with socketserver.UnixStreamServer(str(place), Answer) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            try:
                yield partial(_act, tmp_path, place)
            finally:
                server.shutdown()
                thread.join()


def _act(
    folder: Path, asked: Path, script: str, options: str = "", *, gh: str = GH, **more: str
) -> tuple[int, str]:
    shutil.rmtree(folder / "bin", ignore_errors=True)
    programs = {"zgtui": (ASK, str(asked)), "gh": (gh,)}
    lines = {}
    for name, (text, *words) in programs.items():
        program = folder / f"{name}_of_the_runner.py"
        program.write_text(text, encoding="utf-8")
        lines[name] = f'exec {shlex.join([sys.executable, str(program), *words])} "$@"'
    variables = {
        "PATH": on_path(folder / "bin", **lines),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "GITHUB_REPOSITORY": "me/mine",
        "ZGTUI_ACTION_SCRIPT": script,
        "ZGTUI_ACTION_OPTIONS": options,
        "ZGTUI_ACTION_SARIF": "zgtui.sarif",
        **more,
    }
    done = subprocess.run(
        [FOLDER / "check.sh"],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_a_mistake_is_annotated_and_told_in_each_form(act: Act, tmp_path: Path) -> None:
    shutil.copy(SCRIPTS / "check" / "wrong" / "ZG101_classifier.py", tmp_path / "my train.py")
    code, said = act("'my train.py' --small", "--steps 5 --quiet", ZGTUI_ACTION_PULL_REQUEST="7")
    assert code == 1, said
    assert "::error file=my train.py,line=14,title=ZG101 never cleared::" in said
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
def test_a_pull_request_has_one_comment_of_it_which_is_kept_up_to_date(
    act: Act, tmp_path: Path
) -> None:
    wrong, right = (
        (SCRIPTS / "check" / place).read_text("utf-8")
        for place in ("wrong/ZG201_between.py", "right/after_step.py")
    )
    (tmp_path / "comments.json").write_text(json.dumps({"1": "<!-- mine -->\nhello"}))
    told = []
    for number, text in enumerate((right, wrong, wrong + "\n", right)):
        (tmp_path / "train.py").write_text(text)
        code, said = act("train.py", "--quiet", ZGTUI_ACTION_PULL_REQUEST="7")
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


def test_a_comment_that_cannot_be_made_is_a_warning_and_no_more(act: Act, tmp_path: Path) -> None:
    shutil.copy(SCRIPTS / "check" / "wrong" / "ZG101_classifier.py", tmp_path / "train.py")
    code, said = act(
        "train.py", "--quiet --steps 5 --compare", gh="raise SystemExit('HTTP 403')",
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


def test_a_usage_error_ends_with_its_own_code_and_no_report(act: Act, tmp_path: Path) -> None:
    code, said = act("nosuch.py", "--steps 0")
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
