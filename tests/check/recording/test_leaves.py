"""What a loss was divided by."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from zgtui.check.recording.leaves import divisor_of


@pytest.mark.parametrize(
    "shaped",
    [
        lambda loss: loss,
        lambda loss: loss.unsqueeze(0),
        lambda loss: loss.reshape(1).squeeze(0),
        lambda loss: loss.view(1).squeeze(),
    ],
)
def test_a_divided_loss_is_one_whatever_shape_it_is_given(
    shaped: Callable[[Tensor], Tensor],
) -> None:
    weight = torch.ones(3, requires_grad=True)
    assert divisor_of([shaped(weight.sum() / 4)]) == 4


@pytest.mark.parametrize(
    ("made", "divisor"),
    [
        (lambda loss: loss, 1),
        (lambda loss: loss * 0.25, 4),
        (lambda loss: 0.25 * loss, 4),
        (lambda loss: loss * 1024 / 8, 8),
        (lambda loss: -loss / 2 / 3, 6),
        (lambda loss: (loss / 4) * loss, 1),
        (lambda loss: (loss / 4).exp(), 1),
        (lambda loss: loss / loss.new_tensor(4.0), 4),
        (lambda loss: 4 / loss, 1),
    ],
)
def test_only_plain_numbers_divide_it(made: Callable[[Tensor], Tensor], divisor: float) -> None:
    weight = torch.ones(3, requires_grad=True)
    assert divisor_of([made(weight.sum())]) == pytest.approx(divisor)


def test_of_several_losses_none_is_told() -> None:
    loss = torch.ones(3, requires_grad=True).sum() / 4
    assert divisor_of([loss, loss]) == 1
    assert divisor_of([torch.ones(())]) == 1
