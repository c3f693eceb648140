"""TensorBoard runs, read back with TensorBoard's own reader."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.support.command import logged, newest_log, run
from zgtui.config.settings import RUNS, Settings, lr_factor
from zgtui.errors import UsageError, WorkerError
from zgtui.outputs.followers import event_files, finish_tensorboard, tensorboard_writer
from zgtui.outputs.processes import FollowerProcess
from zgtui.outputs.tensorboard import TensorBoardLog
from zgtui.runlog.log import LogWriter


def scalars(folder: Path, tag: str) -> dict[int, float]:
    """Value by step; each step once."""
    reader = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    reader.Reload()
    events = reader.Scalars(tag)
    found = {event.step: event.value for event in events}
    assert len(found) == len(events)
    return found


def log_with(folder: Path, losses: list[float], **settings: Any) -> LogWriter:
    """A log in which both runs have these losses, B twice as high."""
    plain = Settings(steps=len(losses)).with_run("A", lr=0.1).with_run("B", lr=0.2).to_dict()
    log = LogWriter(folder, RUNS)
    log.event("start", settings={**plain, **settings}, steps_per_epoch=1)
    log.losses("A", losses)
    log.losses("B", [2 * loss for loss in losses])
    return log


def values(folder: Path | None, *, overwrite: bool = False) -> dict[str, Any]:
    return {"tensorboard": None if folder is None else str(folder), "overwrite": overwrite}


def test_every_loss_and_sample_stands_in_the_run_it_belongs_to(tmp_path: Path) -> None:
    log = log_with(tmp_path / "log", [0.5, 0.25])
    events = TensorBoardLog(log.folder, tmp_path / "tensorboard")
    events.take_in()
    log.event("sample", run="A", step=2, grad_norm=1.5)
    log.event("sample", run="B", step=3, grad_norm=2.5, accuracy=0.75)
    log.event("set_lr", run="B", step=3, lr=0.05)
    log.losses("A", [0.125])
    log.losses("B", [8.0])
    log.close()
    events.close()
    a, b = tmp_path / "tensorboard" / "A", tmp_path / "tensorboard" / "B"
    assert scalars(a, "loss") == {1: 0.5, 2: 0.25, 3: 0.125}
    assert scalars(b, "loss") == {1: 1.0, 2: 0.5, 3: 8.0}
    assert scalars(a, "grad_norm") == {2: 1.5}
    assert scalars(b, "grad_norm") == {3: 2.5}
    assert scalars(b, "accuracy") == {3: 0.75}
    assert scalars(a, "lr") == pytest.approx({1: 0.1, 3: 0.1})
    assert scalars(b, "lr") == pytest.approx({1: 0.2, 2: 0.2, 3: 0.05})


def test_a_schedule_shows_in_the_learning_rate(tmp_path: Path) -> None:
    log = log_with(tmp_path / "log", [1.0] * 9, schedule="cosine")
    log.close()
    events = TensorBoardLog(log.folder, tmp_path / "tensorboard")
    events.close()
    expected = {step: 0.1 * lr_factor("cosine", step, 9) for step in range(1, 10)}
    assert scalars(tmp_path / "tensorboard" / "A", "lr") == pytest.approx(expected)


def test_more_losses_than_one_slice_all_arrive(tmp_path: Path) -> None:
    losses = [float(step) for step in range(5000)]
    log_with(tmp_path / "log", losses).close()
    events = TensorBoardLog(tmp_path / "log", tmp_path / "tensorboard")
    assert events.take_in()
    events.close()
    found = scalars(tmp_path / "tensorboard" / "A", "loss")
    assert list(found.values()) == losses


async def test_a_restart_goes_on_beside_and_an_earlier_comparison_is_replaced(
    tmp_path: Path,
) -> None:
    log_with(tmp_path / "0", [5.0] * 9).close()
    TensorBoardLog(tmp_path / "0", tmp_path / "tensorboard").close()
    first = log_with(tmp_path / "1", [1.0, 2.0])
    first.close()
    second = log_with(tmp_path / "2", [7.0])
    second.close()
    folder = tmp_path / "tensorboard"
    writer = tensorboard_writer(values(folder, overwrite=True), tmp_path)
    assert writer is not None
    writer.start()
    writer.follow(str(first.folder))
    writer.follow(str(second.folder))
    writer.finish()
    try:
        assert await asyncio.wait_for(writer.ended(), 60) == 0
    finally:
        writer.kill()
    assert scalars(folder / "A", "loss") == {1: 1.0, 2: 2.0}
    assert scalars(folder / "2" / "B", "loss") == {1: 14.0}


def test_events_of_an_earlier_comparison_are_never_mixed_with(tmp_path: Path) -> None:
    log_with(tmp_path / "log", [1.0]).close()
    folder = tmp_path / "tensorboard"
    TensorBoardLog(tmp_path / "log", folder / "2").close()
    kept = folder / "other" / "events.out.tfevents.1"
    kept.parent.mkdir()
    kept.touch()
    with pytest.raises(UsageError, match=r"earlier comparison.*--overwrite"):
        tensorboard_writer(values(folder), tmp_path)
    assert isinstance(tensorboard_writer(values(folder, overwrite=True), tmp_path), FollowerProcess)
    assert len(event_files(folder)) == 2  # nothing goes before training has started


def test_without_tensorboard_a_sentence_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> object:
        return None if name == "tensorboard" else find_spec(name)

    monkeypatch.setattr("zgtui.errors.find_spec", missing)
    with pytest.raises(UsageError, match=r"pip install 'zgtui\[tensorboard\]'"):
        tensorboard_writer(values(tmp_path / "tensorboard"), tmp_path)
    assert not (tmp_path / "tensorboard").exists()
    assert tensorboard_writer(values(None), tmp_path) is None


def test_a_place_that_cannot_be_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"cannot write to .*file"):
        tensorboard_writer(values(tmp_path / "file"), tmp_path)


class Writer(FollowerProcess):
    """A writer that ends with ``exit_codes``, one a wait; None: it needs longer."""

    def __init__(self, *exit_codes: int | None) -> None:
        super().__init__("nothing", [], Path("errors.log"))
        self._codes = list(exit_codes)

    def wait(self, seconds: float | None = None) -> int | None:
        del seconds
        return self._codes.pop(0)


@pytest.mark.parametrize(
    ("exit_codes", "code", "told"),
    [
        ((0, 0), 0, ""),
        ((None, 0), 0, "zgtui: writing the rest of the TensorBoard events ...\n"),
        ((1, 1), 1, "zgtui: the TensorBoard events are not complete; see errors.log\n"),
    ],
)
def test_a_long_wait_for_the_writer_and_its_failure_are_told(
    exit_codes: tuple[int | None, ...],
    code: int,
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert finish_tensorboard(Writer(*exit_codes), hurry=False) == code
    assert capsys.readouterr().err == told
    assert finish_tensorboard(Writer(), hurry=True) == 0, "which waits for nothing"


def test_a_process_is_started_once_followed_and_waited_for(tmp_path: Path) -> None:
    writer = FollowerProcess("json.tool", [], tmp_path / "errors.log")
    writer.start()
    writer.start()
    assert writer.running
    for log in ("1", "1", "2"):
        writer.follow(log)
    assert writer.wait(0.01) is None
    writer.finish()
    writer.finish()
    assert writer.wait() == 1
    assert "Extra data" in writer.errors.read_text(), "what it read is no JSON"
    writer.kill()


def test_what_cannot_be_started_is_told_and_can_be_ended_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    writer = FollowerProcess("zgtui.outputs.tensorboard", [], tmp_path / "file" / "errors.log")
    with pytest.raises(WorkerError, match=r"cannot start zgtui\.outputs\.tensorboard: "):
        writer.start()
    assert not writer.running
    writer.follow("log")
    writer.finish()
    writer.kill()
    assert writer.wait() == 0


def test_train_writes_what_it_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZGTUI_STATE_DIR", str(tmp_path / "state"))
    folder = tmp_path / "tensorboard"
    arguments = ("train", "--experiment", "moons", "--steps", "60", "--tensorboard", str(folder))
    code, _, err = run(*arguments, "--quiet")
    assert (code, err) == (0, "")
    log = newest_log(tmp_path / "state")
    for name in RUNS:
        found = scalars(folder / name, "loss")
        assert list(found) == list(range(1, 61))
        assert list(found.values()) == pytest.approx(logged(log, name))
        assert scalars(folder / name, "accuracy")
        assert scalars(folder / name, "grad_norm")
    before = event_files(folder)
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "choose another folder" in err
    assert event_files(folder) == before
