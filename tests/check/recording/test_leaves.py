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
