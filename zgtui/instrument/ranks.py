"""Which of several ranks this process is, and which of them is charted."""

from __future__ import annotations

import os

import torch


def rank() -> int:
    """The rank of this process, from 0."""
    return torch.distributed.get_rank() if _is_joined() else _variable("RANK") or 0


def world() -> int:
    """The number of ranks."""
    return joined() if _is_joined() else _variable("WORLD_SIZE") or 1


def joined() -> int:
    """How many have joined a process group, and so may average gradients; 1 where none has."""
    return torch.distributed.get_world_size() if _is_joined() else 1


def _is_joined() -> bool:
    return torch.distributed.is_available() and torch.distributed.is_initialized()


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
