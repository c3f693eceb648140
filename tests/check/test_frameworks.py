"""`zgtui check` on loops that belong to Lightning, the Hugging Face Trainer and accelerate."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.processes import zgtui
from tests.support.script_runs import ROOT, SCRIPTS, Warm
from zgtui.check.observations import FILE, from_lines
from zgtui.check.report import Report, report_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.frameworks

PACKAGES = {"lightning": "lightning", "hugging": "transformers", "accelerate": "accelerate"}


def looping(*scripts: str) -> list[object]:
    """Each script, left out where the framework it is written for is not installed."""
    cases: list[object] = []
    for script in scripts:
        package = PACKAGES[script.partition("_")[0]]
        absent = pytest.mark.skipif(
            find_spec(package) is None, reason=f"{package} is not installed"
        )
        cases.append(pytest.param(script, marks=absent))
    return cases


def checked(script: str, frameworks: Warm, work: Path) -> Report:
    """What `zgtui check --steps 20` judges of the script."""
    outcome = frameworks.run(
        work / "checked", f"check/frameworks/{script}",
        policy="as-is", recorder="zgtui.check.recording.script_recording:make", limit=20,
    )  # fmt: skip
    assert outcome.code == 0, outcome.text
    assert "trained to the end" not in outcome.text
    lines = (work / "checked" / FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    return report_of(script, [from_lines(lines)])


@pytest.mark.parametrize(
    "script",
    looping(
        "lightning_automatic.py",
        "lightning_manual.py",
        "lightning_gan.py",
        "hugging_face.py",
        "accelerate_accumulation.py",
        "accelerate_plain.py",
        "accelerate_last_window.py",
        "lightning_manual_accumulation.py",
    ),
)
def test_a_frameworks_loop_is_clean(script: str, frameworks: Warm, tmp_path: Path) -> None:
    report = checked(script, frameworks, tmp_path)
    assert (report.verdict, report.findings) == ("pass", ())
    assert sum(one.steps_seen for one in report.optimizers) == report.steps == 20


@pytest.mark.parametrize(
    "script",
    looping(
        "lightning_manual_forgotten.py",
        "hugging_face_forgotten.py",
        "accelerate_forgotten.py",
        "accelerate_accumulation_forgotten.py",
    ),
)
def test_a_framework_that_does_not_clear_is_found(
    script: str, frameworks: Warm, tmp_path: Path
) -> None:
    report = checked(script, frameworks, tmp_path)
    assert report.verdict == "fail"
    (finding,) = report.findings
    assert (finding.code, finding.steps_seen) == ("ZG101", 20)
    lines = (SCRIPTS / "check" / "frameworks" / script).read_text(encoding="utf-8").splitlines()
    stepping = "trainer.train()" if script.startswith("hugging") else "optimizer.step()"
    assert lines[finding.site.line - 1].strip() == stepping


@pytest.mark.parametrize(
    "script",
    looping("lightning_automatic.py", "hugging_face_forgotten.py", "accelerate_plain.py"),
)
def test_the_command_ends_a_frameworks_loop_early_and_cleanly(script: str, tmp_path: Path) -> None:
    path = SCRIPTS / "check" / "frameworks" / script
    code, out, _ = zgtui(
        "check", "--json", "--steps", "20", str(path),
        cwd=tmp_path, OMP_NUM_THREADS="1", PYTHONPATH=str(ROOT),
    )  # fmt: skip
    report: dict[str, Any] = json.loads(out)
    forgotten = "forgotten" in script
    assert (code, report["verdict"]) == ((1, "fail") if forgotten else (0, "pass"))
    assert report["steps"] == 20
    assert report["ending"] == "ended early, after 20 steps: that is enough for a verdict"
    assert all(finding["file"] == str(path) for finding in report["findings"])


@pytest.mark.parametrize(
    ("script", "code"),
    [
        pytest.param(*one.values, code, marks=one.marks)  # type: ignore[attr-defined]
        for code, several in (
            ("ZG502", looping("accelerate_divided_twice.py", "lightning_divided_twice.py")),
            ("ZG503", looping("hugging_face_token_counts.py")),
        )
        for one in several
    ],
)
def test_the_scale_of_a_frameworks_accumulation_is_judged(
    script: str, code: str, warm: Warm, tmp_path: Path
) -> None:
    report = checked(script, warm, tmp_path)
    assert (report.verdict, {one.code for one in report.findings}) == ("fail", {code})
