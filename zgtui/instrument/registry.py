"""Which tensors are trained: the parameters of every optimizer that lives, read afresh each time.

Nothing here holds a parameter or an optimizer alive, except where a script has no optimizer at
all: then the leaves of its losses stand in for one.
"""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from zgtui.instrument.threads import AtWork

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor
    from torch.optim import Optimizer

    from zgtui.instrument.sites import Stack


GradientRanges = dict[int, list[tuple[int, int, "Tensor"]]]
"""By the address of a storage: where in memory gradients begin and end, and of which parameters."""


@dataclass(eq=False)
class Watched:
    """One optimizer and what a policy remembers of its gradients, in the order of its parameters.

    ``held`` keeps the gradient tensors found last. ``stale`` holds the ``id`` of each gradient
    that ``step()`` has applied, 0 for the others. ``pending`` are the backwards since the last
    step, ``leaked`` those of them that a step of another optimizer has used.
    """

    optimizer: weakref.ref[Optimizer] | None
    leaves: list[Tensor] = field(default_factory=list)
    held: list[Tensor | None] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    stale: list[int] = field(default_factory=list)
    pending: set[Stack] = field(default_factory=set)
    leaked: set[Stack] = field(default_factory=set)
    script_clears: bool = False
    in_place: bool = False
    """Whether the script clears by filling with zeros, not by None."""
    zeroed: set[int] = field(default_factory=set)
    """Parameters, by ``id``, whose gradient was filled with zeros since the last backward."""
    provisional: int = 0
    """Gradients cleared for this optimizer that the script may yet clear itself."""
    thread: int = 0
    """The thread that made it, or cleared or stepped it last."""

    def params(self) -> list[Tensor]:
        """Its parameters, in the order of their groups; not to be changed."""
        if self.optimizer is None:
            return self.leaves
        optimizer = self.optimizer()
        if optimizer is None:
            return []
        groups = optimizer.param_groups
        if len(groups) == 1:
            own: list[Tensor] = groups[0]["params"]
            return own
        return [param for group in groups for param in group["params"]]

    def forget(self) -> None:
        """Let go of every gradient and of everything remembered about them."""
        self.held, self.versions, self.stale = [], [], []
        self.pending, self.leaked = set(), set()
        self.provisional, self.zeroed = 0, set()


