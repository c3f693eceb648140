"""README: every command in it is run, as its reader would run it."""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.docs.blocks import README, ROOT, Block, blocks, readme
from tests.support.command import on_path
from tests.support.terminal import Terminal

KINDS = {
    "install": ".ci/run runs it in a fresh clone",
    "test": ".ci/run runs it in a fresh clone",
    "terminal": "each line runs on a terminal, and q ends it",
    "file": "the file that later blocks use",
    "console": "its output is compared",
    "run": "a shell runs it",
    "workflow": "each of its steps is run",
    "python": "Python runs it",
}
"""What ``<!-- ci: KIND -->`` above a block promises."""
TO_BE_RUN = {"sh", "shell", "bash", "console", "python", "yaml"}
MAX_LINES = 400
TERMINAL_COMMANDS = [words for block in readme("terminal") for words in block.commands]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of a user: ``zgtui`` is on the path, and README's files are there."""
    folder = tmp_path / "me"
    monkeypatch.setenv("PATH", on_path(tmp_path / "bin"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    folder.mkdir()
    for block in readme("file"):
        (folder / block.name).write_text(block.text)
    return folder


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-ec", command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_it_is_short() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= MAX_LINES


def test_every_block_of_commands_says_how_it_is_tested() -> None:
    found = [block for block in blocks(README) if block.language in TO_BE_RUN]
    assert len(found) > 8
    assert {block.kind for block in found} == set(KINDS), "each kind is one that is tested here"


def test_the_gate_runs_the_commands_of_installing_and_of_testing() -> None:
    gate = (ROOT / ".ci" / "run").read_text("utf-8")
    for kind in ("install", "test"):
        assert len(readme(kind)) == 1
        assert f'eval "$(block {kind})"' in gate


@pytest.mark.terminal
@pytest.mark.parametrize("words", TERMINAL_COMMANDS, ids=" ".join)
def test_a_command_opens_a_screen_that_q_leaves(words: list[str], work: Path) -> None:
    assert Path(words[0]).name == "zgtui"
    terminal = Terminal(work, *words[1:])
    try:
        terminal.shows("quit")
        terminal.type("q")
        assert terminal.ended() == 0
    finally:
        terminal.close()


@pytest.mark.parametrize("block", readme("console"), ids=lambda block: block.text.split("\n")[0])
def test_a_command_prints_what_readme_shows(block: Block, work: Path) -> None:
    command, _, expected = block.text.partition("\n")
    assert command.startswith("$ ")
    output = shell(command[2:], work).stdout.replace(str(work), "/home/me")
    checker = doctest.OutputChecker()
    assert checker.check_output(expected, output, doctest.ELLIPSIS), output


@pytest.mark.parametrize("block", readme("run"), ids=lambda block: block.text.split("\n")[0])
def test_a_shell_runs_it(block: Block, work: Path) -> None:
    done = shell(block.text, work)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert done.stdout.strip()


@pytest.mark.parametrize("block", readme("workflow"), ids=lambda block: block.text.split("\n")[0])
def test_a_step_of_a_workflow_reports_on_the_script(block: Block, work: Path) -> None:
    for step in yaml.safe_load(block.text):
        done = shell(step["run"], work)
        assert done.returncode == 1, done.stdout + done.stderr
        assert re.search(r"^::error file=.*train\.py,line=\d+", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("block", readme("python"), ids=lambda block: block.text.split("\n")[0])
def test_python_runs_it(block: Block, work: Path) -> None:
    (work / "example.py").write_text(block.text)
    done = shell(f"{shlex.quote(sys.executable)} example.py", work)
    assert done.returncode == 0, done.stderr
    assert "zero_grad() never" in done.stdout


def test_its_files_and_pictures_exist() -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", README.read_text("utf-8"))
    assert len(targets) > 20
    assert not [target for target in targets if not (ROOT / target).exists()]


def test_its_extras_are_those_that_can_be_installed() -> None:
    texts = [README, *sorted((ROOT / "zgtui" / "docs").glob("*.md"))]
    named = {name for path in texts for name in re.findall(r"zgtui\[(\w+)\]", path.read_text())}
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    extras = project.split("[project.optional-dependencies]\n")[1].split("\n[")[0]
    offered = set(re.findall(r"^(\w+) = \[", extras, re.MULTILINE)) - {"test"}
    assert named == offered
    install = (ROOT / "zgtui" / "docs" / "install.md").read_text("utf-8")
    assert set(re.findall(r"zgtui\[(\w+)\]", install)) == offered
