"""zgtui: see, explain and catch what ``optimizer.zero_grad()`` does in PyTorch."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zgtui.experiments.experiment import Data, Experiment
    from zgtui.library import Result, RunResult, compare
    from zgtui.scripts.check import Report
    from zgtui.scripts.findings import Finding
    from zgtui.watching import Watch, watch

__version__ = "0.1.0"
__all__ = [
    "Data",
    "Experiment",
    "Finding",
    "Report",
    "Result",
    "RunResult",
    "Watch",
    "__version__",
    "compare",
    "watch",
]

_LAZY = {
    "Data": "zgtui.experiments.experiment:Data",
    "Experiment": "zgtui.experiments.experiment:Experiment",
    "Finding": "zgtui.scripts.findings:Finding",
    "Report": "zgtui.scripts.check:Report",
    "Result": "zgtui.library:Result",
    "RunResult": "zgtui.library:RunResult",
    "Watch": "zgtui.watching:Watch",
    "compare": "zgtui.library:compare",
    "watch": "zgtui.watching:watch",
}
"""What is imported on its first use, name → module:attribute: importing zgtui costs no torch."""

if not TYPE_CHECKING:  # type checkers know the names above, and no others

    def __getattr__(name: str) -> object:
        if name not in _LAZY:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, attribute = _LAZY[name].split(":")
        return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
