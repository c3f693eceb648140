"""zgtui: see, explain and catch what ``optimizer.zero_grad()`` does in PyTorch."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zgtui._compare import Result, RunResult, compare
    from zgtui._log import log
    from zgtui._watch import Watch, watch
    from zgtui.check.findings import Finding
    from zgtui.check.report import Report
    from zgtui.experiments.experiment import Data, Experiment
    from zgtui.magics import load_ipython_extension

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
    "load_ipython_extension",
    "log",
    "watch",
]

_LAZY = {
    "Data": "zgtui.experiments.experiment:Data",
    "Experiment": "zgtui.experiments.experiment:Experiment",
    "Finding": "zgtui.check.findings:Finding",
    "Report": "zgtui.check.report:Report",
    "Result": "zgtui._compare:Result",
    "RunResult": "zgtui._compare:RunResult",
    "Watch": "zgtui._watch:Watch",
    "compare": "zgtui._compare:compare",
    "load_ipython_extension": "zgtui.magics:load_ipython_extension",
    "log": "zgtui._log:log",
    "watch": "zgtui._watch:watch",
}
"""What is imported on its first use, name → module:attribute: importing zgtui costs no torch."""

if not TYPE_CHECKING:  # type checkers know the names above, and no others

    def __getattr__(name: str) -> object:
        if name not in _LAZY:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, attribute = _LAZY[name].split(":")
        # Kept: what a training loop calls each step is looked up once.
        globals()[name] = found = getattr(import_module(module), attribute)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
