"""Hostile names, values and files, given to every command: what is printed commands nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.hostile import HOSTILE, NAME, assert_harmless
from tests.support.other_tools import write_events, write_trackio, write_trainer_state
from tests.support.processes import zgtui
from zgtui.check.formats import FORMATS
from zgtui.cli.main import COMMANDS, main

FORGETS = f"""import torch
from torch import nn

class Optimizer(torch.optim.SGD):
    pass

Optimizer.__name__ = Optimizer.__qualname__ = {HOSTILE!r}
model = nn.Linear(2, 1)
optimizer = Optimizer(model.parameters(), lr=0.1)
for step in range(6):
    loss = model(torch.ones(4, 2)).square().mean()
    loss.backward()  # {HOSTILE[:-1].replace(chr(13), "").replace(chr(0x2028), "")} of the source
    optimizer.step()
print({HOSTILE!r})
"""
FAILS = f"{FORGETS}raise ValueError({NAME!r})\n"


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def told(capsys: pytest.CaptureFixture[str]) -> str:
    printed = capsys.readouterr()
    return printed.out + printed.err


@pytest.mark.parametrize(
    "words",
    [
        [NAME],
        ["--lr", NAME],
        ["train", "--experiment", NAME],
        ["train", "--experiment", f"{NAME}.py:make"],
        [f"--{NAME}"],
        ["train", NAME],
        ["train", "--out", f"{NAME}/losses.csv"],
        ["train", "--out", NAME],
        ["train", "--device", NAME],
        ["run", f"{NAME}.py"],
        ["run", "--a", NAME, "train.py"],
        ["check", f"{NAME}.py"],
        ["check", "--static", f"{NAME}.py"],
        ["check", "--show", f"{NAME}.json"],
        ["check", "--format", NAME, "train.py"],
        ["view", f"{NAME}.csv"],
        ["view", "--png", f"{NAME}.gif", "losses.csv"],
        ["map", "--experiment", NAME],
        ["map", "--out", f"{NAME}/map.csv"],
        ["view", f"{NAME}.parquet"],
        ["train", "--tensorboard", f"{__file__}/{NAME}", "--steps", "2"],
        ["explain", NAME],
        ["doctor", NAME],
        ["completion", NAME],
        ["docs", NAME],
        ["config", NAME],
        ["devices", NAME],
        ["experiments", NAME],
    ],
    ids=lambda words: " ".join(words).encode("unicode_escape").decode()[:40],
)
def test_a_hostile_word_is_refused_in_one_harmless_line(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    text = told(capsys)
    assert_harmless(text)
    assert text.count("\n") == 1


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in {"app", "devices"}])
@pytest.mark.parametrize("variable", ["ZGTUI_CONFIG", "ZGTUI_STATE_DIR"])
def test_the_help_of_every_command_names_files_harmlessly(
    command: str,
    variable: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(variable, f"/tmp/{NAME}")
    for words in ([command, "--help"], ["--help"]):
        with pytest.raises(SystemExit):
            main(words)
    assert_harmless(told(capsys))


@pytest.mark.parametrize("name", ["ZGTUI_LR", "ZGTUI_EXPERIMENT", "ZGTUI_THEME", "ZGTUI_OUT"])
def test_hostile_variables_are_named_harmlessly(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, NAME)
    main(["config"])
    if name != "ZGTUI_THEME":
        assert main(["train", "--steps", "1"]) == 2
    assert_harmless(told(capsys))


@pytest.mark.parametrize(
    "text",
    [
        'lr = "{}"',
        '"{}" = 1',
        '[keys]\n"{}" = "x"',
        '[keys]\nexport = "{}"',
        'experiment = "{}"',
        "[{}",
    ],
)
def test_hostile_configurations_are_named_harmlessly(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / NAME
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in HOSTILE)
    file.write_text(text.format(escaped), encoding="utf-8")
    monkeypatch.setenv("ZGTUI_CONFIG", str(file))
    main(["config"])
    assert_harmless(told(capsys))


@pytest.mark.parametrize("options", [[], ["--ascii"], ["--series", NAME], ["--log"]])
def test_the_columns_of_a_table_are_named_harmlessly(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / f"{NAME}.csv"
    column = HOSTILE.replace("\r", "").replace(";", "!")
    table.write_text(f'step,"{column}","{column}2"\n1,2.0,3.0\n2,1.0,2.0\n', encoding="utf-8")
    code = main(["view", str(table), *options])
    text = told(capsys)
    assert code == (2 if NAME in options else 0)
    assert "a?]0!owned" in text if "--ascii" in options else "a␛]0!owned" in text
    assert_harmless(text)


def test_a_hostile_table_is_refused_harmlessly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for ending in ("csv", "jsonl", "md", "tsv"):
        table = tmp_path / f"t.{ending}"
        table.write_text(f"step,loss\n1,{HOSTILE}\n{HOSTILE},2\n", encoding="utf-8")
        assert main(["view", str(table)]) == 2
    assert_harmless(told(capsys))


def events(folder: Path) -> None:
    write_events(folder / HOSTILE, SCALARS)


def trainer_state(folder: Path) -> None:
    rows = [{"step": step, **numbers} for step, numbers in SCALARS]
    write_trainer_state(folder / HOSTILE / "trainer_state.json", rows)


def trackio(folder: Path) -> None:
    write_trackio(folder / f"{HOSTILE}.db", HOSTILE, SCALARS)


def parquet(folder: Path) -> None:
    table = pa.table({"step": [1, 2], HOSTILE: [2.0, 1.0]})
    pq.write_table(table, str(folder / f"{HOSTILE}.parquet"))


SCALARS = [(step, {f"loss {HOSTILE}": 1.0 / step}) for step in (1, 2, 3)]


@pytest.mark.parametrize("write", [events, trainer_state, trackio, parquet])
def test_the_curves_of_other_tools_are_named_harmlessly(
    write: Callable[[Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path)
    (made,) = tmp_path.iterdir()
    places = [*made.rglob("*.json"), made]
    main(["view", str(places[0])])
    text = told(capsys)
    assert "owned" in text
    assert_harmless(text)


def test_a_source_that_is_only_read_is_shown_harmlessly_in_every_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / f"{HOSTILE}.py"
    script.write_text(FORGETS, encoding="utf-8")
    for form in FORMATS:
        main(["check", "--static", "--format", form, str(script)])
        text = told(capsys)
        assert "zgtui check" in text or "ZG101" in text
        assert_harmless(text)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The report on a hostile script that was run, and what was printed meanwhile."""
    folder = tmp_path_factory.mktemp("hostile")
    script = folder / f"{HOSTILE}.py"
    script.write_text(FAILS, encoding="utf-8")
    _, report, said = zgtui("check", "--json", str(script), cwd=folder)
    (folder / "report.json").write_text(report, encoding="utf-8")
    return folder / "report.json", report + said