class Registry:
    """Every optimizer of the process."""

    def __init__(self) -> None:
        self.at_work = AtWork()
        self.cleared_by: set[int] = set()
        """Threads that have called a ``zero_grad()`` while anybody listened to that."""
        self._optimizers: dict[int, Watched] = {}
        """By ``id``, in the order of their making; those that live."""
        self._loose: Watched | None = None
        self._entries: list[Watched] | None = None
        self.turn = 0
        """Counts on where gradients may be other tensors: around backwards and steps."""
        self.alone = 0
        """The one thread that has gone back, cleared or stepped so far; 0 where there are more."""
        self.settled: set[int] = set()
        """Optimizers, by ``id``, that are known to be that one's."""
        self._grads: tuple[int, int, GradientRanges] | None = None
        """Where the gradients lie that a thread trains; which thread, and in which turn."""

    def add(self, optimizer: Optimizer) -> Watched:
        """The entry of ``optimizer``, made where it is new."""
        watched = self._optimizers.get(id(optimizer))
        return self._new(optimizer) if watched is None else watched

    def _new(self, optimizer: Optimizer) -> Watched:
        key = id(optimizer)

        def gone(_: object) -> None:
            self._optimizers.pop(key, None)
            self.settled.discard(key)
            self._changed()

        watched = self._optimizers[key] = Watched(weakref.ref(optimizer, gone))
        watched.thread = threading.get_ident()
        self._loose = None
        self._changed()
        return watched

    def trains(self, optimizer: Optimizer) -> None:
        """This thread is at the gradients of ``optimizer``."""
        here = self.add(optimizer).thread = self.begins()
        if self.alone == here:
            self.settled.add(id(optimizer))

    def begins(self) -> int:
        """This thread is at gradients; its number."""
        here = self.at_work.begins()
        if self.at_work.is_one():
            self.alone = here
        else:
            self.alone = 0
            self.settled.clear()
        return here

    def set_leaves(self, roots: Iterable[Any]) -> None:
        """Take the leaves that ``roots`` were computed from as what is trained.

        Only those: a script may make new leaves in every step, and none may be kept alive.
        """
        if self._loose is None:
            self._loose = Watched(None)
            self._changed()
        self._loose.thread = threading.get_ident()
        self._loose.leaves = leaves_of(roots)

    @property
    def has_optimizer(self) -> bool:
        """Whether any optimizer lives."""
        return len(self._optimizers) > 0

    def forget_all(self) -> None:
        """Begin anew, as if nothing had been seen."""
        self._optimizers.clear()
        self.settled.clear()
        self._loose, self._grads = None, None
        self._changed()

    def _changed(self) -> None:
        self._entries = None

    def watched(self) -> list[Watched]:
        """Every entry; where several threads train, those of this one."""
        if self._entries is None:
            self._entries = list(self._optimizers.values())
            if self._loose is not None:
                self._entries.append(self._loose)
        if self.at_work.others():
            here = threading.get_ident()
            return [watched for watched in self._entries if watched.thread == here]
        return self._entries

    def owners(self, tensor: Tensor) -> list[Tensor]:
        """The parameters whose whole gradient lies in the memory of ``tensor``.

        A gradient itself, ``grad.data``, ``grad.detach()`` and a flat buffer of gradients are
        recognised; a slice of a gradient is not the gradient.
        """
        here, found = threading.get_ident(), self._grads
        if found is None or found[:2] != (here, self.turn):
            found = self._grads = here, self.turn, self._ranges()
        known = found[2].get(tensor.untyped_storage().data_ptr())
        if not known:
            return []
        start = tensor.data_ptr()
        end = start + tensor.numel() * tensor.element_size()
        return [param for low, high, param in known if start <= low and high <= end]

    def _ranges(self) -> GradientRanges:
        ranges: GradientRanges = {}
        for watched in self.watched():
            for param in watched.params():
                grad = local(param.grad)
                if grad is not None and grad.layout is torch.strided:
                    start = grad.data_ptr()
                    key = grad.untyped_storage().data_ptr()
                    end = start + grad.numel() * grad.element_size()
                    ranges.setdefault(key, []).append((start, end, param))
        return ranges


def local(tensor: Tensor | None) -> Tensor | None:
    """The part of a distributed tensor that lies here, or ``tensor`` itself."""
    return getattr(tensor, "_local_tensor", tensor)


def in_capture(tensor: Tensor) -> bool:
    """Whether a CUDA graph is being captured: there are no numbers, and to wait would spoil it."""
    return tensor.is_cuda and torch.cuda.is_current_stream_capturing()


def is_zero(tensor: Tensor) -> bool:
    """Whether every element is known to be zero; waits for the device."""
    part = local(tensor)
    assert part is not None
    if in_capture(part):
        return False
    values = part.coalesce().values() if part.is_sparse else part
    return not bool(values.any())


def is_finite(tensor: Tensor) -> bool:
    """Whether no element is known to be infinite or NaN; waits for the device."""
    part = local(tensor)
    assert part is not None
    if in_capture(part):
        return True
    values = part.coalesce().values() if part.is_sparse else part
    return bool(torch.isfinite(values).all())


def leaves_of(roots: Iterable[Any]) -> list[Tensor]:
    """The leaf tensors that a backward from ``roots`` adds gradients to."""
    waiting = [root.grad_fn for root in roots if getattr(root, "grad_fn", None) is not None]
    seen, leaves = set(waiting), []
    while waiting:
        node = waiting.pop()
        variable = getattr(node, "variable", None)
        if variable is not None:
            leaves.append(variable)
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                waiting.append(following)
    return leaves
