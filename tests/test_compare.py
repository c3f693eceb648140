"""zgtui as a library: `zgtui.compare`."""

from __future__ import annotations

import csv
import dataclasses
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import zgtui
from tests.support.command import ROOT, environment
from tests.support.tables import read_table
from tests.support.training import minibatches
from zgtui.errors import TableError, UsageError

ARTICLE_A = [0.3011411428451538, 0.012045658193528652, 0.0004818237212020904]


@pytest.fixture(scope="module")
def article() -> zgtui.Result:
    return zgtui.compare("article-exact", steps=30, device="cpu")


def test_importing_zgtui_costs_no_torch() -> None:
    code = (
        "import sys, zgtui; zgtui.compare; zgtui.Result;"
        "print([name for name in ('torch', 'textual', 'plotext', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_losses_are_those_of_the_article(article: zgtui.Result) -> None:
    assert article.a.losses[:3] == ARTICLE_A
    assert article.b.losses[0] == 0.2679257392883301
    assert len(article.a.losses) == len(article.b.losses) == 30
    assert article.a.trend.state == "converged"
    assert article.settings.steps == 30
    assert article.settings.a.lr == 0.1
    assert article.a.samples["grad_norm"][1] == pytest.approx(2.68838, rel=1e-5)
    assert article.a.accuracy == {}
    assert len(repr(article)) < 120
    assert "30 steps" in repr(article)


def test_a_result_cannot_be_changed(article: zgtui.Result) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        article.a = article.b  # type: ignore[misc] # that is the point


def test_the_table_holds_the_losses_bit_for_bit(article: zgtui.Result, tmp_path: Path) -> None:
    path = tmp_path / "losses.csv"
    article.to_csv(path)
    series = read_table(path).series
    assert list(series["A"].losses) == article.a.losses
    assert list(series["B"].losses) == article.b.losses
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["zero_grad"] for row in rows] == ["true"] * 30 + ["false"] * 30
    assert float(rows[0]["grad_norm"]) == article.a.samples["grad_norm"][1]
    assert path.with_suffix(".json").exists()
    with pytest.raises(TableError, match="already exists"):
        article.to_csv(path)
    article.to_csv(path, wide=True, overwrite=True)
    assert path.read_text().splitlines()[0] == "step,epoch,loss_a,loss_b"


def test_the_data_frame_is_the_same_table(article: zgtui.Result) -> None:
    frame = article.to_dataframe()
    of_b = frame[frame["run"] == "B"]
    assert of_b["loss"].tolist() == article.b.losses
    assert of_b["step"].tolist() == list(range(1, 31))
    assert not of_b["zero_grad"].any()


def test_without_pandas_a_sentence_says_what_is_missing(
    article: zgtui.Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="pip install pandas"):
        article.to_dataframe()


@pytest.mark.parametrize(("width", "height"), [(100, 20), (40, 8), (61, 11)])
@pytest.mark.parametrize("log", [False, True])
def test_the_plot_has_the_size_asked_for(
    width: int, height: int, *, log: bool, article: zgtui.Result
) -> None:
    lines = article.plot(width, height, log=log).split("\n")
    assert len(lines) == height
    assert all(len(line) <= width for line in lines)
    assert lines[0].startswith("A  zero_grad()")
    half = (width - 2) // 2
    assert lines[0][half + 2 :].startswith("B  zero_grad()")
    drawn = [[cell for cell in line if "⠀" < cell <= "⣿"] for line in lines]
    assert any(drawn)


def test_a_plot_in_ascii_and_of_losses_beyond_all_bounds() -> None:
    result = zgtui.compare(lr=5, steps=60, device="cpu")
    assert not math.isfinite(result.b.losses[-1])
    assert result.b.trend.state == "diverged"
    assert result.plot(60, 10, marker="ascii").isascii()
    assert len(result.to_dataframe()) == 120


def test_an_experiment_of_ones_own_is_trained_as_an_object(tmp_path: Path) -> None:
    result = zgtui.compare(minibatches(), steps=20, clear_b=3, seed=7, device="cpu")
    again = zgtui.compare(minibatches(), steps=20, clear_b=3, seed=7, device="cpu")
    other = zgtui.compare(minibatches(), steps=20, clear_b=3, seed=8, device="cpu")
    assert result.a.losses == again.a.losses != other.a.losses
    assert result.b.losses == again.b.losses != result.a.losses
    assert str(result.settings.b.clear) == "3"
    result.to_csv(tmp_path / "own.csv")


def test_accuracy_is_that_of_the_held_out_samples() -> None:
    result = zgtui.compare("moons", steps=60, device="cpu")
    assert set(result.a.accuracy) <= set(range(1, 61))
    assert result.a.accuracy
    assert all(0 <= share <= 1 for share in result.a.accuracy.values())


def test_torch_s_random_state_stays_as_it_was() -> None:
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    zgtui.compare(steps=2, device="cpu")
    assert torch.equal(torch.rand(4), expected)
    assert nn.Linear(1, 1).weight.requires_grad


def test_on_the_cpu_no_gpu_is_woken_or_seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    def touched(*_: object) -> None:
        raise AssertionError("a GPU was asked for something")

    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    for name in ("_lazy_init", "_lazy_call", "manual_seed", "manual_seed_all"):
        monkeypatch.setattr(f"torch.cuda.{name}", touched)
    assert len(zgtui.compare(steps=2, device="cpu").a.losses) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"experiment": "spiral"}, "experiment: there is no experiment 'spiral'. Did you mean"),
        ({"steps": 0}, "steps: the number of steps must be a whole number of at least 1, not '0'"),
        (
            {"steps": "unlimited"},
            "steps: the number of steps must be a whole number of at",
        ),
        ({"lr": -1}, "lr: a learning rate is a positive, finite number"),
        ({"clear_b": "sometimes"}, "clear_b: a clearing policy is"),
        ({"optimizer": "Nix"}, "torch.optim has no optimizer 'Nix'"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as told:
        zgtui.compare(**{"device": "cpu", **arguments})
    assert str(told.value).startswith(sentence)


def test_the_notebook_example_runs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "examples" / "notebook.py")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("<zgtui.Result spirals, 200 steps: A ")
    assert set(read_table(tmp_path / "spirals.csv").series) == {"A", "B"}
