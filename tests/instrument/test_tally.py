"""What a run counts of a script's training, and what a line calls its loss."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest
import torch

from zgtui.instrument.loss_names import loss_name
from zgtui.instrument.losses import LossRecorder
from zgtui.instrument.observer import Backward
from zgtui.instrument.tally import Tally
from zgtui.runlog.log import losses_path, read_losses, read_series_steps

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {
    "errG.backward()": "errG",
    "(loss / 4).backward(retain_graph=True)": "loss",
    "scaler.scale(loss_d).backward()": "loss_d",
    "self.manual_backward(losses['g'])": "losses['g']",
    "accelerator.backward(-objective)": "objective",
    "torch.autograd.backward(total)": "total",
    "trainer.fit(model)": None,
    "criterion(model(x), y).backward()": None,
    "    loss).backward(": None,
}


@pytest.mark.parametrize("line", NAMES)
def test_a_line_names_its_loss(tmp_path: Path, line: str) -> None:
    file = tmp_path / "script.py"
    file.write_text(line + "\n")
    frames = []
    code = compile("f()", str(file), "exec")
    exec(code, {"f": lambda: frames.append(sys._getframe(1))})
    assert loss_name(frames[0]) == NAMES[line]


def tally() -> Tally:
    return Tally(lambda: None, lambda _: None)


def make(lr: float = 0.1) -> torch.optim.Optimizer:
    return torch.optim.SGD([torch.zeros(1)], lr=lr)


def test_optimizers_are_told_apart_by_where_they_were_made() -> None:
    seen = tally()
    anew = []
    for _ in range(3):
        anew.append(make())  # one line, three optimizers
        seen.optimizer_made(anew[-1])
        seen.step_ended(anew[-1], outermost=True)
    first, second = torch.optim.SGD([torch.zeros(1)], lr=0.0), make(0.5)
    seen.step_ended(first, outermost=True)
    seen.step_skipped(second)
    facts = seen.facts()
    assert [made["made"] for made in facts] == [3, 1, 1]
    assert [made["steps"] for made in facts] == [3, 1, 1]
    assert [made["skipped"] for made in facts] == [0, 0, 1]
    assert [made["moves"] for made in facts] == [True, False, False]
    assert [made["lrs"] for made in facts] == [[0.1], [0.0], [0.5]]
    assert len({made["optimizer"] for made in facts}) == 3


def rates(seen: Tally) -> list[float]:
    (made,) = seen.facts()
    found: list[float] = made["lrs"]
    return found


def test_optimizers_of_one_line_that_step_in_turn_tell_the_rates_of_all() -> None:
    seen = tally()
    seen.steps_charted()
    in_turn = [make(lr) for lr in (0.1, 0.2, 0.3)]
    for _ in range(10):
        for optimizer in in_turn:
            seen.step_ended(optimizer, outermost=True)
    assert rates(seen) == [0.1, 0.2, 0.3]
    in_turn[1].param_groups[0]["lr"] = 0.5
    assert rates(seen) == [0.1, 0.5, 0.3]
    for _ in range(40):
        seen.step_ended(in_turn[2], outermost=True)
    assert rates(seen) == [0.3], "the others are in use no more"


def test_an_optimizer_made_anew_takes_the_place_of_the_one_before() -> None:
    seen = tally()
    for lr in (0.3, 0.2, 0.1):
        optimizer = make(lr)
        seen.step_ended(optimizer, outermost=True)
        del optimizer
    assert rates(seen) == [0.1]


def test_optimizers_of_threads_that_are_gone_keep_their_last_rates() -> None:
    seen, alive = tally(), threading.Barrier(2)

    def train(lr: float) -> None:
        optimizer = make(lr)
        seen.step_ended(optimizer, outermost=True)
        alive.wait()  # the numbers of threads that are gone are given away again

    both = [threading.Thread(target=train, args=(lr,)) for lr in (0.1, 0.2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(rates(seen)) == [0.1, 0.2]


def test_a_nested_optimizers_steps_are_those_of_the_outer_one() -> None:
    seen, inner, outer = tally(), make(), make()
    for optimizer in (inner, outer):
        seen.optimizer_made(optimizer)
    seen.step_ended(inner, outermost=False)
    seen.step_ended(outer, outermost=True)
    assert sum(made["steps"] for made in seen.facts()) == 1


def test_the_first_line_gets_its_own_log_when_a_second_one_is_met(tmp_path: Path) -> None:
    recorder = LossRecorder("A", found=lambda *_: None, step_done=lambda _: None)
    recorder.write_to(tmp_path)
    optimizer = make()
    recorder.optimizer_made(optimizer)

    def step(value: float) -> None:
        recorder.step_ended(optimizer, outermost=True)
        assert value

    for value in (3.0, 2.0):
        call = Backward([torch.tensor(value)], None, sys._getframe())
        recorder.backward_begins(call)
        step(value)
    recorder.flush()
    assert not losses_path(tmp_path, "A.1").exists()
    recorder.backward_begins(Backward([torch.tensor(7.0)], None, sys._getframe()))
    step(7.0)
    recorder.flush()
    assert list(read_losses(losses_path(tmp_path, "A"), 0, 9)) == [3.0, 2.0, 7.0]
    assert list(read_losses(losses_path(tmp_path, "A.1"), 0, 9)) == [3.0, 2.0]
    assert list(read_series_steps(tmp_path, "A.1", 0, 9)) == [1, 2]
    assert list(read_losses(losses_path(tmp_path, "A.2"), 0, 9)) == [7.0]
    assert list(read_series_steps(tmp_path, "A.2", 0, 9)) == [3]
