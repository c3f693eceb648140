"""The momentum-1 twin of a run that never clears (THEORY.md, claim 1).

SGD that steps along the sum of all gradients so far is SGD with momentum 1 that clears properly:
the momentum buffer then holds what ``.grad`` holds in the other, added up in the same order, so
that the two are equal bit for bit.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from torch import nn

from zgtui.errors import UsageError
from zgtui.settings import EVERY, NEVER
from zgtui.training.optimizers import make_optimizer
from zgtui.training.runs import Run

if TYPE_CHECKING:
    from zgtui.settings import Settings

TWIN = "T"
"""Its name in the log."""


def make_twin(model: nn.Module, settings: Settings) -> Run:
    """The twin of run B of the filled-in ``settings``, from the same weights as its ``model``.

    Raises:
        UsageError: the claim does not cover run B.
    """
    run = settings.b
    assert run.lr is not None
    for holds, needed in (
        (settings.optimizer == "SGD", "the optimizer SGD"),
        (not settings.momentum, "no momentum of its own"),
        (not settings.weight_decay, "no weight decay"),
        (settings.clip is None, "no clipping"),
        (run.clear == NEVER, "a run B that never clears"),
        (run.accumulate == 1, "one backward a step in run B"),
    ):
        if not holds:
            raise UsageError(f"the momentum-1 twin of run B needs {needed}")
    own = copy.deepcopy(model)
    optimizer = make_optimizer("SGD", own.parameters(), lr=run.lr, momentum=1.0)
    return Run(own, optimizer, EVERY, run.lr)
