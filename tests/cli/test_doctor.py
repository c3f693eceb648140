"""`zgtui doctor`: one screen on what works here."""

from __future__ import annotations

import locale
import re
from pathlib import Path

import pytest

from zgtui.cli import doctor
from zgtui.cli.main import main
from zgtui.errors import WorkerError
from zgtui.worker.protocol import Ready


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A good terminal, and a worker that starts at once."""

    async def ready() -> Ready:
        return Ready(torch="2.9.1", devices={"cuda:0": "NVIDIA H100", "cpu": "CPU"})

    monkeypatch.setattr(doctor, "ask_worker", ready)
    monkeypatch.setattr(doctor, "no_terminal", lambda **_: "")
    for name in ("TMUX", "STY", "SSH_CONNECTION", "NO_COLOR"):
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
    assert rows["terminal"] == (
        "TERM=xterm-256color, 80×24, UTF-8, 256 colours,"
        " charts as text, without Kitty or Sixel graphics, over SSH"
    )
    assert rows["devices"] == "cuda:0 (NVIDIA H100); cpu (CPU)"
    assert rows["logs"].endswith("free")


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
    assert "! charts are drawn in ASCII: the locale is not UTF-8; all panes" in rows["terminal"]
    assert "! tmux does not pass copies on: tmux set -s set-clipboard on" in rows["clipboard"]
    assert "'lrr', which is not an option. Did you mean 'lr'" in rows["configuration"]
    assert "! nothing can be written there: set ZGTUI_STATE_DIR" in rows["logs"]
    assert "! The training process ended: no module named torch." in rows["PyTorch"]
    assert rows["last"] == (
        "needs attention: packages, terminal, clipboard, configuration, logs, PyTorch"
    )
