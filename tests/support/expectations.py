"""What `zgtui check` must say of a script, which is what its first line says: read here alone.

The line is ``# expect: `` and ``pass``, ``inconclusive`` or the code that makes the verdict
``fail``; `` with CODE`` where a note stands beside it, and `` at line N`` where one of them does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.script_runs import SCRIPTS

if TYPE_CHECKING:
    from pathlib import Path

    from zgtui.check.findings import Verdict
    from zgtui.check.report import Report

CHECK, STATIC = SCRIPTS / "check", SCRIPTS / "static"
WATCHED = (SCRIPTS, CHECK / "loops", CHECK / "right", CHECK / "wrong")
"""Run and judged in the process of the tests."""
FRAMEWORKS = (CHECK / "frameworks",)
"""So are these, where their frameworks are installed."""
COMMAND = (CHECK / "crashing", CHECK / "distributed")
"""Judged by the command: how the script ends counts, or it trains in several processes."""
READ = (STATIC / "right", STATIC / "unclear", STATIC / "wrong")
"""Never run: the verdict is that of ``--static``."""
JUDGED = (*WATCHED, *FRAMEWORKS, *COMMAND, *READ)
HEADER = re.compile(
    r"# expect: (pass|inconclusive|ZG\d{3})(?: with (ZG\d{3}))?(?: at line (\d+))?\n"
)
NO_MISTAKES: dict[str, tuple[Verdict, str | None]] = {
    "pass": ("pass", None),
    "inconclusive": ("inconclusive", "ZG000"),
}


@dataclass(frozen=True)
class Expectation:
    """What the first line says; ``line`` is that of ``code`` or of ``note``, whichever there is."""

    verdict: Verdict
    code: str | None
    note: str | None
    line: int | None

    @property
    def told(self) -> set[str]:
        """The codes of all findings."""
        return {one for one in (self.code, self.note) if one}


def expectation_of(script: Path) -> Expectation:
    """What the first line of ``script`` says."""
    with script.open(encoding="utf-8") as file:
        first = file.readline()
    header = HEADER.fullmatch(first)
    assert header is not None, f"{script} begins with {first!r}"
    word, note, line = header.groups()
    verdict, code = NO_MISTAKES.get(word, ("fail", word))
    return Expectation(verdict, code, note, int(line) if line else None)


def names_in(*folders: Path) -> list[str]:
    """The scripts that stand in ``folders``, by their paths as seen from all scripts."""
    return sorted(
        str(path.relative_to(SCRIPTS)) for folder in folders for path in folder.glob("*.py")
    )


def assert_expected(report: Report, expected: Expectation) -> None:
    """The report says what the first line of its script says, and nothing else."""
    notes = {finding.code for finding in report.findings if finding.severity == "note"}
    others = {finding.code for finding in report.findings if finding.severity != "note"}
    lines = {finding.site.line for finding in report.findings}
    assert report.verdict == expected.verdict, str(report)
    assert others == {expected.code} - {None}, str(report)
    assert notes == {expected.note} - {None}, str(report)
    assert expected.line in {None, *lines}, str(report)
