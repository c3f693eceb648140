"""``zgtui train`` around a training process that says what each test has it say."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.outputs.headless.beginning import started
from zgtui.cli.main import main
from zgtui.config.settings import RUNS
from zgtui.errors import TableError
from zgtui.outputs.autosave import TableKeeper
from zgtui.outputs.headless import headless_train
from zgtui.outputs.stdout import SafeStdout
from zgtui.runlog.log import LogWriter
from zgtui.worker.client import WorkerListener
from zgtui.worker.protocol import Ack, Command, Failed, Progress, Remark, Start
from zgtui.worker.training import Training

Reaction = Callable[[WorkerListener], None]


def finishes(listener: WorkerListener) -> None:
    """It has trained to the end."""
    listener.worker_notice(Progress(3, running=False, finished=True, accuracy={}, together=0))


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs ``zgtui train`` whose process trains three steps, then does what is asked for."""

    def run(react: Reaction, *words: str, refused: str = "") -> int:
        class Worker:
            def __init__(self, session: Path) -> None:
                self._session = session
                self._listener: WorkerListener | None = None

            def start(self, listener: WorkerListener) -> None:
                self._listener = listener

            def send(self, command: Command) -> int:
                listener = self._listener
                assert listener is not None
                assert isinstance(command, Start)
                if refused:
                    listener.worker_notice(Ack(1, 0, error=refused))
                    return 1
                settings = command.settings
                log = LogWriter(self._session / "1", RUNS)
                log.event("start", settings=settings.to_dict(), steps_per_epoch=1)
                for name in RUNS:
                    log.losses(name, [3.0, 2.0, 1.0])
                log.close()
                listener.worker_notice(replace(started(settings), log=str(log.folder)))
                react(listener)
                return 1

            async def stop(self) -> None:
                pass

            def kill(self) -> None:
                pass

        monkeypatch.setenv("ZGTUI_STATE_DIR", str(tmp_path / "state"))
        monkeypatch.setattr(headless_train, "WorkerClient", Worker)
        return main(["train", "--steps", "3", *words])

    return run


Train = Callable[..., int]


def test_what_is_worth_to_be_told_is_told_unless_it_is_to_be_quiet(
    train: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    def remarks(listener: WorkerListener) -> None:
        listener.worker_notice(Remark("the steps are trained one by one"))
        finishes(listener)

    assert train(remarks) == 0
    assert capsys.readouterr().err == "zgtui: the steps are trained one by one\n"
    assert train(remarks, "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_in_words_it_tells_the_end(train: Train, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(finishes, "--plain") == 0
    assert "Step 3 of 3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("message", "told"), [("no memory", "no memory (it was killed)"), ("", "it was killed")]
)
def test_a_process_that_is_gone_is_told_with_what_it_said_last(
    train: Train, capsys: pytest.CaptureFixture[str], message: str, told: str
) -> None:
    def killed(listener: WorkerListener) -> None:
        if message:
            listener.worker_notice(Failed(message))
        listener.worker_ended(-9, "it was killed")

    assert train(killed) == 1
    assert capsys.readouterr().err == f"zgtui: {told}\n"


def test_what_cannot_be_trained_is_told(train: Train, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(finishes, refused="no such device") == 2
    assert capsys.readouterr() == ("", "zgtui: no such device\n")


def test_a_process_that_says_nothing_more_is_told_once(
    train: Train, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ticks = [0]

    def silent(self: object) -> bool:
        ticks[0] += 1
        if ticks[0] == 3:
            finishes(self)  # type: ignore[arg-type] # it is what listens
        return ticks[0] == 2

    monkeypatch.setattr(Training, "falls_silent", silent)
    assert train(lambda _: None) == 0
    assert capsys.readouterr().err == f"zgtui: {headless_train.HUNG}\n"


def test_a_disk_that_is_full_is_told_and_training_goes_on(
    train: Train,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    def full(*_: object) -> None:
        raise TableError(f"cannot write t.csv: {os.strerror(errno.ENOSPC)}")

    monkeypatch.setattr(TableKeeper, "follow", full)
    monkeypatch.setattr(TableKeeper, "close", full)
    assert train(finishes, "--out", str(tmp_path / "t.csv")) == 2
    told = capsys.readouterr()
    assert "Loss = 1.0" in told.out
    assert set(told.err.splitlines()) == {"zgtui: cannot write t.csv: No space left on device"}


def test_a_run_that_diverged_is_a_failure_where_that_is_asked_for(
    train: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(finishes, "--fail-on-diverge") == 0
    assert capsys.readouterr().err == ""


def test_a_tensorboard_writer_that_is_slow_and_fails_is_told(
    train: Train, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Writer:
        errors = Path("errors.log")

        def start(self) -> None:
            pass

        def follow(self, _log: str) -> None:
            pass

        def finish(self) -> None:
            pass

        def kill(self) -> None:
            pass

        async def ended(self) -> int:
            await asyncio.sleep(0.05)
            return 1

    monkeypatch.setattr(headless_train, "tensorboard_writer", lambda *_: Writer())
    monkeypatch.setattr(headless_train, "NOTICED_SECONDS", 0.0)
    assert train(finishes) == 1
    told = capsys.readouterr()
    assert told.out.endswith("writing the rest of the TensorBoard events ...\n")
    assert told.err == "zgtui: the TensorBoard events are not complete; see errors.log\n"


def test_where_stdout_has_no_such_sign_another_one_stands_for_it(
    train: Train, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(SafeStdout, "encoding", "ascii")
    monkeypatch.setattr(headless_train, "summary_lines", lambda *_: ["×2 per step"])
    assert train(finishes) == 0
    assert capsys.readouterr().out.endswith("x2 per step\n")
