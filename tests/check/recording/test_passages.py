"""Through whose layers a loss goes, and whose outputs are but its target, on small graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from zgtui.check.recording.passages import passages

if TYPE_CHECKING:
    from torch import Tensor

FIRST, SECOND = 1, 2


def net(inputs: int, outputs: int) -> nn.Module:
    return nn.Sequential(nn.Linear(inputs, 8), nn.Tanh(), nn.Linear(8, outputs))


def owners(first: nn.Module, second: nn.Module) -> dict[int, int]:
    return {
        id(p): 1 << number
        for number, several in ((FIRST, first), (SECOND, second))
        for p in several.parameters()
    }


def seen(loss: Tensor, first: nn.Module, second: nn.Module) -> tuple[object, object]:
    found = passages([loss], owners(first, second))
    return found.through, found.targets


def test_a_loss_goes_through_a_judge_to_what_it_judges() -> None:
    model, judge = net(3, 4), net(4, 1)
    made = model(torch.randn(5, 3))
    loss = functional.mse_loss(made, torch.zeros(5, 4)) + judge(made).mean()
    assert seen(loss, model, judge) == (((SECOND, FIRST),), ())


def test_a_penalty_on_the_weights_leads_nowhere() -> None:
    model, other = net(3, 4), net(3, 4)
    loss = model(torch.randn(5, 3)).mean() + sum(p.pow(2).sum() for p in other.parameters())
    assert seen(loss, model, other) == ((), ())


def test_of_two_nets_side_by_side_none_is_behind_the_other() -> None:
    left, right = nn.Linear(3, 4, bias=False), nn.Linear(3, 4, bias=False)
    x = torch.randn(5, 3)
    assert seen((left(x) @ right(x).t()).mean(), left, right) == ((), ())


def test_casts_of_a_layer_s_weights_are_no_detour() -> None:
    model, judge = net(3, 4), net(4, 1)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = judge(model(torch.randn(5, 3))).mean()
    assert seen(loss, model, judge) == (((SECOND, FIRST),), ())


def test_the_target_of_a_divergence_or_a_cross_entropy_is_told() -> None:
    student, teacher = net(3, 4), net(3, 4)
    x = torch.randn(5, 3)
    soft, guess = functional.softmax(teacher(x) / 2, 1), functional.log_softmax(student(x), 1)
    losses = (
        functional.kl_div(guess, soft, reduction="batchmean"),
        functional.cross_entropy(student(x), soft),
        -(soft * guess).sum(1).mean() * 4,
    )
    for loss in losses:
        assert seen(loss, student, teacher) == ((), (SECOND,))
    joint = losses[0] + functional.cross_entropy(teacher(x), torch.zeros(5, dtype=torch.long))
    assert seen(joint, student, teacher) == ((), ())
    assert seen(-(soft * soft.log()).sum() + guess.mean(), student, teacher) == ((), ())


def test_a_backward_for_one_optimizer_alone_has_neither() -> None:
    model, other = net(3, 4), net(3, 4)
    assert seen(model(torch.randn(5, 3)).mean(), model, other) == ((), ())
