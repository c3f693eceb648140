"""Reading scripts without running them: advisory, and silent where the text does not tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.processes import zgtui
from zgtui.check.fixes import fix_of
from zgtui.check.report import Report
from zgtui.check.static import read_files
from zgtui.errors import UsageError

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
RIGHT = sorted((SCRIPTS / "check" / "right").glob("*.py"))
HEAD = """import torch
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
"""


def read(tmp_path: Path, text: str) -> Report:
    path = tmp_path / "train.py"
    path.write_text(HEAD + text, encoding="utf-8")
    return read_files([str(path)])


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.name)
def test_right_scripts_read_clean(path: Path) -> None:
    assert codes(read_files([str(path)])) == []


@pytest.mark.parametrize(
    ("script", "code", "line"),
    [
        ("ZG101_accumulation.py", "ZG101", 10),
        ("ZG101_classifier.py", "ZG101", 13),
        ("ZG101_commented_out.py", "ZG101", 13),
        ("ZG101_in_a_class.py", "ZG101", 13),
        ("ZG101_not_called.py", "ZG101", 10),
        ("ZG103_every_tenth.py", "ZG103", 9),
        ("ZG103_in_one_branch.py", "ZG103", 13),
        ("ZG103_misread_accumulation.py", "ZG103", 9),
        ("ZG103_once_per_epoch.py", "ZG103", 11),
        ("ZG201_between.py", "ZG201", 9),
    ],
)
def test_mistakes_that_the_text_tells_are_found(script: str, code: str, line: int) -> None:
    report = read_files([str(SCRIPTS / "check" / "wrong" / script)])
    assert [(one.code, one.site.line) for one in report.findings] == [(code, line)]
    assert report.advisory


@pytest.mark.parametrize(
    "body",
    [
        "    loss.backward()\n    optimizer.step()\n    helper(optimizer)\n",
        "    loss.backward()\n    optimizer.step(closure)\n",
        (
            "    loss.backward()\n    if last:\n        optimizer.step()\n    if last:\n"
            "        optimizer.zero_grad()\n"
        ),
        (
            "    if bad:\n        optimizer.zero_grad()\n        continue\n    loss.backward()\n"
            "    optimizer.step()\n    optimizer.zero_grad()\n"
        ),
        (
            "    if new:\n        optimizer.zero_grad(set_to_none=True)\n    else:\n"
            "        optimizer.zero_grad()\n    loss.backward()\n    optimizer.step()\n"
        ),
        (
            "    loss.backward()\n    optimizer.step()\n    for p in model.parameters():\n"
            "        p.grad = None\n"
        ),
    ],
)
def test_what_the_text_does_not_tell_is_left_alone(body: str, tmp_path: Path) -> None:
    assert codes(read(tmp_path, f"for batch in data:\n    loss = f(batch)\n{body}")) == []


def test_a_comment_silences(tmp_path: Path) -> None:
    text = "for x in data:\n    model(x).backward()\n    optimizer.step()"
    assert codes(read(tmp_path, text)) == ["ZG101"]
    assert codes(read(tmp_path, f"{text}  # zgtui: ignore")) == []
    other = tmp_path / "b"
    other.mkdir()
    assert codes(read(other, f"{text}  # zgtui: ignore[ZG201]")) == ["ZG101"]


def test_the_fix_repairs_the_script(tmp_path: Path) -> None:
    text = (
        "for x in data:\n    optimizer.zero_grad()\n    for y in x:\n        model(y).backward()\n"
    )
    (finding,) = read(tmp_path, f"{text}        optimizer.step()\n").findings
    assert "+        optimizer.zero_grad()" in fix_of(finding)


def test_a_file_that_is_not_python_is_unknown(tmp_path: Path) -> None:
    assert read(tmp_path, "for\n").verdict == "inconclusive"


def test_what_cannot_be_read_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"# caf\xe9\n")
    for name, reason in [
        ("none.py", "No such file or directory"),
        (".", "Is a directory"),
        ("latin.py", "it is not UTF-8 text"),
    ]:
        with pytest.raises(UsageError, match=f"{name}.*: {reason}$"):
            read_files([f"{tmp_path}/{name}"])


def test_the_command_reads_several_files_without_torch(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise RuntimeError('nothing is to be run')\n")
    wrong, right = SCRIPTS / "check" / "wrong" / "ZG201_between.py", RIGHT[0]
    code, out, err = zgtui("check", "--static", str(wrong), str(right), cwd=tmp_path)
    assert (code, err) == (1, "")
    assert "ZG201" in out
    assert "advisory" in out
    assert zgtui("check", "--static", str(right))[0] == 0
