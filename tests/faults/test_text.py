"""Whatever text comes in anywhere commands nothing; ``python -m tests.faults text`` draws more."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.faults.inputs import INPUTS, QUICK, Make
from tests.faults.texts import MARK, Drawing, in_quotes, texts
from tests.support.command import ROOT
from tests.support.terminal import ENTER_ALTERNATE, Terminal
from tests.support.waiting import PATIENCE
from tests.support.wire import in_a_pipe, on_a_terminal
from zgtui.cli.main import COMMANDS, command, main
from zgtui.config.options import Option
from zgtui.errors import UsageError

SEED = os.environ.get("FAULTS_SEED", "")
"""Where random texts begin; without one they are always the same, and fewer."""
ours = settings(
    database=None,
    deadline=None,
    derandomize=not SEED,
    max_examples=500 if SEED else 60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def refusing() -> list[tuple[str, str]]:
    """Each command with each of its options whose value is refused where it is hostile."""
    return [
        (name, option)
        for name in COMMANDS
        for option, what in command(name).options.items()
        if command(name).configured and refuses(what)
    ]


def refuses(option: Option) -> bool:
    try:
        (option.parse or bool)("owned\x1b")
    except UsageError:
        return True
    return False


REFUSING = refusing()


@pytest.mark.parametrize("source", ["command line", "environment", "configuration"])
@ours
@given(option=st.sampled_from(REFUSING), text=texts())
def test_a_value_that_is_refused(
    source: str,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    option: tuple[str, str],
    text: str,
) -> None:
    name, value = option
    with pytest.MonkeyPatch.context() as patch:
        words = [name, f"--{value}={text}"] if source == "command line" else [name]
        if source == "environment":
            patch.setenv(f"ZGTUI_{value.upper().replace('-', '_')}", text)
        if source == "configuration":
            config = tmp_path / "c.toml"
            config.write_text(f'{value} = "{in_quotes(text)}"\n', encoding="utf-8")
            patch.setenv("ZGTUI_CONFIG", str(config))
        assert main(words) == 2
    told = capfdbinary.readouterr()
    assert not in_a_pipe(told.out + told.err)
    assert MARK.encode() in told.err
    assert told.err.count(b"\n") == 1


PLACES = [
    pytest.param(make, id=name, marks=() if name in QUICK else pytest.mark.slow)
    for name, make in INPUTS.items()
]


@pytest.mark.parametrize("make", PLACES)
def test_in_a_pipe(make: Make, tmp_path: Path) -> None:
    call = make(tmp_path, Drawing(f"{make.__name__} {SEED}"))
    done = subprocess.run(
        [sys.executable, "-m", "zgtui", *call.words],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=PATIENCE,
        cwd=call.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **call.variables},
    )
    assert not in_a_pipe(done.stdout)
    assert not in_a_pipe(done.stderr)
    judge(done.stdout + done.stderr, done.returncode)


@pytest.mark.terminal
@pytest.mark.parametrize("make", PLACES)
def test_on_a_terminal(make: Make, tmp_path: Path) -> None:
    call = make(tmp_path, Drawing(f"{make.__name__} {SEED}"))
    variables = {"PYTHONPATH": str(ROOT), **call.variables}
    terminal = Terminal(call.folder, *call.words, variables=variables)
    with closing(terminal):
        for shown, keys in call.keys:
            terminal.shows(shown)
            terminal.type(keys)
        leave(terminal)
        code = terminal.ended()
    assert not on_a_terminal(terminal.output)
    judge(terminal.output, code)


@pytest.mark.terminal
def test_bytes_that_are_no_text_end_no_screen(tmp_path: Path) -> None:
    with closing(Terminal(tmp_path, "docs", "view")) as terminal:
        terminal.shows("quit")
        terminal.type("/")
        terminal.shows("Search all topics")
        terminal.type("a\udcff\udc9bz")
        terminal.shows("a\ufffd\ufffdz")
        leave(terminal)
        assert terminal.ended() == 0


def leave(terminal: Terminal) -> None:
    """Whatever is shown, escape and q end it; what is no screen ends by itself."""
    end = time.monotonic() + PATIENCE
    while terminal.process.poll() is None and time.monotonic() < end:
        for key in ("\x1b", "q") if ENTER_ALTERNATE in terminal.output else ("", ""):
            terminal.type(key)
            read_on(terminal)


def read_on(terminal: Terminal) -> None:
    """For a moment: what comes right after escape would be taken for one key with it."""
    end = time.monotonic() + 0.3
    while terminal.process.poll() is None and time.monotonic() < end:
        terminal.read(0.05)


def judge(told: bytes, code: int) -> None:
    """It ended in order, and has told something without a line of the text's own."""
    ours = re.search(rb"[^\n]*/(?:zgtui|textual)/[\w/]+\.py[^\n]*", told)  # a line of a traceback
    assert ours is None, ours[0]
    assert code in {0, 1, 2, 3}
    for line in told.splitlines():
        assert not line.lstrip().startswith((b"::error::owned", b"##[error]owned"))
