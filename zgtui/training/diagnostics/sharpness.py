"""The sharpness of a loss: the largest eigenvalue of its Hessian, without ever forming that.

Products of the Hessian with a vector come from a second backward through the first. The iteration
is the power method with memory: each turn takes the best vector in the span of the present one,
its residual and the last move, which keeps three vectors and finds the largest eigenvalue, where
the plain method finds the largest in size (A. Knyazev, SIAM J. Sci. Comput. 23, 2001).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zgtui.training.rng import get_rng_states, set_rng_states
from zgtui.training.step import Criterion

ITERATIONS = 10
RESIDUAL = 3e-3
"""Relative residual at which the iteration ends: the eigenvalue's error is of its square."""

Product = Callable[[Tensor], Tensor]
"""The Hessian times a vector (all parameters, flattened one after the other)."""


@dataclass(frozen=True)
class Sharpness:
    """The largest eigenvalue found, its eigenvector to start from next time, and products used."""

    value: float
    vector: Tensor
    products: int


def sharpness(
    model: nn.Module,
    criterion: Criterion,
    inputs: Tensor,
    targets: Tensor,
    start: Tensor | None = None,
) -> Sharpness | None:
    """The sharpness at the present weights of the loss on these samples.

    Leaves ``.grad``, the buffers (BatchNorm's statistics) and the random state as they were.
    ``start`` is the vector of an earlier answer. None where it is unknown: the loss is not
    finite, or an operation of the model has no second derivative.
    """
    with untouched(model, inputs.device), torch.enable_grad():
        loss = _loss(model, criterion, inputs, targets)
        if not torch.isfinite(loss):
            return None
        try:
            gradient, product = hessian_product(model, loss)
            return largest(product, _start(gradient) if start is None else start)
        except NotImplementedError:
            return None
        except RuntimeError as error:
            if "derivative" in str(error):
                return None
            raise


@contextmanager
def untouched(model: nn.Module, device: torch.device) -> Iterator[None]:
    """Undo what a forward inside does to the buffers of ``model`` and to the random state."""
    states = get_rng_states(device)
    buffers = [
        (module, name, buffer, buffer.clone())
        for module in model.modules()
        for name, buffer in module.named_buffers(recurse=False)
    ]
    try:
        yield
    finally:
        with torch.no_grad():
            for module, name, buffer, content in buffers:
                buffer.copy_(content)
                setattr(module, name, buffer)
        set_rng_states(device, states)


def hessian_product(model: nn.Module, loss: Tensor) -> tuple[Tensor, Product]:
    """The gradient of ``loss``, flattened, and its Hessian as a product.

    Raises:
        NotImplementedError: if an operation of the model has no second derivative. Some of torch's
            own raise a RuntimeError from the product instead.
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    slopes: Sequence[Tensor | None] = torch.autograd.grad(
        loss, parameters, create_graph=True, allow_unused=True
    )
    curved = [slope for slope in slopes if slope is not None and slope.requires_grad]
    if _ends_early(curved):
        raise NotImplementedError("an operation of the model can be differentiated once only")
    gradient = _flat(slopes, parameters).detach()
    sizes = [p.numel() for p in parameters]

    def product(vector: Tensor) -> Tensor:
        if not curved:
            return torch.zeros_like(vector)
        parts = [
            part.view_as(slope)
            for part, slope in zip(vector.split(sizes), slopes, strict=True)
            if slope is not None and slope.requires_grad
        ]
        found: Sequence[Tensor | None] = torch.autograd.grad(
            curved, parameters, grad_outputs=parts, retain_graph=True, allow_unused=True
        )
        return _flat(found, parameters)

    return gradient, product


def _ends_early(slopes: Sequence[Tensor]) -> bool:
    """Whether a function marked as once differentiable was used.

    It leaves a node that raises, which a search for the parameters' derivatives never visits: the
    product would leave its part out without a word.
    """
    waiting = [slope.grad_fn for slope in slopes]
    seen = set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if node.name() == "torch::autograd::Error":
            return True
        waiting += [following for following, _ in node.next_functions]
    return False


def largest(product: Product, start: Tensor, iterations: int = ITERATIONS) -> Sharpness | None:
    """The largest eigenvalue of a symmetric matrix given as a product; None if not finite."""
    basis = (start / torch.linalg.vector_norm(start)).unsqueeze(0)
    image = product(basis[0]).unsqueeze(0)
    value = float(basis[0] @ image[0])
    used = 1
    while used < iterations and torch.isfinite(image).all():
        residual = image[0] - value * basis[0]
        if float(torch.linalg.vector_norm(residual)) <= RESIDUAL * abs(value):
            break
        direction = _orthonormal(residual, basis)
        if direction is None:
            break
        basis = torch.cat([basis, direction.unsqueeze(0)])
        image = torch.cat([image, product(direction).unsqueeze(0)])
        used += 1
        values, vectors = torch.linalg.eigh((basis @ image.T).cpu().double())
        value = float(values[-1])
        best = vectors[:, -1]
        # The last move: the new vector's part beyond the old one, made orthogonal to the new one.
        move = best.clone()
        move[0] = 0.0
        move -= (move @ best) * best
        size = torch.linalg.vector_norm(move)
        rows = [best] if float(size) == 0 else [best, move / size]
        turn = torch.stack(rows).to(basis)
        basis, image = turn @ basis, turn @ image
    if not torch.isfinite(image).all():
        return None
    return Sharpness(value, basis[0] / torch.linalg.vector_norm(basis[0]), used)


def _orthonormal(vector: Tensor, basis: Tensor) -> Tensor | None:
    """``vector`` without its parts along the rows of ``basis``, of length 1; None: nothing left."""
    for _ in range(2):  # once leaves the rounding of what was taken away
        length = torch.linalg.vector_norm(vector)
        if not float(length) > 0:
            return None
        vector = vector / length
        vector = vector - (basis @ vector) @ basis
    length = torch.linalg.vector_norm(vector)
    return vector / length if float(length) > 0.5 else None


def _start(gradient: Tensor) -> Tensor:
    """Along the gradient, which leans to the sharpest directions, and a little along all."""
    noise = torch.randn(gradient.numel(), generator=torch.Generator().manual_seed(0))
    noise = noise.to(gradient)
    noise /= torch.linalg.vector_norm(noise)
    length = torch.linalg.vector_norm(gradient)
    return noise if not float(length) > 0 else gradient / length + 0.1 * noise


def _flat(parts: Sequence[Tensor | None], parameters: list[nn.Parameter]) -> Tensor:
    return torch.cat(
        [
            torch.zeros_like(p).flatten() if part is None else part.flatten()
            for part, p in zip(parts, parameters, strict=True)
        ]
    )


def _loss(model: nn.Module, criterion: Criterion, inputs: Tensor, targets: Tensor) -> Tensor:
    with _twice_differentiable():
        return criterion(model(inputs), targets)


def _twice_differentiable() -> AbstractContextManager[None]:
    """Attention by plain operations: its fused kernels have no second derivative."""
    try:
        from torch.nn.attention import SDPBackend, sdpa_kernel  # noqa: PLC0415 - from torch 2.3 on
    except ImportError:
        return nullcontext()
    return sdpa_kernel(SDPBackend.MATH)
