"""The book of a training's gradients: what became of each contribution, told as observations."""

from __future__ import annotations

import itertools
import weakref
from collections import defaultdict
from typing import TYPE_CHECKING, Literal

from zgtui.check.observations import ClearSeen, OriginSeen, UsedSeen
from zgtui.check.recording.contributions import (
    LEFT,
    MAX_TOGETHER,
    NESTED,
    NOTHING,
    TWICE,
    ClearGathered,
    bare,
    contribution,
    leaf_of,
    marked,
    origin_of,
    portions,
)
from zgtui.check.recording.here import Here
from zgtui.check.recording.leaves import Leaves
from zgtui.check.recording.loss_scale import is_clipping
from zgtui.check.recording.storages import Reference, is_of, refer_to
from zgtui.check.recording.taint import TaintMap, extent_of, local_part
from zgtui.instrument import registry
from zgtui.instrument.sites import call_stack, innermost, site_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from torch import Tensor

    from zgtui.check.observations import Observation, OriginWay
    from zgtui.check.recording.contributions import Contributions
    from zgtui.instrument.sites import Site, Stack


SIZE = 256
MANY_COPIES = 65_536
"""Contributions in copies of gradients that are known between two steps."""


class Recent:
    """The newest `SIZE` numbers that were added."""

    __slots__ = ("_members",)

    def __init__(self) -> None:
        self._members: dict[int, None] = {}

    def __contains__(self, number: object) -> bool:
        return number in self._members

    def __iter__(self) -> Iterator[int]:
        return iter(self._members)

    def add(self, number: int) -> bool:
        """Add ``number``; returns whether it is new."""
        if number in self._members:
            return False
        self._members[number] = None
        if len(self._members) > SIZE:
            del self._members[next(iter(self._members))]
        return True

    def update(self, numbers: Iterable[int]) -> None:
        """Add each of them."""
        for number in numbers:
            self.add(number)


class ParameterMemory:
    """The storages of leaves, each with the leaf that lies there."""

    def __init__(self) -> None:
        self._leaves: dict[int, tuple[Reference, weakref.ref[Tensor]]] = {}

    def add(self, leaf: Tensor) -> None:
        """The values of ``leaf`` lie where they lie now."""
        extent = extent_of(leaf)
        if extent is None:
            return
        key, leaves = extent.storage._cdata, self._leaves  # noqa: SLF001 - the identity of a storage
        known = leaves.get(key)
        if known is not None and is_of(known[0], extent.storage) and known[1]() is not None:
            return

        def forget(reference: Reference) -> None:
            if key in leaves and leaves[key][0] is reference:
                del leaves[key]

        leaves[key] = (refer_to(extent.storage, forget), weakref.ref(leaf))

    def owner(self, tensor: Tensor) -> Tensor | None:
        """The leaf whose values ``tensor`` shares; None where it shares those of none."""
        if not self._leaves:
            return None
        extent = extent_of(tensor)
        known = None if extent is None else self._leaves.get(extent.storage._cdata)  # noqa: SLF001 - as above
        if known is None or extent is None or not is_of(known[0], extent.storage):
            return None
        return known[1]()


