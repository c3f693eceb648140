"""The repair card: a script as it is against the same script repaired, from one seed."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from zgtui.check.running.execution import Execution

HASH_DIGITS = 12
FIX, CLEARING = "the fix", "zero_grad() before every step"


@dataclass(frozen=True)
class Side:
    """One of both runs: its loss at each step, and hashes of its weights where they are known."""

    losses: tuple[float, ...]
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class RepairCard:
    """``repaired_by`` says what was changed; both runs were seeded by ``seed``."""

    seed: int
    repaired_by: str
    as_it_is: Side
    repaired: Side

    @property
    def first_difference(self) -> int | None:
        """The first step, from 1, whose losses differ in any bit; None if none does."""
        both = zip(self.as_it_is.losses, self.repaired.losses, strict=False)
        return next((step for step, pair in enumerate(both, 1) if _bits(*pair)), None)

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """What there is to compare: its name, as it is, repaired."""
        sides = (self.as_it_is, self.repaired)
        yield ("steps", *(f"{len(side.losses):,}" for side in sides))  # type: ignore[misc]
        first = self.first_difference
        if first is not None:
            yield (f"loss at step {first}", *(f"{side.losses[first - 1]:.9g}" for side in sides))  # type: ignore[misc]
        yield ("last loss", *(f"{side.losses[-1]:.9g}" if side.losses else "-" for side in sides))  # type: ignore[misc]
        yield ("weights before", *(side.before[:HASH_DIGITS] or "-" for side in sides))  # type: ignore[misc]
        yield ("weights after", *(side.after[:HASH_DIGITS] or "-" for side in sides))  # type: ignore[misc]

    @property
    def sentence(self) -> str:
        """What the comparison shows."""
        first = self.first_difference
        if first is not None:
            return f"the losses differ from step {first:,} on"
        if self.as_it_is.losses and self.as_it_is.after != self.repaired.after:
            return "the losses are equal, the weights are not"
        return "both runs are equal to the last bit" if self.as_it_is.losses else "no step was made"


def _bits(one: float, other: float) -> bool:
    return struct.pack("<d", one) != struct.pack("<d", other)


def side_of(execution: Execution) -> Side:
    """What a run came to."""
    weights = execution.weights
    return Side(tuple(execution.losses), weights.get("before", ""), weights.get("after", ""))


def values_of(card: RepairCard) -> dict[str, object]:
    """Plain JSON types; ``card_of`` reads them back."""
    return {
        "seed": card.seed,
        "repaired_by": card.repaired_by,
        "first_difference": card.first_difference,
        "as_it_is": _side_values(card.as_it_is),
        "repaired": _side_values(card.repaired),
    }


def _side_values(side: Side) -> dict[str, object]:
    losses = [loss if loss - loss == 0 else str(loss) for loss in side.losses]
    return {"losses": losses, "weights_before": side.before, "weights_after": side.after}


def card_of(values: Mapping[str, object]) -> RepairCard:
    """The inverse of ``values_of``; raises KeyError, TypeError or ValueError on anything else."""
    return RepairCard(
        int(str(values["seed"])),
        str(values["repaired_by"]),
        _side(values["as_it_is"]),
        _side(values["repaired"]),
    )


def _side(values: object) -> Side:
    if not isinstance(values, dict):
        raise TypeError("not a run's values")
    losses = tuple(float(loss) for loss in values["losses"])
    return Side(losses, str(values["weights_before"]), str(values["weights_after"]))
