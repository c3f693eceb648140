"""Watching from a notebook or a test: a report without a process of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import torch

import zgtui
from zgtui.errors import UsageError
from zgtui.testing import assert_gradients_cleared

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def untouched_torch() -> Iterator[None]:
    """Torch is wrapped once and for good; other tests of this process are to see it bare."""
    yield
    from zgtui import _watch  # noqa: PLC0415 - only now

    assert all(not instrument.observers for instrument in _watch._instruments)


def made() -> tuple[torch.nn.Linear, torch.optim.SGD]:
    model = torch.nn.Linear(3, 1)
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def train(model: torch.nn.Linear, optimizer: torch.optim.SGD, steps: int, *, clear: bool) -> None:
    for _ in range(steps):
        if clear:
            optimizer.zero_grad()
        model(torch.ones(4, 3)).pow(2).mean().backward()
        optimizer.step()


@pytest.mark.filterwarnings("ignore:The .grad attribute")  # torch.compile asks for it itself
@pytest.mark.parametrize(("clear", "verdict"), [(True, "pass"), (False, "fail")])
def test_a_compiled_model_is_watched_and_not_broken(*, clear: bool, verdict: str) -> None:
    """Compiled with the joint graph traced, which is differentiated while torch compiles."""
    torch._dynamo.reset()
    model, optimizer = made()
    compiled = torch.compile(model, backend="aot_eager")
    with zgtui.watch(optimizer) as watched:
        for _ in range(5):
            if clear:
                optimizer.zero_grad()
            compiled(torch.ones(4, 3)).pow(2).mean().backward()
            optimizer.step()
    assert watched.report().verdict == verdict


def test_a_watched_loop_that_clears_is_ok() -> None:
    model, optimizer = made()
    with zgtui.watch(optimizer) as watch:
        train(model, optimizer, 5, clear=True)
    assert watch.report().verdict == "pass"
    assert "5 steps judged" in str(watch.report())


def test_a_watched_loop_that_does_not_clear_is_found_with_its_line() -> None:
    model, optimizer = made()
    with zgtui.watch(optimizer) as watch:
        train(model, optimizer, 5, clear=False)
    (finding,) = watch.report().findings
    assert finding.code == "ZG101"
    assert finding.site.file == __file__
    assert finding.site.function == "train"
    assert "weight" not in finding.message


def test_what_runs_after_the_block_is_not_seen() -> None:
    model, optimizer = made()
    with zgtui.watch(optimizer) as watch:
        train(model, optimizer, 4, clear=True)
    train(model, optimizer, 4, clear=False)
    assert watch.report().verdict == "pass"


def test_gradients_left_from_before_are_not_held_against_the_loop() -> None:
    model, optimizer = made()
    train(model, optimizer, 2, clear=False)
    with zgtui.watch(optimizer) as watch:
        train(model, optimizer, 4, clear=True)
    assert watch.report().verdict == "pass"


MORE = "watch what calls backward() and step(), for three steps or more"
"""What can be done where there is no command line."""


def test_too_few_steps_are_not_ok() -> None:
    model, optimizer = made()
    with zgtui.watch(optimizer) as watch:
        train(model, optimizer, 2, clear=True)
    assert watch.report().verdict == "inconclusive"
    assert f"fix: {MORE}\n" in str(watch.report())


def test_nothing_seen_is_not_ok() -> None:
    with zgtui.watch() as watch:
        pass
    assert watch.report().verdict == "inconclusive"
    assert f"fix: {MORE}\n" in str(watch.report())


def test_watching_changes_no_bit() -> None:
    results = []
    for watched in (False, True):
        torch.manual_seed(0)
        model, optimizer = made()
        if watched:
            with zgtui.watch(optimizer):
                train(model, optimizer, 5, clear=False)
        else:
            train(model, optimizer, 5, clear=False)
        results.append(model.weight.detach().clone())
    assert torch.equal(*results)


def test_a_watch_inside_a_watch_is_refused() -> None:
    model, optimizer = made()
    with zgtui.watch(optimizer), pytest.raises(UsageError, match="under way"), zgtui.watch():
        pass
    with zgtui.watch(optimizer) as watch:
        train(model, optimizer, 3, clear=True)
    assert watch.report().verdict == "pass"


def test_only_optimizers_can_be_watched() -> None:
    with pytest.raises(UsageError, match="not Linear"):
        zgtui.watch(torch.nn.Linear(1, 1))  # type: ignore[arg-type] # the mistake under test


def test_the_assertion_passes_for_a_right_step() -> None:
    model, optimizer = made()
    assert_gradients_cleared(lambda: train(model, optimizer, 1, clear=True), optimizer)


def test_the_assertion_fails_with_the_report() -> None:
    model, optimizer = made()
    with pytest.raises(AssertionError, match="ZG101 error: never cleared"):
        assert_gradients_cleared(lambda: train(model, optimizer, 1, clear=False), optimizer)


def test_the_assertion_fails_where_nothing_trains() -> None:
    with pytest.raises(AssertionError, match="no optimizer's training was seen"):
        assert_gradients_cleared(lambda: None)


def test_too_few_calls_are_refused() -> None:
    with pytest.raises(UsageError, match="at least 3 calls"):
        assert_gradients_cleared(lambda: None, calls=2)


def test_importing_the_tools_costs_no_torch() -> None:
    code = "import sys, zgtui, zgtui.testing; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"
