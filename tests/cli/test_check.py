"""What ``zgtui check`` does once a check is over: asks, writes, shows both on the screen."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from zgtui.check.findings import Finding
from zgtui.check.repairing.edits import Edit, read_source
from zgtui.check.repairing.repair import Repair
from zgtui.check.report import Report
from zgtui.check.running.execution import Observed
from zgtui.check.running.runner import Checked
from zgtui.cli import Invocation, check, run
from zgtui.errors import UsageError
from zgtui.instrument.sites import Site
from zgtui.launch.command import ScriptOptions

WRONG = "for x in xs:\n    loss(x).backward()\n    opt.step()\n"
FIXED = f"{WRONG}    opt.zero_grad()\n"


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script, on a terminal that takes keys."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(check, "no_terminal", lambda **_: "")
    (tmp_path / "train.py").write_text(WRONG)
    return tmp_path / "train.py"


def checked(script: Path, *, repaired: bool = True) -> Checked:
    """It is wrong, and perhaps a repair of it is known."""
    wrong = Finding("ZG101", "SGD", 1, "never", "", Site(str(script), 3, ""), 9)
    old = read_source(str(script))
    new = Edit(str(script), added={2: ("    opt.zero_grad()",)}).applied(old)
    repair = Repair((old,), (new,)) if repaired else None
    return Checked(Report("train.py", (wrong,)), repair)


def answered(monkeypatch: pytest.MonkeyPatch, result: Checked, *words: str) -> int:
    """The exit code of ``zgtui check WORDS train.py`` where that is what it finds."""

    def check_script(_options: ScriptOptions, _how: Observed, *, compare: bool) -> Checked:
        del compare
        return result

    monkeypatch.setattr(check, "check_script", check_script)
    return check.check(check.COMMAND.parse([*words, "train.py"]))


@pytest.mark.parametrize(
    ("answer", "written"), [("y", True), ("Yes", True), ("n", False), ("", False), ("what", False)]
)
def test_a_fix_is_written_where_that_is_wanted(
    script: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    *,
    written: bool,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{answer}\n" if answer else ""))
    assert answered(monkeypatch, checked(script), "--fix") == (0 if written else 1)
    assert script.read_text() == (FIXED if written else WRONG)
    told = capsys.readouterr().err
    assert "write this change to train.py? [y/N] " in told
    assert told.endswith("fixed train.py\n" if written else "nothing was written\n")


def test_with_yes_nothing_is_asked_and_without_a_fix_nothing_is_written(
    script: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answered(monkeypatch, checked(script, repaired=False), "--fix", "--yes") == 1
    assert "no fix is known to make it pass: nothing was written" in capsys.readouterr().err
    assert answered(monkeypatch, Checked(Report("train.py", ())), "--fix", "--yes") == 0
    assert "nothing was written" not in capsys.readouterr().err
    assert answered(monkeypatch, checked(script), "--fix", "--yes") == 0
    assert "[y/N]" not in capsys.readouterr().err
    assert script.read_text() == FIXED


def test_where_nobody_can_be_asked_it_is_not(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "no_terminal", lambda **_: "stdin is not a terminal")
    with pytest.raises(UsageError, match="without a terminal, add --yes"):
        answered(monkeypatch, checked(script), "--fix")


@pytest.mark.parametrize("repaired", [True, False])
def test_it_is_trained_as_it_is_beside_its_repair_or_clearing(
    script: Path, monkeypatch: pytest.MonkeyPatch, *, repaired: bool
) -> None:
    seen: list[tuple[ScriptOptions, str]] = []

    def train_twice(options: ScriptOptions, _call: Invocation) -> int:
        copy = options.variants["B"].words[0] if "B" in options.variants else options.script
        seen.append((options, Path(copy).read_text()))
        return 0

    monkeypatch.setattr(run, "train_twice", train_twice)
    result = checked(script, repaired=repaired)
    assert answered(monkeypatch, result, "--compare", "--seed", "7") == 1
    ((options, trained),) = seen
    assert (options.script, options.seed) == ("train.py", 7)
    if repaired:
        assert (options.policies, trained) == ({"A": "as-is", "B": "as-is"}, FIXED)
        assert options.titles == {"B": "repaired"}
        assert not Path(options.variants["B"].words[0]).exists(), "the copy goes with it"
    else:
        assert (options.policies, trained) == ({"A": "as-is", "B": "every"}, WRONG)
    assert script.read_text() == WRONG
