"""`zgtui check` on loops that belong to Lightning, the Hugging Face Trainer and accelerate."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.support.expectations import FRAMEWORKS, assert_expected, expectation_of, names_in
from tests.support.processes import zgtui
from tests.support.script_runs import ROOT, SCRIPTS, Warm
from zgtui.check.findings import EXIT_CODES
from zgtui.check.observations import FILE, from_lines
from zgtui.check.report import report_of

pytestmark = pytest.mark.frameworks

PACKAGES = {"lightning": "lightning", "hugging": "transformers", "accelerate": "accelerate"}


def looping(*scripts: str) -> list[object]:
    """Each script, left out where the framework it is written for is not installed."""
    cases: list[object] = []
    for script in scripts:
        package = PACKAGES[Path(script).name.partition("_")[0]]
        absent = pytest.mark.skipif(
            find_spec(package) is None, reason=f"{package} is not installed"
        )
        cases.append(pytest.param(script, marks=absent))
    return cases


@pytest.mark.parametrize("script", looping(*names_in(*FRAMEWORKS)))
def test_a_frameworks_loop_is_judged_as_its_first_line_says(
    script: str, frameworks: Warm, tmp_path: Path
) -> None:
    outcome = frameworks.run(
        tmp_path / "checked", script,
        policy="as-is", recorder="zgtui.check.recording.script_recording:make", limit=20,
    )  # fmt: skip
    assert outcome.code == 0, outcome.text
    assert "trained to the end" not in outcome.text
    lines = (tmp_path / "checked" / FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    report = report_of(script, [from_lines(lines)])
    expected = expectation_of(SCRIPTS / script)
    assert_expected(report, expected)
    assert len(report.findings) <= 1
    assert sum(one.steps_seen for one in report.optimizers) == report.steps == 20
    if expected.code == "ZG101":
        assert report.findings[0].steps_seen == 20


@pytest.mark.parametrize(
    "script",
    looping("lightning_automatic.py", "hugging_face_forgotten.py", "accelerate_plain.py"),
)
def test_the_command_ends_a_frameworks_loop_early_and_cleanly(script: str, tmp_path: Path) -> None:
    path = FRAMEWORKS[0] / script
    code, out, _ = zgtui(
        "check", "--json", "--steps", "20", str(path),
        cwd=tmp_path, OMP_NUM_THREADS="1", PYTHONPATH=str(ROOT),
    )  # fmt: skip
    report: dict[str, Any] = json.loads(out)
    verdict = expectation_of(path).verdict
    assert (code, report["verdict"]) == (EXIT_CODES[verdict], verdict)
    assert report["steps"] == 20
    assert report["ending"] == "ended early, after 20 steps: that is enough for a verdict"
    assert all(finding["file"] == str(path) for finding in report["findings"])
