"""Commands that open a screen where there is a terminal for it."""

from __future__ import annotations

from types import ModuleType

import pytest

from zgtui.cli import docs
from zgtui.cli import map as map_command
from zgtui.cli.main import main
from zgtui.tui import start


@pytest.mark.parametrize(
    ("words", "module", "starts"),
    [
        (["map", "--over", "momentum"], map_command, "start_map"),
        (["docs", "keys"], docs, "start_docs"),
    ],
)
def test_a_screen_is_opened_on_a_terminal(
    words: list[str],
    module: ModuleType,
    starts: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opened: list[object] = []

    def opens(*what: object) -> int:
        opened.append(what[0])
        return 7

    monkeypatch.setattr(module, "no_terminal", lambda **_: "")
    monkeypatch.setattr(start, starts, opens)
    assert main(words) == 7
    assert len(opened) == 1
    assert capsys.readouterr() == ("", "")
