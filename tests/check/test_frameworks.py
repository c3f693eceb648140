"""`zgtui check` on loops that belong to Lightning, the Hugging Face Trainer and accelerate."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.processes import zgtui
from tests.support.script_runs import ROOT, SCRIPTS

if TYPE_CHECKING:
    from pathlib import Path

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


def checked(script: str, work: Path) -> tuple[int, dict[str, Any], str]:
    """The exit code, the report and what was told on stderr of ``zgtui check`` with 20 steps."""
    path = SCRIPTS / "check" / "frameworks" / script
    code, out, err = zgtui(
        "check", "--json", "--steps", "20", str(path),
        cwd=work, OMP_NUM_THREADS="1", PYTHONPATH=str(ROOT),
    )  # fmt: skip
    return code, json.loads(out), err


@pytest.mark.parametrize(
    "script",
    looping(
        "lightning_automatic.py",
        "lightning_manual.py",
        "lightning_gan.py",
        "hugging_face.py",
        "accelerate_accumulation.py",
        "accelerate_plain.py",
    ),
)
def test_a_frameworks_loop_is_clean_and_ends_early(script: str, tmp_path: Path) -> None:
    code, report, err = checked(script, tmp_path)
    assert (code, report["verdict"], report["findings"], err) == (0, "pass", [], "")
    assert sum(one["steps_seen"] for one in report["optimizers"]) == report["steps"] == 20
    assert report["ending"] == "ended early, after 20 steps: that is enough for a verdict"


@pytest.mark.parametrize(
    "script",
    looping(
        "lightning_manual_forgotten.py",
        "hugging_face_forgotten.py",
        "accelerate_forgotten.py",
        "accelerate_accumulation_forgotten.py",
    ),
)
def test_a_framework_that_does_not_clear_is_found(script: str, tmp_path: Path) -> None:
    code, report, err = checked(script, tmp_path)
    assert (code, report["verdict"], err) == (1, "fail", "")
    (finding,) = report["findings"]
    assert (finding["code"], finding["steps_seen"]) == ("ZG101", 20)
    path = SCRIPTS / "check" / "frameworks" / script
    assert finding["file"] == str(path)
    stepping = "trainer.train()" if script.startswith("hugging") else "optimizer.step()"
    assert path.read_text(encoding="utf-8").splitlines()[finding["line"] - 1].strip() == stepping
    assert report["ending"] == "ended early, after 20 steps: that is enough for a verdict"
