"""Options: how each is read, and which source wins."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from zgtui.config.options import OPTIONS
from zgtui.config.settings import EVERY, NEVER, Clearing
from zgtui.config.sources import config_path, effective, read_config, resolve, state_path
from zgtui.errors import UsageError

READ: dict[str, list[tuple[str, Any]]] = {
    "experiment": [("article", "article"), ("article-exact", "article-exact")],
    "article-exact": [("true", True), ("no", False)],
    "lr": [("0.05", 0.05), ("1e-3", 1e-3)],
    "device": [(name, name) for name in ("auto", "cpu", "cuda", "cuda:0", "cuda:17", "mps")],
    "curves": [(name, name) for name in ("auto", "split", "sum")],
    "json": [("true", True), ("no", False)],
    "lesson": [("energy", "energy")],
    "seed": [("0", 0), ("12_345", 12345), (str(2**63 - 1), 2**63 - 1)],
    "steps": [("1", 1), ("1000", 1000), ("unlimited", 0), ("Unlimited", 0)],
    "clear-a": [("every", EVERY), ("never", NEVER), ("4", Clearing(4))],
    "clear": [("every", EVERY), ("never", NEVER), ("4", Clearing(4))],
    "over": [("clearing", "clearing"), ("weight-decay", "weight-decay")],
    "clear-b": [("every", EVERY), ("never", NEVER), ("4", Clearing(4))],
    "speed": [("10", 10.0), ("0.5", 0.5), ("unlimited", 0.0)],
    "paused": [("yes", True), ("0", False)],
    "out": [("losses.csv", "losses.csv")],
    "wide": [("1", True), ("no", False)],
    "overwrite": [("1", True), ("false", False)],
    "tensorboard": [("runs", "runs")],
    "live": [("yes", True)],
    "print-every": [("1", 1), ("1_000", 1000)],
    "quiet": [("true", True)],
    "fail-on-diverge": [("true", True)],
    "optimizer": [("SGD", "SGD"), ("adamw", "adamw")],
    "momentum": [("0", 0.0), ("0.9", 0.9)],
    "nesterov": [("yes", True), ("0", False)],
    "weight-decay": [("0", 0.0), ("1e-2", 0.01)],
    "clip": [("1", 1.0)],
    "schedule": [(name, name) for name in ("constant", "step", "cosine")],
    "batch-size": [("32", 32), ("full", 0), ("Full", 0)],
    "size": [("small", "small")],
    "accumulate": [("1", 1), ("8", 8)],
    "accumulate-a": [("1", 1), ("8", 8)],
    "accumulate-b": [("1", 1), ("8", 8)],
    "diagnostics": [("on", "on"), ("off", "off")],
    "twin": [("true", True), ("no", False)],
    "follow": [("yes", True)],
    "plain": [("true", True)],
    "runs": [("lr*, b,", ("lr*", "b"))],
    "series": [("loss", ("loss",)), ("a, b,", ("a", "b"))],
    "log": [("yes", True)],
    "png": [("a.png", "a.png")],
    "svg": [("a.svg", "a.svg")],
    "pdf": [("a.pdf", "a.pdf")],
    "a": [("as-is", "as-is"), ("every", "every"), ("never", "never")],
    "b": [("as-is", "as-is"), ("every", "every"), ("never", "never")],
    "threads": [("1", 1), ("16", 16)],
    "sequential": [("yes", True)],
    "keep-checkpoints": [("yes", True)],
    "headless": [("yes", True)],
    "nproc-per-node": [("2", "2"), ("auto", "auto"), ("gpu", "gpu")],
    "nnodes": [("2", "2"), ("1:4", "1:4")],
    "node-rank": [("0", 0), ("3", 3)],
    "rdzv-endpoint": [("box:29500", "box:29500")],
    "rdzv-id": [("night", "night")],
    "rdzv-timeout": [("30", 30.0), ("0.5", 0.5)],
    "timeout": [("90", 90.0), ("0.5", 0.5)],
    "format": [("json", "json")],
    "static": [("yes", True)],
    "accumulation": [("yes", True)],
    "demo": [("yes", True)],
    "script": [("yes", True)],
    "compare": [("yes", True)],
    "fix": [("yes", True)],
    "yes": [("yes", True)],
    "show": [("report.json", "report.json")],
    "host": [("0.0.0.0", "0.0.0.0"), ("::1", "::1")],
    "port": [("0", 0), ("65535", 65535)],
    "visitors": [("1", 1), ("12", 12)],
    "fps": [("1", 1.0), ("60", 60.0)],
    "marker": [(name, name) for name in ("octant", "braille", "hd", "dot", "ascii")],
    "ascii": [("TRUE", True)],
    "theme": [("zgtui-light", "zgtui-light")],
}
REFUSED: dict[str, list[str]] = {
    "experiment": ["nope", ""],
    "article-exact": ["maybe"],
    "lr": ["abc", "-1", "0", "inf", "nan"],
    "device": ["nope", "", "cuda:", "cuda:x", "cuda:-1", "cuda:²", "cpu:1", "CUDA"],
    "seed": ["-1", "1.5", "x", "", "_", str(2**63), "²", "9" * 5000],
    "steps": ["0", "-1", "many", "1e3"],
    "clear-a": ["0", "sometimes"],
    "clear": ["0", "sometimes"],
    "over": ["lr", "rows"],
    "clear-b": ["0", "sometimes"],
    "speed": ["0", "-1", "fast", "inf", "nan"],
    "paused": ["perhaps"],
    "wide": ["perhaps"],
    "overwrite": ["perhaps"],
    "tensorboard": [""],
    "live": ["perhaps"],
    "print-every": ["0", "-1", "1.5", "x"],
    "quiet": ["perhaps"],
    "fail-on-diverge": ["perhaps"],
    "optimizer": [""],
    "momentum": ["-0.1", "inf", "nan", "x"],
    "nesterov": ["perhaps"],
    "weight-decay": ["-0.1", "inf", "nan", "x"],
    "clip": ["0", "-1", "inf", "nan", "x"],
    "schedule": ["cosin", ""],
    "batch-size": ["0", "-1", "1.5", "all"],
    "size": [""],
    "accumulate": ["0", "-1", "1.5", "x"],
    "accumulate-a": ["0", "-1", "1.5", "x"],
    "accumulate-b": ["0", "-1", "1.5", "x"],
    "diagnostics": ["yes", ""],
    "twin": ["perhaps"],
    "follow": ["perhaps"],
    "plain": ["perhaps"],
    "runs": ["", " , "],
    "series": ["", " , "],
    "log": ["perhaps"],
    "png": [""],
    "svg": [""],
    "pdf": [""],
    "a": ["sometimes", ""],
    "b": ["sometimes", ""],
    "threads": ["0", "-1", "x"],
    "sequential": ["perhaps"],
    "keep-checkpoints": ["perhaps"],
    "headless": ["perhaps"],
    "nproc-per-node": ["0", "some", ""],
    "nnodes": ["0", "x", ""],
    "node-rank": ["-1", "x"],
    "rdzv-endpoint": [""],
    "rdzv-id": [""],
    "rdzv-timeout": ["0", "-1", "inf", "soon"],
    "timeout": ["0", "-1", "inf", "soon"],
    "format": [""],
    "static": ["perhaps"],
    "accumulation": ["perhaps"],
    "demo": ["perhaps"],
    "script": ["perhaps"],
    "compare": ["perhaps"],
    "fix": ["perhaps"],
    "yes": ["perhaps"],
    "show": [""],
    "curves": ["apart", ""],
    "json": ["perhaps"],
    "lesson": [""],
    "host": [""],
    "port": ["-1", "65536", "http"],
    "visitors": ["0", "x"],
    "fps": ["0", "61", "inf", "nan", "x"],
    "marker": ["Braille", "dots"],
    "ascii": ["perhaps"],
}


def value(name: str, given: object = None, config: dict[str, Any] | None = None) -> Any:
    return resolve({name: OPTIONS[name]}, {name: given}, config or {})[name]


def variable(name: str) -> str:
    return f"ZGTUI_{name.upper().replace('-', '_')}"


def test_every_option_is_tested_here() -> None:
    assert set(READ) == set(OPTIONS)


@pytest.mark.parametrize(
    ("name", "text", "meaning"),
    [(name, text, meaning) for name, pairs in READ.items() for text, meaning in pairs],
)
def test_an_option_means_the_same_from_every_source(
    name: str, text: str, meaning: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if OPTIONS[name].parse is not None:
        assert value(name, text) == meaning
    assert value(name, config={name: meaning if OPTIONS[name].parse is None else text}) == meaning
    monkeypatch.setenv(variable(name), text)
    assert value(name) == meaning


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param(name, text, id=f"{name} {text:.20}")
        for name, texts in REFUSED.items()
        for text in texts
    ],
)
def test_a_value_that_cannot_be_used_is_refused_naming_where_it_came_from(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if OPTIONS[name].parse is not None:
        with pytest.raises(UsageError, match=f"^--{name}: "):
            value(name, text)
    with pytest.raises(UsageError) as caught:
        value(name, config={name: text})
    assert str(caught.value).startswith(f"{name} in {config_path()}: ")
    if text:
        monkeypatch.setenv(variable(name), text)
        with pytest.raises(UsageError, match=f"^{variable(name)}: "):
            value(name)


def test_a_value_that_is_refused_is_told_as_the_file_has_it() -> None:
    with pytest.raises(UsageError, match=r"not 'true'$"):
        value("lr", config={"lr": True})


@pytest.mark.parametrize("name", [name for name, option in OPTIONS.items() if option.parse is None])
@pytest.mark.parametrize("given", [1, 0, 1.0, "yes", "true", [True], {}])
def test_a_switch_in_the_file_is_true_or_false_and_nothing_else(name: str, given: object) -> None:
    with pytest.raises(UsageError, match=r": must be true or false, without quotes, not "):
        value(name, config={name: given})
    assert value(name, config={name: True}) is True
    assert value(name, config={name: False}) is False


@pytest.mark.parametrize(
    "name", [name for name, option in OPTIONS.items() if option.parse is not None]
)
@pytest.mark.parametrize("given", [True, ["SGD"], {"a": 1}, date(2026, 3, 1)], ids=str)
def test_a_value_in_the_file_is_a_text_or_a_number(name: str, given: object) -> None:
    with pytest.raises(UsageError, match=rf"^{name} in "):
        value(name, config={name: given})


def test_a_switch_of_the_environment_is_listed_as_the_file_would_have_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ZGTUI_ASCII", "1")
    monkeypatch.setenv("ZGTUI_PAUSED", "no")
    found = effective({"quiet": True})
    assert found["ascii"] == ("true", "ZGTUI_ASCII")
    assert found["paused"] == ("false", "ZGTUI_PAUSED")
    assert found["quiet"][0] == "true"


def test_command_line_beats_environment_beats_configuration_beats_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert value("seed") == 42
    config = {"seed": 1}
    assert value("seed", config=config) == 1
    monkeypatch.setenv("ZGTUI_SEED", "2")
    assert value("seed", config=config) == 2
    assert value("seed", "3", config) == 3
    monkeypatch.setenv("ZGTUI_SEED", "")
    assert value("seed", config=config) == 1, "an empty variable is none"


def test_a_switch_given_on_the_command_line_beats_a_variable_that_turns_it_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ZGTUI_PAUSED", "false")
    assert value("paused") is False
    assert value("paused", given=True) is True


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_that_nobody_gives_is_its_default(name: str) -> None:
    assert value(name) == OPTIONS[name].default


def configuration(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("ZGTUI_CONFIG", str(path))
    return path


def test_a_configuration_file_holds_options_and_keys_in_toml(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = configuration(
        monkeypatch, tmp_path, 'lr = 0.05\npaused = true\nclear-b = 3\n[keys]\npause = "p"\n'
    )
    assert config_path() == path
    config = read_config(path)
    assert value("lr", config=config) == 0.05
    assert value("paused", config=config) is True
    assert value("clear-b", config=config) == Clearing(3)
    assert config["keys"] == {"pause": "p"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("lr = ", "is not valid TOML"),
        ("learning-rate = 1", "sets 'learning-rate', which is not an option"),
        ("spede = 1", "Did you mean 'speed'"),
        ("keys = 3", r"the table \[keys\] in .* must hold lines such as"),
        ("[keys]\npause = 3", r"the table \[keys\] in .* must hold lines such as"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_told_with_its_path(
    text: str, sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = configuration(monkeypatch, tmp_path, text)
    with pytest.raises(UsageError, match=sentence) as caught:
        read_config(path)
    assert str(path) in str(caught.value)


def test_a_configuration_that_is_no_text_or_no_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="is not valid TOML"):
        read_config(path)
    with pytest.raises(UsageError, match="cannot read the configuration"):
        read_config(tmp_path)


def test_without_a_configuration_everything_is_default(tmp_path: Path) -> None:
    assert read_config(tmp_path / "none.toml") == {}


def test_without_variables_files_lie_where_the_system_keeps_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZGTUI_STATE_DIR", str(tmp_path))
    assert state_path() == tmp_path
    for name in ("ZGTUI_CONFIG", "ZGTUI_STATE_DIR"):
        monkeypatch.delenv(name)
    assert config_path().name == "config.toml"
    assert config_path().parent.name == "zgtui"
    assert "zgtui" in state_path().parts
