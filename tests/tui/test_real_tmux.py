"""What is said of a copy inside a real tmux is what became of it, however it is set."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.command import ROOT
from tests.support.terminal import Terminal
from tests.support.waiting import until

TEXT = "step,loss_a\n1,0.25\n"
COPY = f"""
import asyncio
from textual.app import App
from zgtui.tui.clipboard import copy

class Page(App):
    async def on_ready(self):
        self.exit(await copy(self, {TEXT!r}))

print("SAID:", Page().run())
"""
OSC_52 = b"\x1b]52;"
Tmux = Callable[..., str]

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """``tmux ARGUMENTS`` of a server of our own; returns what it prints."""
    name = f"zgtui-{uuid.uuid4().hex[:8]}"

    def call(*arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", name, "-f", os.devnull, *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout

    call.server = name  # type: ignore[attr-defined]  # for whoever attaches to it
    call("new-session", "-d", "-x", "100", "-y", "30", "bash --norc")
    yield call
    call("kill-server")


@pytest.mark.parametrize("setting", ["on", "external", "off"])
def test_tmux_has_the_text_and_hands_it_on_unless_it_is_set_off(
    tmp_path: Path, tmux: Tmux, setting: str
) -> None:
    tmux("set-option", "-s", "set-clipboard", setting)
    server = tmux.server  # type: ignore[attr-defined]  # see above
    outer = Terminal(
        tmp_path, "-L", server, "-f", os.devnull, "attach", columns=100, program=("tmux",)
    )
    try:
        outer.shows("bash")
        script = tmp_path / "page.py"
        script.write_text(COPY, encoding="utf-8")
        line = f"PYTHONPATH={shlex.quote(str(ROOT))} {shlex.quote(sys.executable)} {script}"
        tmux("send-keys", line, "Enter")

        def done() -> bool:
            outer.read(0.05)  # a terminal that takes nothing holds tmux up
            return "SAID:" in tmux("capture-pane", "-p").replace("\n", "")

        until(done, "the end of the copy")
        said = " ".join(tmux("capture-pane", "-p", "-J").partition("SAID:")[2].split())
        assert tmux("show-buffer") == TEXT
        assert said.startswith(f"Copied {len(TEXT)} characters into the buffer of tmux")
        handed_on = setting != "off"
        assert ("sent them to the terminal" in said) == handed_on, said
        assert ("its set-clipboard is off" in said) == (not handed_on), said
        for _ in range(20):
            outer.read(0.1)
        assert (OSC_52 in outer.output) == handed_on
    finally:
        outer.close()
