"""A storage is known again as long as it lives, with every PyTorch that is supported."""

from __future__ import annotations

import pytest
import torch

from zgtui.check.recording import storages
from zgtui.check.recording.contributions import NOTHING
from zgtui.check.recording.ledger import ParameterMemory
from zgtui.check.recording.taint import TaintMap

here = pytest.mark.skipif(not storages.KNOWN_AGAIN, reason="such a reference ends the process")
either_way = pytest.mark.parametrize(
    "known_again", [pytest.param(True, marks=here, id="now"), pytest.param(False, id="before 2.2")]
)


@either_way
def test_what_is_known_of_a_storage_lasts_as_long_as_it(
    monkeypatch: pytest.MonkeyPatch, *, known_again: bool
) -> None:
    monkeypatch.setattr(storages, "KNOWN_AGAIN", known_again)
    taint = TaintMap()
    kept = torch.ones(3)
    taint.write(kept, NOTHING, even_empty=True)
    for _ in range(5 * storages.MANY):
        passing = torch.ones(3)
        assert taint.read(passing) is None
        taint.write(passing, NOTHING, even_empty=True)
        assert taint.read(passing[1:]) == NOTHING
    del passing
    assert len(list(taint.kept_aside())) == 1
    assert len(taint._memories) < 3 * storages.MANY
    assert taint.read(kept) == NOTHING


@either_way
def test_a_parameter_owns_its_storage_until_it_is_gone(
    monkeypatch: pytest.MonkeyPatch, *, known_again: bool
) -> None:
    monkeypatch.setattr(storages, "KNOWN_AGAIN", known_again)
    memory = ParameterMemory()
    parameter = torch.nn.Parameter(torch.ones(4))
    memory.add(parameter)
    view = parameter.detach()[2:]
    assert memory.owner(view) is parameter
    assert memory.owner(torch.ones(4)) is None
    del parameter
    assert memory.owner(view) is None
