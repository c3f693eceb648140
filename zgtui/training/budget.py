"""How often something may be done beside training, so that it costs a set share of it."""

from __future__ import annotations

DEBT = 0.25
"""Seconds that a budget may be overdrawn, or saved up."""


class Budget:
    """Lets an activity take ``share`` of the time that passes, in seconds.

    The next turn is expected to cost what the turns before did on average, the newest counting
    most. The first turn is always affordable: what it costs is not known before.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._credit = 0.0
        self._cost: float | None = None

    def earn(self, seconds: float) -> None:
        """Note that ``seconds`` have passed."""
        self._credit = min(DEBT, self._credit + self._share * seconds)

    def spend(self, seconds: float) -> None:
        """Note that one turn took ``seconds``."""
        self._credit -= seconds
        self._cost = seconds if self._cost is None else 0.8 * self._cost + 0.2 * seconds

    def charge(self, seconds: float) -> None:
        """Note that turns already counted took ``seconds`` more."""
        self._credit -= seconds

    def affordable(self) -> bool:
        """Whether a further turn is paid for."""
        # What costs more than can be saved up waits for a full account, and then overdraws it.
        return self._cost is None or self._credit >= min(self._cost, DEBT)
