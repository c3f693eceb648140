"""What comes from outside and what reaches the terminal of it."""

from __future__ import annotations

import ast
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

import zgtui
from tests.support.hostile import HOSTILE, NAME, assert_harmless
from tests.support.ptys import terminal_of
from zgtui.outputs.stdout import SafeStdout
from zgtui.terminal import (
    columns_of,
    folded,
    printable,
    printable_lines,
    tell,
    tell_text,
    warn,
    width,
)

PACKAGE = Path(zgtui.__file__).parent
BORDER = {
    "terminal.py": "it is the border",
    "outputs/stdout.py": "SafeStdout hands on what rich draws of the progress bar",
    "outputs/headless/headless_map.py": "a line of progress, of numbers alone",
    "instrument/startup.py": "inside the user's script, whose stderr may be anything",
    "instrument/instrument.py": "inside the user's script, whose stderr may be anything",
    "instrument/inject/sitecustomize.py": "inside the user's script, before zgtui is found",
    "magics/forked_cell.py": "the fork of a notebook: its output is a file",
    "outputs/headless/progress.py": "a bar of numbers alone",
    "check/formats/text_report.py": "made printable, then coloured by rich",
}
"""Where text goes to a stream otherwise than by ``tell``, and why it may."""


@pytest.mark.parametrize(
    "code",
    [
        *range(32),
        *range(0x7F, 0xA0),
        0x61C,
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2066, 0x206A),
        *(0xD800, 0xDCE9, 0xDFFF, 0xFEFF, 0xE0001),
    ],
)
def test_each_character_that_commands_hides_or_reorders_is_shown_by_a_sign(code: int) -> None:
    shown = printable(f"a{chr(code)}b")
    assert len(shown) == 3
    assert shown[::2] == "ab"
    assert shown.isprintable() or code == 9


def test_letters_of_all_scripts_stay_as_they_are() -> None:
    text = "naïve λ·η ▶ 損失 потеря ⣿ 🙂 e\u0301"
    assert printable(text) == text
    assert printable("a\u00a0b\tc") == "a b\tc", "spaces are spaces"
    assert printable_lines("a\nb") == "a\nb"
    assert printable("a\nb") == "a␊b"


def test_what_is_told_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    tell(NAME)
    tell_text(f"{NAME}\n{HOSTILE}".replace("::error::", ""))
    warn(NAME)
    told = capsys.readouterr()
    assert_harmless(told.out + told.err)
    assert told.out.startswith("a␛]0;owned␇␛[2J")
    assert told.err.count("\n") == 1, "one sentence is one line"


def test_a_name_in_another_script_than_the_locales_is_told_all_the_same() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    tell("损\x1b", file=stream)
    stream.seek(0)
    assert stream.read() == "\\u635f\\u241b\n"


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    """One of 40 columns."""
    with terminal_of(40) as ends:
        yield ends


SENTENCE = "A's loss ended lower (0.145 against 2.41), means of the newest 20 steps"


def test_a_terminal_gets_a_sentence_broken_between_words(
    terminal: tuple[int, TextIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    master, stream = terminal
    assert columns_of(stream) == 40
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    broken = "A's loss ended lower (0.145 against\r\n  2.41), means of the newest 20 steps\r\n"
    tell(SENTENCE)
    assert os.read(master, 1000).decode() == broken
    SafeStdout().tell_lines(SENTENCE, "short")
    assert os.read(master, 1000).decode() == f"{broken}short\r\n"
    warn(SENTENCE)
    told = os.read(master, 1000).decode()
    assert told.split() == ["zgtui:", *SENTENCE.split()]
    assert max(map(len, told.split("\r\n"))) <= 40


def test_a_file_gets_it_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    long = f"{SENTENCE}, {SENTENCE}"
    tell(long)
    SafeStdout().tell_lines(long)
    warn(long)
    told = capsys.readouterr()
    assert told.out == f"{long}\n{long}\n"
    assert told.err == f"zgtui: {long}\n"


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        ("", [""]),
        ("exactly twenty chars", ["exactly twenty chars"]),
        ("exactly twenty-1 char", ["exactly twenty-1", "  char"]),
        ("  a list of what is seen", ["  a list of what is", "    seen"]),
        (
            "it is at /a/path/that/is/too/long/for/it then",
            ["it is at", "  /a/path/that/is/too/long/for/it", "  then"],
        ),
        ("name   what it is of here", ["name   what it is of", "       here"]),
        ("损失 损失 损失 损失 损失", ["损失 损失 损失 损失", "  损失"]),
        ("write it, after all? [y/N] ", ["write it, after all?", "  [y/N] "]),
        ("exactly twenty chars ", ["exactly twenty chars"]),
        ("a cell that is empty      ", ["a cell that is empty"]),
        ("twenty-one characters     ", ["twenty-one", "  characters     "]),
        (
            "to watch them: zgtui view --follow a.csv",
            ["to watch them:", "  zgtui view --follow a.csv"],
        ),
        (
            "to run it: zgtui run a.py b; to check: zgtui check a.py",
            ["to run it:", "  zgtui run a.py b;", "  to check:", "  zgtui check a.py"],
        ),
    ],
)
def test_lines_are_broken_at_blanks_and_go_on_below_what_they_belong_to(
    line: str, rows: list[str]
) -> None:
    assert folded(line, 20).split("\n") == rows
    assert folded(line, 0) == line


def test_width_is_that_of_a_terminal() -> None:
    assert width("loss") == 4
    assert width("损失 é e\u0301") == 4 + 1 + 1 + 1 + 1


def _writes(node: ast.Call) -> bool:
    """Whether a call sends text to a stream by itself."""
    called = ast.unparse(node.func)
    return called in {"print", "Console", "sys.stdout.write", "sys.stderr.write"} or (
        called.endswith(".print")
    )


def test_every_way_to_the_terminal_crosses_the_border() -> None:
    found = {
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _writes(node)
    }
    assert found <= set(BORDER), "print by zgtui.terminal.tell"
