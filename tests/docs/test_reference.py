"""The reference says of keys, options and the rest what the program has: no more and no less."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from textual.binding import Binding

from tests.docs.blocks import README, ROOT, blocks
from zgtui.check.findings import EXIT_CODES, RULES
from zgtui.cli import Invocation, Subcommand
from zgtui.cli.main import COMMANDS, command
from zgtui.cli.main import main as zgtui_main
from zgtui.config.options import OPTIONS, pick
from zgtui.config.sources import read_config, resolve
from zgtui.docs import page, topics
from zgtui.experiments import EXPERIMENTS
from zgtui.lessons import LESSONS
from zgtui.tables.rows import TIDY_COLUMNS
from zgtui.tui.keys import bindings, keymap

APP = command("app")
SCREENS = {
    "zgtui": bindings("train"),
    "zgtui run": bindings("run"),
    "zgtui view": bindings("view"),
    "zgtui docs": bindings("docs"),
    "zgtui map": bindings("map"),
}
EVERYTHING = "\n".join([README.read_text("utf-8"), *(topic.text for topic in topics().values())])
COMMAND_LINES = [
    words
    for path in [README, *(topic.path for topic in topics().values())]
    for block in blocks(path)
    if block.language == "sh"
    for words in block.commands
    if words[0].endswith("zgtui")
]


def section(text: str, heading: str) -> str:
    """What stands below ``heading``, up to the next of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    _, _, below = f"{text}\n".partition(f"\n{heading}\n")
    assert below, f"no heading {heading!r}"
    return re.split(rf"^#{{1,{level}}} ", below, maxsplit=1, flags=re.MULTILINE)[0]


