"""Claims of claims.md that nothing else in the tests covers, each against plain PyTorch loops."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import SGD, Adam, Optimizer, RMSprop

DOUBLE = torch.float64


def quadratic(
    make: Callable[..., Optimizer],
    steps: int,
    *,
    sharpness: float = 1.0,
    clears: bool = False,
    clip: float | None = None,
    dtype: torch.dtype = DOUBLE,
    **options: Any,
) -> tuple[list[float], list[float]]:
    """Losses λ·w²/2 from w = 1, and what ``.grad`` holds at each step."""
    w = torch.ones(1, dtype=dtype, requires_grad=True)
    optimizer = make([w], **options)
    losses, held = [], []
    for _ in range(steps):
        if clears:
            optimizer.zero_grad()
        loss = sharpness * w.square().sum() / 2
        loss.backward()
        if clip is not None:
            clip_grad_norm_([w], clip)
        assert w.grad is not None
        losses.append(loss.item())
        held.append(w.grad.item())
        optimizer.step()
    return losses, held


@pytest.mark.parametrize(("lr", "bound"), [(0.001, 0.001), (0.1, 0.1)])
def test_a_small_network_conserves_energy_approximately(lr: float, bound: float) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1)).to(DOUBLE)
    inputs = torch.randn(40, 2, dtype=DOUBLE)
    targets = inputs.prod(1, keepdim=True).sin()
    parameters = list(model.parameters())
    optimizer = SGD(parameters, lr=lr)
    losses, energies = [], []
    for _ in range(200):
        loss = (model(inputs) - targets).square().mean()
        before = [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in parameters]
        loss.backward()
        product = sum(
            (old * p.grad).sum().item()
            for old, p in zip(before, parameters, strict=True)
            if p.grad is not None
        )
        losses.append(loss.item())
        energies.append(loss.item() + lr * product / 2)
        optimizer.step()
    assert min(losses) < losses[0] / 2, "the loss itself moves far"
    assert energies == pytest.approx([losses[0]] * 200, rel=bound)


def scaled(scale: float, steps: int = 40) -> list[float]:
    """Losses of SGD that never clears, under a GradScaler of constant ``scale``."""
    w = torch.ones(1, requires_grad=True)
    optimizer = SGD([w], lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=scale, growth_interval=10**6)
    losses = []
    for _ in range(steps):
        loss = 12 * w.square().sum() / 2
        losses.append(loss.item())
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
    return losses


def test_under_gradscaler_never_clearing_is_momentum_one_over_the_scale() -> None:
    single = torch.float32

    def cleared(momentum: float) -> list[float]:
        return quadratic(
            SGD, 40, sharpness=12, clears=True, dtype=single, lr=0.1, momentum=momentum
        )[0]

    assert scaled(4.0) == cleared(1 / 4)
    assert scaled(65536.0) == pytest.approx(cleared(0.0), abs=1e-5), "the default scale hides it"
    bare, _ = quadratic(SGD, 40, sharpness=12, dtype=single, lr=0.1)
    assert max(bare[20:]) > bare[0], "which shows without a scaler"


def gradient_of(model: nn.Module, losses: Iterator[Tensor]) -> Tensor:
    """The gradient that the backwards of all ``losses`` add up to."""
    model.zero_grad()
    for loss in losses:
        loss.backward()
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])


@pytest.mark.parametrize(
    ("normalised", "sizes", "equal"),
    [(False, (4, 4, 4), True), (False, (6, 4, 2), False), (True, (4, 4, 4), False)],
)
def test_unequal_micro_batches_and_batchnorm_break_the_equality(
    normalised: bool,  # noqa: FBT001 - a parameter of the test
    sizes: tuple[int, ...],
    equal: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    torch.manual_seed(1)
    middle = nn.BatchNorm1d(5) if normalised else nn.Tanh()
    model = nn.Sequential(nn.Linear(3, 5), middle, nn.Linear(5, 1)).to(DOUBLE)
    inputs, targets = torch.randn(12, 3, dtype=DOUBLE), torch.randn(12, 1, dtype=DOUBLE)
    criterion = nn.MSELoss()
    whole = gradient_of(model, iter([criterion(model(inputs), targets)]))
    parts = zip(inputs.split(sizes), targets.split(sizes), strict=True)
    accumulated = gradient_of(model, (criterion(model(x), y) / len(sizes) for x, y in parts))
    assert torch.allclose(whole, accumulated, rtol=1e-12, atol=1e-14) == equal


def test_adams_step_grows_to_1_616_times_the_correct_one() -> None:
    def moves(*, clears: bool) -> list[float]:
        w = torch.zeros(1, dtype=DOUBLE, requires_grad=True)
        optimizer = Adam([w], lr=1.0)
        places = [0.0]
        for _ in range(1000):
            if clears:
                optimizer.zero_grad()
            w.sum().backward()
            optimizer.step()
            places.append(w.item())
        return [after - before for before, after in itertools.pairwise(places)]

    pairs = zip(moves(clears=False), moves(clears=True), strict=True)
    ratios = [faulty / correct for faulty, correct in pairs]
    assert max(ratios) == pytest.approx(1.616, abs=5e-4)
    assert ratios.index(max(ratios)) + 1 == 291
    assert max(ratios) < math.sqrt(3)
    assert ratios[-1] < 1.55


def test_adam_is_faster_at_first_and_then_oscillates_ever_more() -> None:
    faulty, _ = quadratic(Adam, 800, lr=0.05)
    correct, _ = quadratic(Adam, 800, clears=True, lr=0.05)
    assert faulty[20] < correct[20] / 5
    peaks = [max(faulty[at : at + 200]) for at in range(0, 800, 200)]
    assert peaks == sorted(peaks)
    assert peaks[-1] > 10 * faulty[0]
    assert correct[-1] < 1e-6


def test_rmsprop_keeps_the_oscillation_small() -> None:
    lr, alpha = 0.01, 0.99
    faulty, _ = quadratic(RMSprop, 1500, lr=lr, alpha=alpha)
    correct, _ = quadratic(RMSprop, 1500, clears=True, lr=lr, alpha=alpha)
    distances = [math.sqrt(2 * loss) for loss in faulty]
    moves = [abs(after - before) for before, after in itertools.pairwise(distances)]
    assert max(moves) <= lr / math.sqrt(1 - alpha) * (1 + 1e-9), "no step is longer"
    late = max(faulty[-200:])
    assert late < faulty[0] / 10, "it hides the fault"
    assert late > 1000 * correct[-1], "and does not cure it"


@pytest.mark.parametrize("clip", [0.3, 1.0])
@pytest.mark.parametrize("q", [0.3, 1.2, 1.8])
def test_clipping_bounds_the_late_peak(q: float, clip: float) -> None:
    losses, _ = quadratic(SGD, 2000, sharpness=10 * q, clip=clip, lr=0.1)
    bound = 0.1 * clip**2 / 2
    assert losses[0] > 20 * bound
    assert max(losses[-200:]) == pytest.approx(bound, rel=1e-3)


@pytest.mark.parametrize("q", [0.1, 1.2, 3.0])
def test_gradient_noise_raises_the_mean_loss_at_a_constant_rate(q: float) -> None:
    runs, steps, lr, sigma = 40_000, 600, 0.1, 0.5
    sharpness = q / lr
    torch.manual_seed(2)
    w = torch.zeros(runs, requires_grad=True)  # as many runs of one direction, side by side
    optimizer = SGD([w], lr=lr)
    for _ in range(steps):
        loss = (sharpness * w.square() / 2 + sigma * torch.randn(runs) * w).sum()
        loss.backward()
        optimizer.step()
    mean = (sharpness * w.detach().square() / 2).mean().item()
    assert mean == pytest.approx(steps * lr * sigma**2 / (4 * (1 - q / 4)), rel=0.05)


def test_the_accumulated_gradient_is_bounded_on_a_quadratic() -> None:
    for q in (0.3, 1.2, 3.0):
        _, held = quadratic(SGD, 1500, sharpness=10 * q, lr=0.1)
        bound = 2 / (0.1 * math.sqrt(1 - q / 4))
        assert max(map(abs, held)) <= bound
    constant = torch.zeros(3, requires_grad=True)
    norms = []
    for _ in range(5):
        constant.sum().backward()
        assert constant.grad is not None
        norms.append(constant.grad.norm().item())
    assert norms == pytest.approx([step * math.sqrt(3) for step in range(1, 6)])


def regression(
    clear_at: str, *, momentum: float = 0.9, weight_decay: float = 0.01, to_none: bool = True
) -> list[float]:
    """Losses of a small network whose gradients are cleared at one place of the loop."""
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = SGD(model.parameters(), lr=0.1, momentum=momentum, weight_decay=weight_decay)
    inputs, targets = torch.randn(16, 3), torch.randn(16, 1)
    losses = []

    def reached(place: str) -> None:
        if place == clear_at:
            optimizer.zero_grad(set_to_none=to_none)

    for _ in range(20):
        reached("before the forward pass")
        loss = nn.functional.mse_loss(model(inputs), targets)
        losses.append(loss.item())
        reached("before the backward pass")
        loss.backward()
        reached("before the step")
        optimizer.step()
        reached("after the step")
    return losses


def test_where_gradients_are_cleared_does_not_matter() -> None:
    first = regression("before the forward pass")
    assert first[-1] < first[0] / 2
    assert regression("before the backward pass") == first
    assert regression("after the step") == first
    assert regression("nowhere") != first


def test_clearing_between_backward_and_step_stops_the_learning() -> None:
    assert len(set(regression("before the step"))) == 1
    moved = regression("before the step", to_none=False)
    assert len(set(moved)) > 1, "weight decay moves parameters whose gradient is 0"
    still = regression("before the step", momentum=0.0, weight_decay=0.0, to_none=False)
    assert len(set(still)) == 1


def test_an_optimizer_clears_its_own_parameters_only() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    optimizer = SGD(model[1].parameters(), lr=0.1)
    model(torch.ones(1, 2)).sum().backward()
    optimizer.zero_grad()
    assert all(p.grad is not None for p in model[0].parameters())
    assert all(p.grad is None for p in model[1].parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


def test_foreach_nesterov_writes_into_grad() -> None:
    def trained(*, foreach: bool) -> tuple[float, bool]:
        w = torch.ones(3, requires_grad=True)
        optimizer = SGD([w], lr=0.1, momentum=0.9, nesterov=True, foreach=foreach)
        written, loss = False, torch.zeros(())
        for _ in range(40):
            loss = w.square().sum() / 2
            loss.backward()
            assert w.grad is not None
            before = w.grad.clone()
            optimizer.step()
            written |= not torch.equal(before, w.grad)
        return loss.item(), written

    plain, plain_written = trained(foreach=False)
    foreach, foreach_written = trained(foreach=True)
    assert not plain_written
    assert foreach_written
    assert foreach > 1000 * plain
