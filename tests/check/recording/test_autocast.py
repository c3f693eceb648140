"""In what a device computes is told alike by every PyTorch that is supported."""

from __future__ import annotations

import pytest
import torch

from zgtui.check.recording.tape import autocast_dtype


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("before", [False, True], ids=["now", "before 2.4"])
def test_autocast_is_told_while_it_is_on(monkeypatch: pytest.MonkeyPatch, *, before: bool) -> None:
    def told(device: str) -> torch.dtype | None:
        with monkeypatch.context() as older:
            if before:
                older.delattr(torch, "get_autocast_dtype", raising=False)
            return autocast_dtype(device)

    assert told("cpu") is None
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert told("cpu") is torch.bfloat16
        assert told("cuda") is None
    assert told("cpu") is None
