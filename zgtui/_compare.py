"""zgtui as a library: ``zgtui.compare(...)`` trains in this process and returns the losses."""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zgtui.config.options import COMPARISON_OPTIONS, OPTIONS, Marker, settings_from
from zgtui.config.parsers import whole
from zgtui.config.settings import RUNS, RunName, RunSettings, Settings
from zgtui.curves.history import LossHistory
from zgtui.curves.trend import Trend, TrendTracker
from zgtui.errors import UsageError
from zgtui.explain.outcome import Difference, Outcome, run_outcome
from zgtui.explain.verdict import verdict
from zgtui.plural import plural
from zgtui.runlog.events import Sampled, Started
from zgtui.runlog.log import LogWriter
from zgtui.tables.export import export
from zgtui.temporary import TemporaryFolder

if TYPE_CHECKING:
    import pandas as pd

    from zgtui.experiments.experiment import Experiment
    from zgtui.training.comparison import Comparison

DRAIN_STEPS = 256
"""Steps between two transfers of losses from the device, at most."""
SAMPLE_SECONDS = 0.05
"""At least so often it is asked whether a step is to be sampled."""
FINITE_STEPS = whole(1, "the number of steps")
"""Nobody would end a comparison without an end."""
OWN = "experiment of your own"
"""What an `Experiment` that was given as an object is called in tables."""


@dataclass(frozen=True)
class RunResult:
    """One run. Steps are counted from 1: ``losses[0]`` is the loss of step 1.

    ``samples`` maps the name of each diagnostic to its values by the step at which it was
    measured, such as ``grad_norm``, the Euclidean norm of the gradient applied at that step.
    """

    name: RunName
    settings: RunSettings
    losses: list[float]
    trend: Trend
    samples: dict[str, dict[int, float]]

    @property
    def accuracy(self) -> dict[int, float]:
        """The share of held-out samples classified correctly (0 to 1) at each step measured."""
        return self.samples.get("accuracy", {})


@dataclass(frozen=True, repr=False)
class Result:
    """Both runs of a comparison, ``a`` and ``b``.

    ``settings`` has every default filled in; ``start`` is what a log of this training begins with
    (device, optimizer, PyTorch's version and more).
    """

    settings: Settings
    a: RunResult
    b: RunResult
    start: Mapping[str, Any]

    @property
    def verdict(self) -> str:
        """Which run does what it should, and why not the other: what the app says first."""
        difference = Difference()
        for run in (self.a, self.b):
            difference.extend(run.name, array("d", run.losses))
        a, b = (
            run_outcome(
                run.name,
                run.settings,
                _history(run.losses),
                run.trend,
                accuracy=run.accuracy[max(run.accuracy)] if run.accuracy else None,
            )
            for run in (self.a, self.b)
        )
        return verdict(
            Outcome(
                a=a,
                b=b,
                step=len(self.a.losses),
                settings=self.settings,
                finished=True,
                chance=self.start["chance"],
                differ_at=difference.at,
                same_init=self.start["same_init"],
            )
        )

    def __repr__(self) -> str:
        """One line, the verdict in it."""
        steps = plural(len(self.a.losses), "step")
        return f"<zgtui.Result {self.settings.experiment}, {steps}: {self.verdict}>"

    def to_csv(self, path: str | Path, *, wide: bool = False, overwrite: bool = False) -> None:
        """Write the loss table ``path`` and its JSON sidecar; the ending names the format.

        The same files as ``zgtui train --out``: .csv, .tsv, .jsonl or .md.

        Raises:
            TableError: if it cannot be written; an existing file is kept unless ``overwrite``.
        """
        with TemporaryFolder("table") as folder:
            log = LogWriter(folder / "log", RUNS)
            log.write(Started(dict(self.start)))
            for run in (self.a, self.b):
                steps = sorted({step for values in run.samples.values() for step in values})
                for step in steps:
                    found = {name: by[step] for name, by in run.samples.items() if step in by}
                    log.write(Sampled(run.name, step, found))
                log.losses(run.name, run.losses)
            log.close()
            for _ in export(log.folder, Path(path).expanduser(), wide=wide, overwrite=overwrite):
                pass

    def to_dataframe(self) -> pd.DataFrame:
        """The tidy loss table as a pandas DataFrame: one row for each run and step.

        Raises:
            UsageError: if pandas is not installed.
        """
        try:
            import pandas as pd  # noqa: PLC0415 - not needed otherwise, and not always installed
        except ImportError as error:
            raise UsageError("to_dataframe() needs pandas: pip install pandas") from error
        with TemporaryFolder("table") as folder:
            path = folder / "losses.jsonl"
            self.to_csv(path)
            with path.open(encoding="utf-8") as lines:
                frame = pd.DataFrame([json.loads(line) for line in lines])
        # inf and nan, which JSON lacks, stand there as texts.
        numbers = frame.columns.difference(["run", "step", "epoch", "zero_grad"])
        typed: pd.DataFrame = frame.astype(dict.fromkeys(numbers, float))
        return typed

    def plot(
        self, width: int = 100, height: int = 20, *, log: bool = False, marker: Marker = "braille"
    ) -> str:
        """Both loss curves side by side as text to print, ``width`` × ``height`` characters.

        ``log`` takes a logarithmic loss axis. ``marker`` is braille, hd, dot or ascii.

        Raises:
            UsageError: if the size is too small.
        """
        if width < 40 or height < 8:
            raise UsageError(f"a plot needs at least 40 × 8 characters, not {width} × {height}")
        from zgtui.charts.text import panel  # noqa: PLC0415 - plotext is for this method alone

        half = (width - 2) // 2
        sides = [
            panel(
                f"{run.name}  {run.settings.title}",
                _history(run.losses),
                half,
                height,
                log=log,
                marker=marker,
            )
            for run in (self.a, self.b)
        ]
        rows = zip(*sides, strict=True)
        return "\n".join(f"{left:<{half}}  {right}".rstrip() for left, right in rows)


