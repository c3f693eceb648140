"""Sharpness and the modes of a quadratic loss, against the Hessian written out."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from tests.support.models import Spare, begin, linear, restless, small
from zgtui.config.settings import NEVER, Clearing, RunSettings, Settings
from zgtui.experiments import EXPERIMENTS, load
from zgtui.theory.dynamics import Rule
from zgtui.theory.prediction import Mode, Prediction
from zgtui.theory.stability import rule_of, verdict_of_modes
from zgtui.training.diagnostics.initial import MAX_DECOMPOSED, quadratic
from zgtui.training.diagnostics.sharpness import ITERATIONS, hessian_product, largest, sharpness
from zgtui.training.run import fill_in
from zgtui.training.step import Criterion


def full_hessian(model: nn.Module, criterion: Criterion, inputs: Tensor, targets: Tensor) -> Tensor:
    parameters = list(model.parameters())
    loss = criterion(model(inputs), targets)
    slopes = torch.autograd.grad(loss, parameters, create_graph=True)
    rows = []
    for entry in torch.cat([slope.flatten() for slope in slopes]):
        parts = torch.autograd.grad(entry, parameters, retain_graph=True)
        rows.append(torch.cat([part.flatten() for part in parts]))
    return torch.stack(rows)


def network(seed: int) -> tuple[nn.Module, nn.Module, Tensor, Tensor]:
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(5, 12), nn.Tanh(), nn.Linear(12, 3)).double()
    inputs, targets = torch.randn(40, 5).double(), torch.randint(3, (40,))
    return model, nn.CrossEntropyLoss(), inputs, targets


@pytest.mark.parametrize("seed", range(6))
def test_four_digits_in_at_most_ten_products_once_warm(seed: int) -> None:
    model, criterion, inputs, targets = network(seed)
    exact = float(torch.linalg.eigvalsh(full_hessian(model, criterion, inputs, targets))[-1])
    first = sharpness(model, criterion, inputs, targets)
    assert first is not None
    assert first.products <= ITERATIONS == 10
    assert first.value == pytest.approx(exact, rel=1e-2), "from nothing"
    second = sharpness(model, criterion, inputs, targets, first.vector)
    assert second is not None
    assert second.products <= 10
    assert second.value == pytest.approx(exact, rel=1e-4)


def test_it_is_followed_while_the_weights_move() -> None:
    model, criterion, inputs, targets = network(9)
    found = sharpness(model, criterion, inputs, targets)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for _ in range(6):
        for _ in range(10):
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        assert found is not None
        found = sharpness(model, criterion, inputs, targets, found.vector)
        exact = float(torch.linalg.eigvalsh(full_hessian(model, criterion, inputs, targets))[-1])
        assert found is not None
        assert found.value == pytest.approx(exact, rel=1e-4)


def test_the_largest_eigenvalue_is_found_where_a_negative_one_is_larger_in_size() -> None:
    torch.manual_seed(0)
    turn, _ = torch.linalg.qr(torch.randn(30, 30, dtype=torch.float64))
    values = torch.linspace(-1, 1, 30, dtype=torch.float64)
    values[0], values[-1] = -9.0, 2.5
    matrix = turn @ values.diag() @ turn.T
    found = largest(lambda v: matrix @ v, torch.randn(30, dtype=torch.float64), iterations=25)
    assert found is not None
    assert found.value == pytest.approx(2.5, rel=1e-4)
    assert (matrix @ found.vector - 2.5 * found.vector).norm() < 0.05


def test_an_eigenvector_to_start_from_needs_one_product() -> None:
    matrix = torch.diag(torch.tensor([3.0, 1.0, 0.5]))
    found = largest(lambda v: matrix @ v, torch.tensor([2.0, 0.0, 0.0]))
    assert found is not None
    assert (found.value, found.products) == (3.0, 1)


def test_a_flat_loss_has_no_sharpness() -> None:
    model = nn.Linear(3, 1)
    found = sharpness(model, nn.L1Loss(), torch.randn(4, 3), torch.randn(4, 1) + 50)
    assert found is not None
    assert found.value == 0


def test_where_the_loss_is_not_finite_nothing_is_told() -> None:
    model = nn.Linear(3, 1)
    with torch.no_grad():
        model.weight.fill_(math.nan)
    assert sharpness(model, nn.MSELoss(), torch.randn(4, 3), torch.randn(4, 1)) is None


class OnceOnly(torch.autograd.Function):
    """An operation whose backward cannot be differentiated again."""

    @staticmethod
    def forward(ctx: object, inputs: Tensor) -> Tensor:
        return inputs * inputs.detach()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: object, *gradients: Tensor) -> Tensor:
        return gradients[0] * 2


class OnceDifferentiable(nn.Module):
    """A layer that ends in such an operation."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = OnceOnly.apply(self.layer(inputs))  # type: ignore[no-untyped-call] # torch's own
        return outputs


