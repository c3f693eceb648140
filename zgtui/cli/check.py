"""``zgtui check``: does a training script clear its gradients?

Exit codes: 0 pass (also with notes), 1 fail (an error or a warning), 2 wrong use, 3 inconclusive.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from zgtui.check.findings import EXIT_CODES
from zgtui.check.runner import STEPS, check_script
from zgtui.config.options import OPTIONS
from zgtui.errors import UsageError
from zgtui.launch.command import ScriptOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zgtui.check.runner import Report


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. See '{self.prog} --help'.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="zgtui check",
        usage="zgtui check [options] SCRIPT|-m MODULE [ARGUMENT …]",
        description=(
            "Run a training script once, observed and unaltered, and say whether every optimizer's"
            " gradients are cleared when they should be."
        ),
        epilog="exit codes: 0 pass, 1 fail, 2 wrong use, 3 inconclusive",
        allow_abbrev=False,
    )
    ends = parser.add_mutually_exclusive_group()
    ends.add_argument(
        "--steps", metavar="N", help=f"end the script after N steps (default: {STEPS})"
    )
    ends.add_argument("--all", action="store_true", help="let the script finish")
    parser.add_argument("--seed", metavar="N", help=OPTIONS["seed"].help)
    told = parser.add_mutually_exclusive_group()
    told.add_argument("--json", action="store_true", help="print the report as JSON")
    told.add_argument("--github", action="store_true", help="print annotations for GitHub Actions")
    told.add_argument("--sarif", action="store_true", help="print SARIF 2.1.0 for code scanning")
    parser.add_argument(
        "--static", action="store_true", help="read FILE … without running anything; advisory"
    )
    parser.add_argument(
        "--compare",
        action="store_true",
        help="afterwards train it as it is beside clearing always",
    )
    parser.add_argument("-m", dest="module", metavar="MODULE", nargs=argparse.REMAINDER)
    parser.add_argument("script", metavar="SCRIPT", nargs="?", help="the script to run")
    parser.add_argument(
        "arguments", metavar="ARGUMENT", nargs=argparse.REMAINDER, help="what the script is given"
    )
    return parser


def check(words: Sequence[str]) -> int:
    """Run the command with ``words``; returns its exit code. Raises UsageError, WorkerError."""
    given = _parser().parse_args(list(words))
    form = next((form for form in ("json", "github", "sarif") if getattr(given, form)), "")
    if given.static:
        return _read_files(given, form)
    if given.compare and form:
        raise UsageError(f"--compare shows charts; it cannot go with --{form}")
    if given.script is None and not given.module:
        raise UsageError("zgtui check needs a script, or -m MODULE. See 'zgtui check --help'.")
    read_steps, read_seed = OPTIONS["steps"].parse, OPTIONS["seed"].parse
    assert read_steps is not None
    assert read_seed is not None
    what = [given.script, *given.arguments] if given.script is not None else given.module
    steps = None if given.steps is None else read_steps(given.steps)
    options = ScriptOptions(
        script=what[0],
        arguments=tuple(what[1:]),
        module=given.script is None,
        seed=None if given.seed is None else read_seed(given.seed),
        steps=steps or None,
        sequential=True,
    )
    report = check_script(options, os.environ, every_step=given.all or steps == 0)
    tell(report, form)
    if given.compare:
        from zgtui.cli.main import main  # noqa: PLC0415 - it imports this module

        seed = [] if given.seed is None else ["--seed", given.seed]
        module = ["-m"] if options.module else []
        main(["run", "--a", "as-is", "--b", "every", *seed, *module, *what])
    return EXIT_CODES[report.verdict]


def _read_files(given: argparse.Namespace, form: str) -> int:
    from zgtui.check.static import read_files  # noqa: PLC0415 - for this option alone

    running = {"-m": given.module, "--steps": given.steps, "--all": given.all,
               "--seed": given.seed, "--compare": given.compare}  # fmt: skip
    for option, value in running.items():
        if value:
            raise UsageError(f"--static runs nothing; it cannot go with {option}")
    if given.script is None:
        raise UsageError("--static needs the files to read")
    report = read_files([given.script, *given.arguments])
    tell(report, form)
    return EXIT_CODES[report.verdict]


def tell(report: Report, form: str) -> None:
    """Print ``report`` as ``json``, ``github`` or ``sarif``, else for people."""
    from zgtui.check.formats.machine import as_github, as_json, as_sarif  # noqa: PLC0415 - one is needed
    from zgtui.check.formats.text import print_report  # noqa: PLC0415 - rich is for people alone

    machine = {"json": as_json, "github": as_github, "sarif": as_sarif}.get(form)
    if machine is None:
        print_report(report)
    else:
        print(machine(report), file=sys.stdout)
