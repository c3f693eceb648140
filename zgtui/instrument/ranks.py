"""Which of several processes that train together this one is, and which of them is charted."""

from __future__ import annotations

import os

import torch


def rank() -> int:
    """The number of this process among those that train together, from 0."""
    distributed = torch.distributed
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank()
    return _variable("RANK") or 0


def world() -> int:
    """How many processes train together."""
    distributed = torch.distributed
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_world_size()
    return _variable("WORLD_SIZE") or 1


def local_world() -> int | None:
    """How many of them a launcher has started on this machine; None where none says so."""
    return _variable("LOCAL_WORLD_SIZE")


def is_charted() -> bool:
    """Whether this is rank 0, or the first that a launcher has started on another machine.

    The variables of a launcher are inherited by what a rank starts by itself, so they count only
    where they are about this rank.
    """
    number = rank()
    return number == 0 or (_variable("RANK") == number and _variable("LOCAL_RANK") == 0)


def _variable(name: str) -> int | None:
    value = os.environ.get(name, "")
    return int(value) if value.isdecimal() else None
