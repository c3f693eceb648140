"""The borders between the parts, as contracts on imports and as what a process really loads."""

from __future__ import annotations

import ast
import pkgutil
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.expectations import JUDGED, expectation_of, names_in
from tests.support.loaded import DRAWS, loaded_by
from tests.support.script_runs import SCRIPTS

pytestmark = pytest.mark.started  # forks have imported much already
ROOT = Path(__file__).parents[1]
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as run; run(['--no-cache'])"


def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_contributing_draws_the_arrows_of_the_contracts() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    layers = re.findall(
        r'^ {4}"(.+)",$', pyproject.partition("\nlayers = [")[2].partition("]")[0], re.MULTILINE
    )
    words = [re.findall(r"\w+", layer) for layer in layers]
    contributing = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    drawn = contributing.partition("```text\n")[2].partition("```")[0].split(">")
    assert [re.findall(r"\w+", layer) for layer in drawn] == words[words.index(["cli"]) :]


def test_the_drawing_process_loads_no_torch() -> None:
    loaded = loaded_by(
        "import zgtui.__main__, zgtui.cli.main, zgtui.tui.start, zgtui.tui.app, zgtui.worker.client"
    )
    assert "textual" in loaded
    assert "torch" not in loaded
    assert not {name for name in loaded if name.startswith("zgtui.training")}


FIRST_FRAME = "import zgtui.cli.app, zgtui.tui.start, zgtui.tui.app, zgtui.worker.client"
MINIMAL = "from textual.app import App; from textual.widgets import Static"
AT_FIRST_USE = {
    "markdown_it",
    "textual.widgets._data_table",
    "textual.widgets._markdown",
    "importlib.metadata",
    "statistics",
    "textual.widgets._digits",
    "tomllib",
    "zgtui.outputs.autosave",
    "zgtui.tables.export",
    "zgtui.tui.files",
    "zgtui.tui.screens.dialogs",
    "matplotlib",
    "zgtui.launch.script_comparison",
    "zgtui.tui.screens.docs_screen",
    "zgtui.tui.screens.map_screen",
    "zgtui.tui.screens.tried_screen",
    "zgtui.tui.screens.view_screen",
}
"""What one key or another opens, and the other commands show: nobody waits for it at the start."""
MAX_MODULES = 112
"""Modules of the first frame beside those of a minimal Textual app: 109 when this was written."""


@pytest.mark.started
def test_the_first_frame_imports_only_what_it_shows() -> None:
    loaded = loaded_by(FIRST_FRAME)
    assert not loaded & AT_FIRST_USE
    assert len(loaded - loaded_by(MINIMAL)) <= MAX_MODULES


def _modules(package: str) -> list[str]:
    folder = ROOT.joinpath(*package.split("."))
    return [f"{package}.{found.name}" for found in pkgutil.iter_modules([str(folder)])]


def test_the_training_process_loads_nothing_that_draws() -> None:
    modules = ["zgtui.worker.loop", *_modules("zgtui.training"), *_modules("zgtui.experiments")]
    loaded = loaded_by(f"import {', '.join(modules)}")
    assert "torch" in loaded
    assert not loaded.intersection(DRAWS)
    assert not {name for name in loaded if name.startswith("zgtui.tui")}


@pytest.mark.parametrize(
    "package",
    [
        "zgtui.runlog",
        "zgtui.curves",
        "zgtui.tables",
        "zgtui.theory",
        "zgtui.worker.protocol",
        "zgtui.config",
    ],
)
def test_loss_data_and_protocol_load_neither(package: str) -> None:
    modules = [package, *_modules(package)]
    loaded = loaded_by(f"import {', '.join(modules)}")
    assert not loaded.intersection({"torch", *DRAWS})


def test_no_name_stands_for_two_things() -> None:
    """A file is found by its name alone; commands are named after what they run.

    So are a class and a type's alias, but for the words of the two protocols.
    """
    files = [path for path in (ROOT / "zgtui").rglob("*.py") if not path.stem.startswith("__")]
    stems = Counter(path.stem for path in files if path.parent.name != "cli")
    assert {stem: count for stem, count in stems.items() if count > 1} == {"protocol": 2}
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    variables = {name for tree in trees for name, value in _assigned(tree) if _is_variable(value)}
    types = Counter(
        [
            *(
                node.name
                for tree in trees
                for node in ast.walk(tree)
                if isinstance(node, ast.ClassDef)
            ),
            *(name for tree in trees for name, value in _assigned(tree) if not _is_variable(value)),
            *variables,
        ]
    )
    assert {name for name, count in types.items() if count > 1} == {"Command", "Notice"}


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """What is written as types are, with what it stands for: ``Row = list[Cell]``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if re.fullmatch(r"[A-Z]\w*[a-z]\w*", name):
                yield name, node.value


def _is_variable(value: ast.expr) -> bool:
    """A type's variable stands for something else in each function."""
    return isinstance(value, ast.Call) and ast.unparse(value.func) == "TypeVar"


def test_what_several_tests_need_stands_in_none_of_them() -> None:
    imported = {
        (str(path.relative_to(ROOT)), node.module)
        for path in (ROOT / "tests").rglob("*.py")
        if path.parent.name not in {"examples", "scripts"}  # cells of notebooks are no modules
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
        if node.module.startswith("tests.") and ".test_" in node.module
    }
    assert sorted(imported) == []


def test_each_script_is_judged_once_and_its_first_line_says_how() -> None:
    others = {path for path in SCRIPTS.rglob("*.py") if path.parent not in JUDGED}
    assert {path.parent.name for path in others} == {"cuda", "run"}, "the scripts of other tests"
    assert not [path for path in others if "# expect: " in path.read_text(encoding="utf-8")]
    names = names_in(*JUDGED)
    assert all(expectation_of(SCRIPTS / name) for name in names)
    collected = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-k", "first_line_says"],
        cwd=ROOT / "tests" / "check",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    tested = re.findall(r"first_line_says\[(.+)\]$", collected.stdout, re.MULTILINE)
    assert sorted(tested) == names
