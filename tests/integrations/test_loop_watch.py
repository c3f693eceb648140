"""The watch around the batches of a loop, and what all integrations share."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
import torch

import zgtui
from tests.support.loaded import loaded_by
from zgtui.errors import UsageError
from zgtui.integrations import GradientWarning
from zgtui.integrations.accelerate import AccelerateWatch
from zgtui.integrations.first_steps import FirstSteps, WatchingCallback
from zgtui.integrations.own_loop import LoopWatch

EXAMPLES = Path(__file__).parents[1] / "examples"
BATCHES = torch.randn(12, 4, 3, generator=torch.Generator().manual_seed(0))


def made() -> tuple[torch.nn.Linear, torch.optim.SGD]:
    model = torch.nn.Linear(3, 1)
    return model, torch.optim.SGD(model.parameters(), lr=0.01)


def train(
    watched: LoopWatch,
    model: torch.nn.Linear,
    optimizer: torch.optim.Optimizer,
    *,
    epochs: int = 1,
    clear: str = "step",
    stop_at: int = 99,
) -> None:
    for _ in range(epochs):
        if clear == "epoch":
            optimizer.zero_grad()
        for number, batch in enumerate(watched(BATCHES)):
            if clear == "step":
                optimizer.zero_grad()
            model(batch).pow(2).mean().backward()
            optimizer.step()
            if number == stop_at:
                break


@pytest.fixture(autouse=True)
def nothing_stays_watched() -> Iterator[None]:
    yield
    from zgtui import _watch  # noqa: PLC0415 - only now

    for watch in list(_watch._under_way):
        watch.end()


def told(*arguments: Any, **more: Any) -> list[str]:
    """The warnings of ``train``."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        train(*arguments, **more)
    assert all(one.category is GradientWarning for one in caught)
    return [str(one.message) for one in caught]


def test_the_example_is_right_and_nothing_is_said() -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLES / "loop_watch.py"],
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_loop_that_clears_is_watched_for_some_steps_and_then_left_alone() -> None:
    model, optimizer = made()
    watched = LoopWatch(optimizer, steps=30)
    assert told(watched, model, optimizer, epochs=4) == []
    assert watched.watched.report is not None
    assert (watched.watched.report.verdict, watched.watched.report.steps) == ("pass", 30)
    from zgtui import _watch  # noqa: PLC0415 - only now

    assert [one.on for one in _watch._instruments] == [False], "what is wrapped passes on at once"
    with zgtui.watch(optimizer):  # nobody else is under way
        pass


def test_a_mistake_is_told_once_though_the_loop_goes_on() -> None:
    model, optimizer = made()
    (only,) = told(LoopWatch(optimizer, steps=8), model, optimizer, epochs=4, clear="never")
    assert only.startswith("gradients are not cleared as they should be:\nZG101 error: never")
    assert "8 steps judged" in only


def test_what_is_wrong_over_epochs_alone_is_found_at_the_end_of_one() -> None:
    model, optimizer = made()
    (only,) = told(LoopWatch(optimizer), model, optimizer, epochs=3, clear="epoch")
    assert "ZG10" in only


def test_it_is_raised_where_that_is_asked_for() -> None:
    model, optimizer = made()
    with pytest.raises(GradientWarning, match="ZG101"):
        train(LoopWatch(optimizer, steps=8, on_mistake="raise"), model, optimizer, clear="never")


def test_a_loop_that_is_left_early_is_told_by_a_warning() -> None:
    model, optimizer = made()
    watched = LoopWatch(optimizer, on_mistake="raise")
    (only,) = told(watched, model, optimizer, clear="never", stop_at=5)
    assert "6 steps judged" in only


@pytest.mark.parametrize("ignore", ["ZG101", ["ZG102", "ZG101"]])
def test_a_code_that_is_ignored_is_no_mistake(ignore: Any) -> None:
    model, optimizer = made()
    assert told(LoopWatch(optimizer, steps=8, ignore=ignore), model, optimizer, clear="no") == []


def test_where_another_process_tells_this_one_does_not() -> None:
    model, optimizer = made()
    assert told(LoopWatch(optimizer, told=False), model, optimizer, clear="never") == []


def test_gradients_that_a_scaler_has_scaled_are_judged() -> None:
    for clears in (True, False):
        model, optimizer = made()
        scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
        watched = LoopWatch(optimizer, steps=8)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for batch in watched(BATCHES):
                if clears:
                    optimizer.zero_grad()
                scaler.scale(model(batch).pow(2).mean()).backward()
                scaler.step(optimizer)
                scaler.update()
        assert len(caught) == (0 if clears else 1)
        assert watched.watched.report is not None
        assert watched.watched.report.verdict == ("pass" if clears else "fail")


def test_a_watch_of_a_training_that_broke_off_does_not_stand_in_the_way() -> None:
    model, optimizer = made()
    broken = LoopWatch(optimizer)(BATCHES)
    next(broken)
    assert told(LoopWatch(optimizer, steps=8), model, optimizer, clear="never") != []


def test_a_watch_of_ones_own_goes_first() -> None:
    model, optimizer = made()
    with zgtui.watch(optimizer) as own:
        assert told(LoopWatch(optimizer, steps=8), model, optimizer, clear="never") == []
    assert own.report().verdict == "fail"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"steps": 0}, "at least 1, not 0"),
        ({"steps": "60"}, "at least 1, not '60'"),
        ({"on_mistake": "shout"}, '"warn" or "raise"'),
        ({"ignore": "ZG01"}, "such as 'ZG103', not 'ZG01'. Did you mean"),
        ({"ignore": ["ZG101", 103]}, "not 103"),
        ({"ignore": 103}, "not 103"),
    ],
)
def test_wrong_use_is_told(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        LoopWatch(**arguments)


@pytest.mark.parametrize("wrong", [torch.nn.Linear(3, 1), [made()[1]], None])
def test_what_is_no_optimizer_is_refused(wrong: Any) -> None:
    with pytest.raises(UsageError, match=f"optimizers can be watched, not {type(wrong).__name__}"):
        LoopWatch(wrong)


def test_the_accelerator_comes_first() -> None:
    with pytest.raises(UsageError, match="the accelerator comes first, not SGD"):
        AccelerateWatch(made()[1])


def test_every_argument_is_seen_by_editors_and_type_checkers() -> None:
    """None hides behind ``**options``, and the default of each is that of all integrations."""
    shared = signature(FirstSteps).parameters
    assert list(shared) == ["steps", "on_mistake", "ignore"]
    for watch in (LoopWatch, AccelerateWatch, WatchingCallback):
        own = signature(watch).parameters
        assert {name: own[name].default for name in shared} == {
            name: one.default for name, one in shared.items()
        }


def test_making_a_watch_imports_no_torch_and_no_framework() -> None:
    loaded = loaded_by("from zgtui.integrations.own_loop import LoopWatch; LoopWatch()")
    assert not loaded & {"torch", "lightning", "transformers", "accelerate", "textual", "rich"}
