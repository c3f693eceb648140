"""Fixes are shown only when they were tried and lead to ``pass``; the repair card proves them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import zgtui
from tests.support.script_runs import SCRIPTS

pytestmark = [
    pytest.mark.timeout(300),
]  # up to four scripts run one after the other
HEAD = """
import torch
model = torch.nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.01)
def loss():
    return model(torch.randn(4, 3)).pow(2).mean()
"""
FORGOTTEN = HEAD + "for n in range(8):\n    loss().backward()\n    opt.step()\n"
CLEARED_TWICE = (
    HEAD
    + """
for n in range(24):
    opt.zero_grad()
    loss().backward()
    if n % 4 == 3:
        opt.step()
        opt.zero_grad()
"""
)
SECOND_FAULT = (
    HEAD
    + """
other = torch.nn.Linear(3, 1)
second = torch.optim.Adam(other.parameters())
for n in range(8):
    loss().backward()
    opt.step()
    other(torch.randn(4, 3)).pow(2).mean().backward()
    second.step()
    second.step()
    second.zero_grad()
"""
)
LIST = (
    HEAD
    + """
grads = []
for n in range(8):
    opt.zero_grad()
    loss().backward()
    grads.append([p.grad.clone() for p in model.parameters()])
    for p, several in zip(model.parameters(), zip(*grads)):
        p.grad = torch.stack(several).mean(0)
    opt.step()
"""
)
SCALED = (
    HEAD
    + """
amp = torch.amp.GradScaler("cpu", init_scale=8.0)
for n in range(8):
    amp.scale(loss()).backward()
    amp.step(opt)
    amp.update()
"""
)
SCHEDULED = (
    HEAD
    + """
sch = torch.optim.lr_scheduler.StepLR(opt, 4)
for n in range(8):
    loss().backward()
    opt.step(); sch.step()
"""
)
CRITIC = (
    HEAD
    + """
critic = torch.nn.Linear(1, 1)
second = torch.optim.SGD(critic.parameters(), lr=0.01)
for n in range(8):
    (critic(model(torch.randn(4, 3)).detach()) - 1).pow(2).mean().backward()
    second.step()
    opt.zero_grad()
    critic(model(torch.randn(4, 3))).mean().backward()
    opt.step()
"""
)
ONE_LINE = (
    HEAD
    + """
head = torch.nn.Linear(1, 1)
second = torch.optim.SGD(head.parameters(), lr=0.01)
for n in range(8):
    second.zero_grad()
    head(model(torch.randn(4, 3))).pow(2).mean().backward()
    opt.step(); second.step()
"""
)
METHOD = (
    HEAD
    + """
class Trainer:
    def __init__(self):
        self.data = [torch.randn(4, 3) for _ in range(10)]

    def update(self):
        opt.step()
        opt.zero_grad()

    def epoch(self):
        opt.zero_grad()
        for n, x in enumerate(self.data):
            (model(x).pow(2).mean() / 4).backward()
            if (n + 1) % 4 == 0:
                self.update()

trainer = Trainer()
for epoch in range(6):
    trainer.epoch()
