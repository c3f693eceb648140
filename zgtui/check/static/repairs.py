"""Fixes of what was read: each is applied and read again, and shown only where that is clean."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from zgtui.check.repairing.edits import Edit, diff, read_source
from zgtui.check.repairing.fixes import edits_of
from zgtui.check.static.reading import read

if TYPE_CHECKING:
    from zgtui.check.findings import Finding


def with_fix(finding: Finding) -> Finding:
    """The same with the smallest change after which nothing is wrong with its optimizer."""
    for edit in _smallest_first(edits_of(finding)):
        source = read_source(edit.file)
        changed = edit.applied(source)
        if not _is_wrong(changed.text, finding.optimizer):
            return replace(finding, fix=diff(source, changed))
    return finding


def _smallest_first(edits: list[Edit]) -> Iterator[Edit]:
    """What takes a clearing away and adds one may do with the first alone."""
    for edit in edits:
        if edit.replaced and edit.added:
            yield replace(edit, added={})
        yield edit


def _is_wrong(text: str, optimizer: str) -> bool:
    try:
        found = read(text, ast.parse(text))
    except SyntaxError:
        return True
    return any(one.mistake is not None and one.optimizer == optimizer for one in found)
