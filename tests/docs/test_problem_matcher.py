"""The problem matcher for VS Code, held against what `zgtui check` really prints."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs.blocks import blocks, readme
from zgtui.check.findings import RULES
from zgtui.cli.main import main
from zgtui.docs import page

LOOP = """\
import torch
model = torch.nn.Linear(2, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for x in torch.randn(9, 2):
    {clear}
    model(x).sum().backward()
    opt.step()
"""


def task() -> dict[str, Any]:
    (block,) = [block for block in blocks(page("check").path) if block.language == "json"]
    (found,) = json.loads(block.text)["tasks"]
    assert isinstance(found, dict)
    return found


def problems(text: str) -> list[dict[str, str]]:
    """What the editor lists of ``text``, one line after the other, as its matcher says."""
    pattern = dict(task()["problemMatcher"]["pattern"])
    regexp = re.compile(pattern.pop("regexp"))
    found = [match for line in text.splitlines() if (match := regexp.search(line))]
    return [{name: match[at] for name, at in pattern.items()} for match in found]


def test_each_finding_is_one_problem_at_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my loop.py").write_text(LOOP.format(clear="pass"))
    (tmp_path / "right.py").write_text(LOOP.format(clear="opt.zero_grad()"))
    assert main(["check", "--static", "my loop.py", "right.py"]) == 1
    (problem,) = problems(capsys.readouterr().out)
    assert (problem["code"], problem["severity"], problem["line"]) == ("ZG101", "error", "7")
    assert problem["message"] == RULES["ZG101"].title
    assert Path(tmp_path / problem["file"]).name == "my loop.py"
    assert (tmp_path / problem["file"]).is_file()


def test_a_script_that_ran_is_matched_too() -> None:
    (text,) = [block.text for block in readme("console") if "check train.py" in block.text]
    assert problems(text) == [
        {
            "code": "ZG103",
            "severity": "error",
            "message": "cleared only now and then",
            "file": "/home/me/train.py",
            "line": "10",
        }
    ]


def test_the_task_runs_a_command_that_there_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = task()["command"].replace("${file}", str(tmp_path / "train.py")).split()
    (tmp_path / "train.py").write_text(LOOP.format(clear="opt.zero_grad()"))
    assert command[0] == "zgtui"
    assert main(command[1:]) == 0
    assert problems(capsys.readouterr().out) == []


def test_severities_are_those_that_the_editor_knows() -> None:
    regexp = task()["problemMatcher"]["pattern"]["regexp"]
    named = set(re.findall(r"\(([a-z|]+)\)", regexp)[0].split("|"))
    assert named == {rule.severity for rule in RULES.values()} - {"inconclusive"}
