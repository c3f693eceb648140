"""``zgtui run``: the user's own script twice, as charts on a terminal, as text elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from zgtui.cli import Invocation, Subcommand
from zgtui.cli.app import check_marker
from zgtui.config.options import OPTIONS, pick
from zgtui.config.sources import state_path
from zgtui.errors import UsageError
from zgtui.launch.command import ScriptOptions, what_to_run
from zgtui.launch.launcher import Launcher
from zgtui.outputs.autosave import table_keeper
from zgtui.outputs.followers import finish_tensorboard, tensorboard_writer
from zgtui.outputs.headless.headless_run import run_headless
from zgtui.outputs.stdout import no_terminal
from zgtui.runlog.sessions import new_session, prune
from zgtui.terminal import warn

LAUNCHER_OPTIONS = ("nnodes", "node-rank", "rdzv-endpoint")
"""What only the launcher of several processes can use."""


def run(call: Invocation) -> int:
    """Run the script twice; returns the exit code.

    Raises:
        ZgtuiError: if it cannot be started; then nothing is left behind.
    """
    check_marker(call.values)
    return train_twice(script_options(call.words, call.values), call)


def train_twice(options: ScriptOptions, call: Invocation) -> int:
    """Run both; returns the exit code, the worse of both scripts'.

    Raises:
        ZgtuiError: if they cannot be started; then nothing is left behind.
    """
    values = call.values
    table = table_keeper(values)
    plain = bool(values["plain"])
    if plain and values["json"]:
        raise UsageError("--plain and --json cannot be combined")
    headless = values["headless"] or values["json"] or plain
    reason = "" if headless else no_terminal(keys=True)
    if options.paused and (headless or reason):
        why = f": {reason}" if reason else ", not --headless"
        raise UsageError(f"--paused needs a screen to resume from{why}")
    session = new_session(state_path())
    prune(session.parent)
    tensorboard = tensorboard_writer(values, session)
    if headless or reason:
        if reason:
            warn(f"{reason}: running in plain text, as with --headless")
        code = run_headless(
            options,
            session / "1",
            table=table,
            tensorboard=tensorboard,
            json=bool(values["json"]),
            plain=plain,
        )
    else:
        from zgtui.tui.start import start_run  # noqa: PLC0415 - textual is for this case alone

        code = start_run(options, session / "1", table, values, call.keys, tensorboard)
    if tensorboard is not None:
        code = finish_tensorboard(tensorboard, hurry=code > 128) or code
    return code


def script_options(words: Sequence[str], values: Mapping[str, Any]) -> ScriptOptions:
    """What to run: ``words`` are a script or ``-m MODULE``, then its own arguments.

    Raises:
        UsageError: if nothing can be run so.
    """
    script, arguments, module = what_to_run("run", words)
    return ScriptOptions(
        script=script,
        arguments=arguments,
        module=module,
        policies={"A": values["a"], "B": values["b"]},
        seed=values["seed"],
        steps=values["steps"] or None,
        threads=values["threads"],
        sequential=bool(values["sequential"]),
        keep_checkpoints=bool(values["keep-checkpoints"]),
        paused=bool(values["paused"]),
        curves=values["curves"],
        launcher=_launcher(values),
    )


def _launcher(values: Mapping[str, Any]) -> Launcher | None:
    if values["nproc-per-node"] is None:
        for option in LAUNCHER_OPTIONS:
            if values[option] is not None:
                raise UsageError(f"--{option} is for several processes: add --nproc-per-node")
        return None
    launcher = Launcher(
        nproc_per_node=values["nproc-per-node"],
        nnodes=values["nnodes"] or "1",
        node_rank=values["node-rank"],
        rdzv_endpoint=values["rdzv-endpoint"],
        rdzv_id=values["rdzv-id"],
        rdzv_timeout=values["rdzv-timeout"],
    )
    launcher.arguments("A")  # says what is missing before anything is started
    return launcher


COMMAND = Subcommand(
    "run",
    "train your own script twice, with its gradients cleared and not cleared",
    pick(
        "a", "b", "seed", "steps", "threads", "sequential", "keep-checkpoints", "paused",
        "curves", "headless", "plain", "json", "out", "wide", "overwrite", "tensorboard",
        "nproc-per-node", "nnodes", "node-rank", "rdzv-endpoint", "rdzv-id", "rdzv-timeout", "fps",
        "marker", "ascii", "theme",
        seed=replace(
            OPTIONS["seed"],
            help="seed random, numpy and torch in both runs before the script starts (default: 42)",
        ),
        steps=replace(
            OPTIONS["steps"],
            help="stop both runs after N optimizer steps (default: when the script ends)",
        ),
        paused=replace(OPTIONS["paused"], help="start both runs paused, before their first step"),
    ),
    run,
    "SCRIPT|-m MODULE [ARGUMENT …]",
    verbatim=True,
    trains=True,
    examples=(
        "zgtui run train.py --epochs 3           # arguments after train.py go to it",
        "zgtui run --headless --out losses.csv train.py",
        "zgtui run --nproc-per-node 2 -m package.train",
    ),
)  # fmt: skip
