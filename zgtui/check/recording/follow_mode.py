"""Sees every call of torch from Python, and moves contributions along. It changes nothing."""

from __future__ import annotations

import inspect
import sys
import threading
from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._device import DeviceContext

from zgtui.check.recording.torch_calls import NUMBERS, Deed, deed_of, name_of
from zgtui.instrument.threads import LOCK

if TYPE_CHECKING:
    from collections.abc import Callable

    from zgtui.check.recording.moves import Moves
    from zgtui.check.recording.taint import TaintMap

MAX_CALLS = 4096
"""Calls that are made anew each time they are called are not kept for ever."""
GRADS = {Deed.SETS_GRAD, Deed.READS_GRAD}
EVEN_IF_CLEAN = {*GRADS, Deed.CUTS, Deed.HOOKS, Deed.DRAWS}
"""What must be seen although nothing is known of any tensor yet."""
CLEARING = {
    inspect.unwrap(method).__code__
    for method in (torch.optim.Optimizer.zero_grad, torch.nn.Module.zero_grad)
}
"""What is told of as a whole, before it begins: the gradients it drops need not be seen each."""
LATER = {Deed.MAKES, Deed.CHANGES, Deed.SETS_ITEM, Deed.DRAWS}
"""What is looked at when it is done; everything else before."""


class FollowMode(TorchFunctionMode):
    """Passes every call on as it is, and tells ``moves`` of those that matter."""

    def __init__(
        self, moves: Moves, taint: TaintMap, failed: Callable[[BaseException], None]
    ) -> None:
        super().__init__()
        self._moves, self._taint, self._failed = moves, taint, failed
        self._deeds: dict[Any, Deed] = {}
        self._away = threading.local()
        self.on = True
        self.several = False
        """Whether several optimizers train: then what is computed without a graph tells much."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        deed = self._deeds.get(func) or self._learn(func)
        if deed is Deed.NOTHING or not self.on:
            return func(*args, **kwargs)
        if deed in GRADS and sys._getframe(1).f_code in CLEARING:  # noqa: SLF001 - the documented way to a frame
            return func(*args, **kwargs)
        if deed is Deed.RUNS_BACKWARD:
            return self._run_backward(func, args, kwargs)
        if deed is Deed.LAYER:
            deed = Deed.MAKES
            if self.several and not torch.is_grad_enabled():
                self._guarded(self._moves.computes, args)
        if not self._taint and deed not in EVEN_IF_CLEAN:
            return func(*args, **kwargs)
        if deed not in LATER:
            self._guarded(self._before, deed, func, args, kwargs)
        result = func(*args, **kwargs)
        self._guarded(self._after, deed, func, args, kwargs, result)
        return result

    def _run_backward(self, func: Any, args: tuple[Any, ...], kwargs: Any) -> Any:
        """While a call is handled torch takes the mode away; see `follow_inside`."""
        before, self._away.now = getattr(self._away, "now", False), True
        try:
            return func(*args, **kwargs)
        finally:
            self._away.now = before

    def follow_inside(self) -> bool:
        """Follow what hooks do inside a backward; returns whether `remove` must end that."""
        if not self.on or not getattr(self._away, "now", False) or self.installed() or traced():
            return False
        self.install()
        return True

    def _learn(self, func: Any) -> Deed:
        deed = deed_of(func)
        if len(self._deeds) < MAX_CALLS:
            self._deeds[func] = deed
        return deed

    def _guarded(self, method: Callable[..., None], *args: Any) -> None:
        with LOCK:
            try:
                method(*args)
            except Exception as error:  # noqa: BLE001 - whatever it is, the script goes on
                self.on = False
                self._failed(error)

    def _before(self, deed: Deed, func: Any, args: tuple[Any, ...], kwargs: Any) -> None:
        moves = self._moves
        if deed is Deed.ZEROES:
            moves.zeroes(args[:1])
        elif deed is Deed.REPLACES:
            moves.replaces(args, kwargs)
        elif deed is Deed.READS_GRAD:
            moves.asks_grad(args[0])
        elif deed is Deed.CUTS:
            moves.cuts(args[0])
        elif deed is Deed.HOOKS:
            moves.hooks(args[0])
        elif deed is Deed.SETS_GRAD:
            moves.asks_grad(args[0])
            moves.sets_grad(args[0], args[1] if len(args) > 1 else None)
        elif deed is Deed.SETS_DATA:
            moves.sets_data(args[0], args[1])
        elif deed in {Deed.LEAVES, Deed.SENDS}:
            whole = name_of(func) not in NUMBERS
            moves.leaves(args, sent=deed is Deed.SENDS, whole=whole)
        elif deed is Deed.FILLS:
            moves.replaced(args[0], args[1] if len(args) > 1 else kwargs.get("value"))

    def _after(
        self, deed: Deed, func: Any, args: tuple[Any, ...], kwargs: Any, result: Any
    ) -> None:
        moves = self._moves
        if deed is Deed.MAKES:
            moves.makes(name_of(func), args, kwargs, result)
        elif deed is Deed.CHANGES:
            moves.changes(name_of(func), args, kwargs)
        elif deed is Deed.SETS_ITEM:
            moves.sets_item(args)
        elif deed is Deed.DRAWS:
            moves.draws((*args, *kwargs.values()), result)
        elif deed is Deed.ZEROES:
            moves.zeroed(args[:1])
        elif deed is Deed.SAMPLES:
            moves.samples(args[:1])

    def install(self) -> None:
        """Lie below every other mode, so that no other's leaving takes this one away.

        torch keeps the mode of the default device at the very bottom.
        """
        others = [_pop() for _ in range(_depth())]
        if others and isinstance(others[-1], DeviceContext):
            _push(others.pop())
        _push(self)
        for mode in reversed(others):
            _push(mode)

    def remove(self) -> None:
        """Follow this thread no longer."""
        above = []
        while _depth():
            mode = _pop()
            if mode is self:
                break
            above.append(mode)
        for mode in reversed(above):
            _push(mode)

    def begin(self) -> None:
        """Follow this thread, unless it is followed or torch handles a call just now."""
        if not getattr(self._away, "now", False) and not traced() and not self.installed():
            self.install()

    def installed(self) -> bool:
        """Whether this thread is followed."""
        return any(torch._C._get_function_stack_at(n) is self for n in range(_depth()))  # noqa: SLF001 - as above

    def suspend(self) -> bool:
        """Step aside where nothing lies above; returns whether it did."""
        depth = _depth()
        if depth and torch._C._get_function_stack_at(depth - 1) is self:  # noqa: SLF001 - as above
            _pop()
            return True
        return False


def traced() -> bool:
    """Whether torch.compile is at work: what is differentiated then are no gradients of a step.

    It takes every mode away meanwhile, and fails where one comes back before it is done.
    """
    context = torch._guards.TracingContext  # noqa: SLF001 - is_compiling() is False in the half that traces the backward
    current = getattr(context, "try_get", None) or context.get  # since torch 2.2, and before
    return current() is not None


def _depth() -> int:
    return torch._C._len_torch_function_stack()  # noqa: SLF001 - torch.overrides does it so


def _pop() -> Any:
    return torch._C._pop_torch_function_stack()  # noqa: SLF001 - as above


def _push(mode: Any) -> None:
    torch._C._push_on_torch_function_stack(mode)  # noqa: SLF001 - as above