class Ledger:
    """What every gradient is made of, and what became of each contribution."""

    def __init__(self, sink: Callable[[Observation], None]) -> None:
        self._sink = sink
        self.here = Here(itertools.count(), [])
        self.taint = TaintMap()
        self.leaves = Leaves()
        self.parameters = ParameterMemory()
        self.origins = 0
        self.turn = 0
        """Steps of all optimizers until now."""
        self.applied_origins = Recent()
        self._applied: defaultdict[int, Recent] = defaultdict(Recent)
        """Of each leaf, the origins whose share of it was applied, to whatever parameter."""
        self.applied_to: defaultdict[int, Recent] = defaultdict(Recent)
        """Of each leaf, the origins that it was moved by."""
        self._used: set[int] = set()
        self._made_inputs: set[int] = set()
        self._looked, self._changed = Recent(), Recent()
        self.inputs = Recent()
        """Leaves that are no parameters: what a model was given, as a rule."""
        self._rescaled: defaultdict[int, Recent] = defaultdict(Recent)
        self._twice, self._drawn = Recent(), Recent()
        self._copies: set[int] = set()
        """Contributions that stand in copies of gradients made since the last step."""
        self._stacks: dict[Stack, int] = {}
        self._clears = ClearGathered(sink)
        self._empty: set[Site] = set()
        """Lines that have cleared before; where nothing was there to clear, once is enough."""
        self.sets_aside = False
        """Whether gradients were copied and cleared since the last step."""
        self._gone: set[int] = set()
        """Leaves whose gradient was thrown away since the last backward."""

    def tell(self, observation: Observation) -> None:
        """Write ``observation`` down, after what came before it."""
        self._clears.flush()
        self.here.written = None
        self._sink(observation)

    def flush(self) -> None:
        """Write down what waits to be told together with more."""
        self._clears.flush()

    def next_origin(self) -> int:
        """The number of one more origin."""
        self.origins += 1
        self._used.clear()
        self._made_inputs.clear()
        self._gone.clear()
        return self.origins

    def stack_number(self, stack: Stack | None = None) -> int:
        """Equal numbers for equal chains of the user's frames."""
        return self._stacks.setdefault(stack or call_stack(), len(self._stacks) + 1)

    def manual(self, known: Contributions) -> Contributions:
        """A contribution that the script wrote itself; one for all that one line writes."""
        site = site_of(innermost())
        here = self.here
        written = here.written
        if written is None or written[1] != site or contribution(written[0], 0) in known:
            written = (self.next_origin(), site)
            way: OriginWay = "numpy" if here.left_for_numpy else "hand"
            stack, thread = self.stack_number(), here.thread
            self.tell(OriginSeen(written[0], way, site, stack, (), thread=thread))
            here.written = written
        return frozenset((contribution(written[0], 0),))

    def unseen(self) -> Contributions:
        """A contribution that came in a way that was not seen."""
        number, site, stack = self.next_origin(), site_of(innermost()), self.stack_number()
        self.tell(OriginSeen(number, "unseen", site, stack, (), thread=self.here.thread))
        return frozenset((contribution(number, 0),))

    def before_backward(self, grad: Tensor | None) -> Contributions:
        """What a gradient holds that a backward is going to add to; what was applied is left."""
        known = None if grad is None else self.taint.read(grad)
        if not known:
            return NOTHING
        return frozenset(one | LEFT if self.was_applied(one) else one for one in known)

    def was_applied(self, one: int) -> bool:
        """Whether a step has applied this contribution, to whatever parameter."""
        return bool(one & LEFT) or origin_of(one) in self._applied.get(leaf_of(one), ())

    def arrived(self, leaf: int, grad: Tensor, before: Contributions, origin: int) -> None:
        """A backward has added to ``grad``, which held ``before``."""
        several = before | {contribution(origin, leaf)}
        if len(several) > MAX_TOGETHER:
            several = frozenset(sorted(several)[-MAX_TOGETHER:])
        self.taint.write(grad, several, gradient=True, made=self.turn)

    def applied(self, grad: Tensor, several: Contributions) -> None:
        """A step has applied ``grad``, made of ``several``: what stays in it is left over."""
        self.record_applied(several)
        self.taint.write(grad, marked(several, LEFT), gradient=True)

    def record_applied(self, several: Contributions) -> None:
        """A step has applied ``several``."""
        for one in several:
            origin = origin_of(one)
            self._applied[leaf_of(one)].add(origin)
            self.applied_origins.add(origin)

    def step_told(self) -> None:
        """What was set aside until now was for that step."""
        self.turn += 1
        self.sets_aside = False
        self._copies.clear()

    def note_applied_to(self, pairs: Iterable[tuple[int, Contributions]]) -> None:
        """Leaves were moved, each by contributions."""
        for leaf, several in pairs:
            self.applied_to[leaf].update(map(origin_of, several))

    def used(self, several: Iterable[int]) -> None:
        """They have served a purpose other than a step."""
        new = {bare(one) for one in several} - self._used
        if new:
            self._used |= new
            self.tell(UsedSeen(portions(new)))

    def inputs_used(self, several: Contributions) -> None:
        """Something was computed of them: who asks for the gradient of an input wants just that."""
        of_inputs = [one for one in several if leaf_of(one) in self.inputs]
        if of_inputs:
            self.used(of_inputs)

    def inputs_made(self, several: Contributions) -> None:
        """What a model is given was made of them: of an input's gradient another input, it may be.

        A parameter's gradient in its place is another matter.
        """
        new = {bare(one) for one in several if leaf_of(one) in self.inputs} - self._made_inputs
        if new:
            self._made_inputs |= new
            self.tell(UsedSeen(portions(new), made_input=True))

    def looked_at(self, several: Contributions) -> None:
        """A number was computed of them: a norm, as a rule."""
        self._looked.update(map(origin_of, several))

    def changed(self, several: Contributions) -> None:
        """They were scaled or clipped in place, as is done to what is going to be applied."""
        self._changed.update(map(origin_of, several))

    def rescaled(self, several: Contributions) -> None:
        """A gradient made of them was scaled or replaced by hand; clipping does not count.

        Nor does what is done to the gradient of an input.
        """
        of_parameters = [one for one in several if leaf_of(one) not in self.inputs]
        if of_parameters and not is_clipping():
            for one in of_parameters:
                self._rescaled[leaf_of(one)].add(origin_of(one))

    def counted_twice(self, several: Iterable[int]) -> None:
        """They went twice into one sum, before a step has applied them."""
        if not self.here.running:
            self._twice.update(origin_of(one) for one in several if not self.was_applied(one))

    def holds_twice(self, pairs: Iterable[tuple[int, Contributions]]) -> bool:
        """Whether that happened to any of these gradients."""
        return any(
            one & TWICE or origin_of(one) in self._twice for _, several in pairs for one in several
        )

    def copies(self, several: Contributions) -> Contributions:
        """What a copy of gradients is made of: what an earlier one holds as well is marked."""
        fresh = {one for one in several if not one & LEFT}
        if fresh <= self._copies:
            return several  # one more copy of the same
        if len(self._copies) > MANY_COPIES:
            self._copies.clear()  # nobody steps, it seems
        again = fresh & self._copies
        self._copies |= fresh
        return (several - again) | marked(again, NESTED)

    def any_rescaled(self, origins: Iterable[int]) -> bool:
        """Whether that happened to what one of these backwards added."""
        wanted = set(origins)
        return any(not wanted.isdisjoint(of_leaf) for of_leaf in self._rescaled.values())

    def is_rescaled(self, pairs: Iterable[tuple[int, Contributions]]) -> bool:
        """Whether that happened to any of these gradients."""
        return any(
            origin_of(one) in self._rescaled.get(leaf_of(one), ())
            for _, several in pairs
            for one in several
        )

    def cleared(
        self,
        gradients: list[tuple[int, Tensor, Contributions]],
        how: Literal["optimizer", "module", "hand", "overwritten"],
        site: Site | None = None,
        meant: Iterable[Tensor] = (),
    ) -> None:
        """Gradients, each with its leaf and what it holds, are about to be cleared.

        Those of leaves that are ``meant`` may be none.
        """
        site = site or site_of(innermost())
        if how == "hand" and self._clears.covers(site):
            return
        several = {one for _, _, held in gradients for one in held}
        dropped = {one for one in several if not self.was_applied(one)}
        lost = {origin_of(one) for one in dropped} - set(self.applied_origins)
        kept = self._kept(dropped) if dropped else set()
        if kept:
            self.used(kept)
            self.sets_aside = True
        infinite: set[int] = set()
        for _, grad, held in gradients:
            origins = {origin_of(one) for one in held}
            if origins & lost and not origins <= infinite and not _is_finite(grad):
                infinite |= origins & lost
        self.here.written = None
        if not several and (how == "hand" or site in self._empty):
            return
        self._empty.add(site)
        self._gone.update(leaf_of(one) for one in dropped - kept)
        leaves = {leaf for leaf, _, held in gradients if leaf and held} | set(map(leaf_of, several))
        self._clears.add(
            ClearSeen(
                how,
                site,
                tuple(sorted(leaves - {0})),
                bool(several),
                portions(dropped),
                tuple(sorted(infinite)),
                tuple(sorted(n for n in lost if n in self._looked and n not in self._changed)),
                self.here.thread,
                () if several else tuple(map(self.leaves.number, meant)),
            )
        )

    def misses(self, leaf: int, site: Site) -> bool:
        """Whether ``site`` asks in vain for the gradient of ``leaf``: it was thrown away.

        A line that clears asks as well, and asks for nothing.
        """
        return leaf in self._gone and site not in self._empty

    def copied(self, several: set[int]) -> tuple[int, ...]:
        """The origins of those that stand in another tensor as well, as others did before."""
        kept = self._kept(several) if several and self.sets_aside else set()
        return tuple(sorted(set(map(origin_of, kept))))

    def once_copied(self, several: set[int]) -> tuple[int, ...]:
        """The same, of those that stood in another tensor at any time since the last step."""
        known = several & self._copies if self.sets_aside else set()
        return tuple(sorted(set(map(origin_of, known))))

    def beside(self, several: set[int], origin: int, *, drawn: bool) -> tuple[int, ...]:
        """Of ``several``, the origins with plain targets where those of ``origin`` were drawn.

        Or the other way round.
        """
        if drawn:
            self._drawn.add(origin)
        onto = set(map(origin_of, several))
        return tuple(sorted(one for one in onto if (one in self._drawn) != drawn))

    def _kept(self, dropped: set[int]) -> set[int]:
        """Those that stand in another tensor as well."""
        found: set[int] = set()
        for several in self.taint.kept_aside():
            found.update(bare(one) for one in several)
        return found & dropped


def _is_finite(grad: Tensor) -> bool:
    return registry.is_finite(local_part(grad))


def is_zero(tensor: Tensor) -> bool:
    """Whether every element is known to be zero; waits for the device."""
    return registry.is_zero(local_part(tensor))
