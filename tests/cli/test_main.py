"""The command line, used rightly and wrongly as a user would."""

from __future__ import annotations

import gc
import itertools
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import zgtui
from zgtui import __version__
from zgtui.cli import Invocation, Subcommand
from zgtui.cli.app import COMMAND as APP
from zgtui.cli.main import COMMANDS, command, main
from zgtui.config.options import OPTIONS, settings_from
from zgtui.config.settings import EVERY, NEVER, Clearing, RunSettings
from zgtui.config.sources import resolve
from zgtui.errors import UsageError
from zgtui.experiments import EXPERIMENTS
from zgtui.tui.start import start_app

TEXT_MODE = "zgtui: stdout is not a terminal: training in plain text, as with 'zgtui train'"


def _words(value: object) -> str:
    """The name of a case: its command line."""
    return " ".join(value) if isinstance(value, list) else "says"


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The sentence with which a usage error ends."""
    assert main(words) == 2
    printed = capsys.readouterr()
    assert not printed.out
    assert printed.err.startswith("zgtui: ")
    assert printed.err.count("\n") == 1, "one sentence, no traceback"
    return printed.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--lr", "abc"], "--lr: a learning rate is a positive, finite number such as 0.1, not"),
        (["--lr", "-1"], "'-1'"),
        (["--lr=-1"], "'-1'"),
        (["--lr", "inf"], "'inf'"),
        (["--lr"], "--lr needs a value"),
        (
            ["--device", "nope"],
            "--device: the device must be auto, cpu, cuda, cuda:N or mps,",
        ),
        (
            ["--experiment", "nope"],
            "there is no experiment 'nope'. See 'zgtui experiments'; your own is",
        ),
        (["--experiment", "artcle"], "Did you mean 'article' or 'article-exact'?"),
        (
            ["--steps", "0"],
            "--steps: the number of steps must be a whole number of at least 1 or 'unlimited', not",
        ),
        (["--seed", "x"], "--seed: the seed must be a whole number of at least 0"),
        (["--clear-b", "sometimes"], "--clear-b: a clearing policy is 'every', 'never' or"),
        (
            ["--speed", "0"],
            "--speed: the speed must be a positive number or 'unlimited', not '0'",
        ),
        (
            ["--batch-size", "0"],
            "the batch size must be a whole number of at least 1 or 'full'",
        ),
        (["--fps", "1000"], "--fps: the frame rate must be a positive number up to 60, not '1000'"),
        (["--marker", "brail"], "Did you mean 'braille'?"),
        (["--ascii", "--marker", "dot"], "--ascii cannot be combined with"),
        (["--learning-rate", "1"], "there is no option --learning-rate. See"),
        (["--exper", "article"], "there is no option --exper. Did you mean '--experiment'?"),
        (["--lesson", "energi"], "there is no lesson 'energi'. Did you mean 'energy'?"),
        (["--lesson", "energy", "--lr", "1"], "sets up its own comparison: leave out --lr"),
        (["--lesson", "energy"], "a lesson needs a screen"),
        (["experimets"], "there is no command 'experimets'. Did you mean 'experiments'?"),
        (["train.py"], "To train a script: zgtui run train.py; to check it: zgtui check train.py."),
        (
            ["devices", "--lr", "1"],
            "--lr is an option of zgtui and 'zgtui train'. See 'zgtui devices --help'.",
        ),
    ],
    ids=_words,
)
def test_wrong_use_ends_in_one_sentence_and_exit_code_2(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sentence in refused(capsys, *words)


def test_article_exact_is_an_experiment_and_goes_with_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = resolve(APP.options, {"article-exact": True}, {})
    assert settings_from(values).experiment == "article-exact"
    monkeypatch.setitem(EXPERIMENTS, "other", EXPERIMENTS["article"])
    with pytest.raises(Exception, match="cannot be combined with 'other'"):
        settings_from({**values, "experiment": "other"})


def test_options_become_the_settings_of_both_runs() -> None:
    given = {"lr": "0.5", "seed": "3", "steps": "unlimited", "clear-a": "never", "clear-b": "1"}
    settings = settings_from(resolve(APP.options, given, {}))
    assert settings.a == RunSettings(clear=NEVER, lr=0.5)
    assert settings.b == RunSettings(clear=EVERY, lr=0.5)
    assert (settings.seed, settings.steps, settings.speed) == (3, 0, None)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--out", "missing/losses.csv"], "there is no folder"),
        (["--out", "losses.txt"], "has no known table format"),
    ],
    ids=_words,
)
def test_an_option_that_cannot_be_used_is_told_without_a_terminal_too(
    words: list[str], sentence: str, tmp_path: Path
) -> None:
    code, printed, said = zgtui(*words, cwd=tmp_path)
    assert (code, printed) == (2, "")
    plain_text, told = said.splitlines()
    assert plain_text == TEXT_MODE
    assert sentence in told


def test_without_a_terminal_it_trains_in_plain_text_and_says_so(tmp_path: Path) -> None:
    code, printed, said = zgtui("--out", "losses.csv", cwd=tmp_path)
    assert (code, said.splitlines()[0]) == (0, TEXT_MODE)
    assert printed.startswith("Epoch 1 (With zero_grad): Loss = 0.3011")
    assert (tmp_path / "losses.csv").is_file()


def test_an_unknown_theme_is_told() -> None:
    values = resolve(APP.options, {"theme": "zgtui-drak"}, {})
    with pytest.raises(UsageError, match="there is no theme 'zgtui-drak'"):
        start_app(settings_from(values), values, {})


def test_a_key_in_the_configuration_that_does_nothing_is_told() -> None:
    values = resolve(APP.options, {}, {})
    with pytest.raises(UsageError, match="keys: there is no action 'puase'"):
        start_app(settings_from(values), values, {"puase": "p"})


def test_a_wrong_variable_is_told_by_its_name() -> None:
    code, _, said = zgtui(ZGTUI_LR="abc")
    assert code == 2
    assert said.startswith("zgtui: ZGTUI_LR: a learning rate is")


@pytest.mark.parametrize(
    "words", [["--version"], ["--help"], ["experiments"], ["config"], ["--lr", "abc"]]
)
def test_quick_answers_load_neither_torch_nor_textual(words: list[str]) -> None:
    code = (
        "import json, sys\n"
        "from zgtui.cli.main import main\n"
        "try:\n"
        f"    main({words!r})\n"
        "except SystemExit as ended:\n"
        "    assert ended.code == 0\n"
        "print(json.dumps(list(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert not {"torch", "textual", "rich", "plotext"}.intersection(loaded)


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"zgtui {__version__}\n"
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    told = capsys.readouterr().out
    assert all(f"--{name}" in told for name in APP.options)
    assert all(f"zgtui {name}" in told for name in COMMANDS)


@pytest.mark.parametrize("columns", [10, 80])
def test_what_commands_do_is_folded_between_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    told = capsys.readouterr().out.partition("commands (")[2].partition("Every option")[0]
    assert all(command(name).summary in " ".join(told.split()) for name in COMMANDS)
    assert all(len(line) <= max(columns, 40) for line in told.splitlines()[1:])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_name_a_summary_and_help(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = command(name)
    assert entry.name == name
    assert "\n" not in entry.summary
    with pytest.raises(SystemExit, match="0"):
        main([name, "--help"])
    told = capsys.readouterr().out
    assert told.startswith(f"usage: zgtui {name} [options]")
    for option, entry_of in entry.options.items():
        assert f"--{option}" in told
        assert all(f"--{switch}" in told for switch in entry_of.shorthands)


def test_experiments_lists_each_with_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experiments"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(EXPERIMENTS)
    assert all(
        line.endswith(EXPERIMENTS[name].summary)
        for line, name in zip(lines, EXPERIMENTS, strict=True)
    )


def test_devices_lists_what_a_training_process_finds() -> None:
    code, printed, said = zgtui("devices")
    assert (code, said) == (0, "")
    *devices, last = printed.splitlines()
    assert sum(line.endswith("(auto picks this for article)") for line in devices) == 1
    assert any(line.startswith("cpu ") for line in devices)
    assert last.startswith("PyTorch ")


@pytest.mark.parametrize("word", ["experiments", "--help"])
def test_a_reader_that_goes_away_is_no_traceback(
    word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    process = subprocess.Popen(
        [sys.executable, "-m", "zgtui", word], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 141


@pytest.mark.parametrize(
    "words", [["experiments"], ["--help"], ["docs"], ["config"], ["map"], ["--version"]]
)
def test_a_full_disk_behind_stdout_is_one_sentence(words: list[str]) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "zgtui", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.stderr == "zgtui: cannot write to stdout: no space left on device\n"
    assert done.returncode == 2


def test_config_lists_every_option_with_its_value_and_where_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('lr = 0.05\ntheme = "zgtui-light"\n[keys]\nrestart = "f5"\n')
    monkeypatch.setenv("ZGTUI_CONFIG", str(file))
    monkeypatch.setenv("ZGTUI_LR", "0.2")
    assert main(["config"]) == 0
    first, logs, *rows = capsys.readouterr().out.splitlines()
    assert first.split() == ["configuration", str(file)]
    assert logs.split() == ["logs", os.environ["ZGTUI_STATE_DIR"]]
    told = {row.split()[0]: row.split(maxsplit=2)[1:] for row in rows}
    assert list(told) == [*OPTIONS, "keys.restart"]
    assert told["lr"] == ["0.2", "ZGTUI_LR"]
    assert told["theme"] == ["zgtui-light", f"theme in {file}"]
    assert told["keys.restart"] == ["f5", str(file)]
    assert told["seed"] == ["42", "default"]
    assert told["optimizer"] == ["-", "default"]
    assert told["paused"] == ["false", "default"]
    assert told["fps"] == ["10", "default"]


def test_config_tells_its_file_for_other_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZGTUI_CONFIG", str(tmp_path / "config.toml"))
    assert main(["config", "--path"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'config.toml'}\n"


def test_config_is_edited_and_checked_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new folder" / "config.toml"
    monkeypatch.setenv("ZGTUI_CONFIG", str(file))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "sed -i 's/^# lr = 0.05/lr = 0.07/'")
    assert main(["config", "--edit"]) == 0
    assert re.search(rf"lr +0.07 +lr in {file}", capsys.readouterr().out)
    assert "# theme" in file.read_text()
    monkeypatch.setenv("VISUAL", "sed -i 's/^lr = 0.07/lrr = 0.07/'")
    assert main(["config", "--edit"]) == 2
    assert "'lrr', which is not an option. Did you mean 'lr'" in capsys.readouterr().err
    monkeypatch.setenv("VISUAL", "sed -i 's/^lrr/lr/'")
    assert main(["config", "--edit"]) == 0


@pytest.mark.parametrize(
    ("editor", "says"),
    [
        ("no-such-editor", "'no-such-editor': No such file or directory; set $EDITOR"),
        ("false", "'false' ended with exit code 1"),
        ("'", "No closing quotation; set $EDITOR"),
    ],
)
def test_an_editor_that_cannot_be_used_is_told(
    editor: str,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ZGTUI_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("VISUAL", editor)
    assert main(["config", "--edit"]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["train", "--lrr", "3"], "there is no option --lrr. Did you mean '--lr'?"),
        (
            ["train", "--experimnt=moons"],
            "no option --experimnt=moons. Did you mean '--experiment'",
        ),
        (["check", "--jsn", "a.py"], "there is no option --jsn. Did you mean '--json'"),
        (["--plain"], "--plain is an option of 'zgtui train' and 'zgtui run'. See 'zgtui --help'."),
        (["view", "--follow", "--plain"], "--plain is an option of 'zgtui train' and 'zgtui run'."),
        (["view", "--sarif"], "there is no option --sarif. --sarif is an option of 'zgtui check'."),
        (["train", "-q"], "there is no option -q. See 'zgtui train --help'."),
        (["train", "moons"], "zgtui train takes no 'moons'. See"),
        (["train", "--lr"], "--lr needs a value. See"),
    ],
)
def test_a_mistyped_option_is_told_with_a_suggestion(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["docs"], ["map"], ["run"], ["view"]], ids=" ".join)
def test_a_theme_that_does_not_exist_is_refused_without_a_terminal_too(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--theme", "zgtui-lite"]) == 2
    assert "there is no theme 'zgtui-lite'. Did you mean 'zgtui-light'" in capsys.readouterr().err


def test_a_wrong_theme_in_the_configuration_is_told_by_config(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZGTUI_THEME", "nosuch")
    assert main(["config"]) == 2
    assert "ZGTUI_THEME: there is no theme 'nosuch'" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["config"], ["doctor"], ["experiments"], ["docs", "keys"]])
def test_a_mistyped_variable_is_told(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZGTUI_LRR", "0.1")
    main(words)
    told = "".join(capsys.readouterr())
    said = "the environment sets ZGTUI_LRR, which is not an option. Did you mean 'ZGTUI_LR'?"
    assert told.count(said) == 1


@pytest.mark.parametrize("variable", ["ZGTUI_STATE_DIR", "ZGTUI_CLEAR_B", "ZGTUI_PUBLISHED"])
def test_other_variables_are_nobody_s_business(
    variable: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, "4")
    assert main(["experiments"]) == 0
    assert capsys.readouterr().err == ""


def test_config_tells_each_variable_that_does_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZGTUI_HOMEPAGE_OF_OURS", "4")
    assert main(["config"]) == 0
    said = "zgtui: the environment sets ZGTUI_HOMEPAGE_OF_OURS, which is not an option.\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_three_examples_that_are_understood(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        command(name).run(["--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert len(command(name).examples) == 3
    for line in command(name).examples:
        assert line in text
        assert len(line) <= 78
        words = shlex.split(line, comments=True)
        words = words[words.index("zgtui") + 1 :] if "zgtui" in words else []
        words = list(itertools.takewhile(lambda word: word not in {"|", ">"}, words))
        named = command(words[0] if words and words[0] in COMMANDS else "app")
        named.parse(words[1:] if words and words[0] in COMMANDS else words)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('fps = "x"', "fps in "),
        ("fps = " + "[" * 100_000, "is nested too deeply"),
        ('[keys]\npause = "p"', "p is already the key of picture"),
    ],
)
def test_config_says_what_cannot_be_used(
    text: str,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "config.toml").write_text(text)
    monkeypatch.setenv("ZGTUI_CONFIG", str(tmp_path / "config.toml"))
    assert main(["config"]) == 2
    assert says in capsys.readouterr().err


def test_without_a_configuration_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config"]) == 0
    assert "(no such file)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "a", "b"),
    [
        ({}, (EVERY, 1), (NEVER, 1)),
        ({"accumulate-b": "4"}, (EVERY, 1), (EVERY, 4)),
        ({"accumulate": "4"}, (EVERY, 4), (EVERY, 4)),
        ({"accumulate-b": "4", "clear-b": "never"}, (EVERY, 1), (NEVER, 4)),
        ({"accumulate": "2", "clear-b": "never"}, (EVERY, 2), (NEVER, 2)),
        ({"accumulate-a": "2"}, (EVERY, 2), (NEVER, 1)),
    ],
)
def test_accumulation_ends_with_clearing_unless_it_is_asked_not_to(
    given: dict[str, str], a: tuple[Clearing, int], b: tuple[Clearing, int]
) -> None:
    settings = settings_from(resolve(APP.options, given, {}))
    assert (settings.a.clear, settings.a.accumulate) == a
    assert (settings.b.clear, settings.b.accumulate) == b


def test_no_garbage_is_looked_for_before_a_command_begins() -> None:
    found: list[bool] = []

    def action(_call: Invocation) -> int:
        found.append(gc.isenabled())
        return 0

    gc.disable()
    try:
        collections = sum(one["collections"] for one in gc.get_stats())
        Subcommand("none", "do nothing", {}, action).run([])
        assert found == [True]
        assert sum(one["collections"] for one in gc.get_stats()) == collections
    finally:
        gc.enable()
        gc.unfreeze()


def test_the_program_begins_without_looking_for_garbage() -> None:
    code = (
        "import gc, sys, zgtui.cli.main\n"
        "def main():\n"
        "    print(gc.isenabled())\n"
        "    return 0\n"
        "zgtui.cli.main.main = main\n"
        "import zgtui.__main__\n"
        "zgtui.__main__.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False\n"
