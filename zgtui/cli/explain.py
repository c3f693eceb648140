"""``zgtui explain``: what a code of ``zgtui check`` means, and where to see it happen."""

from __future__ import annotations

import textwrap

from zgtui.check.explanations import EXPLANATIONS, effects, sides
from zgtui.check.findings import RULES
from zgtui.cli import Invocation, Subcommand
from zgtui.errors import UsageError, suggest
from zgtui.terminal import tell, tell_text

WIDTH = 80
INDENT = " " * 10


def explain(call: Invocation) -> int:
    """Print what each code means, or without one list them all; returns the exit code.

    Raises:
        UsageError: if there is no such code.
    """
    codes = [word.upper() for word in call.words]
    for code in codes:
        if code not in RULES:
            raise UsageError(
                f"there is no code {code!r}.{suggest(code, RULES)} 'zgtui explain' lists them all"
            )
    if not codes:
        for code, kind in RULES.items():
            tell(f"{code}  {kind.severity:<12}  {kind.title}")
    for at, code in enumerate(codes):
        if at:
            tell("")
        tell_text("\n".join(lines_of(code)))
    return 0


def lines_of(code: str) -> list[str]:
    """All that is known of ``code``."""
    kind = RULES[code]
    lines = [f"{code} {kind.severity}: {kind.title}"]
    if code in EXPLANATIONS:
        lines += ["", textwrap.indent(sides(code), "  ")]
    lines.append("")
    for text in effects(code):
        lines += _row("effect", text)
    lines += _row("fix", kind.advice)
    lines += _live(code)
    if code in EXPLANATIONS:
        lines += _row("silence", f"# zgtui: ignore[{code}] at the end of the line that is named")
    return lines


def _live(code: str) -> list[str]:
    one = EXPLANATIONS.get(code)
    if one is None:
        return []
    lines = _row("see it", one.live) if one.live else []
    return lines + (_row("lesson", f"zgtui --lesson {one.lesson}") if one.lesson else [])


def _row(name: str, text: str) -> list[str]:
    first = f"  {name}".ljust(len(INDENT))
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=INDENT)


COMMAND = Subcommand(
    "explain",
    "what a code of zgtui check means: the wrong loop, the right one, and why",
    {},
    explain,
    "[CODE …]",
    examples=(
        "zgtui explain                           # all codes",
        "zgtui explain ZG103",
        "zgtui explain ZG501 ZG502",
    ),
)
