"""What is said of a copy is what became of it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from textual.app import App

from zgtui.tui.clipboard import copy


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)


async def copied(text: str) -> tuple[str, str]:
    """What the app handed to the terminal, and what it said."""
    app: App[Any] = App()
    async with app.run_test():
        said = await copy(app, text)
        return app.clipboard, said


def install_tmux(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    folder.mkdir()
    program = folder / "tmux"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")


async def test_a_terminal_is_sent_the_text_and_may_ignore_it() -> None:
    given, said = await copied("a" * 1200)
    assert given == "a" * 1200
    assert said.startswith("Sent 1,200 characters to the terminal for its clipboard (OSC 52)")


async def test_tmux_has_the_text_in_its_buffer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = f'[ "$1" = show-options ] || cat > "{tmp_path}/buffer"'
    install_tmux(tmp_path / "bin", monkeypatch, body)
    given, said = await copied("grüße\n")
    assert (tmp_path / "buffer").read_text() == "grüße\n"
    assert given == ""
    assert said.startswith("Copied 6 characters into the buffer of tmux")


async def test_a_tmux_that_knows_no_w_is_asked_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = f'[ "$2" = -w ] && exit 1; [ "$1" = show-options ] || cat > "{tmp_path}/buffer"'
    install_tmux(tmp_path / "bin", monkeypatch, body)
    said = (await copied("x"))[1]
    assert said.startswith("Copied 1 characters")
    assert said.endswith("does not pass it on to the terminal: it is older than 3.2.")
    assert (tmp_path / "buffer").read_text() == "x"


async def test_a_copy_that_tmux_refuses_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_tmux(tmp_path / "bin", monkeypatch, "echo no server running >&2; exit 1")
    given, said = await copied("x")
    assert (given, said) == ("", "Copied nothing: tmux refused it (no server running).")


async def test_a_tmux_that_hangs_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zgtui.tui.clipboard.SECONDS", 0.2)
    install_tmux(tmp_path / "bin", monkeypatch, "exec sleep 600")
    said = (await asyncio.wait_for(copied("x"), 30))[1]
    assert said == "Copied nothing: tmux does not answer."


async def test_inside_screen_nothing_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STY", "1.pts")
    assert await copied("x") == (
        "",
        "Copied nothing: GNU screen lets no text through to the clipboard.",
    )
