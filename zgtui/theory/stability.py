"""Whether a run converges, oscillates or diverges, known before it starts.

Along one eigenvector of the Hessian an update is linear in (error, ``.grad``, momentum buffer), so
the eigenvalue z of the greatest size of one cycle decides: |z| < 1 converges, > 1 diverges, and its
angle is the oscillation. Claims are numbered as in claims.md.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from zgtui.lazy_dataclass import dataclass
from zgtui.theory.dynamics import Rule, power, seen_period

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zgtui.config.settings import RunName, Settings
    from zgtui.theory.prediction import Mode

Fate = Literal[
    "converges", "oscillates", "grows linearly", "diverges", "unstable at any rate", "unknown"
]
STAYS = {"converges", "oscillates"}
CLOSE = 1e-9
"""A modulus this near to 1 is 1: what rounding of q to a float leaves."""
ITERATIONS = 200


@dataclass(frozen=True)
class StabilityVerdict:
    """What becomes of a run.

    ``period`` is that of the loss in steps, as it shows when sampled once a step; None where it
    shows none. ``growth`` is the factor of the loss per step in the long run, 1 where it stays;
    None where it is unknown.
    """

    state: Fate
    period: float | None = None
    growth: float | None = None


UNKNOWN = StabilityVerdict("unknown")


def rule_of(
    settings: Settings, name: RunName, *, full_batch: bool, lr: float | None = None
) -> Rule | None:
    """How run ``name`` of the filled-in ``settings`` updates; None where no claim covers it.

    Claims hold for SGD at a constant rate on full batches, without clipping or accumulation.
    ``lr`` is the rate where it is not the settings' own.
    """
    run = settings.run(name)
    lr = run.lr if lr is None else lr
    plain = settings.clip is None and settings.schedule == "constant" and run.accumulate == 1
    if settings.optimizer != "SGD" or lr is None or not (plain and full_batch):
        return None
    return Rule(
        clearing=run.clear,
        momentum=settings.momentum or 0.0,
        nesterov=settings.nesterov,
        decay=lr * (settings.weight_decay or 0.0),
    )


def verdict(rule: Rule | None, q: float) -> StabilityVerdict:
    """What becomes of one direction with q = lr·λ under ``rule`` (claims.md 3, 7, 8, 10).

    unknown: no rule covers the run, or there is no upward curvature to judge by.
    """
    if rule is None or not (q > 0 and math.isfinite(q)):
        return UNKNOWN
    period = rule.clearing.period
    steps = period or 1
    if period == 0 and rule.momentum == 0 and rule.decay == 0 and abs(q - 4) <= CLOSE:
        # Both roots are -1: the error grows by the same amount each step, its sign in turns.
        return StabilityVerdict("grows linearly", growth=1.0)
    largest = _largest_root(rule, q)
    growth = power(abs(largest), 2) ** (1 / steps)
    if abs(abs(largest) - 1) <= CLOSE:
        return StabilityVerdict("oscillates", _shown_period(largest, steps), 1.0)
    shown = _shown_period(largest, steps) if steps == 1 else None
    if abs(largest) < 1:
        return StabilityVerdict("converges", shown, growth)
    if period == 0 and rule.momentum > 0 and rule.decay == 0:
        return StabilityVerdict("unstable at any rate", shown, growth)
    return StabilityVerdict("diverges", shown, growth)


def verdict_of_modes(rule: Rule | None, lr: float, modes: Sequence[Mode]) -> StabilityVerdict:
    """What becomes of a quadratic loss: the worst of its directions decides.

    Some directions stay at rest; of equally bad ones the period is that of the one with the
    largest share in the loss.
    """
    moving = [mode for mode in modes if rule is not None and mode.moves(rule)]
    if not moving:
        return UNKNOWN
    judged = [(verdict(rule, lr * mode.sharpness), mode) for mode in moving]
    worst = max(found.growth or 0.0 for found, _ in judged)
    alike = [pair for pair in judged if math.isclose(pair[0].growth or 0.0, worst, rel_tol=CLOSE)]
    # Growing linearly shares its factor 1 with oscillating, and is the worse.
    return max(alike, key=lambda pair: (pair[0].state == "grows linearly", pair[1].share))[0]


def _shown_period(root: complex, steps: int) -> float | None:
    """The loss oscillates twice as fast as the error, which turns as ``root`` in each cycle."""
    turn = abs(cmath.phase(root)) * 2 / steps
    return seen_period(2 * math.pi / turn) if turn > CLOSE else None


def _largest_root(rule: Rule, q: float) -> complex:
    """The eigenvalue of the greatest size of one cycle; of one step where never cleared."""
    m, decay, period = rule.momentum, rule.decay, rule.clearing.period
    if period == 1:
        bent = q + decay
        product = m * (1 - bent) if rule.nesterov else m
        return _of_quadratic(1 + product - bent, product)
    if period == 0 and m == 0:
        return _of_quadratic(2 - decay - q, 1 - decay)
    if period == 0:
        return _of_cubic(*_never_cleared(rule, q))
    return _of_cycle(rule, q)


def _never_cleared(rule: Rule, q: float) -> tuple[float, float, float]:
    """The cubic of momentum on top of never clearing, z³ + a·z² + b·z + c; returns a, b, c.

    (z-1)²(z-m) + z·(q·z + decay·(z-1)); under Nesterov the last z is (1+m)·z - m.
    """
    m, decay = rule.momentum, rule.decay
    ahead, behind = (1 + m, m) if rule.nesterov else (1.0, 0.0)
    pull = q + decay
    return (
        -(2 + m) + pull * ahead,
        1 + 2 * m - decay * ahead - pull * behind,
        -m + decay * behind,
    )


def _of_quadratic(total: float, product: float) -> complex:
    root = cmath.sqrt(total * total - 4 * product)
    return max((total + root) / 2, (total - root) / 2, key=abs)


def _of_cubic(a: float, b: float, c: float) -> complex:
    """The largest root of z³ + a·z² + b·z + c, all three followed at once (Durand-Kerner)."""
    roots = [(0.4 + 0.9j) ** k * (1 + max(abs(a), abs(b), abs(c))) for k in range(3)]
    for _ in range(ITERATIONS):
        moved = 0.0
        for at, z in enumerate(roots):
            others = math.prod(z - other for k, other in enumerate(roots) if k != at)
            step = (((z + a) * z + b) * z + c) / others
            roots[at] = z - step
            moved = max(moved, abs(step) / (1 + abs(z)))
        if moved < 1e-15:
            break
    return max(roots, key=abs)


def _of_cycle(rule: Rule, q: float) -> complex:
    """The largest eigenvalue from one clearing to the next, on (error, momentum buffer).

    The map of one step acts on (error, accumulated gradient, buffer), each times lr; of that of a
    cycle the row of the gradient, which is cleared, is left out.
    """
    m, decay = rule.momentum, rule.decay
    # The update is lr times the buffer, under Nesterov ahead of it: applied + m·buffer.
    applied = (q + decay, 1.0, 0.0)
    buffer = (applied[0], applied[1], m)
    kick = (
        tuple(x + m * y for x, y in zip(applied, buffer, strict=True)) if rule.nesterov else buffer
    )
    step: _Matrix = ((1 - kick[0], -kick[1], -kick[2]), (q, 1.0, 0.0), buffer)
    whole: _Matrix = ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    left = rule.clearing.period
    while left:
        whole = _product(whole, step) if left % 2 else whole
        step, left = _product(step, step), left // 2
    trace = whole[0][0] + whole[1][2]
    determinant = whole[0][0] * whole[1][2] - whole[0][2] * whole[1][0]
    if not (math.isfinite(trace) and math.isfinite(determinant)):
        return complex(math.inf)
    return _of_quadratic(trace, determinant)


_Matrix = tuple[tuple[float, ...], ...]


def _product(first: _Matrix, second: _Matrix) -> _Matrix:
    columns = list(zip(*second, strict=True))
    return tuple(
        tuple(sum(x * y for x, y in zip(row, column, strict=True)) for column in columns)
        for row in first
    )


SCAN = 32
"""Points of the scale that are looked at between 0 and its end, for each step of a cycle."""
MAX_SCANNED_PERIOD = 8
"""Clearing more rarely leaves more, and narrower, ranges than a scale can show."""


def stable_ranges(
    rule: Rule | None, lr: float, modes: Sequence[Mode], end: float
) -> tuple[tuple[float, float], ...] | None:
    """Where a quadratic loss does not grow, as ranges of q = lr·λ of its sharpest direction.

    q runs from 0 to ``end`` as the learning rate does; ``rule`` is that at ``lr``, whose decay
    moves with it. Empty: it grows at any rate. None: no claim says.
    """
    if rule is None or rule.clearing.period > MAX_SCANNED_PERIOD:
        return None
    moving = [mode.sharpness for mode in modes if mode.moves(rule)]
    if not moving:
        return None
    sharpest = max(moving)
    shares = tuple(sharpness / sharpest for sharpness in moving)
    return _stable_ranges(replace(rule, decay=0.0), rule.decay / (lr * sharpest), shares, end)


@lru_cache(maxsize=64)
def _stable_ranges(
    rule: Rule, decay: float, shares: tuple[float, ...], end: float
) -> tuple[tuple[float, float], ...]:
    """``decay`` is weight decay over λ, ``shares`` are those of λ that the directions have."""

    def stable(q: float) -> bool:
        there = replace(rule, decay=decay * q)
        return all(verdict(there, q * share).state in STAYS for share in shares)

    points = SCAN * max(1, rule.clearing.period)
    known = [(at * end / points, stable(at * end / points)) for at in range(1, points + 1)]
    borders = [0.0] if known[0][1] else []
    for (low, before), (high, after) in pairwise(known):
        if before != after:
            borders.append(_border(stable, low, high))
    borders += [end] if known[-1][1] else []
    return tuple(zip(borders[::2], borders[1::2], strict=True))


def _border(stable: Callable[[float], bool], low: float, high: float) -> float:
    """The q between ``low`` and ``high`` at which one side becomes the other."""
    rising = stable(high)
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if stable(middle) == rising else (middle, high)
    return high
