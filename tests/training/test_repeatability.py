"""Whether gradients come out the same again, on a device that may sum in any order."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from tests.support.models import begin, everything, identical, linear, restless, small
from tests.support.training import compare, minibatches, seen
from zgtui.config.settings import Settings
from zgtui.training import repeatability
from zgtui.training.repeatability import NOT_REPRODUCIBLE, gradient_spread


@pytest.fixture
def in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The processor is taken for a GPU."""
    monkeypatch.setattr(repeatability, "IN_ANY_ORDER", {"cpu"})


def rough() -> nn.Module:
    """A loss as on a GPU that sums in no fixed order: never twice the same."""
    roughness = cycle([0.1, 0.7, 0.4])

    class Rough(nn.Module):
        def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
            return mse_loss(outputs, targets) * (1 + 1e-4 * next(roughness))

    return Rough()


def test_gradients_that_are_never_twice_the_same_are_told_with_their_distance(
    in_any_order: None,
) -> None:
    comparison = begin(replace(small(linear), criterion=rough()), Settings(diagnostics="off"))
    assert comparison.remarks == [
        f"{NOT_REPRODUCIBLE}: the same step computed twice differs (by 6e-05 of the largest number)"
    ]


def test_the_processor_is_not_asked() -> None:
    comparison = begin(replace(small(linear), criterion=rough()), Settings(diagnostics="off"))
    assert comparison.remarks == []


def test_dropout_draws_the_same_again_and_training_goes_on_as_if_nothing_had_been_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ends = []
    for kinds in (set[str](), {"cpu"}):
        monkeypatch.setattr(repeatability, "IN_ANY_ORDER", kinds)
        comparison = begin(small(restless), Settings(diagnostics="off"))
        comparison.advance_to(10)
        assert comparison.remarks == []
        ends.append(everything(comparison))
    assert identical(*ends)


def test_a_model_that_counts_its_calls_is_not_called(in_any_order: None) -> None:
    comparison = compare(minibatches())
    assert seen(comparison, "A") == []


def test_what_fails_is_left_for_the_first_step_to_tell(in_any_order: None) -> None:
    inputs = torch.ones(2, 5)  # of another width than the model
    assert gradient_spread(linear(), nn.MSELoss(), inputs, inputs) == 0.0
