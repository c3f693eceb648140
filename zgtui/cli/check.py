"""``zgtui check``: does a training script clear its gradients?

Exit codes: 0 pass (also with notes), 1 fail (an error or a warning), 2 usage error, 3 inconclusive.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.check.findings import EXIT_CODES
from zgtui.check.formats import FORMATS
from zgtui.check.formats.json_report import read
from zgtui.check.formats.text_report import print_report
from zgtui.check.repairing.fixes import relative
from zgtui.check.repairing.repair import Repair, variant
from zgtui.check.running.execution import PROVING, RECORDER, CheckLimits, Observed
from zgtui.check.running.heartbeat import Heartbeat
from zgtui.check.running.runner import STEPS, Checked, check_script
from zgtui.cli import Invocation, Subcommand, need_pytorch
from zgtui.config.options import OPTIONS, pick
from zgtui.config.parsers import choice
from zgtui.errors import UsageError
from zgtui.launch.command import ScriptOptions, what_to_run
from zgtui.launch.interruption import Interruption
from zgtui.outputs.stdout import no_terminal
from zgtui.temporary import TemporaryFolder
from zgtui.terminal import tell, tell_text

if TYPE_CHECKING:
    from zgtui.check.report import Report

RUNNING = ("steps", "timeout", "seed", "accumulation", "compare", "fix", "yes")
"""Options about a script that runs."""


def check(call: Invocation) -> int:
    """Check what the command names; returns the exit code.

    Raises:
        ZgtuiError: if it cannot be checked.
    """
    values, interruption = call.values, Interruption()
    if values["show"] or values["static"]:
        checked = Checked(_saved(call) if values["show"] else _read_files(call))
    else:
        need_pytorch()
        checked = _run(call, _options(call), interruption)
    print_in(checked.report, values["format"])
    if interruption.number:
        return 128 + interruption.number
    if values["compare"] and values["format"] == "text" and not no_terminal(keys=True):
        _show_both(call, checked.repair)
    if values["fix"] and _is_fixed(checked, ask=not values["yes"]):
        return 0
    return EXIT_CODES[checked.report.verdict]


def _run(call: Invocation, options: ScriptOptions, interruption: Interruption) -> Checked:
    values = call.values
    steps = STEPS if values["steps"] is None else values["steps"] or None
    with interruption.noted():
        how = Observed(
            os.environ,
            CheckLimits(steps=steps, seconds=values["timeout"]),
            Heartbeat(quiet=bool(values["quiet"])),
            interruption,
            PROVING if values["accumulation"] else RECORDER,
        )
        return check_script(options, how, compare=bool(values["compare"]))


def _options(call: Invocation) -> ScriptOptions:
    values = call.values
    if values["fix"] and not values["yes"] and no_terminal(keys=True):
        raise UsageError("--fix asks before it writes: without a terminal, add --yes")
    script, arguments, module = what_to_run("check", call.words)
    return ScriptOptions(
        script=script,
        arguments=arguments,
        module=module,
        seed=values["seed"],
        policies={"A": "as-is", "B": "as-is"},
    )


def _read_files(call: Invocation) -> Report:
    from zgtui.check.static.file_reader import read_files  # noqa: PLC0415 - for this option alone

    named = [f"--{name}" for name in RUNNING if name in call.given]
    for option in [*named, *call.words[:1]]:
        if option.startswith("-"):
            raise UsageError(f"--static runs nothing; it cannot be combined with {option}")
    if not call.words:
        raise UsageError("--static needs the files to read")
    return read_files(call.words)


def _saved(call: Invocation) -> Report:
    named = [f"--{name}" for name in (*RUNNING, "static") if name in call.given]
    for option in [*named, *call.words[:1]]:
        raise UsageError(f"--show runs nothing; it cannot be combined with {option}")
    path = Path(call.values["show"]).expanduser()
    try:
        return read(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageError(f"cannot read {path}: {why}") from error
    except UsageError as error:
        raise UsageError(f"cannot show {path}: {error}") from error


def _show_both(call: Invocation, repair: Repair | None) -> None:
    """Train it as it is beside its repair, on the screen."""
    from zgtui.cli import run  # noqa: PLC0415 - for this option alone

    seed = [] if call.values["seed"] is None else ["--seed", str(call.values["seed"])]
    b = "every" if repair is None else "as-is"
    both = run.COMMAND.parse(["--a", "as-is", "--b", b, *seed, *call.words])
    options = run.script_options(both.words, both.values)
    if repair is None:
        run.train_twice(options, both)
        return
    with TemporaryFolder("fix") as place:
        changed = variant(options, repair, place)
        options = replace(options, variants={"B": changed}, titles={"B": "repaired"})
        run.train_twice(options, both)


def _is_fixed(checked: Checked, *, ask: bool) -> bool:
    """Write the change that was shown; whether that was done."""
    if checked.repair is None:
        if checked.report.verdict != "pass":
            tell("no fix is known to make it pass: nothing was written", file=sys.stderr)
        return False
    files = " and ".join(relative(source.file) for source in checked.repair.old)
    if ask:
        tell(f"write this change to {files}? [y/N] ", end="", file=sys.stderr)
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            tell("nothing was written", file=sys.stderr)
            return False
    checked.repair.write()
    tell(f"fixed {files}", file=sys.stderr)
    return True


def print_in(report: Report, form: str) -> None:
    """Print ``report`` in the format of that name."""
    if form == "text":
        print_report(report)
    else:
        tell_text(FORMATS[form].render(report))


COMMAND = Subcommand(
    "check",
    "run a training script once and say whether it clears its gradients",
    pick(
        "steps", "timeout", "seed", "accumulation", "compare", "fix", "yes", "format", "quiet",
        "static", "show",
        steps=replace(
            OPTIONS["steps"],
            help=f"stop the script after N optimizer steps (default: {STEPS})",
            shorthands={"all": ("unlimited", "let the script finish")},
        ),
        seed=replace(
            OPTIONS["seed"],
            help="seed random, numpy and torch before the script starts"
            " (default: leave that to the script)",
            default=None,
        ),
        quiet=replace(OPTIONS["quiet"], help="show no progress"),
        format=replace(
            OPTIONS["format"],
            help=f"report format: {', '.join(FORMATS)} (default: text)",
            parse=choice(tuple(FORMATS), "the format"),
            shorthands={
                name: (name, form.help) for name, form in FORMATS.items() if name != "text"
            },
        ),
    ),
    check,
    "SCRIPT|-m MODULE [ARGUMENT …]",
    verbatim=True,
    epilog="exit codes: 0 pass, 1 fail, 2 usage error, 3 inconclusive",
    examples=(
        "zgtui check train.py                    # run 60 steps and report",
        "zgtui check --fix train.py              # write the fix, after showing it",
        "zgtui check --static src/*.py           # only read the source",
    ),
)  # fmt: skip
