"""Attention in evaluation: torch's fast path, with last bits of its own, needs a free way.

`torch.nn` takes it only where no torch-function mode is active. A mode that follows gradients
would so change what a script computes when it evaluates.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable

    from zgtui.check.recording.follow_mode import FollowMode

FAST: tuple[type[nn.Module], ...] = (
    nn.MultiheadAttention,
    nn.TransformerEncoderLayer,
    nn.TransformerEncoder,
)


def keep_fast_paths(current: Callable[[], FollowMode | None]) -> None:
    """Let the modules of `FAST` run without the mode while they evaluate."""
    for kind in FAST:
        kind.forward = _aside(kind.forward, current)


def _aside(
    forward: Callable[..., Any], current: Callable[[], FollowMode | None]
) -> Callable[..., Any]:
    @functools.wraps(forward)
    def call(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
        mode = None if module.training else current()
        if mode is None or not mode.suspend():
            return forward(module, *args, **kwargs)
        try:
            return forward(module, *args, **kwargs)
        finally:
            mode.install()

    return call
