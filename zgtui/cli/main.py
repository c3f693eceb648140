"""The command line: which command, with which options. Costs neither torch nor textual."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from zgtui import __version__
from zgtui.cli.stdout import no_terminal
from zgtui.config.options import OPTIONS
from zgtui.config.settings import RunSettings, Settings
from zgtui.config.sources import config_path, read_config, resolve
from zgtui.errors import UsageError, ZgtuiError, suggest
from zgtui.experiments import EXPERIMENTS

COMPARISON_OPTIONS = [
    "experiment", "article-exact", "size", "optimizer", "lr", "momentum", "nesterov",
    "weight-decay", "clip", "schedule", "batch-size", "clear-a", "clear-b", "accumulate",
    "accumulate-a", "accumulate-b", "steps", "seed", "device", "diagnostics", "twin",
]  # fmt: skip
APP_OPTIONS = [
    *COMPARISON_OPTIONS,
    "speed", "paused", "out", "overwrite", "tensorboard", "fps", "marker", "ascii", "theme",
]  # fmt: skip
TRAIN_OPTIONS = [
    *COMPARISON_OPTIONS,
    "speed", "out", "wide", "overwrite", "tensorboard", "live", "print-every", "quiet",
    "fail-on-diverge",
]  # fmt: skip
VIEW_OPTIONS = [
    "follow", "series", "log", "speed", "png", "svg", "pdf", "overwrite", "fps", "marker", "ascii",
    "theme",
]  # fmt: skip
RUN_OPTIONS = [
    "a", "b", "seed", "steps", "threads", "sequential", "keep-checkpoints", "paused",
    "headless", "out", "wide", "overwrite", "tensorboard", "nproc-per-node", "nnodes",
    "node-rank", "rdzv-endpoint", "rdzv-id", "fps", "marker", "ascii", "theme",
]  # fmt: skip


RUN_OPERANDS = "SCRIPT|-m MODULE [ARGUMENT …]"


CHECK_SUMMARY = "run a training script once: are its gradients cleared rightly?"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. See '{self.prog} --help'.")


@dataclass(frozen=True)
class Command:
    """A command of the program: ``run`` takes the resolved options and returns the exit code.

    ``operands`` names what it takes besides options; the list of them is the value of that name.
    With ``verbatim`` the options end at the first of these, or at ``-m``: all that follows is not
    ours to read. ``help`` is of the options that mean something of their own here.
    """

    summary: str
    options: list[str]
    run: Callable[[dict[str, Any], dict[str, Any]], int]
    operands: str = ""
    verbatim: bool = False
    help: Mapping[str, str] = field(default_factory=dict)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code. Errors of use end in one sentence and code 2."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        try:
            return _dispatch(words)
        finally:
            sys.stdout.flush()  # at exit it would be too late to answer for a reader that is gone
    except ZgtuiError as error:
        print(f"zgtui: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output is gone; what is still buffered must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _dispatch(words: list[str]) -> int:
    name = words[0] if words and not words[0].startswith("-") else ""
    known = [*COMMANDS, "check"]
    if name and name not in known:
        raise UsageError(f"there is no command {name!r}.{suggest(name, known)} See 'zgtui --help'.")
    if name == "check":  # what follows its options is the script's own
        from zgtui.cli.check import check  # noqa: PLC0415 - for this command alone

        return check(words[1:])
    command = COMMANDS.get(name, APP)
    words = words[1:] if name else words
    end = _end_of_options(words) if command.verbatim else len(words)
    ours = words[:end][:-1] if command.verbatim and words[:end][-1:] == ["--"] else words[:end]
    given = vars(_parser(name, command).parse_args(ours))
    config = read_config(config_path())
    values = resolve(
        command.options,
        {option: given[option.replace("-", "_")] for option in command.options},
        config,
    )
    if command.operands:
        values[command.operands] = words[end:] if command.verbatim else given[command.operands]
    return command.run(values, config)


def _end_of_options(words: list[str]) -> int:
    """Where ours end: at the first word that is neither an option nor the value of one."""
    at = 0
    while at < len(words) and words[at].startswith("--") and words[at] != "--":
        entry = OPTIONS.get(words[at][2:])
        at += 1 if entry is None or entry.parse is None else 2
    # What is left of words that begin with a dash, such as -h, is for the parser to judge.
    while at < len(words) and words[at].startswith("-") and words[at] != "-m":
        at += 1
    return min(at, len(words))


def _parser(name: str, command: Command) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=f"zgtui {name}".strip(),
        description=command.summary,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        epilog=None if name else _commands_help(),
    )
    if command.verbatim:
        parser.usage = f"zgtui {name} [options] {command.operands}"
    elif command.operands:
        parser.add_argument(command.operands, nargs="*")
    for option in command.options:
        entry = OPTIONS[option]
        told = command.help.get(option, entry.help)
        if entry.parse is None:
            parser.add_argument(f"--{option}", action="store_true", default=None, help=told)
        else:
            parser.add_argument(f"--{option}", metavar=entry.metavar, help=told)
    parser.add_argument("--version", action="version", version=f"zgtui {__version__}")
    return parser


def _commands_help() -> str:
    lines = [f"  zgtui {name:<14}{entry.summary}" for name, entry in COMMANDS.items()]
    lines.append(f"  zgtui {'check':<14}{CHECK_SUMMARY}")
    return "\n".join(
        [
            "other commands ('zgtui COMMAND --help' tells their options):",
            *lines,
            "",
            "Every option can also stand in the environment (ZGTUI_LR=0.05) or in",
            f"{config_path()} (lr = 0.05).",
            "exit codes: 0 done, 1 training failed, 2 wrong use, 128+n ended by signal n",
        ]
    )


def settings_from(values: dict[str, Any]) -> Settings:
    """The comparison that the options describe."""
    experiment = values["experiment"]
    if values["article-exact"]:
        if experiment not in {"article", "article-exact"}:
            raise UsageError(
                f"--article-exact is the experiment article-exact; it cannot go with {experiment!r}"
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


def _run_from(values: dict[str, Any], run: str) -> RunSettings:
    return RunSettings(
        clear=values[f"clear-{run}"],
        lr=values["lr"],
        accumulate=values[f"accumulate-{run}"] or values["accumulate"] or 1,
    )


def _app(values: dict[str, Any], config: dict[str, Any]) -> int:
    _check_marker(values)
    settings = settings_from(values)
    reason = no_terminal(keys=True)
    if reason:
        print(f"zgtui: {reason}: training in plain text, as 'zgtui train'", file=sys.stderr)
        return _train(values, config)
    from zgtui.tui.start import start_app  # noqa: PLC0415 - textual is for this command alone

    return start_app(settings, values, config.get("keys", {}))


def _train(values: dict[str, Any], _config: dict[str, Any]) -> int:
    from zgtui.cli.train import train  # noqa: PLC0415 - rich is for this command alone

    return train(settings_from(values), values)


def _view(values: dict[str, Any], config: dict[str, Any]) -> int:
    _check_marker(values)
    from zgtui.cli.view import view  # noqa: PLC0415 - costs reading tables

    return view(values["TABLE"], values, config.get("keys", {}))


def _run(values: dict[str, Any], config: dict[str, Any]) -> int:
    _check_marker(values)
    from zgtui.cli.run import run  # noqa: PLC0415 - costs sockets and selectors

    return run(values[RUN_OPERANDS], values, config.get("keys", {}))


def _docs(values: dict[str, Any], config: dict[str, Any]) -> int:
    from zgtui.cli.docs import docs  # noqa: PLC0415 - costs reading every topic

    return docs(values["TOPIC"], values, config.get("keys", {}))


def _check_marker(values: dict[str, Any]) -> None:
    if values["ascii"] and values["marker"] not in {None, "ascii"}:
        raise UsageError("--ascii draws with ASCII alone; it cannot go with another --marker")


def _experiments(_values: dict[str, Any], _config: dict[str, Any]) -> int:
    width = max(map(len, EXPERIMENTS))
    for name, listing in EXPERIMENTS.items():
        print(f"{name:<{width}}  {listing.summary}")
    return 0


def _devices(_values: dict[str, Any], _config: dict[str, Any]) -> int:
    from zgtui.cli.devices import print_devices  # noqa: PLC0415 - starts a training process

    return print_devices()


APP = Command(
    "Train two PyTorch runs side by side, one clearing its gradients and one not, and watch\n"
    "both losses live.",
    APP_OPTIONS,
    _app,
)
COMMANDS: dict[str, Command] = {
    "train": Command(
        "the same training without the app, told in plain text", TRAIN_OPTIONS, _train
    ),
    "view": Command(
        "chart loss tables and logs of runs, replay them, draw pictures of them",
        VIEW_OPTIONS,
        _view,
        "TABLE",
    ),
    "run": Command(
        "your own training script twice: its gradients cleared, and not cleared",
        RUN_OPTIONS,
        _run,
        RUN_OPERANDS,
        verbatim=True,
        help={
            "seed": "seed of random, numpy and torch in both runs, before the script starts"
            " (default: 42)",
            "steps": "end both runs after so many optimizer steps, or 'unlimited'"
            " (default: the script's own end)",
            "paused": "start both runs paused, before their first step",
            "out": "loss table to write: .csv, .tsv, .jsonl or .md",
        },
    ),
    "docs": Command(
        "show the reference: all topics, or one of them", ["ascii", "theme"], _docs, "TOPIC"
    ),
    "experiments": Command("list what can be trained", [], _experiments),
    "devices": Command("list where it can be trained on this machine", [], _devices),
}
