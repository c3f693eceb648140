"""`zgtui check --accumulation`: the micro-batches of a step run again, apart and as one batch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.processes import zgtui
from tests.support.script_runs import NO_SCALER, SCRIPTS, Warm, same_bits
from zgtui.check.observations import FILE, from_lines
from zgtui.check.repairing.accumulation_proof import UNSEEN, AccumulationProof, proof_in
from zgtui.instrument.sites import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Prove = Callable[[str], AccumulationProof]


PROVING = "zgtui.check.recording.proving:make"
HEAD = """
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
{model}
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(16):
    x, y = torch.randn(6, 4), torch.randint(3, (6,))
    {loss}
    loss.backward()
    if i % 4 == 3:
        optimizer.step()
        optimizer.zero_grad()
"""
MLP = "net = nn.Sequential(nn.Linear(4, 8), {middle}, nn.Linear(8, 3))"


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    with Warm() as process:
        yield process


@pytest.fixture
def prove(warm: Warm, tmp_path: Path) -> Prove:
    def proved(script: str) -> AccumulationProof:
        seen = tmp_path / f"seen{len(list(tmp_path.iterdir()))}"
        done = warm.run(seen, script, policy="as-is", recorder=PROVING)
        if NO_SCALER in done.text:
            pytest.skip("this PyTorch has no torch.amp.GradScaler")
        assert done.code == 0, done.text
        lines = (seen / FILE).read_text(encoding="utf-8").splitlines(keepends=True)
        return proof_in([list(from_lines(lines))])

    return proved


def written(folder: Path, loss: str, model: str = MLP.format(middle="nn.Tanh()")) -> str:
    """A script that accumulates four micro-batches with that loss."""
    path = folder / "script.py"
    path.write_text(HEAD.format(model=model, loss=loss), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("script", "ratio"),
    [
        ("scale_factor_ok.py", 1.0),
        ("scale_half_mse_ok.py", 1.0),
        ("scale_sum_by_total_ok.py", 1.0),
        ("scale_summed_modulo.py", 4.0),
        ("scale_summed_adam_chunks.py", 4.0),
        ("scale_summed_scaler.py", 3.0),
        ("scale_divided_twice.py", 0.25),
        ("scale_divided_by_literal.py", 0.5),
    ],
)
def test_the_micro_batches_add_up_to_a_multiple_of_the_whole(
    prove: Prove, script: str, ratio: float
) -> None:
    proof = prove(f"check/loops/{script}")
    assert proof.reason == ""
    assert proof.ratio == pytest.approx(ratio, rel=1e-4)
    assert proof.rest < 1e-4


def test_a_mean_of_means_points_elsewhere(prove: Prove) -> None:
    proof = prove("check/loops/scale_token_counts.py")
    assert proof.rest > 0.05
    assert "unequal micro-batches" in proof.sentence


@pytest.mark.parametrize(
    ("middle", "loss", "why"),
    [
        ("nn.BatchNorm1d(8)", "F.cross_entropy(net(x), y) / 4", "BatchNorm"),
        ("nn.Dropout(0.5)", "F.cross_entropy(net(x), y) / 4", "dropout"),
        ("nn.Tanh()", "F.cross_entropy(F.dropout(net(x), 0.1), y) / 4", "dropout"),
        ("nn.Tanh()", "(net(x).norm() + 1).log() / 4", "how its loss is averaged"),
        (
            "nn.Tanh()",
            "F.mse_loss(net(torch.randn(6, i % 3 + 1, 4)).mean(), torch.zeros(())) / 4",
            "different lengths",
        ),
        (
            "nn.Tanh()",
            "F.cross_entropy(net(x) * (1 + i), y) / 4",
            "differs",
        ),
        (
            "nn.Tanh()",
            "F.cross_entropy(net(x) if i % 2 else net(x).exp(), y) / 4",
            "different paths",
        ),
        ("nn.Tanh()", "F.cross_entropy(net(x) * 0, y) / 4", "zero or not finite"),
        (
            "nn.Tanh()",
            "F.cross_entropy(F.scaled_dot_product_attention(*3 * [net(x)], dropout_p=0.5), y) / 4",
            "dropout",
        ),
    ],
)
def test_what_forbids_a_proof_is_said(
    prove: Prove, tmp_path: Path, middle: str, loss: str, why: str
) -> None:
    proof = prove(written(tmp_path, f"loss = {loss}", MLP.format(middle=middle)))
    assert why in proof.reason
    assert f"no proof, because {proof.reason}" in proof.sentence


def test_gradients_scaled_by_hand_have_no_proof(prove: Prove) -> None:
    assert "scaled by hand" in prove("check/loops/scale_gradients_divided_ok.py").reason


def test_without_accumulation_there_is_no_proof(prove: Prove) -> None:
    assert prove("check/right/after_step.py") == UNSEEN


def test_dropout_in_evaluation_forbids_nothing(prove: Prove, tmp_path: Path) -> None:
    model = f"{MLP.format(middle='nn.Dropout(0.5)')}; net.eval()"
    proof = prove(written(tmp_path, "loss = F.cross_entropy(net(x), y) / 4", model))
    assert (proof.reason, round(proof.ratio, 3)) == ("", 1.0)


def test_what_was_computed_in_autocast_is_computed_so_again(prove: Prove, tmp_path: Path) -> None:
    low = "with torch.autocast('cpu', dtype=torch.bfloat16): h = net(x)\n    "
    proof = prove(written(tmp_path, f"{low}loss = F.cross_entropy(h.float(), y)"))
    assert (proof.reason, round(proof.ratio, 1)) == ("", 4.0)


def test_the_proof_changes_neither_weights_nor_random_numbers(warm: Warm, tmp_path: Path) -> None:
    tail = "\nprint(f'loss={sum(p.double().sum() for p in net.parameters()).item()!r}')\n"
    tail += "print(f'loss={torch.rand(1).item()!r}')\n"
    name = "check/loops/scale_summed_modulo.py"
    bare = warm.run(tmp_path / "bare", name, tail=tail)
    seen = warm.run(tmp_path / "seen", name, policy="as-is", recorder=PROVING, tail=tail)
    assert bare.printed
    assert same_bits(bare.printed, seen.printed)


@pytest.mark.parametrize(
    ("ratio", "rest", "words"),
    [
        (1.0, 0.0, "right"),
        (4.0, 0.0, "not divided"),
        (0.25, 0.0, "divided by 4 twice"),
        (0.5, 0.0, "a number other than 4"),
        (1.0, 0.3, "30%"),
    ],
)
def test_a_ratio_is_told_in_words(ratio: float, rest: float, words: str) -> None:
    proof = AccumulationProof(Site("train.py", 3, ""), 4, ratio, rest)
    assert proof.sentence.startswith("accumulation at train.py:3: the gradients of 4 micro-batches")
    assert words in proof.sentence


def test_the_command_tells_the_proof_and_json_keeps_it(tmp_path: Path) -> None:
    script = str(SCRIPTS / "check" / "loops" / "scale_summed_modulo.py")
    code, out, errors = zgtui("check", "--quiet", "--accumulation", "--json", script)
    assert code == 0, errors
    values = json.loads(out)["accumulation"]
    assert values["micro_batches"] == 4
    assert values["ratio"] == pytest.approx(4)
    saved = tmp_path / "report.json"
    saved.write_text(out, encoding="utf-8")
    assert values["sentence"] in zgtui("check", "--show", str(saved))[1]
