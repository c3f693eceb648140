"""`zgtui doctor`: one screen on what works here."""

from __future__ import annotations

import locale
import os
import re
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT
from tests.support.terminal import Terminal
from zgtui.cli import doctor
from zgtui.cli.main import main
from zgtui.errors import WorkerError
from zgtui.outputs.terminal_graphics import QUESTION, graphics_words
from zgtui.worker.protocol import Ready


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A good terminal, and a worker that starts at once."""

    async def ready() -> Ready:
        return Ready(torch="2.9.1", devices={"cuda:0": "NVIDIA H100", "cpu": "CPU"})

    monkeypatch.setattr(doctor, "ask_worker", ready)
    monkeypatch.setattr(doctor, "no_terminal", lambda **_: "")
    for name in ("TERM_PROGRAM", "TMUX", "STY", "SSH_CONNECTION", "NO_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")


def told(capsys: pytest.CaptureFixture[str], code: int) -> dict[str, str]:
    """What it says, by name, problems included."""
    assert main(["doctor"]) == code
    lines = capsys.readouterr().out
    rows = re.findall(r"^(\S.*?)  +(.*(?:\n  .*)*)", lines, re.MULTILINE)
    return {**dict(rows), "last": lines.splitlines()[-1]}


def test_where_everything_works_it_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "1 2 3 4")
    rows = told(capsys, 0)
    assert rows["last"] == "everything works here"
    assert re.match(r"torch \S+, textual \S+, plotext \S+, rich \S+$", rows["packages"])
    assert rows["terminal"] == ("TERM=xterm-256color, 80×24, UTF-8, 256 colours, over SSH")
    assert rows["devices"] == "cuda:0 (NVIDIA H100); cpu (CPU)"
    assert rows["logs"].endswith("free")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("NO_COLOR", "1", "no colours (NO_COLOR)"),
        ("COLORTERM", "truecolor", "16 million colours"),
        ("COLORTERM", "24bit", "16 million colours"),
        ("TERM", "xterm", "16 colours"),
    ],
)
def test_it_says_how_many_colours_are_drawn(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    words: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert told(capsys, 0)["terminal"].endswith(f", {words}")


def test_what_a_tmux_that_does_not_answer_allows_is_unknown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux,1,0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "set-clipboard of tmux is unknown" in told(capsys, 1)["clipboard"]


def test_every_extra_of_the_wheel_is_listed_or_how_to_get_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    table = text.partition("[project.optional-dependencies]\n")[2].partition("test = [")[0]
    declared = re.findall(r'^(\w+) = \["([\w-]+).*"\]$', table, re.MULTILINE)
    assert len(declared) > 5
    assert doctor.extras() == {package: extra for extra, package in declared}
    versions = {"matplotlib": "3.9", "lightning": "2.5", **dict.fromkeys(doctor.PACKAGES, "1")}
    monkeypatch.setattr(doctor, "_version", lambda name: versions.get(name, ""))
    others = ",".join(sorted(extra for extra, package in declared if package != "matplotlib"))
    told_of = told(capsys, 0)["optional"]
    assert told_of == f"matplotlib 3.9, lightning 2.5; more: pip install 'zgtui[{others}]'"


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"\033_Gi=31;OK\033\\\033[?62;4;22c", "Kitty and Sixel graphics, as"),
        (b"\033_Gi=31;OK\033\\\033[?62;22c", "Kitty graphics, as"),
        (b"\033[?1;2;4c", "Sixel graphics, as"),
        (b"\033[?62;14;22c", "neither Kitty nor Sixel graphics, as"),
    ],
)
def test_the_terminal_is_asked_for_its_graphics(
    answer: bytes, expected: str, tmp_path: Path
) -> None:
    assert asked_in_a_terminal(tmp_path, answer).startswith(f"{expected} the terminal answers")


@pytest.mark.terminal
def test_a_terminal_that_does_not_answer_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    assert asked_in_a_terminal(tmp_path, b"") == "unknown: the terminal cannot be asked"


def asked_in_a_terminal(folder: Path, answer: bytes) -> str:
    """What is said of the graphics of a terminal that gives ``answer``; it keeps its modes."""
    code = "from zgtui.outputs.terminal_graphics import graphics_words; print(graphics_words())"
    program = (sys.executable, "-c", code)
    with closing(Terminal(folder, program=program)) as terminal:
        while QUESTION not in terminal.output:
            assert terminal.process.poll() is None, terminal.output
            terminal.read(0.1)
        os.write(terminal.master, answer)
        assert terminal.ended() == 0
        assert terminal.modes == terminal.modes_before
        return terminal.output.partition(QUESTION)[2].decode().strip()


@pytest.mark.terminal
def test_what_was_typed_already_is_left_to_the_shell(tmp_path: Path) -> None:
    code = (
        "import sys, select; from zgtui.outputs.terminal_graphics import graphics_words;"
        "print('begun', flush=True); select.select([0], [], []);"
        "said = graphics_words(); print('then', repr(input()), said)"
    )
    with closing(Terminal(tmp_path, program=(sys.executable, "-c", code))) as terminal:
        while b"begun" not in terminal.output:
            terminal.read(0.1)
        terminal.type("git status\n")
        assert terminal.ended() == 0
        assert b"then 'git status' unknown: the terminal cannot be asked" in terminal.output
        assert QUESTION not in terminal.output


@pytest.mark.terminal
def test_beside_a_pager_the_terminal_is_not_asked(tmp_path: Path) -> None:
    code = "from zgtui.outputs.terminal_graphics import graphics_words; print(graphics_words())"
    program = ("sh", "-c", '"$0" -c "$1" | cat', sys.executable, code)
    with closing(Terminal(tmp_path, program=program)) as terminal:
        assert terminal.ended() == 0
        assert terminal.output.decode().strip() == "unknown: the terminal cannot be asked"


def test_where_no_terminal_can_be_asked_the_environment_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert graphics_words() == "unknown: the terminal cannot be asked"
    monkeypatch.setenv("TERM", "xterm-kitty")
    assert graphics_words() == (
        "Kitty graphics, going by TERM=xterm-kitty: the terminal was not asked"
    )


def test_a_report_in_a_file_is_no_problem(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "no_terminal", lambda **_: "stdout is not a terminal")
    assert told(capsys, 0)["terminal"].endswith(", stdout is not a terminal")


def test_what_does_not_work_is_told_with_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def fails() -> Ready:
        raise WorkerError("The training process ended: no module named torch.")

    (tmp_path / "state").write_text("a file")
    (tmp_path / "config.toml").write_text("lrr = 1")
    monkeypatch.setenv("ZGTUI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("ZGTUI_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TMUX", "/tmp/none,1,0")
    monkeypatch.setattr(doctor, "_output", lambda *_: "external")
    monkeypatch.setattr(doctor, "PACKAGES", ("torch", "no-such-package"))
    monkeypatch.setattr(locale, "getpreferredencoding", lambda **_: "ANSI_X3.4-1968")
    monkeypatch.setattr(doctor, "ask_worker", fails)
    rows = told(capsys, 1)
    assert "! no-such-package cannot be found: pip install no-such-package" in rows["packages"]
    assert (
        "! charts are drawn in ASCII: the locale is not UTF-8; needs at least 80×24"
        in rows["terminal"]
    )
    assert "! tmux does not forward copies: tmux set -s set-clipboard on" in rows["clipboard"]
    assert "'lrr', which is not an option. Did you mean 'lr'" in rows["configuration"]
    assert "! nothing can be written there: set ZGTUI_STATE_DIR" in rows["logs"]
    assert "! The training process ended: no module named torch." in rows["PyTorch"]
    assert rows["last"] == (
        "needs attention: packages, terminal, clipboard, configuration, logs, PyTorch"
    )
