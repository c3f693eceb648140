"""What comes from outside and what reaches the terminal of it."""

from __future__ import annotations

import ast
import io
from pathlib import Path

import pytest

import zgtui
from tests.support.hostile import HOSTILE, NAME, assert_harmless
from zgtui.terminal import printable, printable_lines, tell, tell_text, warn

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