def first_column(text: str) -> list[str]:
    """Everything in backticks in the first column of a table."""
    cells = re.findall(r"^\| (.+?) \|", text.replace("\\|", "¦"), re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def pressed(bindings: Sequence[Binding]) -> list[str]:
    """What stands on the keys of ``bindings``."""
    names = {"space": "space", "enter": "enter"}
    shown = [names.get(one.key) or one.key_display or one.key for one in bindings]
    return [key for keys in shown for key in keys.split(", ")]


@pytest.mark.parametrize("screen", SCREENS)
def test_every_key_of_a_screen_is_listed_once(screen: str) -> None:
    listed = first_column(section(page("keys").text, f"## In {screen}"))
    assert sorted(listed) == sorted(pressed(SCREENS[screen]))


def test_readme_names_keys_that_there_are() -> None:
    text = section(README.read_text("utf-8"), "## 1. See it: `zgtui`")
    listed = first_column(text.partition("| key |")[2])
    assert len(listed) > 10
    assert set(listed) <= set(pressed(bindings("train")))


def test_every_option_is_described() -> None:
    described = set(re.findall(r"`--([a-z-]+)", page("options").text))
    assert set(OPTIONS) <= described


@pytest.mark.parametrize("name", ["train", "run", "view", "check", "serve"])
def test_a_commands_own_options_are_described_in_its_topic(name: str) -> None:
    options = command(name).options
    own = {option for option, entry in options.items() if entry is not APP.options.get(option)}
    described = set(re.findall(r"`--([a-z-]+)", page(name).text))
    assert own <= described


def known_options() -> set[str]:
    """Every option of every command, and those of other programs that the texts name."""
    switches = {
        switch for entry in command("check").options.values() for switch in entry.shorthands
    }
    other_programs = {
        "epochs",
        "config",
        "data",
        "standalone",
        "from",
        "logdir",
        "strict",
        "dist",
        "zgtui",
        "no-deps",
        "job-name",
        "output",
        "time",
        "gres",
        "cpus-per-task",
        "dry-run",
        "overrides",
        "include-apps",
        "system-site-packages",
        "torch-backend",
        "index",
    }
    ours = {option for name in COMMANDS for option in command(name).options}
    return ours | switches | {"version", "help"} | other_programs


def test_every_option_named_anywhere_exists() -> None:
    named = set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", EVERYTHING))
    assert named - known_options() == set()


def split(words: list[str]) -> tuple[Subcommand, list[str]]:
    """The command that a line gives, and its words."""
    rest = [word for word in words[1:] if word not in {"|", "head", "less", "&"}]
    if rest and rest[0] in COMMANDS:
        return command(rest[0]), rest
    return APP, rest


@pytest.mark.parametrize("words", COMMAND_LINES, ids=" ".join)
def test_every_command_line_is_understood(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    named, rest = split(words)
    seen: list[Invocation] = []

    def run(call: Invocation) -> int:
        seen.append(call)
        return 0

    monkeypatch.setattr(f"{COMMANDS[named.name]}.COMMAND", replace(named, action=run))
    assert zgtui_main(rest) == 0, capsys.readouterr().err
    assert seen
    assert seen[0].words or not named.verbatim or named.operands.startswith("[")


def test_every_experiment_is_listed_with_what_to_expect() -> None:
    listed = {name.split()[0] for name in first_column(page("experiments").text)}
    assert listed - {"--experiment"} == set(EXPERIMENTS)


def test_every_lesson_is_listed_in_its_order() -> None:
    rows = re.findall(r"^\| (\d+) (.+?) \|", page("lessons").text, re.MULTILINE)
    titles = [lesson.title for lesson in LESSONS.values()]
    assert rows == [(str(number), title) for number, title in enumerate(titles, 1)]


def test_every_code_of_check_is_listed_with_its_severity_and_title() -> None:
    text = page("check").text
    for code, rule in RULES.items():
        if rule.severity in {"error", "warning", "note"}:
            assert f"| {code} | {rule.severity} | {rule.title} |" in text
        assert code in text
    assert set(re.findall(r"ZG\d+", EVERYTHING)) <= set(RULES)


def test_the_columns_of_a_table_are_listed() -> None:
    listed = first_column(page("table").text)
    assert listed[: len(TIDY_COLUMNS)] == list(TIDY_COLUMNS)


def test_the_exit_codes_of_check_are_listed() -> None:
    listed = re.findall(r"^\| (\d) \| `(\w+)` \|", page("check").text, re.MULTILINE)
    assert {verdict: int(code) for code, verdict in listed} == EXIT_CODES


def test_the_example_of_a_configuration_is_understood(tmp_path: Path) -> None:
    (example,) = [block for block in blocks(page("config").path) if block.language == "toml"]
    path = tmp_path / "config.toml"
    path.write_text(example.text)
    config = read_config(path)
    assert resolve(pick("theme", "lr"), {}, config) == {"theme": "zgtui-light", "lr": 0.05}
    assert keymap(config["keys"]) == config["keys"]


def test_names_of_keys_are_those_of_actions() -> None:
    named = page("config").text.partition("The names of keys")[2].partition("A wrong name")[0]
    names = re.findall(r"`([\w-]+)`", named)
    assert len(names) > 3
    assert set(names) <= {binding.id for binding in bindings("train")}


def test_every_integration_is_listed_with_an_example() -> None:
    text = page("integrations").text
    folder = ROOT / "zgtui" / "integrations"
    watches = {
        path.stem
        for path in folder.glob("*.py")
        if re.search(r"^class \w+Watch\(?", path.read_text("utf-8"), re.MULTILINE)
    }
    listed = set(re.findall(r"^\| `zgtui\.integrations\.(\w+)` \|", text, re.MULTILINE))
    assert listed == watches
    examples = "".join(block.text for block in blocks(page("integrations").path))
    assert set(re.findall(r"^from zgtui\.integrations\.(\w+) import", examples, re.MULTILINE)) == (
        watches
    )


def test_examples_in_python_are_python() -> None:
    for topic in topics().values():
        for block in blocks(topic.path):
            if block.language == "python":
                compile(block.text, str(topic.path), "exec")


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("notebook", "notebook"),
        ("log_losses", "log"),
        ("loop_watch", "integrations"),
        ("lightning_watch", "integrations"),
        ("transformers_watch", "integrations"),
        ("accelerate_watch", "integrations"),
    ],
)
def test_an_example_of_the_reference_is_the_one_that_is_run(name: str, topic: str) -> None:
    example = (ROOT / "tests" / "examples" / f"{name}.py").read_text("utf-8")
    assert f"```python\n{example}```" in page(topic).text
