"""``zgtui run``: the user's own script twice, on a terminal as charts, elsewhere as text."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zgtui.cli.stdout import no_terminal
from zgtui.config.sources import state_path
from zgtui.errors import UsageError
from zgtui.launch.command import Launcher, ScriptOptions
from zgtui.launch.summary import run_headless
from zgtui.outputs.tensorboard_folder import board_for, finish_board
from zgtui.runlog.sessions import new_session
from zgtui.tables.destination import check_destination

LAUNCHER_OPTIONS = ("nnodes", "node-rank", "rdzv-endpoint")
"""What only the launcher of several processes can use."""


def run(words: Sequence[str], values: Mapping[str, Any], keys: Mapping[str, str]) -> int:
    """Run the script that ``words`` name; returns the exit code, the worse of both scripts'.

    Raises ZgtuiError where it cannot be started; then nothing is left behind.
    """
    options = script_options(words, values)
    out = Path(values["out"]).expanduser().absolute() if values["out"] else None
    if out is not None:
        check_destination(out, overwrite=bool(values["overwrite"]))
    reason = "" if values["headless"] else no_terminal(keys=True)
    if options.paused and (values["headless"] or reason):
        why = f": {reason}" if reason else ", not --headless"
        raise UsageError(f"--paused needs a screen on which to go on{why}")
    session = new_session(state_path())
    board = board_for(values, session)
    if values["headless"] or reason:
        if reason:
            print(f"zgtui: {reason}: running in plain text, as with --headless", file=sys.stderr)
        code = run_headless(
            options,
            session / "1",
            out=out,
            wide=bool(values["wide"]),
            overwrite=bool(values["overwrite"]),
            board=board,
        )
    else:
        from zgtui.tui.start import start_run  # noqa: PLC0415 - textual is for this case alone

        code = start_run(options, session / "1", out, values, keys, board)
    if board is not None:
        code = finish_board(board, hurry=code > 128) or code
    return code


def script_options(words: Sequence[str], values: Mapping[str, Any]) -> ScriptOptions:
    """What to run: ``words`` are a script or ``-m MODULE``, then its own arguments.

    Raises UsageError where that cannot be.
    """
    module = list(words[:1]) == ["-m"]
    named = words[1:] if module else words
    if not named:
        raise UsageError(
            "-m needs the name of a module, such as zgtui run -m package.train"
            if module
            else "name a training script, such as zgtui run train.py --epochs 3"
        )
    return ScriptOptions(
        script=named[0],
        arguments=tuple(named[1:]),
        module=module,
        policies={"A": values["a"], "B": values["b"]},
        seed=values["seed"],
        steps=values["steps"] or None,
        threads=values["threads"],
        sequential=bool(values["sequential"]),
        keep_checkpoints=bool(values["keep-checkpoints"]),
        paused=bool(values["paused"]),
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
    )
    launcher.arguments("A")  # says what is missing before anything is started
    return launcher
