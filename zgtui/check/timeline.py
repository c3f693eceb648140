"""What a run came to, training by training, as the rules read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zgtui.check.observations import ClearSeen, LossSeen, OriginSeen, StepSeen
    from zgtui.instrument.sites import Site

HAND = "by hand"


@dataclass
class Step:
    """One step: when it came, among all observations, and what each parameter's gradient held.

    ``thrown`` are the backwards that were thrown away for good since the step before, ``shares``
    those of which this training's share was.
    """

    at: int
    seen: StepSeen
    number: int = 0
    fresh: dict[int, tuple[int, ...]] = field(default_factory=dict)
    left: dict[int, tuple[int, ...]] = field(default_factory=dict)
    decayed: set[int] = field(default_factory=set)
    mixed: set[int] = field(default_factory=set)
    thrown: set[int] = field(default_factory=set)
    shares: dict[int, set[int]] = field(default_factory=dict)

    @property
    def site(self) -> Site:
        """Its line."""
        return self.seen.site

    @property
    def origins(self) -> set[int]:
        """The backwards that it applied for the first time."""
        return {number for several in self.fresh.values() for number in several}

    def counts(self) -> bool:
        """Whether it could change something, or would have but for a clearing."""
        return bool(self.origins or any(self.left.values()) or self.shares)


@dataclass
class TimedClear:
    """A clearing, and when it came."""

    at: int
    seen: ClearSeen


@dataclass
class Fates:
    """What became of each origin: the leaves whose share was applied, used or dropped."""

    applied: dict[int, set[int]] = field(default_factory=dict)
    used: dict[int, set[int]] = field(default_factory=dict)
    made_input: dict[int, int] = field(default_factory=dict)
    """The origins of whose share in an input another one was made, and when it last was."""
    dropped: dict[int, list[tuple[TimedClear, tuple[int, ...]]]] = field(default_factory=dict)
    excused: set[int] = field(default_factory=set)
    """Not finite, or meant for a step that a GradScaler left out."""
    looked_at: set[int] = field(default_factory=set)

    def is_thrown(self, origin: OriginSeen) -> bool:
        """Whether a backward served nothing at all."""
        number = origin.number
        return (
            origin.way == "backward"
            and number in self.dropped
            and number not in self.excused
            and not self.applied.get(number)
            and not self.used.get(number)
        )


@dataclass
class TrainingTrace:
    """The steps of one optimizer over the run, in order, and all that bears on them.

    Optimizers that follow one another over the same parameters are one training; so are those
    made by one line that each made a step or two.
    """

    number: int
    name: str = "Optimizer"
    made: Site | None = None
    numbers: set[int] = field(default_factory=set)
    leaves: list[int] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    judged: list[Step] = field(default_factory=list)
    clears: list[TimedClear] = field(default_factory=list)
    reached: set[int] = field(default_factory=set)
    """The origins that added to its parameters."""
    alone: bool = True
    first: str = ""
    """The name of its first parameter, where modules know it."""

    @property
    def label(self) -> str:
        """How it is called where there may be others."""
        if self.name == HAND:
            return "the update by hand"
        if len(self.numbers) > 1:
            return f"{self.name} ({len(self.numbers)} in turn)"
        return self.name if self.alone else self.place

    @property
    def place(self) -> str:
        """Its name with where it was made and its first parameter, as far as they are known.

        What has no name for its parameters is told from its neighbours by its number.
        """
        made = f" at {self.made.file_line}" if self.made is not None and self.made.line else ""
        first = self.first or ("" if self.alone else f"optimizer {self.number}")
        return f"{self.name}{made} ({first})" if first else f"{self.name}{made}"

    def cleared(self) -> set[int]:
        """Its parameters that were cleared when there was something to clear."""
        return {leaf for clear in self.clears for leaf in clear.seen.leaves} & set(self.leaves)


@dataclass
class ProcessTrace:
    """Everything that was seen of one process."""

    trainings: list[TrainingTrace] = field(default_factory=list)
    origins: dict[int, OriginSeen] = field(default_factory=dict)
    arrived: dict[int, int] = field(default_factory=dict)
    """When each origin came, among all observations."""
    losses: dict[int, LossSeen] = field(default_factory=dict)
    """How the loss of each origin was made."""
    clears: list[TimedClear] = field(default_factory=list)
    cuts: list[tuple[int, frozenset[int]]] = field(default_factory=list)
    """When values were cut from their graph, and the leaves that had made them."""
    moves: list[Step] = field(default_factory=list)
    """What the script moved by its own hand, parameters of optimizers as well."""
    names: dict[int, str] = field(default_factory=dict)
    fates: Fates = field(default_factory=Fates)
    appliers: dict[tuple[int, int], list[tuple[int, int]]] = field(default_factory=dict)
    """By leaf and origin: which trainings have applied it there, and when."""

    @property
    def steps_judged(self) -> int:
        """The steps of all optimizers that were judged."""
        return sum(len(one.judged) for one in self.trainings)

    def applied_by(self, origin: int, training: TrainingTrace) -> int | None:
        """When ``training`` first applied ``origin``; None if it never did."""
        return self._first.get((origin, training.number))

    def note_applied(self, step: Step, training: TrainingTrace) -> None:
        """``training`` has applied, with ``step``, what was fresh in it."""
        for leaf, several in step.fresh.items():
            for origin in several:
                self.appliers.setdefault((leaf, origin), []).append((training.number, step.at))
                self._first.setdefault((origin, training.number), step.at)

    _first: dict[tuple[int, int], int] = field(default_factory=dict)
