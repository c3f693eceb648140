"""What the rules' findings mean for the source: lines to show, comments that silence, the fix."""

from __future__ import annotations

import ast
import linecache
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.check.repairing.clearing_fixes import REPAIRED, edits_of_clearing
from zgtui.check.repairing.edits import read_source
from zgtui.check.repairing.scale_fixes import CODES, edits_of_scale
from zgtui.check.running.notebook import SUFFIX, line_of_notebook
from zgtui.check.script_text import ScriptText
from zgtui.instrument.sites import Site, is_user_code

if TYPE_CHECKING:
    from zgtui.check.findings import Finding
    from zgtui.check.repairing.edits import Edit

IGNORE = re.compile(r"#\s*zgtui:\s*ignore(?:\[([A-Z0-9,\s]*)\])?")


def line_of(site: Site) -> str:
    """The source line at ``site``; empty where it cannot be read."""
    if site.file.endswith(SUFFIX):
        return line_of_notebook(site.file, site.line)
    return linecache.getline(site.file, site.line).rstrip("\n")


def relative(file: str) -> str:
    """``file`` as seen from the working folder, where it lies below it."""
    try:
        return str(Path(file).resolve().relative_to(Path.cwd()))
    except ValueError:
        return file


def ignored(finding: Finding) -> bool:
    """Whether a comment ``# zgtui: ignore[CODE]``, or without a code, stands at one of its lines.

    A comment on a line of its own above counts for the line below it.
    """
    for site in {finding.site, *finding.sites.values()}:
        linecache.checkcache(site.file)
        above = line_of(replace(site, line=site.line - 1)).strip() if site.line > 1 else ""
        for text in (line_of(site), above if above.startswith("#") else ""):
            match = IGNORE.search(text)
            if match and (match[1] is None or finding.code in re.split(r"[,\s]+", match[1])):
                return True
    return False


def edits_of(finding: Finding) -> list[Edit]:
    """The changes that may repair it, the smallest first; none where none is likely to."""
    step = finding.sites.get("step")
    if step is None or not is_user_code(step.file) or step.file.endswith(SUFFIX):
        return []  # a diff of a notebook's JSON is nothing that people read
    if finding.code not in REPAIRED | CODES:
        return []
    try:
        source = read_source(step.file)
        tree = ast.parse(source.text)
    except (OSError, SyntaxError, ValueError):
        return []
    if finding.code in CODES:
        return list(edits_of_scale(finding, tree, source))
    return edits_of_clearing(finding, ScriptText(tree, source))
