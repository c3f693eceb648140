"""What `--accumulation` came to: the gradient of the micro-batches against the whole batch's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zgtui.check.observations import ProofSeen
from zgtui.instrument.sites import Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zgtui.check.observations import Observation

NEAR = 0.02
"""Ratios this near to each other are equal; mixed precision stays within it."""


@dataclass(frozen=True)
class AccumulationProof:
    """``ratio`` of the parts' gradient to that of the whole batch, ``rest`` in which they differ.

    ``reason`` tells why there is no proof; then the numbers are 0.
    """

    site: Site
    micro_batches: int
    ratio: float = 0.0
    rest: float = 0.0
    reason: str = ""

    @property
    def sentence(self) -> str:
        """What was proved, or why nothing was."""
        where = f" at {self.site.file_line}" if self.site.file else ""
        if self.reason:
            return f"accumulation{where}: no proof, because {self.reason}"
        return (
            f"accumulation{where}: the gradients of {self.micro_batches} micro-batches add up to"
            f" {self.ratio:.3g} × that of the whole batch: {self._meaning}"
        )

    @property
    def _meaning(self) -> str:
        number = self.micro_batches
        if self.rest > NEAR:
            return (
                f"they also differ in direction by {self.rest:.0%},"
                " as means of unequal micro-batches do"
            )
        if abs(self.ratio - 1) <= NEAR:
            return "right"
        if abs(self.ratio / number - 1) <= NEAR:
            return "their losses are not divided"
        if abs(self.ratio * number - 1) <= NEAR:
            return f"their losses are divided by {number} twice"
        return f"their losses are divided by a number other than {number}"


UNSEEN = AccumulationProof(
    Site("", 0, ""),
    0,
    reason="no two steps were seen that apply several backward passes of one line",
)


def proof_in(recordings: Iterable[Iterable[Observation]]) -> AccumulationProof:
    """The first proof of any process, else one that was tried, else `UNSEEN`."""
    seen = [one for each in recordings for one in each if isinstance(one, ProofSeen)]
    for one in sorted(seen, key=lambda proof: bool(proof.reason)):
        return AccumulationProof(one.site, one.micro_batches, one.ratio, one.rest, one.reason)
    return UNSEEN


def values_of_proof(proof: AccumulationProof) -> dict[str, object]:
    """Plain JSON types; ``proof_of`` reads them back."""
    return {
        "file": proof.site.file or None,
        "line": proof.site.line or None,
        "micro_batches": proof.micro_batches,
        "ratio": None if proof.reason else proof.ratio,
        "rest": None if proof.reason else proof.rest,
        "reason": proof.reason,
        "sentence": proof.sentence,
    }


def proof_of(values: Mapping[str, object]) -> AccumulationProof:
    """The inverse of ``values_of_proof``; KeyError, TypeError or ValueError on anything else."""
    return AccumulationProof(
        Site(str(values["file"] or ""), int(str(values["line"] or 0)), ""),
        int(str(values["micro_batches"])),
        float(str(values["ratio"] or 0)),
        float(str(values["rest"] or 0)),
        str(values["reason"]),
    )