def test_a_model_without_second_derivatives_trains_on_without_a_sharpness() -> None:
    comparison = begin(small(OnceDifferentiable))
    comparison.advance(sample=True)
    drained = comparison.drain()
    names = {sample.name for sample in drained.samples}
    assert "grad_norm" in names
    assert "sharpness" not in names
    assert math.isfinite(drained.losses["A"][0])


class Broken(nn.Module):
    """Fails by itself where a second derivative is taken."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(4))

    def forward(self, inputs: Tensor) -> Tensor:
        squares = (self.weight * inputs).pow(2)
        squares.register_hook(self.look)
        return squares

    def look(self, gradient: Tensor) -> None:
        gradient.register_hook(self.fail)

    def fail(self, _gradient: Tensor) -> None:
        raise RuntimeError("a fault of its own")


def test_an_operation_of_torch_without_a_second_derivative_has_no_sharpness() -> None:
    words = torch.tensor([[0, 1], [2, 2]])
    assert sharpness(nn.EmbeddingBag(3, 2), nn.MSELoss(), words, torch.ones(2, 2)) is None


def test_a_fault_of_the_model_is_not_taken_for_a_missing_derivative() -> None:
    with pytest.raises(RuntimeError, match="a fault of its own"):
        sharpness(Broken(), nn.MSELoss(), torch.ones(4), torch.zeros(4))


def test_a_loss_that_is_a_straight_line_has_no_curvature() -> None:
    model = nn.Linear(3, 1)
    gradient, product = hessian_product(model, model(torch.ones(2, 3)).sum())
    assert gradient.tolist() == [2.0] * 4
    assert not product(torch.ones(4)).any()


def test_curvature_beyond_numbers_is_not_told() -> None:
    assert largest(lambda vector: vector * math.inf, torch.ones(3)) is None


def test_measuring_leaves_gradients_buffers_and_random_state() -> None:
    torch.manual_seed(1)
    model = restless()
    inputs, targets = torch.randn(8, 3), torch.randn(8, 2)
    nn.functional.mse_loss(model(inputs), targets).backward()
    before = [b.clone() for b in model.buffers()]
    slopes = [p.grad.clone() for p in model.parameters() if p.grad is not None]
    random = torch.random.get_rng_state()
    assert sharpness(model, nn.MSELoss(), inputs, targets) is not None
    assert quadratic(model, nn.MSELoss(), inputs, targets) is None
    assert torch.equal(torch.random.get_rng_state(), random)
    assert all(map(torch.equal, model.buffers(), before))
    held = [p.grad for p in model.parameters() if p.grad is not None]
    assert all(map(torch.equal, held, slopes))


def test_a_product_with_the_hessian_passes_unused_parameters_over() -> None:
    torch.manual_seed(2)
    model = Spare()
    inputs, targets = torch.randn(8, 3), torch.randn(8, 2)
    gradient, product = hessian_product(model, nn.functional.mse_loss(model(inputs), targets))
    assert gradient.shape == (16,)
    column = product(torch.ones(16))
    assert column[:8].abs().sum() > 0
    assert not column[8:].any()


@pytest.mark.parametrize("name", sorted(EXPERIMENTS))
def test_every_experiment_has_a_sharpness_before_it_starts(name: str) -> None:
    comparison = begin(load(name), Settings(experiment=name))
    sharp = comparison.initial.sharpness
    assert set(sharp) == {"A", "B"}
    assert all(value > 0 for value in sharp.values())


def test_the_article_has_one_direction_of_sharpness_12() -> None:
    initial = begin(load("article")).initial
    assert initial.modes is not None
    assert [mode[0] for mode in initial.modes["A"]] == pytest.approx([12.0], rel=1e-12)
    assert initial.modes["A"] == initial.modes["B"]
    assert initial.min_loss == 0


def test_models_that_start_apart_have_modes_of_their_own() -> None:
    initial = begin(load("article-exact")).initial
    assert initial.modes is not None
    errors = [initial.modes[run][0][1] for run in ("A", "B")]
    losses = [6 * e * e for e in errors]
    assert losses == pytest.approx([0.3011411428451538, 0.2679257392883301], rel=1e-6)


def told(settings: Settings, steps: int = 60) -> None:
    """Losses in float64 are those predicted, for both runs."""
    experiment = small(linear, batch_size=None, lr=0.1, double=True)
    filled = fill_in(settings, experiment, "cpu")
    comparison = begin(experiment, filled)
    initial = comparison.initial
    assert initial.modes is not None
    assert initial.min_loss is not None
    for _ in range(steps):
        comparison.advance()
    losses = comparison.drain().losses
    for name in ("A", "B"):
        rule = rule_of(filled, name, full_batch=True)
        lr = filled.run(name).lr
        assert rule is not None
        assert lr is not None
        modes = [Mode(*mode) for mode in initial.modes[name]]
        prediction = Prediction(modes, initial.min_loss, rule, lr, steps)
        found = [prediction.loss(step) for step in range(1, steps + 1)]
        assert found == pytest.approx(losses[name], rel=1e-10), name
        worst = verdict_of_modes(rule, lr, modes).state
        if worst in {"oscillates", "converges"}:
            assert max(losses[name][-10:]) < 5 * losses[name][0]
        else:
            assert losses[name][-1] > 5 * losses[name][0]


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(weight_decay=0.05),
        Settings(b=RunSettings(clear=Clearing(2))),
        Settings(b=RunSettings(clear=Clearing(3)), weight_decay=0.3),
        Settings(a=RunSettings(clear=Clearing(5), lr=0.02)),
        Settings(b=RunSettings(clear=NEVER, lr=3.0)),
    ],
    ids=["plain", "decay", "every 2", "every 3 and decay", "every 5", "too fast"],
)
def test_losses_follow_the_closed_forms(settings: Settings) -> None:
    told(settings)


def test_twenty_thousand_steps_of_the_article_are_foretold() -> None:
    comparison = begin(load("article"))
    for run in comparison.runs.values():
        run.model.double()
    inputs, targets = (t.double() for t in comparison.batches.some())
    run = comparison.runs["B"]
    modes = begin(load("article")).initial.modes
    assert modes is not None
    prediction = Prediction([Mode(*m) for m in modes["B"]], 0.0, Rule(NEVER), 0.1, 20_000)
    criterion = nn.MSELoss()
    worst = 0.0
    for step in range(1, 20_001):
        loss = criterion(run.model(inputs), targets)
        loss.backward()
        run.optimizer.step()
        worst = max(worst, abs(loss.item() - prediction.loss(step)))
    assert worst < 1e-6


@pytest.mark.parametrize(
    ("model", "criterion", "known"),
    [
        (lambda: nn.Linear(3, 2), nn.MSELoss(), True),
        (lambda: nn.Sequential(nn.Flatten(), nn.Linear(3, 2)), nn.MSELoss(reduction="sum"), True),
        (lambda: nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 2)), nn.MSELoss(), False),
        (lambda: nn.Sequential(nn.Linear(3, 9), nn.ReLU(), nn.Linear(9, 2)), nn.MSELoss(), False),
        (lambda: nn.Linear(3, 2), nn.SmoothL1Loss(), False),
        (lambda: nn.Linear(3, 2), nn.L1Loss(), False),
        (lambda: nn.Sequential(nn.Dropout(0.5), nn.Linear(3, 2)), nn.MSELoss(), False),
    ],
    ids=["linear", "sum", "deep linear", "ReLU", "Huber", "L1", "dropout"],
)
def test_what_is_quadratic_is_found_out_and_nothing_else(
    model: object,
    criterion: Criterion,
    known: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    assert callable(model)
    torch.manual_seed(3)
    found = quadratic(model(), criterion, torch.randn(10, 3), torch.randn(10, 2))
    assert (found is not None) is known


def test_many_parameters_are_called_quadratic_and_not_taken_apart() -> None:
    torch.manual_seed(3)
    wide = nn.Linear(MAX_DECOMPOSED, 1)
    inputs, targets = torch.randn(10, MAX_DECOMPOSED), torch.randn(10, 1)
    found = quadratic(wide, nn.MSELoss(), inputs, targets)
    assert found is not None
    assert found.modes is None


def test_on_minibatches_no_modes_are_told() -> None:
    initial = begin(small(linear)).initial
    assert initial.modes is None
    assert initial.min_loss is None
    assert set(initial.sharpness) == {"A", "B"}
