"""What can be trained: one file an experiment, and this dict that names them.

The dict costs no torch, so that lists and pickers can be shown before PyTorch is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from zgtui.errors import UsageError, suggest

if TYPE_CHECKING:
    from zgtui.experiments.experiment import Experiment


@dataclass(frozen=True)
class Listing:
    """One line about an experiment and where to find it (``module:function``)."""

    summary: str
    target: str


EXPERIMENTS: dict[str, Listing] = {
    "article": Listing(
        "one linear layer, one sample, SGD lr 0.1, 20 epochs; both runs start alike",
        "zgtui.experiments.article:article",
    ),
    "article-exact": Listing(
        "the same with the two models built one after the other: they start differently",
        "zgtui.experiments.article:article_exact",
    ),
}


def check_name(name: str) -> str:
    """Return ``name`` if it is an experiment; raise UsageError with near names otherwise."""
    if name not in EXPERIMENTS:
        raise UsageError(
            f"there is no experiment {name!r}.{suggest(name, EXPERIMENTS)} See 'zgtui experiments'."
        )
    return name


def load(name: str) -> Experiment:
    """The experiment ``name``; raises UsageError where there is none. Imports torch."""
    module, function = EXPERIMENTS[check_name(name)].target.split(":")
    return cast("Experiment", getattr(import_module(module), function)())
