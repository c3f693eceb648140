"""What has been tried in this session: every comparison with its settings and its verdict."""

from __future__ import annotations

from pathlib import Path

from zgtui.config.settings import RUNS, RunName, Settings
from zgtui.explain.outcome import Outcome
from zgtui.explain.verdict import number, percent, verdict
from zgtui.lazy_dataclass import dataclass
from zgtui.tables.formats import Row

COLUMNS = (
    "number", "experiment", "seed", "batch_size", "optimizer", "momentum", "nesterov",
    "weight_decay", "clip", "schedule", "clear_a", "clear_b", "accumulate_a", "accumulate_b",
    "lr_a", "lr_b", "changed", "steps", "loss_a", "loss_b", "accuracy_a", "accuracy_b", "state_a",
    "state_b", "verdict",
)  # fmt: skip


@dataclass(frozen=True)
class Tried:
    """One comparison as it stood when it was left, or stands now.

    ``settings`` are those that it had then; ``log`` holds how it began and what was changed.
    """

    outcome: Outcome
    settings: Settings
    log: Path

    @property
    def steps(self) -> int:
        """Steps of both runs."""
        return self.outcome.step

    @property
    def verdict(self) -> str:
        """The result in a sentence."""
        return verdict(self.outcome)

    @property
    def changed(self) -> bool:
        """Whether a run was set otherwise while it trained."""
        return any(run.changed for run in self.outcome.runs)

    @property
    def setting(self) -> str:
        """What was set, what matters most first."""
        settings = self.settings
        parts = [settings.experiment, settings.optimizer or "", f"lr {self._both('lr')}"]
        parts += [f"momentum {settings.momentum:g}"] if settings.momentum else []
        parts += ["Nesterov"] if settings.nesterov else []
        parts += [f"decay {settings.weight_decay:g}"] if settings.weight_decay else []
        parts += [f"clip {settings.clip:g}"] if settings.clip is not None else []
        parts += [settings.schedule] if settings.schedule != "constant" else []
        parts += [f"A {_policy(settings, 'A')}, B {_policy(settings, 'B')}"]
        parts += ["changed by hand"] if self.changed else []
        return " · ".join(filter(None, parts))

    def _both(self, name: str) -> str:
        a, b = (f"{getattr(self.settings.run(run), name):.4g}" for run in RUNS)
        return a if a == b else f"{a} and {b}"

    def result(self, name: RunName) -> str:
        """What run ``name`` came to: its accuracy where there is one, else its loss."""
        run = self.outcome.a if name == "A" else self.outcome.b
        return percent(run.accuracy) if run.accuracy is not None else number(run.last)

    def row(self, at: int) -> Row:
        """The values of COLUMNS; ``at`` is its number."""
        settings, (a, b) = self.settings, self.outcome.runs
        runs = [settings.a, settings.b]
        return [
            at, settings.experiment, settings.seed, settings.batch_size or "full",
            settings.optimizer, settings.momentum, settings.nesterov, settings.weight_decay,
            settings.clip, settings.schedule, *(str(run.clear) for run in runs),
            *(run.accumulate for run in runs), *(run.lr for run in runs), self.changed, self.steps,
            repr(a.last), repr(b.last), a.accuracy, b.accuracy, a.trend.words, b.trend.words,
            self.verdict,
        ]  # fmt: skip


def _policy(settings: Settings, name: RunName) -> str:
    run = settings.run(name)
    return f"{run.clear}{f', accumulate {run.accumulate}' if run.accumulate > 1 else ''}"
