"""What a shell completes: commands, options and their values, and file names elsewhere."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.command import environment, on_path
from zgtui.cli.completion import SEPARATOR, SHELLS, VALUES, candidates
from zgtui.cli.main import COMMANDS, command, main
from zgtui.config.options import MARKERS, OPTIONS
from zgtui.errors import UsageError

LINES = {
    "zgtui tr": ["train"],
    "zgtui train --experiment mo": ["moons"],
    "zgtui train --optimizer Adam": ["Adam", "AdamW"],
    "zgtui --exp": ["--experiment"],
    "zgtui train --experiment=mo": ["--experiment=moons"],
    "zgtui train --experiment = mo": ["moons"],
    "zgtui --experiment = mo": ["moons"],
    "zgtui view --marker =": list(MARKERS),
    "zgtui train --lr = 0.1 --optimizer = Adam": ["Adam", "AdamW"],
    "zgtui --theme=zgtui-l": ["--theme=zgtui-light"],
    "zgtui check --js": ["--json"],
    "zgtui run --a as": ["as-is"],
    "zgtui docs the": ["theory"],
    "zgtui explain ZG30": ["ZG301"],
    "zgtui completion f": ["fish"],
}


@pytest.mark.parametrize("line", LINES)
def test_the_last_word_is_completed(line: str) -> None:
    assert candidates(line.split()[1:]) == LINES[line]


@pytest.mark.parametrize(
    "line",
    [
        "view ",
        "check --steps 5 ",
        "run train.py",
        "nosuch ",
        "train --lr ",
        "view --out = lo",
        "view --out=lo",
        "view --ascii=",
        "view marker ",
    ],
)
def test_where_nothing_is_known_the_shell_completes_files(line: str) -> None:
    assert candidates(line.split(" ")) == []


def test_every_command_and_each_of_its_options_is_completed() -> None:
    assert candidates([""]) == list(COMMANDS)
    for name in COMMANDS:
        assert {f"--{one}" for one in command(name).options} <= set(candidates([name, "--"]))


@pytest.mark.parametrize("name", VALUES)
def test_each_value_that_is_offered_is_taken(name: str) -> None:
    option = command("check").options[name] if name == "format" else OPTIONS[name]
    assert option.parse is not None
    for value in VALUES[name]:
        try:
            option.parse(value)
        except UsageError as error:
            pytest.fail(str(error))


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_completes(shell: str, tmp_path: Path) -> None:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"there is no {shell} here")
    asks = {
        "bash": 'eval "$(zgtui completion bash)"; COMP_WORDS=(zgtui train --experiment "");'
        ' COMP_CWORD=3; _zgtui; printf "%s\\n" "${COMPREPLY[@]}"',
        "zsh": "autoload -U compinit; compinit -u -D; words=(zgtui train --experiment '');"
        ' CURRENT=4; compadd() { shift; print -l -- "$@" };'
        ' eval "$(zgtui completion zsh)"; _zgtui',
        "fish": "zgtui completion fish | source; complete -C 'zgtui train --experiment '",
    }
    done = subprocess.run(
        [found, "-c", asks[shell]],
        env=environment(PATH=on_path(tmp_path / "bin")),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert sorted(done.stdout.split()) == sorted(VALUES["experiment"]), done.stderr


def test_bash_completes_a_value_behind_an_equals_sign(tmp_path: Path) -> None:
    found = shutil.which("bash")
    if found is None:
        pytest.skip("there is no bash here")
    asks = (
        'eval "$(zgtui completion bash)"; COMP_WORDS=(zgtui train --experiment = mo);'
        ' COMP_CWORD=4; _zgtui; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        [found, "-c", asks],
        env=environment(PATH=on_path(tmp_path / "bin")),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.split() == ["moons"], done.stderr


def test_the_words_come_from_the_program_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "words", SEPARATOR.join(["zgtui", "--the"])]) == 0
    assert capsys.readouterr().out == "--theme\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "which shell? Available: bash, zsh, fish"),
        (["bsh"], "there is no completion for 'bsh'. Did you mean 'bash'"),
        (["bash", "zsh"], "Available: bash, zsh, fish"),
    ],
)
def test_what_is_no_shell_is_told(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", *words]) == 2
    assert says in capsys.readouterr().err
