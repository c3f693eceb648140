"""What reading a file costs and finds: files a second, faults found, right scripts blamed.

    python -m tests.benchmarks.bench_static [--dslinter PYTHON] [FOLDER …]

The faults and the right scripts are ours, those of tests/scripts/check and tests/scripts/static;
a script counts as found where any mistake is told of it, as the other linter has but one. FOLDERs
are read for their speed and their findings alone. ``--dslinter`` names a Python that has dslinter
(which needs Python 3.8), to run its rule W5517 on the same files.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from zgtui.check.static.file_reader import read_files
from zgtui.errors import UsageError

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
WRONG = [*(SCRIPTS / "check" / "wrong").glob("*.py"), *(SCRIPTS / "static" / "wrong").glob("*.py")]
RIGHT = [*(SCRIPTS / "check" / "right").glob("*.py"), *(SCRIPTS / "static" / "right").glob("*.py")]
SILENCED = SCRIPTS / "check" / "right" / "silenced.py"
"""A fault, which a comment of ours silences."""
Blame = Callable[[Iterable[Path]], set[Path]]


def blamed(paths: Iterable[Path]) -> set[Path]:
    """The files in which a mistake is found."""
    return {path for path in paths if _mistakes(path)}


def _mistakes(path: Path) -> list[str]:
    try:
        findings = read_files([str(path)]).findings
    except UsageError:
        return []
    return [one.code for one in findings if one.severity not in {"note", "inconclusive"}]


def blamed_by_dslinter(python: str) -> Blame:
    """The files in which dslinter's rule W5517 finds something, read in one run."""

    def blame(paths: Iterable[Path]) -> set[Path]:
        options = ["--load-plugins=dslinter", "--disable=all", "--enable=W5517", "--score=n"]
        form = "--msg-template={abspath}:{msg_id}"
        command = [python, "-m", "pylint", *options, form, *map(str, paths)]
        told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return {Path(match[1]) for match in re.finditer(r"^(/.*):W5517$", told, re.MULTILINE)}

    return blame


def compare(name: str, blame: Blame) -> None:
    """Print one linter's line."""
    right = [path for path in RIGHT if path != SILENCED]
    start = time.perf_counter()
    found, false = blame(WRONG), blame(right)
    taken = time.perf_counter() - start
    sys.stdout.write(
        f"{name:<16} found {len(found):>3} of {len(WRONG)}; blamed {len(false):>2} of {len(right)}"
        f" right ones; {taken:6.2f} s, {(len(WRONG) + len(right)) / taken:7.1f} files/s\n"
    )


def main() -> None:
    """Compare on our scripts, then read the folders that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dslinter", metavar="PYTHON")
    parser.add_argument("folders", metavar="FOLDER", nargs="*", type=Path)
    given = parser.parse_args()
    compare("zgtui --static", blamed)
    if given.dslinter:
        compare("dslinter W5517", blamed_by_dslinter(given.dslinter))
    for folder in given.folders:
        paths = [path for end in ("py", "ipynb") for path in folder.rglob(f"*.{end}")]
        wall, cpu = time.perf_counter(), time.process_time()
        wrong = blamed(paths)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        sys.stdout.write(
            f"{folder}: {len(paths)} files, {len(paths) / wall:.0f} files/s"
            f" ({len(paths) / cpu:.0f} of its own processor time), blamed {len(wrong)}\n"
        )


if __name__ == "__main__":
    main()
