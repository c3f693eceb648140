"""Lightning and the Hugging Face Trainer, where they are installed."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.script_runs import ROOT, SCRIPTS, printed_losses, same_bits, series
from zgtui.launch.command import ScriptOptions
from zgtui.launch.script_comparison import ScriptComparison

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zgtui.config.settings import Policy, RunName

FRAMEWORKS = [
    pytest.param(
        script,
        marks=pytest.mark.skipif(find_spec(package) is None, reason=f"{package} is not installed"),
    )
    for script, package in [
        ("lightning_trainer.py", "lightning"),
        ("hugging_face_trainer.py", "transformers"),
    ]
]
NO_CLEARING = """\
import torch
torch.optim.Optimizer.zero_grad = lambda self, set_to_none=True: None
torch.nn.Module.zero_grad = lambda self, set_to_none=True: None
"""


def bare(script: str, folder: Path, prefix: str = "") -> list[float]:
    """What the script prints without zgtui, after the lines of ``prefix``."""
    folder.mkdir()
    (folder / script).write_text(prefix + (SCRIPTS / script).read_text())
    done = subprocess.run(
        [sys.executable, script], cwd=folder, capture_output=True, text=True, check=True
    )
    return printed_losses(done.stdout)


@pytest.mark.parametrize("script", FRAMEWORKS)
def test_frameworks_train_as_the_policies_promise(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    plain = bare(script, tmp_path / "plain")
    deleted = bare(script, tmp_path / "deleted", NO_CLEARING)
    assert len(plain) == 6
    assert not same_bits(plain, deleted)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    expected: Mapping[Policy, list[float]] = {"as-is": plain, "never": deleted, "every": plain}
    pairs: list[Mapping[RunName, Policy]] = [
        {"A": "as-is", "B": "never"},
        {"A": "every", "B": "every"},
    ]
    for number, policies in enumerate(pairs):
        options = ScriptOptions(script=str(SCRIPTS / script), policies=policies, seed=None)
        comparison = ScriptComparison(options, tmp_path / f"log{number}")
        comparison.start()
        try:
            while not comparison.finished:
                comparison.poll(1.0)
        finally:
            comparison.close()
        for run in comparison.runs.values():
            assert run.ending is not None
            assert run.ending.code == 0, run.output.read_text()
            losses = expected[policies[run.name]]
            assert same_bits(printed_losses(run.output.read_text()), losses)
            assert same_bits(series(comparison.log, run.name), losses)
            assert run.intervened == (policies[run.name] == "never")
    kept = [
        path for path in Path.cwd().rglob("*") if path.suffix in {".safetensors", ".pt", ".bin"}
    ]
    assert not kept


@pytest.mark.skipif(find_spec("tensorboard") is None, reason="tensorboard is not installed")
def test_what_is_written_for_tensorboard_goes_to_the_runs_own_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    comparison = ScriptComparison(
        ScriptOptions(script=str(SCRIPTS / "summary_writer.py")), tmp_path / "log"
    )
    comparison.start()
    try:
        while not comparison.finished:
            comparison.poll(1.0)
    finally:
        comparison.close()
    assert not list(Path.cwd().iterdir())
    for run in comparison.runs.values():
        assert run.ending is not None
        assert run.ending.code == 0, run.output.read_text()
        files = list((run.folder / "files").rglob("events.out.tfevents*"))
        assert sorted(file.relative_to(run.folder / "files").parts[0] for file in files) == [
            "logs",
            "runs",
        ]
