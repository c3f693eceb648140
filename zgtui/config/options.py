"""Every option, once: what it means, how its text is read, and where it may come from.

A value comes from the command line, else from the environment (``ZGTUI_LR`` for ``--lr``), else
from the configuration file, else it is the default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Literal, get_args

from zgtui.config.parsers import (
    batch_size,
    choice,
    device,
    names,
    nodes,
    not_empty,
    not_negative,
    positive,
    processes,
    speed,
    steps,
    whole,
)
from zgtui.config.settings import (
    CURVES,
    EVERY,
    MAP_AXES,
    NEVER,
    SCHEDULES,
    Clearing,
    RunSettings,
    Settings,
    parse_lr,
    parse_script_policy,
)
from zgtui.errors import UsageError
from zgtui.experiments import check_name
from zgtui.lazy_dataclass import dataclass

Marker = Literal["image", "octant", "braille", "hd", "dot", "ascii"]
MARKERS: tuple[Marker, ...] = get_args(Marker)
"""What curves are drawn with, finest first."""
COMMON_MARKERS: tuple[Marker, ...] = ("braille", "hd", "dot", "ascii")
"""What fonts usually have; octants came with Unicode 16."""
THEME = "zgtui-dark"


@dataclass(frozen=True)
class Option:
    """One option. ``parse`` reads its text; None makes it a switch without a value.

    ``shorthands`` are switches for single values of it: name → (value, help).
    """

    help: str
    metavar: str = ""
    parse: Callable[[str], Any] | None = None
    default: Any = None
    shorthands: Mapping[str, tuple[str, str]] = field(default_factory=dict)


OPTIONS: dict[str, Option] = {
    "experiment": Option(
        "what to train: a name from 'zgtui experiments', or your own as FILE.py:FUNCTION",
        "NAME",
        check_name,
        "article",
    ),
    "article-exact": Option(
        "initialize the models one after the other, as the article does: the runs start from"
        " different weights"
    ),
    "lr": Option("learning rate of both runs (default: the experiment's own)", "RATE", parse_lr),
    "optimizer": Option(
        "a class of torch.optim, such as SGD, Adam, AdamW, RMSprop or Adagrad"
        " (default: the experiment's own)",
        "NAME",
        not_empty,
    ),
    "momentum": Option("momentum, for optimizers that take it", "M", not_negative("the momentum")),
    "nesterov": Option("Nesterov momentum, for SGD with --momentum"),
    "weight-decay": Option(
        "weight decay (default: the experiment's own, else the optimizer's)",
        "WD",
        not_negative("the weight decay"),
    ),
    "clip": Option("clip gradients to this norm", "NORM", positive("the gradient norm")),
    "schedule": Option(
        "learning-rate schedule: constant, step (divide by 10 after each third) or cosine",
        "NAME",
        choice(tuple(SCHEDULES), "the schedule"),
        "constant",
    ),
    "batch-size": Option(
        "samples per step, or 'full' for the whole data set (default: the experiment's own)",
        "N",
        batch_size,
    ),
    "size": Option("model size, for experiments that come in several", "NAME", not_empty),
    "accumulate": Option(
        "gradient accumulation: N micro-batches, each loss divided by N, one step, then clearing",
        "N",
        whole(1, "the number of micro-batches"),
    ),
    "accumulate-a": Option("the same for run A only", "N", whole(1, "the number of micro-batches")),
    "accumulate-b": Option("the same for run B only", "N", whole(1, "the number of micro-batches")),
    "diagnostics": Option(
        "measure gradients and sharpness: on (costs at most a tenth of the time) or off"
        " (default: on)",
        "on|off",
        choice(("on", "off"), "diagnostics"),
        "on",
    ),
    "twin": Option("also train SGD with momentum 1 that clears every step, to compare with run B"),
    "device": Option(
        "auto, cpu, cuda, cuda:N or mps; auto uses a GPU if a step is large enough (default: auto)",
        "NAME",
        device,
        "auto",
    ),
    "seed": Option(
        "random seed for weights, data and batches (default: 42)", "N", whole(0, "the seed"), 42
    ),
    "steps": Option(
        "number of optimizer steps, or 'unlimited' (default: the experiment's own)", "N", steps
    ),
    "clear-a": Option(
        "when run A calls zero_grad(): every step, never, or every N steps (default: every)",
        "every|never|N",
        Clearing.parse,
    ),
    "clear-b": Option(
        "the same for run B (default: never, or every if it accumulates)",
        "every|never|N",
        Clearing.parse,
    ),
    "speed": Option(
        "steps per second, or 'unlimited' (default: the experiment's own; a replay takes 20 s)",
        "RATE",
        speed,
    ),
    "lesson": Option("begin with this lesson; an unknown name lists them all", "NAME", not_empty),
    "paused": Option("start paused at step 0"),
    "out": Option(
        "write the loss table to FILE while training: .csv, .tsv, .jsonl or .md;"
        " .parquet at the end",
        "FILE",
        not_empty,
    ),
    "wide": Option("one row per step in the table, with a loss column for each run"),
    "overwrite": Option("overwrite existing files"),
    "tensorboard": Option("write TensorBoard logs to DIR/A and DIR/B", "DIR", not_empty),
    "live": Option("also plot both losses in a matplotlib window"),
    "print-every": Option(
        "print a line every N steps (default without a terminal: about 20 lines)",
        "N",
        whole(1, "the number of steps"),
    ),
    "quiet": Option("print errors only"),
    "plain": Option("plain sentences once a second instead of a screen or bar, for screen readers"),
    "fail-on-diverge": Option("exit with code 1 if a loss becomes inf or nan"),
    "follow": Option("keep reading a table or log that is still being written"),
    "series": Option(
        "show only these curves, by name or pattern, separated by commas",
        "NAME,…",
        names("a curve"),
    ),
    "runs": Option(
        "show only these runs, by name or pattern, such as 'lr*'; separated by commas",
        "NAME,…",
        names("a run"),
    ),
    "log": Option("logarithmic loss axis"),
    "png": Option("save a picture to FILE instead of opening the charts", "FILE", not_empty),
    "svg": Option("the same, as SVG", "FILE", not_empty),
    "pdf": Option("the same, as PDF", "FILE", not_empty),
    "a": Option(
        "gradient clearing in run A: as the script does it, every step, or never (default: every)",
        "as-is|every|never",
        parse_script_policy,
        "every",
    ),
    "b": Option(
        "the same for run B (default: never)", "as-is|every|never", parse_script_policy, "never"
    ),
    "curves": Option(
        "losses of several backward() lines: separate or summed"
        " (default: auto, separate if the lines take turns)",
        "auto|split|sum",
        choice(CURVES, "--curves"),
        "auto",
    ),
    "json": Option("print the summary as JSON instead of text; progress goes to stderr"),
    "threads": Option(
        "CPU threads per run (default: all cores, split between the runs; as-is: the script's)",
        "N",
        whole(1, "the number of threads"),
    ),
    "sequential": Option("run B after run A instead of beside it"),
    "keep-checkpoints": Option("let run A save its checkpoints where the script puts them"),
    "headless": Option("no screen: print progress and a summary"),
    "nproc-per-node": Option(
        "processes per node; starts each run with torch.distributed.run",
        "N|auto|cpu|gpu",
        processes,
    ),
    "nnodes": Option("number of nodes", "N|MIN:MAX", nodes),
    "node-rank": Option("rank of this node, from 0", "N", whole(0, "the node rank")),
    "rdzv-endpoint": Option(
        "rendezvous endpoint of run A; run B uses the next port", "HOST:PORT", not_empty
    ),
    "rdzv-id": Option(
        "rendezvous id, the same on every node (default: zgtui)", "NAME", not_empty, "zgtui"
    ),
    "rdzv-timeout": Option(
        "how long a run waits for all nodes to join (default: 300)",
        "SECONDS",
        positive("the number of seconds"),
        300.0,
    ),
    "timeout": Option(
        "stop the script after this many seconds and judge what it did so far",
        "SECONDS",
        positive("the number of seconds"),
    ),
    "format": Option("report format", "NAME", not_empty, "text"),
    "static": Option("only read the source of FILE …, without running it (advisory)"),
    "accumulation": Option(
        "verify how accumulated gradients are scaled: rerun one step as micro-batches and as one"
        " batch"
    ),
    "compare": Option(
        "train the script as it is and with the fix, from one seed, and compare both"
    ),
    "fix": Option("write the fix to the file, after asking"),
    "yes": Option("write the fix without asking"),
    "show": Option(
        "print a report that was saved with --json, without running anything", "FILE", not_empty
    ),
    "demo": Option("train the wrong loop of CODE beside the right one"),
    "script": Option("print the script that --demo trains, to edit and experiment with"),
    "over": Option(
        "the rows of the map: clearing (every N steps), momentum or weight-decay"
        " (default: clearing)",
        "NAME",
        choice(MAP_AXES, "the rows of the map"),
        "clearing",
    ),
    "clear": Option(
        "when the runs call zero_grad(), if the rows are momentum or weight-decay (default: never)",
        "every|never|N",
        Clearing.parse,
        Clearing.parse("never"),
    ),
    "host": Option(
        "address to listen on; 0.0.0.0 accepts connections from other machines"
        " (default: 127.0.0.1)",
        "ADDRESS",
        not_empty,
        "127.0.0.1",
    ),
    "port": Option(
        "port to listen on; 0 picks a free one (default: 8000)",
        "N",
        whole(0, "the port", 65535),
        8000,
    ),
    "visitors": Option(
        "maximum simultaneous visitors, each with a training process (default: 4)",
        "N",
        whole(1, "the number of visitors"),
        4,
    ),
    "fps": Option(
        "maximum frames per second of the charts (default: 10)",
        "RATE",
        positive("the frame rate", 60),
        10.0,
    ),
    "marker": Option(
        "how curves are drawn: image (Kitty or Sixel graphics), octant (needs a font with Unicode"
        " 16), braille, hd, dot or ascii (default: braille, or dot on the Linux console)",
        "NAME",
        choice(MARKERS, "the marker"),
    ),
    "ascii": Option("draw with ASCII characters only"),
    "theme": Option("colour theme; an unknown name lists them all", "NAME", not_empty, THEME),
}

COMPARISON_OPTIONS = (
    "experiment", "article-exact", "size", "optimizer", "lr", "momentum", "nesterov",
    "weight-decay", "clip", "schedule", "batch-size", "clear-a", "clear-b", "accumulate",
    "accumulate-a", "accumulate-b", "steps", "seed", "device", "diagnostics", "twin",
)  # fmt: skip
"""What `settings_from` makes a comparison of."""


def pick(*names: str, **own: Option) -> dict[str, Option]:
    """The options of these ``names``; ``own`` are those that differ from `OPTIONS` here."""
    return {name: own.get(name, OPTIONS[name]) for name in names}


def settings_from(values: Mapping[str, Any]) -> Settings:
    """The comparison that the options describe.

    Raises:
        UsageError: if two of them contradict each other.
    """
    experiment = values["experiment"]
    if values["article-exact"]:
        if experiment not in {"article", "article-exact"}:
            raise UsageError(
                f"--article-exact is an experiment: it cannot be combined with {experiment!r}"
            )
        experiment = "article-exact"
    if values["nesterov"] and not values["momentum"]:
        raise UsageError("--nesterov needs a --momentum above 0")
    return Settings(
        experiment=experiment,
        seed=values["seed"],
        device=values["device"],
        steps=values["steps"],
        speed=values.get("speed"),
        optimizer=values["optimizer"],
        momentum=values["momentum"],
        nesterov=bool(values["nesterov"]),
        weight_decay=values["weight-decay"],
        clip=values["clip"],
        schedule=values["schedule"],
        batch_size=values["batch-size"],
        size=values["size"],
        diagnostics=values["diagnostics"],
        twin=bool(values["twin"]),
        a=_run_from(values, "a"),
        b=_run_from(values, "b"),
    )


def _run_from(values: Mapping[str, Any], run: str) -> RunSettings:
    accumulate = values[f"accumulate-{run}"] or values["accumulate"] or 1
    # Accumulation ends with clearing; a run that does not clear has to be asked for.
    usual = NEVER if run == "b" and accumulate == 1 else EVERY
    return RunSettings(
        clear=values[f"clear-{run}"] or usual, lr=values["lr"], accumulate=accumulate
    )
