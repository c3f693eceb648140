"""On the smallest terminals losses, states and the way out are seen, also below a message."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.support.hands import gone
from tests.support.tables import tidy_table
from tests.support.terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.slow]

SCRIPT = """
import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(30):
    loss = model(torch.randn(8, 3)).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
WAY_OUT = "? help q quit"


def stand_together(terminal: Terminal, *texts: str, times: int = 1) -> None:
    """Wait until all ``texts`` are on one screen; the first of them so many times."""

    def seen(lines: list[str]) -> bool:
        screen = "\n".join(lines)
        return screen.count(texts[0]) >= times and all(text in screen for text in texts)

    terminal.until(seen, f"all of {texts}")


def script(folder: Path, *, fails: bool = False) -> str:
    """A script of 30 steps, by its name."""
    text = SCRIPT + ('print("last words")\nraise KeyError("x")\n' if fails else "")
    (folder / "train.py").write_text(text, encoding="utf-8")
    return "train.py"


def test_how_scripts_ended_hides_no_loss_and_no_state(tmp_path: Path) -> None:
    with closing(Terminal(tmp_path, "run", script(tmp_path), columns=40, rows=12)) as terminal:
        told = ": ended after 30 steps"
        stand_together(terminal, "loss 0.", told, "finished", WAY_OUT, times=2)
        stand_together(terminal, "│ ended ", "┃ ended ", "loss 0.", "⠒")
        terminal.type("O")
        stand_together(terminal, "A loss 0.", "B loss 0.", "output of A", "output of B", WAY_OUT)
        stand_together(terminal, "\n ended", times=2)
        terminal.type("q")
        assert terminal.ended() == 0


def test_how_scripts_failed_is_seen_beside_their_losses(tmp_path: Path) -> None:
    words = ("run", script(tmp_path, fails=True))
    with closing(Terminal(tmp_path, *words, columns=40, rows=12)) as terminal:
        stand_together(terminal, "A loss 0.", "B loss 0.", "output of A", "output of B", WAY_OUT)
        stand_together(terminal, "failed after 30 steps: KeyError", "failed · A step 30", times=2)
        terminal.type("q")
        assert terminal.ended() == 1


def test_thirty_by_eight_is_enough_for_each(tmp_path: Path) -> None:
    table = tidy_table(tmp_path / "losses.csv", 20)
    shown: dict[tuple[str, ...], tuple[str, ...]] = {
        (): ("A loss 0 ", "B loss 0.2871", "finished"),
        ("--lesson", "invisible"): ("A loss", "B loss", "step "),
        ("view", table.name): ("loss", "step 20"),
        ("run", script(tmp_path)): ("A loss 0.", "B loss 0.", "ended"),
    }
    for words, texts in shown.items():
        with closing(Terminal(tmp_path, *words, columns=30, rows=8)) as terminal:
            stand_together(terminal, *texts)
            terminal.type("?")
            terminal.shows("zgtui: keys")
            terminal.shows("space  P")
            terminal.type("\x1b")
            gone(terminal, "zgtui: keys")
            stand_together(terminal, *texts)
            terminal.type("q")
            assert terminal.ended() == 0
