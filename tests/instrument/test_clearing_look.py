"""How a script clears its gradients, as a run reports it to the process that started it."""

from __future__ import annotations

import json
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

from tests.support.script_runs import Warm
from zgtui.instrument.habit import LOOK_STEPS, Habit
from zgtui.launch.words.clearing_words import verdict
from zgtui.runlog.events import ClearingSeen

if TYPE_CHECKING:
    from collections.abc import Callable

    from zgtui.config.settings import Policy

AT_EVERY_STEP = "your script clears its gradients at every step"
ADD_UP = "your script does not clear its gradients: they add up"
SENTENCES = {
    "plain_loop.py": AT_EVERY_STEP,
    "by_hand_none.py": AT_EVERY_STEP,
    "by_hand_zero.py": AT_EVERY_STEP,
    "foreach.py": AT_EVERY_STEP,
    "lbfgs_closure.py": AT_EVERY_STEP,
    "amp_scaler.py": AT_EVERY_STEP,
    "custom_optimizer.py": AT_EVERY_STEP,
    "gan.py": AT_EVERY_STEP,
    "forgotten.py": ADD_UP,
    "amp_forgotten.py": ADD_UP,
    "lbfgs_forgotten.py": ADD_UP,
    "by_hand_descent.py": "your script clears its gradients before every backward()",
    "cleared_too_late.py": "your script clears its gradients between backward() and step()",
    "zeroed_too_late.py": "your script clears its gradients between backward() and step()",
    "accumulation.py": "your script clears its gradients at every step, after 4 backward() calls",
    "once_per_epoch.py": "your script clears its gradients before some steps and not before others",
}


def reports(
    warm: Warm, folder: Path, script: str, policy: Policy = "as-is", **more: Any
) -> list[ClearingSeen]:
    """What a run of ``script`` said of its clearing, oldest first."""
    # A socket's path must be short.
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as server:
        path = str(Path(short) / "s")
        server.bind(path)
        server.listen()
        run = warm.run(folder, script, policy=policy, socket=path, **more)
        assert run.code == 0, run.text
        server.settimeout(60.0)
        line, _ = server.accept()
        with line, line.makefile() as lines:
            told = [json.loads(text) for text in lines]
    return [
        ClearingSeen(**{key: value for key, value in event.items() if key != "op"})
        for event in told
        if event["op"] == ClearingSeen.op
    ]


@pytest.mark.parametrize("script", SENTENCES)
def test_the_way_a_script_clears_is_recognised(warm: Warm, tmp_path: Path, script: str) -> None:
    told = reports(warm, tmp_path / "run", script)
    assert verdict(told[-1]).startswith(SENTENCES[script]), told[-1]


def train(habit: Habit, parameter: torch.Tensor, between: Callable[[int], None]) -> None:
    """A look's worth of steps; ``between`` is called with the number of each before it."""
    for step in range(1, LOOK_STEPS + 1):
        between(step)
        habit.before_backward()
        parameter.square().sum().backward()
        habit.after_backward()
        habit.before_step()
        habit.stepped()


@pytest.mark.parametrize("period", [2, 3, 5])
def test_clearing_before_every_nth_step_is_recognised(period: int) -> None:
    parameter = torch.ones(2, requires_grad=True)
    habit = Habit("SGD", lambda: [parameter])

    def clear(step: int) -> None:
        if step % period == 0:
            parameter.grad = None

    train(habit, parameter, clear)
    assert (habit.facts()["outcome"], habit.facts()["period"]) == ("cleared", period)


def test_what_a_later_look_sees_otherwise_counts() -> None:
    parameter = torch.ones(2, requires_grad=True)
    habit = Habit("SGD", lambda: [parameter])
    train(habit, parameter, lambda _: None)
    assert habit.facts()["outcome"] == "kept"
    habit.begin_look()
    train(habit, parameter, lambda _: setattr(parameter, "grad", None))
    assert habit.facts()["outcome"] == "mixed"


def test_clearing_only_some_parameters_is_recognised() -> None:
    first, second = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    habit = Habit("SGD", lambda: [first, second])
    for _ in range(3):
        first.grad = None
        habit.before_backward()
        (first * second).sum().backward()
        habit.after_backward()
        habit.before_step()
        habit.stepped()
    assert habit.facts()["outcome"] == "partly"


def test_gradients_that_no_backward_made_are_replaced() -> None:
    parameter = torch.ones(2, requires_grad=True)
    habit = Habit("SGD", lambda: [parameter])
    for _ in range(3):
        (parameter.grad,) = torch.autograd.grad(parameter.square().sum(), parameter)
        habit.before_step()
        habit.stepped()
    assert habit.facts()["outcome"] == "replaced"


@pytest.mark.parametrize("script", ["plain_loop.py", "forgotten.py", "accumulation.py", "gan.py"])
def test_what_a_policy_clears_is_not_taken_for_the_scripts_doing(
    warm: Warm, tmp_path: Path, script: str
) -> None:
    told = reports(warm, tmp_path / "run", script, "every")
    assert verdict(told[-1]).startswith(SENTENCES[script]), told[-1]


def test_nothing_is_said_where_a_policy_clears_first(warm: Warm, tmp_path: Path) -> None:
    told = reports(warm, tmp_path / "run", "gan_forgotten.py", "every")
    assert told[-1].habits[1]["outcome"] is None


def test_a_run_that_never_clears_says_what_its_gradients_became_in_spite_of_that(
    warm: Warm, tmp_path: Path
) -> None:
    told = reports(warm, tmp_path / "run", "plain_loop.py", "never")
    assert {report.policy for report in told} == {"never"}
    assert [habit["outcome"] for habit in told[-1].habits] == ["kept"]
