"""What every test starts from: nobody's settings, and a GPU only where there is one."""

from __future__ import annotations

import os
import sys
from collections import OrderedDict
from collections.abc import Iterator
from importlib.util import find_spec
from inspect import unwrap
from pathlib import Path
from typing import Any

import pytest

from tests.support.forks import POSSIBLE, Forks, start_again
from tests.support.script_runs import Warm

pytest_plugins = ["pytester"]


def pytest_xdist_auto_num_workers() -> int:
    """More than cores: most of what a test of a screen or of a process does is to wait for it."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    cores = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    return cores + min(cores, 4)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Train with one thread, as the app does; skip what needs an NVIDIA GPU where there is none.

    The threads of tests that run side by side would fight, and sums are rounded in one order.
    """
    if (imported := sys.modules.get("torch")) is not None:
        imported.set_num_threads(1)
    if item.get_closest_marker("cuda") is not None:
        import torch  # noqa: PLC0415 - only tests that train should pay for it

        from tests.cuda.target import TRIAL  # noqa: PLC0415

        if not (TRIAL or torch.cuda.is_available()):
            pytest.skip("PyTorch finds no NVIDIA GPU here")


@pytest.fixture(autouse=True)
def _nobodys_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No option from the environment or a configuration file; run logs go to a temporary folder."""
    for name in [name for name in os.environ if name.startswith("ZGTUI_")]:
        monkeypatch.delenv(name)
    folder: Path = tmp_path_factory.getbasetemp()
    monkeypatch.setenv("ZGTUI_CONFIG", str(folder / "no-such-config.toml"))
    monkeypatch.setenv("ZGTUI_STATE_DIR", str(folder / "state"))


@pytest.fixture
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch without what `zgtui.watch` of another test left there: it wraps it for good."""
    import torch  # noqa: PLC0415 - only tests that train should pay for it
    from torch.optim import optimizer  # noqa: PLC0415

    def is_torchs(function: Any) -> bool:
        return Path(torch.__file__).parent in Path(function.__code__.co_filename).parents

    for when in ("pre", "post"):
        monkeypatch.setattr(optimizer, f"_global_optimizer_{when}_hooks", OrderedDict())
    for owner, name in [(torch.optim.Optimizer, "zero_grad"), (torch.autograd, "backward")]:
        monkeypatch.setattr(owner, name, unwrap(getattr(owner, name), stop=is_torchs))


@pytest.fixture
def as_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Optimizers do on the processor what they do on a device that captures graphs."""
    from tests.support.capturing import let_the_processor_capture  # noqa: PLC0415 - imports torch

    let_the_processor_capture(monkeypatch.setattr)


# Each test runs its script in a fork: what is imported takes seconds, and is shared by all.


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """Runs scripts as people do."""
    with Warm() as process:
        yield process


@pytest.fixture(scope="session")
def checking() -> Iterator[Warm]:
    """Runs scripts as `zgtui check` does: nothing is compiled."""
    with Warm(TORCH_COMPILE_DISABLE="1") as process:
        yield process


@pytest.fixture(scope="session")
def frameworks() -> Iterator[Warm]:
    """Runs scripts of those frameworks that are installed."""
    with Warm(*filter(find_spec, ("lightning", "transformers", "accelerate"))) as process:
        yield process


@pytest.fixture(scope="session", autouse=True)
def forks() -> Iterator[Forks]:
    """Python commands are forked from a process that has imported torch, where they can be.

    What runs is all the same but for the start, which takes seconds.
    """
    with Forks() as process, pytest.MonkeyPatch.context() as patch:
        if POSSIBLE:
            process.instead(patch)
        yield process


@pytest.fixture(autouse=True)
def _started(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("started") is not None:
        start_again(monkeypatch)
