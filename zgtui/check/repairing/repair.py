"""Fixes are tried on a copy of the sources before anybody is shown them."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from zgtui.check.repairing.edits import Edit, SourceText, diff, join, read_source
from zgtui.check.repairing.fixes import edits_of
from zgtui.errors import UsageError
from zgtui.launch.command import Variant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zgtui.check.findings import Finding
    from zgtui.check.report import Report
    from zgtui.launch.command import ScriptOptions


@dataclass(frozen=True)
class Repair:
    """Changed sources: what each file is now, and what it becomes."""

    old: tuple[SourceText, ...]
    new: tuple[SourceText, ...]

    @property
    def diff(self) -> str:
        """All changes as one unified diff."""
        return "".join(map(diff, self.old, self.new))

    def write(self) -> None:
        """Write the changed files.

        Raises:
            UsageError: if one cannot be written, or is not what it was when it was checked.
        """
        for source in self.old:
            if Path(source.file).read_bytes() != source.text.encode(source.encoding):
                raise UsageError(f"{source.file} has changed since it was checked: check it again")
        for source in self.new:
            try:
                Path(source.file).write_bytes(source.text.encode(source.encoding))
            except OSError as error:
                raise UsageError(f"cannot write {source.file}: {error.strerror}") from error


def proposals(report: Report) -> Iterator[tuple[Repair, dict[int, str]]]:
    """Changes that may repair everything that was found, the smallest first.

    With each comes the diff that belongs to each finding, by its place in the report.
    """
    choices = {
        at: edits for at, finding in enumerate(report.findings) if (edits := edits_of(finding))
    }
    tried: list[Repair] = []
    for index in range(max(map(len, choices.values()), default=0)):
        chosen = {at: edits[min(index, len(edits) - 1)] for at, edits in choices.items()}
        repair = _repair(list(chosen.values()))
        if repair not in tried:
            tried.append(repair)
            yield repair, {at: _repair([edit]).diff for at, edit in chosen.items()}


def _repair(edits: list[Edit]) -> Repair:
    joined = join(edits)
    old = tuple(read_source(file) for file in joined)
    return Repair(old, tuple(joined[one.file].applied(one) for one in old))


def variant(options: ScriptOptions, repair: Repair, folder: Path) -> Variant:
    """Changed copies in ``folder``, and how to run the script with them.

    The script itself, where it is changed, lies beside links to all that lies beside it: it
    imports and reads the same. Of other modules the changed copy is loaded.
    """
    words = [*(["-m"] if options.module else []), options.script, *options.arguments]
    replaced = {}
    for number, source in enumerate(repair.new):
        file = os.path.realpath(source.file)
        place = folder / str(number)
        copy = linked(Path(file), place)
        copy.write_bytes(source.text.encode(source.encoding))
        copy.chmod(Path(file).stat().st_mode)
        replaced[file] = str(copy)
        words = [_in_its_place(word, Path(file), copy) for word in words]
    return Variant(words=tuple(words), replaced=replaced)


def linked(file: Path, place: Path) -> Path:
    """Make folder ``place`` look like that of ``file``, without it; where its copy belongs."""
    place.mkdir()
    for entry in os.scandir(file.parent):
        if entry.name != file.name:
            with suppress(OSError):
                (place / entry.name).symlink_to(entry.path)
    return place / file.name


def _in_its_place(word: str, file: Path, copy: Path) -> str:
    """The copy's path for a word that names the file, or the folder that is run by it."""
    path = os.path.realpath(word)
    if path == str(file):
        return str(copy)
    if file.name == "__main__.py" and path == str(file.parent):
        return str(copy.parent)
    return word


def with_fixes(report: Report, diffs: dict[int, str]) -> Report:
    """The report with a diff at each finding that has one."""
    findings: list[Finding] = [
        replace(finding, fix=diffs.get(at, "")) for at, finding in enumerate(report.findings)
    ]
    return replace(report, findings=tuple(findings))
