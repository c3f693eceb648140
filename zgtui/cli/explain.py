"""``zgtui explain``: what a code of ``zgtui check`` means, and where to see it happen."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import replace

from zgtui.check.demos import RIGHT, demo
from zgtui.check.explanations import EXPLANATIONS, rows, sides, theory
from zgtui.check.findings import RULES
from zgtui.cli import Invocation, Subcommand, need_pytorch
from zgtui.config.options import pick
from zgtui.errors import UsageError, suggest
from zgtui.temporary import TemporaryFolder
from zgtui.terminal import columns_of, tell, tell_text

WIDTH, MIN_WIDTH = 80, 40
INDENT = " " * 10


def explain(call: Invocation) -> int:
    """Print what each code means, or without one list them all; returns the exit code.

    Raises:
        UsageError: if there is no such code, or none or several where one is shown.
    """
    codes = [word.upper() for word in call.words]
    for code in codes:
        if code not in RULES:
            raise UsageError(
                f"there is no code {code!r}.{suggest(code, RULES)} 'zgtui explain' lists them all"
            )
    for option in ("demo", "script"):
        if call.values[option]:
            return _shown(_only(codes, option), option)
    if not codes:
        for code, kind in RULES.items():
            tell(f"{code}  {kind.severity:<12}  {kind.title}")
    for at, code in enumerate(codes):
        if at:
            tell("")
        tell_text("\n".join(lines_of(code)))
    return 0


def _only(codes: list[str], option: str) -> str:
    if len(codes) != 1:
        raise UsageError(f"--{option} shows one code, such as zgtui explain --{option} ZG103")
    if codes[0] not in EXPLANATIONS:
        raise UsageError(f"{codes[0]} is not about a loop, so there is no demo")
    return codes[0]


def _shown(code: str, option: str) -> int:
    if option == "script":
        tell_text(demo(code).read_text(encoding="utf-8").rstrip("\n"))
        return 0
    need_pytorch()
    from zgtui.cli import run  # noqa: PLC0415 - for this option alone
    from zgtui.launch.command import Variant  # noqa: PLC0415 - likewise

    with TemporaryFolder("demo") as folder:
        script = folder / demo(code).name
        script.write_bytes(demo(code).read_bytes())
        both = run.COMMAND.parse(["--a", "as-is", "--b", "as-is", str(script)])
        options = replace(
            run.script_options(both.words, both.values),
            variants={"B": Variant(words=(str(script), RIGHT), replaced={})},
            subject="the demo",
            titles={"A": "wrong loop", "B": "right loop"},
            lesson=f"{code}: {theory(code)}",
        )
        return run.train_twice(options, both)


def lines_of(code: str) -> list[str]:
    """All that is known of ``code``."""
    kind = RULES[code]
    lines = [f"{code} {kind.severity}: {kind.title}"]
    if code in EXPLANATIONS:
        lines += ["", textwrap.indent(sides(code), "  ")]
    return [*lines, "", *(line for name, text in rows(code) for line in _row(name, text))]


def _row(name: str, text: str) -> list[str]:
    first = f"  {name}".ljust(len(INDENT))
    width = max(MIN_WIDTH, min(WIDTH, columns_of(sys.stdout) or WIDTH))
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=INDENT)


COMMAND = Subcommand(
    "explain",
    "what a code of zgtui check means: the wrong loop, the right one, and why",
    pick("demo", "script"),
    explain,
    "[CODE …]",
    examples=(
        "zgtui explain ZG103                     # without a code: list them all",
        "zgtui explain --demo ZG103              # the wrong loop beside the right one",
        "zgtui explain --script ZG103 > demo.py  # then: zgtui check demo.py",
    ),
)
