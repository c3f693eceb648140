"""What is shown of the gradients of one run, without a widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zgtui.config.settings import RunName
from zgtui.lazy_dataclass import dataclass
from zgtui.tui.model.predicted import modes_of, q_now, ranges_now

if TYPE_CHECKING:
    from zgtui.tui.model.live import RemoteComparison

STALE, STALE_STEPS = 1.1, 20
"""A λ measured a tenth of the steps ago, or more, is shown with the step that it is of."""

EXACT = 1e3
"""Up to so many times the first loss the energy has the digits that are shown."""

Ranges = tuple[tuple[float, float], ...]
"""Where lr·λ is stable, as (low, high)."""


@dataclass(frozen=True)
class GradientView:
    """What the pane shows of one run; None where nothing was measured.

    ``ranges`` is where lr·λ is stable under the optimizer and the clearing of this run: empty where
    it is nowhere, None where no claim says.
    """

    step: int = 0
    """The step that all but λ was measured at; 0 where nothing was."""
    grad: float | None = None
    fresh: float | None = None
    carried: float | None = None
    ratio: float | None = None
    cosine: float | None = None
    uphill: bool = False
    q: float | None = None
    q_step: int | None = None
    """The step that λ was measured at, where that is not about now."""
    ranges: Ranges | None = None
    energy: float | None = None
    first_loss: float | None = None


def gradient_view(live: RemoteComparison, name: RunName) -> GradientView:
    """What was measured of run ``name`` last."""
    run = live.runs[name]
    found = run.measured
    # λ of a quadratic loss is the same everywhere; any other is that of where it was measured.
    measured = found.sharpness is not None and not modes_of(live, name)
    stale = measured and live.step > STALE * max(found.sharpness_step, STALE_STEPS)
    # Far above where it began the energy is the small difference of two large numbers.
    exact = run.history.high is not None and run.history.high <= EXACT * (run.history.first or 0.0)
    return GradientView(
        step=found.step,
        grad=found.grad_norm,
        fresh=found.fresh_norm,
        carried=found.carried_norm,
        ratio=found.ratio if found.clearly else None,
        cosine=found.cosine if found.clearly else None,
        uphill=found.uphill,
        q=q_now(live, name),
        q_step=found.sharpness_step if stale else None,
        ranges=ranges_now(live, name),
        energy=found.energy if run.clear.period == 0 and exact else None,
        first_loss=run.history.first,
    )