def compare(  # noqa: PLR0913 - each is an option of the command line
    experiment: str | Experiment = "article",
    *,
    steps: int | None = None,
    seed: int = 42,
    device: str = "auto",
    optimizer: str | None = None,
    lr: float | None = None,
    momentum: float | None = None,
    nesterov: bool = False,
    weight_decay: float | None = None,
    clip: float | None = None,
    schedule: str = "constant",
    batch_size: int | str | None = None,
    size: str | None = None,
    clear_a: int | str | None = None,
    clear_b: int | str | None = None,
    accumulate: int | None = None,
    accumulate_a: int | None = None,
    accumulate_b: int | None = None,
) -> Result:
    """Train both runs of a comparison in this process and return their losses.

    The arguments mean what the command line's options of the same name do; None is the
    experiment's own default. ``experiment`` is a name, ``FILE.py:FUNCTION`` or an `Experiment`.
    ``batch_size`` may be ``"full"``; a clearing policy is ``"every"`` (A's where none is given, and
    that of a run which accumulates), ``"never"`` (B's) or every N steps. torch's random state is
    left as it was.

    Raises:
        UsageError: if an argument cannot be used; the sentence begins with its name.
    """
    given = dict(locals())
    own = None if isinstance(experiment, str) else experiment
    if own is not None:
        given["experiment"] = None
    settings = settings_from(_checked(given))
    if own is not None:
        settings = replace(settings, experiment=OWN)
    return _train(settings, own)


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Each argument as the option of its name reads it, with the same limits and sentences."""
    values: dict[str, Any] = {}
    for name in COMPARISON_OPTIONS:
        option, value = OPTIONS[name], given.get(name.replace("-", "_"))
        if value is None or option.parse is None:
            values[name] = option.default if value is None else value
            continue
        parse = FINITE_STEPS if name == "steps" else option.parse
        try:
            values[name] = parse(str(value))
        except UsageError as error:
            raise UsageError(f"{name.replace('-', '_')}: {error}") from error
    return values


def _train(settings: Settings, experiment: Experiment | None) -> Result:
    # importing zgtui costs no torch
    from zgtui.training import devices, rng  # noqa: PLC0415 - imports torch
    from zgtui.training.comparison import prepare, start_event  # noqa: PLC0415 - likewise

    losses: dict[RunName, list[float]] = {name: [] for name in RUNS}
    samples: dict[RunName, dict[str, dict[int, float]]] = {name: {} for name in RUNS}
    here = devices.cpu_alone() if settings.device == devices.CPU else devices.available_devices()
    with rng.random_state_kept(here):
        comparison, settings = prepare(settings, here, experiment)
        with devices.threads_for(comparison.runs["A"].model, comparison.batches.size):
            while comparison.step < (settings.steps or 0):
                _advance(comparison, min(settings.steps or 0, comparison.step + DRAIN_STEPS))
                drained = comparison.drain()
                for name in RUNS:
                    losses[name] += drained.losses[name]
                for sample in drained.samples:
                    samples[sample.run].setdefault(sample.name, {})[sample.step] = sample.value
    start = start_event(comparison, settings)
    runs = {
        name: RunResult(
            name,
            settings.run(name),
            losses[name],
            _trend(losses[name], full_batch=start["full_batch"]),
            samples[name],
        )
        for name in RUNS
    }
    return Result(settings, runs["A"], runs["B"], start)


def _advance(comparison: Comparison, step: int) -> None:
    """Train up to ``step``, or up to where it is time to ask whether the next one is sampled."""
    diagnostics, following = comparison.diagnostics, comparison.step + 1
    if diagnostics.due(following):
        comparison.advance(sample=True)
    else:
        until = time.monotonic() + SAMPLE_SECONDS
        last = min(step, diagnostics.unsampled(following))
        comparison.advance_to(last, lambda: time.monotonic() < until)


def _trend(losses: list[float], *, full_batch: bool) -> Trend:
    tracker = TrendTracker()
    tracker.extend(array("d", losses))
    return tracker.trend(full_batch=full_batch)


def _history(losses: list[float]) -> LossHistory:
    history = LossHistory()
    history.extend(array("d", losses))
    return history