@pytest.mark.parametrize("form", FORMATS)
def test_a_hostile_script_is_reported_harmlessly_in_every_format(
    form: str, saved: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    report, said = saved
    assert_harmless(said)
    main(["check", "--show", str(report), "--format", form])
    text = told(capsys)
    assert "ZG101" in text
    assert_harmless(text)


@pytest.mark.parametrize("arguments", [["--steps", "3"], ["--quiet", "--steps", "3"]])
def test_an_experiment_that_fails_is_told_of_harmlessly(
    arguments: list[str], tmp_path: Path
) -> None:
    file = tmp_path / f"{HOSTILE}.py"
    file.write_text(f"def make():\n    raise ValueError({NAME!r})\n", encoding="utf-8")
    code, out, err = zgtui("train", "--experiment", f"{file}:make", *arguments, cwd=tmp_path)
    assert code
    assert "owned" in err
    assert_harmless(out + err)


def test_a_hostile_script_runs_without_a_screen_and_commands_nothing(tmp_path: Path) -> None:
    script = tmp_path / f"{HOSTILE}.py"
    script.write_text(FAILS, encoding="utf-8")
    state = tmp_path / f"s{HOSTILE}"
    arguments = ("run", "--headless", str(script), f"--name={HOSTILE}")
    code, out, err = zgtui(*arguments, cwd=tmp_path, ZGTUI_STATE_DIR=str(state))
    assert code == 1
    assert "ValueError" in out
    assert_harmless(out + err)
