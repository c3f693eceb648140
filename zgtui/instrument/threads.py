"""What a script's threads share: a lock under which they tell what they do, and who trains.

Torch lets go of the interpreter while it writes gradients and while it drops them. So a gradient
that another thread may be at must not even be looked at.
"""

from __future__ import annotations

import os
import threading

LOCK = threading.RLock()
"""Held while observers are told and calls are followed; never while the script's own code runs."""

# A fork waits for its turn, too: what another thread is about to note would stay half done.
os.register_at_fork(before=LOCK.acquire, after_in_parent=LOCK.release, after_in_child=LOCK.release)


class AtWork:
    """Which threads have gone back, cleared or stepped."""

    def __init__(self) -> None:
        self._threads: set[int] = set()
        self._ever: set[int] = set()

    @property
    def trained(self) -> int:
        """How many ever have; the number of one that is gone may be given to another."""
        return len(self._ever)

    def begins(self) -> int:
        """This one does so now; its number."""
        here = threading.get_ident()
        self._threads.add(here)
        self._ever.add(here)
        return here

    def is_one(self) -> bool:
        """Whether one thread alone has, of those that are not known to be gone."""
        return len(self._threads) == 1

    def others(self) -> bool:
        """Whether another one has that lives; the threads that torch starts itself do not count."""
        here = threading.get_ident()
        if self._threads <= {here}:
            return False
        alive = {thread.ident for thread in threading.enumerate()}
        self._threads &= alive
        return len(self._threads - {here}) > (here not in alive)
