"""While a script captures a CUDA graph nothing is read from the device: that would spoil it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from zgtui.check.recording import ledger
from zgtui.instrument import registry
from zgtui.instrument.loss_values import Arriving
from zgtui.instrument.losses import LossRecorder
from zgtui.instrument.rates import rates_of
from zgtui.runlog.log import LossReader


class Spoils:
    """A tensor of a GPU that may not be looked at."""

    is_cuda, is_sparse, layout = True, False, torch.strided

    def _spoil(self) -> Any:
        raise RuntimeError("operation not permitted when stream is capturing")

    any = _spoil


class Reached:
    """An event on a GPU, that may not be asked for while there is a ``capture``."""

    def __init__(self, capture: SimpleNamespace) -> None:
        self._capture = capture

    def query(self) -> bool:
        assert not self._capture.on, "operation not permitted when stream is capturing"
        return True

    synchronize = query


@pytest.fixture
def capture(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A capture is under way, until it is told otherwise."""
    state = SimpleNamespace(on=True)
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: state.on)
    return state


def test_gradients_are_taken_for_ones_that_matter(capture: SimpleNamespace) -> None:
    spoils: Any = Spoils()
    assert not registry.is_zero(spoils)
    assert registry.is_finite(spoils)
    assert not ledger.is_zero(spoils)
    capture.on = False
    with pytest.raises(RuntimeError, match="capturing"):
        registry.is_zero(spoils)


def test_a_rate_in_a_tensor_is_not_read(capture: SimpleNamespace) -> None:
    class OfGpu(torch.Tensor):
        is_cuda = True

    optimizer = torch.optim.Adam([torch.ones(1)], lr=0.5)
    assert rates_of(optimizer) == [0.5]
    optimizer.param_groups[0]["lr"] = torch.tensor(0.25).as_subclass(OfGpu)
    assert rates_of(optimizer) is None
    capture.on = False
    assert rates_of(optimizer) == [0.25]


def test_losses_under_way_are_read_after_it(capture: SimpleNamespace, tmp_path: Path) -> None:
    recorder = LossRecorder("A", found=lambda *_: None, step_done=lambda _: None)
    recorder.write_to(tmp_path)
    loss = Arriving.__new__(Arriving)
    loss._value, loss._event = torch.tensor(0.5), Reached(capture)  # type: ignore[assignment]  # as if of a GPU
    recorder._step_done([(1, loss)])
    assert LossReader(tmp_path, "A").available() == 0
    capture.on = False
    recorder.flush()
    assert LossReader(tmp_path, "A").read(9).tolist() == [0.5]
