"""Lightning and the Hugging Face Trainer, where they are installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.script_runs import ROOT, SCRIPTS, Warm, printed_losses, same_bits, series
from zgtui.launch.command import ScriptOptions
from zgtui.launch.script_comparison import ScriptComparison

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zgtui.config.settings import RunName

PACKAGES = {"run/lightning_trainer.py": "lightning", "run/hugging_face_trainer.py": "transformers"}
FRAMEWORKS = [
    pytest.param(
        script,
        marks=pytest.mark.skipif(find_spec(package) is None, reason=f"{package} is not installed"),
    )
    for script, package in PACKAGES.items()
]
NO_CLEARING = """\
import torch
torch.optim.Optimizer.zero_grad = lambda self, set_to_none=True: None
torch.nn.Module.zero_grad = lambda self, set_to_none=True: None
"""


@pytest.mark.frameworks
@pytest.mark.parametrize("script", FRAMEWORKS)
def test_frameworks_train_as_the_policies_promise(
    script: str, frameworks: Warm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    plain = frameworks.run(tmp_path / "plain", script).printed
    deleted = frameworks.run(tmp_path / "deleted", script, prefix=NO_CLEARING).printed
    assert len(plain) == 6
    assert not same_bits(plain, deleted)
    cleared = frameworks.run(tmp_path / "every", script, policy="every")
    assert same_bits(cleared.printed, plain)
    assert same_bits(cleared.logged, plain)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    expected: Mapping[RunName, list[float]] = {"A": plain, "B": deleted}
    options = ScriptOptions(
        script=str(SCRIPTS / script), policies={"A": "as-is", "B": "never"}, seed=None
    )
    comparison = ScriptComparison(options, tmp_path / "log")
    comparison.start()
    try:
        while not comparison.finished:
            comparison.poll(1.0)
    finally:
        comparison.close()
    for run in comparison.runs.values():
        assert run.ending is not None
        assert run.ending.code == 0, run.output.read_text()
        assert same_bits(printed_losses(run.output.read_text()), expected[run.name])
        assert same_bits(series(comparison.log, run.name), expected[run.name])
        assert run.intervened == (run.name == "B")
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
        ScriptOptions(script=str(SCRIPTS / "run" / "summary_writer.py")), tmp_path / "log"
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
