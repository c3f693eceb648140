"""Every option, once: what it means, how its text is read, and where it may come from.

A value comes from the command line, else from the environment (``ZGTUI_LR`` for ``--lr``), else
from the configuration file, else it is the default.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from zgtui.config.settings import MAX_DIGITS, SCHEDULES, Clearing, parse_lr, parse_script_policy
from zgtui.errors import UsageError, suggest
from zgtui.experiments import check_name

Marker = Literal["braille", "hd", "dot", "ascii"]
MARKERS: tuple[Marker, ...] = get_args(Marker)
"""What curves are drawn with, finest first."""


@dataclass(frozen=True)
class Option:
    """One option. ``parse`` reads its text; None makes it a switch without a value."""

    help: str
    metavar: str = ""
    parse: Callable[[str], Any] | None = None
    default: Any = None


def _whole(least: int, what: str) -> Callable[[str], int]:
    def parse(text: str) -> int:
        digits = text.strip().replace("_", "")
        plain = digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS
        if not (plain and least <= int(digits) < 2**63):
            raise UsageError(f"{what} is a whole number of at least {least}, not {text!r}")
        return int(digits)

    return parse


def _steps(text: str) -> int:
    return 0 if text.strip().lower() == "unlimited" else _whole(1, "a number of steps")(text)


def _positive(what: str, most: float = math.inf) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (0 < value <= most and math.isfinite(value)):
            limit = f" up to {most:g}" if math.isfinite(most) else ""
            raise UsageError(f"{what} is a positive number{limit}, not {text!r}")
        return value

    return parse


def _speed(text: str) -> float:
    return 0.0 if text.strip().lower() == "unlimited" else _positive("a speed")(text)


def _device(text: str) -> str:
    kind, _, index = text.partition(":")
    known = text in {"auto", "cpu", "cuda", "mps"}
    if not (known or (kind == "cuda" and index.isascii() and index.isdigit())):
        raise UsageError(f"a device is auto, cpu, cuda, cuda:N or mps, not {text!r}")
    return text


def _choice(names: Sequence[str], what: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in names:
            raise UsageError(
                f"{what} is {', '.join(names[:-1])} or {names[-1]}, not {text!r}."
                + suggest(text, names)
            )
        return text

    return parse


def _not_negative(what: str) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (value >= 0 and math.isfinite(value)):
            raise UsageError(f"{what} is a finite number of at least 0, not {text!r}")
        return value

    return parse


def _batch_size(text: str) -> int:
    return 0 if text.strip().lower() == "full" else _whole(1, "a batch size")(text)


def _processes(text: str) -> str:
    if text in {"auto", "cpu", "gpu"}:
        return text
    return str(_whole(1, "a number of processes, if not auto, cpu or gpu,")(text))


def _nodes(text: str) -> str:
    least, colon, most = text.partition(":")
    whole = _whole(1, "a number of nodes, or each end of LEAST:MOST,")
    return f"{whole(least)}{colon}{whole(most) if colon else ''}"


def _text(text: str) -> str:
    if not text:
        raise UsageError("a name is missing")
    return text


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name for part in text.split(",") if (name := part.strip()))
    if not names:
        raise UsageError("the name of a curve is missing")
    return names


OPTIONS: dict[str, Option] = {
    "experiment": Option(
        "what to train; see 'zgtui experiments'; your own: FILE.py:FUNCTION",
        "NAME",
        check_name,
        "article",
    ),
    "article-exact": Option(
        "the article's own start: two models built one after the other (experiment article-exact)"
    ),
    "lr": Option("learning rate of both runs (default: the experiment's own)", "RATE", parse_lr),
    "optimizer": Option(
        "class of torch.optim, such as SGD, Adam, AdamW, RMSprop or Adagrad"
        " (default: the experiment's own)",
        "NAME",
        _text,
    ),
    "momentum": Option("momentum, for optimizers that have one", "M", _not_negative("a momentum")),
    "nesterov": Option("Nesterov's momentum, for SGD with --momentum"),
    "weight-decay": Option(
        "weight decay (default: the experiment's own, else the optimizer's)",
        "WD",
        _not_negative("a weight decay"),
    ),
    "clip": Option(
        "bound the norm of the gradient that is applied", "NORM", _positive("a gradient norm")
    ),
    "schedule": Option(
        "learning-rate schedule: constant, step (a tenth after each third) or cosine",
        "NAME",
        _choice(tuple(SCHEDULES), "a schedule"),
        "constant",
    ),
    "batch-size": Option(
        "samples a step, or 'full' for all of them (default: the experiment's own)",
        "N",
        _batch_size,
    ),
    "size": Option("size of an experiment that comes in several", "NAME", _text),
    "accumulate": Option(
        "gradient accumulation: each batch in N parts, N backwards with loss/N, one step",
        "N",
        _whole(1, "a number of parts"),
    ),
    "accumulate-a": Option("the same for run A alone", "N", _whole(1, "a number of parts")),
    "accumulate-b": Option("the same for run B alone", "N", _whole(1, "a number of parts")),
    "diagnostics": Option(
        "measure gradients and sharpness: on (at most a tenth of the time) or off",
        "on|off",
        _choice(("on", "off"), "diagnostics"),
        "on",
    ),
    "twin": Option("train the momentum-1 twin of run B as well, for SGD"),
    "device": Option(
        "auto, cpu, cuda, cuda:N or mps; auto takes cuda, then mps, then cpu (default: auto)",
        "NAME",
        _device,
        "auto",
    ),
    "seed": Option("seed of weights, data and batches (default: 42)", "N", _whole(0, "a seed"), 42),
    "steps": Option(
        "optimizer steps to train, or 'unlimited' (default: the experiment's own)", "N", _steps
    ),
    "clear-a": Option(
        "when run A calls zero_grad(): every, never, or every N steps (default: every)",
        "every|never|N",
        Clearing.parse,
        Clearing.parse("every"),
    ),
    "clear-b": Option(
        "the same for run B (default: never)",
        "every|never|N",
        Clearing.parse,
        Clearing.parse("never"),
    ),
    "speed": Option(
        "steps a second, or 'unlimited' (default: the experiment's own; a replay takes 20 s)",
        "RATE",
        _speed,
    ),
    "paused": Option("start paused, at step 0"),
    "out": Option(
        "loss table to keep up to date while training: .csv, .tsv, .jsonl or .md", "FILE", _text
    ),
    "wide": Option("one row a step in the table, with a loss column for each run"),
    "overwrite": Option("let files and folders that are there be replaced"),
    "tensorboard": Option("write TensorBoard runs to DIR/A and DIR/B", "DIR", _text),
    "live": Option("follow both losses in a matplotlib window too"),
    "print-every": Option(
        "print plain lines, at every N steps (default where stdout is no terminal: some 20 lines)",
        "N",
        _whole(1, "a number of steps"),
    ),
    "quiet": Option("print nothing but errors"),
    "fail-on-diverge": Option("exit with code 1 if a loss becomes inf or nan"),
    "follow": Option("go along with a table or log that another process is writing"),
    "series": Option("show these curves alone, by name, with commas between", "NAME,…", _names),
    "log": Option("logarithmic loss axis"),
    "png": Option("draw a picture to FILE instead of opening the charts", "FILE", _text),
    "svg": Option("the same, as SVG", "FILE", _text),
    "pdf": Option("the same, as PDF", "FILE", _text),
    "a": Option(
        "the clearing of run A: as the script has it, before every step, or never (default: every)",
        "as-is|every|never",
        parse_script_policy,
        "every",
    ),
    "b": Option(
        "the same for run B (default: never)", "as-is|every|never", parse_script_policy, "never"
    ),
    "threads": Option(
        "threads of each run (default: the cores, shared out)",
        "N",
        _whole(1, "a number of threads"),
    ),
    "sequential": Option("start run B when run A has ended"),
    "keep-checkpoints": Option("let run A write its checkpoints where the script says"),
    "headless": Option("no screen: progress lines and a summary"),
    "nproc-per-node": Option(
        "start each run under torch.distributed.run with so many processes",
        "N|auto|cpu|gpu",
        _processes,
    ),
    "nnodes": Option("machines that train together, for the launcher", "N|LEAST:MOST", _nodes),
    "node-rank": Option("which of them this is, for the launcher", "N", _whole(0, "a rank")),
    "rdzv-endpoint": Option("where they meet, for the launcher", "HOST:PORT", _text),
    "rdzv-id": Option(
        "name of their meeting, the same on each (default: zgtui)", "NAME", _text, "zgtui"
    ),
    "fps": Option(
        "most frames a second the charts are drawn (default: 10)",
        "RATE",
        _positive("a frame rate", 60),
        10.0,
    ),
    "marker": Option(
        "what curves are drawn with: braille, hd, dot or ascii (default: what the terminal shows)",
        "NAME",
        _choice(MARKERS, "a marker"),
    ),
    "ascii": Option("draw with ASCII characters alone"),
    "theme": Option("colour theme; an unknown name lists them", "NAME", _text, "zgtui-dark"),
}
