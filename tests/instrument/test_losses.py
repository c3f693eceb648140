"""Which losses a run charts: what is handed to each backward, step by step, line by line."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

import pytest
import torch
from torch import Tensor

from tests.support.threads import elsewhere
from zgtui.instrument.losses import MAX_PLACES, MAX_SERIES, LossRecorder
from zgtui.instrument.observer import Backward
from zgtui.instrument.unapplied_losses import MAX_PARTS
from zgtui.runlog.log import losses_path, read_losses, read_series_steps


class Recorded:
    """A recorder of run A, told of calls, and what it has written."""

    def __init__(self, folder: Path) -> None:
        self.told: list[int] = []
        self.found: list[str] = []
        self.cleared: set[int] = set()
        """Threads that clear gradients."""
        self.recorder = LossRecorder(
            "A",
            found=lambda name, _frame, _step: self.found.append(name),
            step_done=self.told.append,
            cleared=self.cleared.__contains__,
        )
        self.recorder.write_to(folder)
        self.optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
        self.recorder.optimizer_made(self.optimizer)
        self._folder = folder

    def backward(
        self, *tensors: Tensor, weights: Sequence[Tensor | None] | None = None, known: bool = True
    ) -> None:
        """A backward of ``tensors`` from one line, which may be not ``known``."""
        frame = sys._getframe() if known else None
        self.recorder.backward_begins(Backward(list(tensors), weights, frame))

    def backward_of(self, number: int, value: float) -> None:
        """A backward from a line of its own for each ``number``."""
        frames: list[FrameType] = []
        code = compile("\n" * number + "note()", "script.py", "exec")
        exec(code, {"note": lambda: frames.append(sys._getframe(1))})
        self.recorder.backward_begins(Backward([torch.tensor(value)], None, frames[0]))

    def step(self) -> None:
        """A step of the optimizer."""
        self.recorder.step_ended(self.optimizer, outermost=True)

    def losses(self, name: str = "A") -> list[float]:
        """Everything in the log of the run, or of one line."""
        self.recorder.flush()
        return list(read_losses(losses_path(self._folder, name), 0, 10_000))


@pytest.fixture
def run(tmp_path: Path) -> Recorded:
    return Recorded(tmp_path)


def test_one_backward_of_many_elements_charts_their_weighted_sum(run: Recorded) -> None:
    run.backward(torch.tensor([1.0, 2.0]), weights=[torch.tensor([0.5, 4.0])])
    run.step()
    run.backward(torch.tensor(3.0), torch.tensor([2.0]), weights=[None, torch.tensor([10.0])])
    run.step()
    run.backward(torch.nn.Parameter(torch.tensor(7.0)))
    run.step()
    assert run.losses() == [8.5, 23.0, 7.0]


def test_what_has_no_one_value_is_no_loss(run: Recorded) -> None:
    run.backward(torch.ones(3))
    run.step()
    assert (run.losses(), run.told) == ([], [])


def test_the_losses_of_thousands_of_backwards_in_one_step_add_up(run: Recorded) -> None:
    for _ in range(MAX_PARTS + 10):
        run.backward(torch.tensor(0.5))
    run.step()
    assert run.losses() == [(MAX_PARTS + 10) / 2]
    assert run.told == [1]


def test_a_step_that_a_scaler_leaves_out_is_a_step_and_one_without_a_backward_is_none(
    run: Recorded,
) -> None:
    run.step()
    run.recorder.step_skipped(run.optimizer)
    run.backward(torch.tensor(math.inf))
    run.recorder.step_skipped(run.optimizer)
    run.backward(torch.tensor(2.0))
    run.step()
    assert run.losses() == [math.inf, 2.0]


def test_a_loss_is_charted_as_it_was_before_it_was_scaled(run: Recorded) -> None:
    loss = torch.tensor(2.0)
    scaled = loss * 65536
    run.recorder.scaled(loss, scaled)
    run.backward(scaled)
    run.step()
    run.recorder.scaled(loss, loss)  # a scaler that is off
    run.backward(loss)
    run.step()
    assert run.losses() == [2.0, 2.0]


def test_lines_beyond_those_with_a_curve_count_in_the_sum_alone(
    run: Recorded, tmp_path: Path
) -> None:
    for number in range(MAX_SERIES + 3):
        run.backward_of(number, 1.0)
    run.backward(torch.tensor(5.0), known=False)
    run.step()
    assert run.losses() == [MAX_SERIES + 8.0]
    assert run.found == [f"A.{number}" for number in range(1, MAX_SERIES + 1)]
    assert run.losses(run.found[-1]) == [1.0]
    assert list(read_series_steps(tmp_path, run.found[-1], 0, 9)) == [1]


def test_one_line_is_one_curve_though_its_code_is_compiled_anew_for_every_step(
    run: Recorded,
) -> None:
    for _ in range(MAX_PLACES + 2):
        run.backward_of(3, 0.5)
        run.step()
    assert run.found == ["A.1"]
    assert run.losses() == [0.5] * (MAX_PLACES + 2)


def test_threads_that_train_at_the_same_time_chart_each_its_own_losses(run: Recorded) -> None:
    def backward_then_step(value: float, between: Callable[[], None]) -> None:
        run.backward(torch.tensor(value))
        between()
        run.step()

    def in_between() -> None:
        elsewhere(lambda: backward_then_step(2.0, lambda: None))

    elsewhere(lambda: backward_then_step(1.0, lambda: None))  # from now on it is known to step
    run.cleared.add(threading.get_ident())  # as this one is, which clears before its first step
    backward_then_step(4.0, in_between)
    backward_then_step(8.0, in_between)
    assert run.losses() == [1.0, 2.0, 4.0, 2.0, 8.0]


def test_a_thread_that_has_made_its_optimizer_charts_its_first_loss_itself(run: Recorded) -> None:
    def there() -> None:
        run.backward(torch.tensor(2.0))
        run.step()

    def made_here() -> None:
        run.recorder.optimizer_made(run.optimizer)
        run.backward(torch.tensor(1.0))
        elsewhere(there)
        run.step()

    elsewhere(made_here)
    assert run.losses() == [2.0, 1.0]


def test_gradients_that_threads_compute_for_another_one_count_in_its_step(run: Recorded) -> None:
    for _ in range(2):
        elsewhere(lambda: run.backward(torch.tensor(1.0)))
        elsewhere(lambda: run.backward(torch.tensor(2.0)))
        run.backward(torch.tensor(4.0))
        run.step()
    assert run.losses() == [7.0, 7.0]


def test_also_where_those_threads_clear_gradients_of_their_own(run: Recorded) -> None:
    def replica() -> None:
        run.cleared.add(threading.get_ident())
        run.backward(torch.tensor(1.0))

    elsewhere(replica)
    run.step()
    assert run.losses() == [1.0]


def test_a_scaled_loss_is_known_though_another_thread_goes_back_meanwhile(run: Recorded) -> None:
    loss = torch.tensor(2.0)
    scaled = loss * 65536
    run.recorder.scaled(loss, scaled)
    elsewhere(lambda: run.backward(torch.tensor(0.5)))
    run.backward(scaled)
    run.step()
    assert run.losses() == [2.5]


class OfApple(Tensor):
    """Of a GPU that is not one of CUDA's, with a PyTorch that has no CUDA to ask."""

    device, is_cpu = torch.device("mps"), False


def test_the_losses_of_another_gpu_than_cudas_are_written_with_their_steps(run: Recorded) -> None:
    for number in range(1, 4):
        run.backward(torch.tensor(number / 4).as_subclass(OfApple))
        run.step()
        assert len(run.losses()) == number
    assert run.losses() == [0.25, 0.5, 0.75]


def test_without_a_log_steps_are_counted_whatever_lines_they_come_from() -> None:
    told: list[int] = []
    recorder = LossRecorder("A", found=lambda *_: None, step_done=told.append)
    for _ in range(2):  # by hand: each backward is a step, once the next one begins
        recorder.backward_begins(Backward([torch.tensor(1.0)], None, sys._getframe()))
    recorder.backward_begins(Backward([torch.tensor(1.0)], None, sys._getframe()))
    recorder.ends()
    assert told == [1, 2, 3]
    assert recorder.steps == 3
