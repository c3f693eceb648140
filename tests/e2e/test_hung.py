"""A training process that hangs is told of, and leaving does not wait for it."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.processes import mentioning
from tests.support.terminal import Terminal
from tests.support.waiting import until

pytestmark = pytest.mark.terminal


def hang(terminal: Terminal) -> int:
    """Stop the training process of ``terminal``."""
    (worker,) = mentioning(str(terminal.state))
    os.kill(worker, signal.SIGSTOP)
    return worker


def test_a_training_process_that_hangs_is_told_of_and_q_still_quits(tmp_path: Path) -> None:
    with closing(Terminal(tmp_path, "--steps", "unlimited")) as terminal:
        terminal.shows("steps/s")
        worker = hang(terminal)
        terminal.shows("press r to restart")
        terminal.type("q")
        assert terminal.ended() == 0
        until(lambda: not mentioning(str(terminal.state)), "the end of its processes")
        assert not Path(f"/proc/{worker}").exists()


def test_train_says_once_that_nothing_is_heard_and_goes_on_when_it_is(tmp_path: Path) -> None:
    words = ("train", "--steps", "unlimited", "--print-every", "1000")
    with closing(Terminal(tmp_path, *words)) as terminal:
        terminal.shows("Loss =")
        for count in (1, 2):
            worker = hang(terminal)
            terminal.until(
                lambda _: terminal.output.count(b"no answer from the training process") == count,  # noqa: B023 - called at once
                "a word about the silence",
            )
            os.kill(worker, signal.SIGCONT)
            before = terminal.output.count(b"Loss =")
            terminal.until(lambda _: terminal.output.count(b"Loss =") > before, "losses")  # noqa: B023 - likewise
        hang(terminal)
        terminal.send(signal.SIGINT)
        assert terminal.ended() == 128 + signal.SIGINT
        until(lambda: not mentioning(str(terminal.state)), "the end of its processes")
