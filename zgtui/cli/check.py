"""``zgtui check``: does a training script clear its gradients?

Exit codes: 0 pass (also with notes), 1 fail (an error or a warning), 2 wrong use, 3 inconclusive.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.check.execution import Interruption, Limits
from zgtui.check.findings import EXIT_CODES
from zgtui.check.formats import FORMATS
from zgtui.check.formats.json_report import read
from zgtui.check.formats.text_report import print_report
from zgtui.check.heartbeat import Heartbeat
from zgtui.check.runner import STEPS, check_script
from zgtui.cli import Invocation, Subcommand
from zgtui.config.options import OPTIONS, choice, pick
from zgtui.errors import UsageError
from zgtui.launch.command import ScriptOptions, what_to_run

if TYPE_CHECKING:
    from zgtui.check.report import Report

RUNNING = ("steps", "timeout", "seed", "compare")
"""Options about a script that runs."""


def check(call: Invocation) -> int:
    """Check what the command names; returns the exit code.

    Raises:
        ZgtuiError: if it cannot be checked.
    """
    values, interruption = call.values, Interruption()
    if values["show"]:
        report = _saved(call)
    elif values["static"]:
        report = _read_files(call)
    else:
        report = _run(call, _options(call), interruption)
    tell(report, values["format"])
    if interruption.number:
        return 128 + interruption.number
    if values["compare"]:
        _compare(call)
    return EXIT_CODES[report.verdict]


def _run(call: Invocation, options: ScriptOptions, interruption: Interruption) -> Report:
    values = call.values
    steps = STEPS if values["steps"] is None else values["steps"] or None
    heartbeat = Heartbeat(quiet=bool(values["quiet"]))
    with interruption.noted():
        return check_script(
            options,
            os.environ,
            Limits(steps=steps, seconds=values["timeout"]),
            heartbeat=heartbeat,
            interruption=interruption,
        )


def _options(call: Invocation) -> ScriptOptions:
    values = call.values
    if values["compare"] and values["format"] != "text":
        raise UsageError(f"--compare shows charts; it cannot go with --{values['format']}")
    script, arguments, module = what_to_run("check", call.words)
    return ScriptOptions(
        script=script,
        arguments=arguments,
        module=module,
        seed=values["seed"],
        policies={"A": "as-is", "B": "as-is"},
    )


def _read_files(call: Invocation) -> Report:
    from zgtui.check.static import read_files  # noqa: PLC0415 - for this option alone

    named = [f"--{name}" for name in RUNNING if name in call.given]
    for option in [*named, *call.words[:1]]:
        if option.startswith("-"):
            raise UsageError(f"--static runs nothing; it cannot go with {option}")
    if not call.words:
        raise UsageError("--static needs the files to read")
    return read_files(call.words)


def _saved(call: Invocation) -> Report:
    named = [f"--{name}" for name in (*RUNNING, "static") if name in call.given]
    for option in [*named, *call.words[:1]]:
        raise UsageError(f"--show runs nothing; it cannot go with {option}")
    path = Path(call.values["show"]).expanduser()
    try:
        return read(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageError(f"cannot read {path}: {why}") from error
    except UsageError as error:
        raise UsageError(f"cannot show {path}: {error}") from error


def _compare(call: Invocation) -> None:
    from zgtui.cli.run import COMMAND as RUN  # noqa: PLC0415 - for this option alone

    seed = [] if call.values["seed"] is None else ["--seed", str(call.values["seed"])]
    RUN.run(["--a", "as-is", "--b", "every", *seed, *call.words])


def tell(report: Report, form: str) -> None:
    """Print ``report`` in the format of that name."""
    if form == "text":
        print_report(report)
    else:
        print(FORMATS[form].render(report), file=sys.stdout)


COMMAND = Subcommand(
    "check",
    "run a training script once and say whether it clears its gradients",
    pick(
        "steps", "timeout", "seed", "format", "quiet", "static", "compare", "show",
        steps=replace(
            OPTIONS["steps"],
            help=f"end the script after N optimizer steps (default: {STEPS})",
            shorthands={"all": ("unlimited", "let the script finish")},
        ),
        seed=replace(
            OPTIONS["seed"],
            help="seed random, numpy and torch before the script starts"
            " (default: as the script does)",
            default=None,
        ),
        quiet=replace(OPTIONS["quiet"], help="show no progress"),
        format=replace(
            OPTIONS["format"],
            help=f"how the report is printed: {', '.join(FORMATS)} (default: text)",
            parse=choice(tuple(FORMATS), "the format"),
            shorthands={
                name: (name, form.help) for name, form in FORMATS.items() if name != "text"
            },
        ),
    ),
    check,
    "SCRIPT|-m MODULE [ARGUMENT …]",
    verbatim=True,
    epilog="exit codes: 0 pass, 1 fail, 2 wrong use, 3 inconclusive",
)  # fmt: skip
