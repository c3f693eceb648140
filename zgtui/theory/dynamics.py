"""Closed forms of gradient descent on a quadratic loss, cleared or not.

Along each eigenvector of the Hessian the error e (the distance of the weights from the optimum)
moves on its own. λ is the eigenvalue, q = lr·λ, g_t = λ·e_t the fresh gradient and A_t the content
of ``.grad``; t counts the updates done, so that the loss of step s is that of e_(s-1). Claims are
numbered as in claims.md.
"""

from __future__ import annotations

import math

from zgtui.config.settings import Clearing
from zgtui.lazy_dataclass import dataclass


@dataclass(frozen=True)
class Rule:
    """How plain SGD updates a run, at a constant rate and on the same loss every step.

    ``decay`` is lr·wd, the learning rate times the weight decay.
    """

    clearing: Clearing
    momentum: float = 0.0
    nesterov: bool = False
    decay: float = 0.0

    @property
    def has_closed_form(self) -> bool:
        """Whether `error` knows it: with momentum, only where every step clears."""
        return self.momentum == 0 or self.clearing.period == 1


def angle(q: float) -> float:
    """The turn per step ω, in radians, of a run that never clears: cos ω = 1 - q/2 (claims.md 2).

    Raises:
        ValueError: if it does not oscillate; it does for 0 < q < 4.
    """
    if not 0 < q < 4:
        raise ValueError(f"a run that never clears oscillates for 0 < q < 4, not for {q}")
    return 2 * math.asin(math.sqrt(q) / 2)


def seen_period(period: float) -> float | None:
    """The oscillation that shows when one of ``period`` steps is sampled once a step (claims.md 4).

    A frequency f looks like its distance from the nearest whole number. None: it stands still.
    """
    frequency = 1 / period
    seen = abs(frequency - round(frequency))
    return None if seen < 1e-9 else 1 / seen


def energy(loss: float, lr: float, before: float) -> float:
    """L_t + ½·lr·⟨A_(t-1), A_t⟩, which stays L_0 where gradients are never cleared (claims.md 5).

    ``before`` is ⟨A_(t-1), A_t⟩; exact for quadratic losses on full batches.
    """
    return loss + lr * before / 2


def never_cleared(q: float, t: int) -> float:
    """e_t/e_0 of a run that never clears: cos((t+½)ω)/cos(ω/2) (claims.md 2), at any q ≥ 0."""
    if 0 < q < 4:
        omega = angle(q)
        return math.cos((t + 0.5) * omega) / math.cos(omega / 2)
    return _never_cleared(q, 0.0, t)[0]


def error(rule: Rule, q: float, e0: float, w0: float, t: int) -> float:
    """The error e_t after ``t`` updates from the error ``e0`` and the weight ``w0``.

    Never cleared: claims.md 2; with weight decay claims.md 8, momentum 1 - lr·wd after a first kick
    -lr·wd·w_0. Cleared every N steps: claims.md 10, each cycle multiplies by that of N steps.
    ``w0`` matters with weight decay alone. inf where it left the range of floats.

    Raises:
        ValueError: if there is no closed form for ``rule``.
    """
    optimum = w0 - e0
    if rule.momentum:
        if not rule.has_closed_form:
            raise ValueError("momentum on leftover gradients has no closed form here")
        return _with_momentum(rule, q, e0, optimum, t)
    period = rule.clearing.period
    cycles, rest = divmod(t, period) if period else (0, t)
    if cycles:
        scale, shift = _since_clearing(q, rule.decay, period)
        many = power(scale, cycles)
        pulls = cycles if scale == 1 else (1 - many) / (1 - scale)
        e0 = _sum(many * e0, shift * optimum * pulls if shift else 0.0)
    scale, shift = _since_clearing(q, rule.decay, rest)
    return _sum(scale * e0, shift * optimum if shift else 0.0)


def _since_clearing(q: float, decay: float, t: int) -> tuple[float, float]:
    """(a, b) of e_t = a·e_0 + b·w*, ``t`` steps after gradients were cleared; w* the optimum."""
    return (never_cleared(q, t), 0.0) if decay == 0 else _never_cleared(q, decay, t)


def _never_cleared(q: float, decay: float, t: int) -> tuple[float, float]:
    """The same by the recursion e_(t+1) = e_t + μ(e_t - e_(t-1)) - q·e_t with μ = 1 - decay."""
    if t == 0:
        return 1.0, 0.0
    now, before = solution(q, decay, t), solution(q, decay, t - 1)
    return _sum((1 - decay - q) * now, -(1 - decay) * before), -decay * now


def _with_momentum(rule: Rule, q: float, e0: float, optimum: float, t: int) -> float:
    """SGD with momentum m that clears each step, weight decay bending the loss by ``decay``.

    d_(t+1) = (1 + m - q')·d_t - m·d_(t-1) about the optimum of the bent loss, q' = q + decay;
    Nesterov's product of the roots is m·(1 - q') and its first step 1 + m times as long.
    """
    if t == 0:
        return e0
    m, bent = rule.momentum, q + rule.decay
    rest = -rule.decay * optimum / bent if bent else 0.0
    product = m * (1 - bent) if rule.nesterov else m
    first = 1 - bent * (1 + m) if rule.nesterov else 1 - bent
    now, before = solution(bent, 1 - product, t), solution(bent, 1 - product, t - 1)
    return _sum(rest, (e0 - rest) * _sum(first * now, -product * before))


def solution(curvature: float, friction: float, n: int) -> float:
    """h_n of h_(n+1) = s·h_n - p·h_(n-1), h_0 = 0, h_1 = 1.

    p = 1 - friction and s = 1 + p - curvature: from these two instead of s and p, the
    discriminant keeps its digits near p = 1.
    """
    if n == 0:
        return 0.0
    product = 1 - friction
    total = 1 + product - curvature
    # s² - 4p, negative where it oscillates
    square = curvature * curvature - 2 * curvature * (1 + product) + friction * friction
    if square < 0:
        radius, turn = math.sqrt(product), math.atan2(math.sqrt(-square), total)
        return power(radius, n - 1) * math.sin(n * turn) / math.sin(turn)
    root = math.sqrt(square)
    large = (total + math.copysign(root, total)) / 2
    if large == 0:
        return 1.0 if n == 1 else 0.0
    apart = math.copysign(root, total) / large
    # (z1^n - z2^n)/(z1 - z2) is z1^(n-1) times a sum of powers of z2/z1 = 1 - apart
    if apart == 0:
        powers = float(n)
    elif apart < 1:
        powers = -math.expm1(n * math.log1p(-apart)) / apart
    else:
        powers = (1 - power(1 - apart, n)) / apart
    return power(large, n - 1) * powers


def power(base: float, exponent: int) -> float:
    """``base`` to a whole ``exponent``; infinite instead of an OverflowError."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 else math.inf


def _sum(first: float, second: float) -> float:
    """Their sum; inf where both left the range of floats to opposite sides."""
    total = first + second
    return math.inf if math.isnan(total) else total
