"""An error of ours ends the observation, says so once, and never reaches the script."""

from __future__ import annotations

import pytest
import torch

from zgtui.errors import LogError
from zgtui.instrument.instrument import Instrument
from zgtui.instrument.observer import Backward, Clear, Observer


class Fails(Observer):
    """Raises ``error`` at the first backward, and at whatever it is asked."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def backward_begins(self, call: Backward) -> None:
        raise self._error

    def allows(self, clear: Clear) -> bool:
        raise self._error


class Hears(Observer):
    """Keeps what it is told of the end of the observation."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.backwards: list[Backward] = []

    def backward_begins(self, call: Backward) -> None:
        self.backwards.append(call)

    def off(self, reason: str) -> None:
        self.reasons.append(reason)


class FailsAgain(Observer):
    def off(self, reason: str) -> None:
        raise ValueError("and again")


LOSS = torch.tensor(1.0)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (LogError("the disk is full"), "the disk is full"),
        (KeyError("x"), "KeyError: 'x' (test_instrument.py:"),
    ],
)
def test_an_error_ends_the_observation_and_is_told_once(
    error: Exception, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    instrument, hears = Instrument(), Hears()
    instrument.observe([Fails(error), FailsAgain(), hears])
    assert instrument.backward_begins(LOSS, None) is None
    assert (instrument.on, instrument.failure) == (False, error)
    instrument.backward_begins(LOSS, None)
    assert hears.backwards == []
    (reason,) = hears.reasons
    assert reason.startswith(told)
    assert reason.endswith("; and again")
    said = f"zgtui: observation of this script is off: {reason}\n"
    assert capsys.readouterr().err == said


def test_what_may_be_cleared_where_nobody_can_say_is_cleared(
    capsys: pytest.CaptureFixture[str],
) -> None:
    instrument = Instrument()
    optimizer = torch.optim.SGD([torch.zeros(1)])
    clear = Clear("optimizer", optimizer, in_place=False)
    assert instrument.allows(clear), "nobody is asked"
    instrument.observe([Fails(ValueError("no"))])
    assert instrument.allows(clear)
    assert "observation of this script is off: ValueError: no" in capsys.readouterr().err
    assert instrument.allows(clear)


def test_what_is_given_alone_is_one_of_several() -> None:
    instrument, hears = Instrument(), Hears()
    instrument.observe([hears])
    weight, leaf = torch.tensor(2.0), torch.zeros(1, requires_grad=True)
    call = instrument.backward_begins(LOSS, weight, leaf)
    assert instrument.backward_begins(LOSS, None) is None, "which runs inside the other"
    assert hears.backwards == [call]
    assert call is not None
    assert list(call.tensors) == [LOSS]
    assert call.weights == (weight,)
    assert call.inputs == (leaf,)