"""
)


def checked(folder: Path, *words: str, **sources: str) -> tuple[int, dict[str, Any], str]:
    """Check ``train.py``, which is among the ``sources``; exit code, report and stderr."""
    for name, text in sources.items():
        (folder / f"{name}.py").write_text(text)
    code, out, err = zgtui("check", "--json", "--quiet", *words, "train.py", cwd=folder)
    report: dict[str, Any] = json.loads(out)
    return code, report, err


def test_a_fix_that_stands_there_already_is_not_added_again(tmp_path: Path) -> None:
    _, report, _ = checked(tmp_path, train=CLEARED_TWICE)
    (finding,) = report["findings"]
    assert finding["code"] == "ZG202"
    changed = [line for line in finding["fix"].splitlines()[2:] if line[0] in "+-"]
    assert changed == ["-    opt.zero_grad()"]


def test_a_fix_that_does_not_lead_to_pass_is_not_shown(tmp_path: Path) -> None:
    _, report, _ = checked(tmp_path, train=SECOND_FAULT)
    assert {finding["code"] for finding in report["findings"]} == {"ZG101", "ZG105"}
    assert [finding["fix"] for finding in report["findings"]] == ["", ""]


def test_a_fix_is_judged_with_its_source_at_hand(tmp_path: Path) -> None:
    """Whether a list is ever emptied the source alone tells; clearing the gradients does not."""
    _, report, _ = checked(tmp_path, train=LIST)
    assert [(one["code"], one["fix"]) for one in report["findings"]] == [("ZG103", "")]


@pytest.mark.parametrize(
    ("source", "code", "change"),
    [
        (SCALED, "ZG101", ["+    opt.zero_grad()"]),
        (SCHEDULED, "ZG101", ["+    opt.zero_grad()"]),
        (CRITIC, "ZG101", ["+    second.zero_grad()"]),
        (ONE_LINE, "ZG101", ["+    opt.zero_grad()"]),
        (
            METHOD,
            "ZG504",
            [
                "-            if (n + 1) % 4 == 0:",
                "+            if (n + 1) % 4 == 0 or n + 1 == len(self.data):",
            ],
        ),
    ],
    ids=[
        "a scaler of any name",
        "before a schedule",
        "against a leak, too",
        "one of two",
        "in a method",
    ],
)
def test_the_fix_stands_where_it_repairs(
    tmp_path: Path, source: str, code: str, change: list[str]
) -> None:
    _, report, _ = checked(tmp_path, train=source)
    finding = next(one for one in report["findings"] if one["code"] == code)
    assert [line for line in finding["fix"].splitlines()[2:] if line[0] in "+-"] == change


def test_a_fix_in_an_imported_module_is_tried_and_written(tmp_path: Path) -> None:
    data = "import pathlib\nassert pathlib.Path(__file__).with_name('data.txt').exists()\n"
    (tmp_path / "data.txt").write_text("beside the script\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    code, report, err = checked(
        tmp_path, "--fix", "--yes", steps=FORGOTTEN, train=data + "import steps\n"
    )
    assert (code, err) == (0, "fixed steps.py\n")
    (finding,) = report["findings"]
    assert (tmp_path / "steps.py").read_text() == f"{FORGOTTEN}    opt.zero_grad()\n"
    (tmp_path / "steps.py").write_text(FORGOTTEN)
    subprocess.run(["git", "apply", "-"], input=finding["fix"].encode(), check=True, cwd=tmp_path)
    assert (tmp_path / "steps.py").read_text() == f"{FORGOTTEN}    opt.zero_grad()\n"


def test_without_a_terminal_nothing_is_written_unless_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(FORGOTTEN)
    code, out, err = zgtui("check", "--fix", "train.py", cwd=tmp_path)
    assert (code, out) == (2, "")
    assert err == "zgtui: --fix asks before it writes: without a terminal, add --yes\n"
    assert (tmp_path / "train.py").read_text() == FORGOTTEN


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder with a saved report that has a repair card, and that report."""
    folder = tmp_path_factory.mktemp("compared")
    _, report, _ = checked(folder, "--compare", "--seed", "7", train=FORGOTTEN)
    (folder / "report.json").write_text(json.dumps(report))
    return folder, report


def test_the_repair_card_compares_both_from_one_seed(compared: tuple[Path, Any]) -> None:
    card = compared[1]["repair"]
    as_it_is, repaired = card["as_it_is"], card["repaired"]
    assert (card["seed"], card["repaired_by"], card["first_difference"]) == (7, "the fix", 3)
    assert len(as_it_is["losses"]) == len(repaired["losses"]) == 8
    assert as_it_is["losses"][:2] == repaired["losses"][:2]
    assert as_it_is["losses"][2] != repaired["losses"][2]
    assert as_it_is["weights_before"] == repaired["weights_before"] != ""
    assert as_it_is["weights_after"] != repaired["weights_after"]


def test_the_repair_card_stands_in_every_format(compared: tuple[Path, Any]) -> None:
    folder, report = compared
    shown = {
        form: zgtui("check", "--show", "report.json", "--format", form, cwd=folder)[1]
        for form in ("text", "markdown", "sarif")
    }
    loss = f"{report['repair']['as_it_is']['losses'][2]:.9g}"
    digest = report["repair"]["repaired"]["weights_after"][:12]
    assert "repair card, seed 7: the losses differ from step 3 on" in shown["text"]
    assert "| loss at step 3 |" in shown["markdown"]
    assert "+    opt.zero_grad()\n```" in shown["markdown"]
    for form in ("text", "markdown"):
        assert loss in shown[form]
        assert digest in shown[form]
    (run,) = json.loads(shown["sarif"])["runs"]
    assert run["properties"]["repair"] == report["repair"]


def test_without_a_fix_it_is_compared_with_clearing_before_every_step(tmp_path: Path) -> None:
    script = (SCRIPTS / "check" / "right" / "begin_of_loop.py").read_text()
    code, report, _ = checked(tmp_path, "--compare", train=script)
    assert code == 0
    assert report["repair"]["repaired_by"] == "zero_grad() before every step"
    assert report["repair"]["first_difference"] is None
    assert report["repair"]["as_it_is"] == report["repair"]["repaired"]


def test_a_notebook_is_run_where_it_lies_and_its_lines_are_told_by_cell(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("lr = 0.01\n")
    loop = "for n in range(8):\n    loss().backward()\n    opt.step()"
    sources = ["%matplotlib inline\nfrom beside import lr", HEAD.replace("0.01", "lr"), loop]
    code_cells = [{"cell_type": "code", "source": source} for source in sources]
    (tmp_path / "train.ipynb").write_text(json.dumps({"cells": code_cells}))
    code, out, err = zgtui("check", "--quiet", "train.ipynb", cwd=tmp_path)
    assert (code, err) == (1, "")
    assert f"ZG101 error: never cleared  {tmp_path}/train.ipynb, cell 3, line 3" in out
    assert "3:3 │     opt.step()    ← step" in out
    assert out.endswith("fail: ZG101\n")
